"""`name_data`, `named_data`: data sets that have a name in the registry, pinned by their fingerprint."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from nb_mlops.actions.connect import current
from nb_mlops.actions.registry import Registry
from nb_mlops.core.errors import BadInput
from nb_mlops.core.listing import Listing
from nb_mlops.core.named_data import MOST_NAMED, NamedData, why_other
from nb_mlops.core.rows import DataNameRow

if TYPE_CHECKING:
    from nb_mlops.core.dataprint import DataPrint


def name_data(
    name: str,
    data: Any,
    *,
    target: str | None = None,
    ignore: Sequence[str] = (),
    about: str = "",
    registry: Registry | str | None = None,
) -> NamedData:
    """Gives held-out data a name that a policy can demand and `validate(on=…)` checks; only its fingerprint is kept.

    `data` is what a validation will be given: `(X, y)`, a table with its `target`, or the path of one. A name never
    moves to other data: Refused.
    """
    from nb_mlops.capture.data import fingerprint, split_xy

    place = current(registry)
    if isinstance(data, str | os.PathLike):
        from nb_mlops.profiling import read_table

        data = read_table(os.fspath(data))
    X, y = split_xy(data, target=target, ignore=ignore)
    if y is None:
        raise BadInput("Held-out data needs its target.", 'Give (X, y), or a table and target="column".')
    seen = fingerprint(X, y)
    body: dict[str, Any] = {"name": name, "data": seen.sha256, "rows": seen.rows, "target": seen.to_dict()["target"]}
    if len(seen.columns) <= MOST_NAMED:
        body["columns"] = seen.to_dict()["columns"]
    place.append("data_named", None, body, texts={"about": about})
    row = place.catalog.get(DataNameRow, name)
    assert row is not None, "it was written a moment ago"
    return _shown(place, row)


def named_data(*, registry: Registry | str | None = None) -> Listing[NamedData]:
    """Every named data set."""
    place = current(registry)
    found = tuple(_shown(place, row) for row in place.catalog.find(DataNameRow))
    columns = ("name", "rows", "data", "actor", "at", "about")
    return Listing(found, columns, title=f"named data in {place.address}", empty="none yet")


def refuse_other_data(registry: Registry, name: str, seen: DataPrint) -> None:
    """Raises BadInput where a name was given to other rows than these, and says in what they differ."""
    row = registry.catalog.get(DataNameRow, name)
    if row is None or row.data == seen.sha256:
        return
    event = registry.catalog.event(row.event)
    why = why_other(event.body if event else {"rows": row.rows}, seen)
    hint = "Give exactly that table (rows, order, names, types), or leave the name out."
    raise BadInput(f"These rows are not {name!r}: {why}.", hint)


def _shown(registry: Registry, row: DataNameRow) -> NamedData:
    return NamedData(row.name, row.rows, row.data, registry.find_name(row.actor), row.at, registry.text(row.about))
