"""The in-memory engine: a table to its profile, a column a thread at a time."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import TYPE_CHECKING

from nb_mlops.core.errors import NotFound, near
from nb_mlops.core.profile import ColumnProfile, Profile
from nb_mlops.profiling.column import profile_column
from nb_mlops.profiling.table import Table, as_table

if TYPE_CHECKING:
    from collections.abc import Iterable

_SMALL = 200_000  # values; below this, threads cost more than they save


def profile(
    table: object,
    *,
    like: Profile | None = None,
    ignore: Iterable[str] = (),
    target: str | None = None,
    threads: int = 2,
) -> Profile:
    """The profile of any table: a pandas, polars, pyarrow or narwhals frame, arrays, a sparse matrix, a file's path.

    like: a baseline: cells get no finer than its, which is quicker and loses nothing when the two are compared.
    ignore: columns to leave out. target: the column that holds the label; kept, and known as such.
    A column that cannot be read is 'unreadable', with the reason. Raises BadInput for what is no table, NotFound for
    an ignored or target column that is not there.
    """
    given = as_table(table)
    left_out = {ignore} if isinstance(ignore, str) else set(ignore)
    _must_have(given, [*sorted(left_out), *([target] if target is not None else [])])
    columns = [column for column in given.columns if column.name not in left_out]
    likes = like.columns if like is not None else {}

    def work(place: int) -> ColumnProfile:
        column = columns[place]
        made = profile_column(column, given.rows, like=likes.get(column.name))
        return replace(made, role="target") if column.name == target else made

    if given.rows * len(columns) < _SMALL or threads < 2:
        made = [work(place) for place in range(len(columns))]
    else:
        with ThreadPoolExecutor(threads, thread_name_prefix="nb-mlops-profile") as pool:
            made = list(pool.map(work, range(len(columns))))
    return Profile(given.rows, {column.name: each for column, each in zip(columns, made, strict=True)})


def _must_have(table: Table, names: Iterable[str]) -> None:
    known = [column.name for column in table.columns]
    for name in names:
        if name not in known:
            raise NotFound(
                f"The table has no column {name!r}.", near(name, known) or f"It has {', '.join(known[:10])}."
            )
