"""One column's values to its profile: which kind they are, and the kernel for that kind."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from nb_mlops.core.profile import ColumnProfile
from nb_mlops.profiling.kinds import of_codes, of_counts, of_numbers, of_truths, seconds
from nb_mlops.profiling.table import Coded

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from nb_mlops.profiling.table import Column


def profile_column(column: Column, rows: int, *, like: ColumnProfile | None = None) -> ColumnProfile:
    """The profile of one column; one that cannot be read is 'unreadable', with the reason, and never an error.

    like: the baseline's profile of the same column, whose grid sets how fine the cells are.
    """
    try:
        made = _profile(column.read(), column.dtype[:200], like)
    except Exception as error:  # noqa: BLE001 - a table may hold any object; one column must not cost the others
        reason = f"could not be read: {type(error).__name__}: {ascii(str(error))[1:101]}"
        return ColumnProfile("unreadable", rows, 0, column.dtype[:200], notes=(*column.notes, reason))
    if not column.notes:
        return made
    notes = (*column.notes, *made.notes)
    return ColumnProfile(made.family, made.rows, made.nulls, made.dtype, made.numbers, made.values, notes=notes)


def _profile(values: Any, dtype: str, like: ColumnProfile | None) -> ColumnProfile:
    if isinstance(values, Coded):
        return of_codes(values, dtype)
    if not isinstance(values, np.ndarray):
        from nb_mlops.profiling.arrow import of_arrow

        return of_arrow(values, dtype, like)
    return _of_array(values, dtype, like)


def _of_array(values: NDArray[Any], dtype: str, like: ColumnProfile | None) -> ColumnProfile:
    kind = values.dtype.kind
    if kind in "fiu":
        return of_numbers(values, "numeric", dtype, like)
    if kind == "b":
        return of_truths(int(np.count_nonzero(values)), len(values), len(values), dtype)
    if kind == "M":
        return of_numbers(seconds(values), "datetime", dtype, like)
    if kind == "m":
        return of_numbers(seconds(values), "numeric", dtype, like)
    if kind in "US":
        found, counts = np.unique(values, return_counts=True)
        texts = [each.decode("latin-1") if isinstance(each, bytes) else each for each in found.tolist()]
        return of_counts(dict(zip(texts, counts.tolist(), strict=True)), len(values), "categorical", dtype)
    if kind == "O":
        from nb_mlops.profiling.objects import of_objects

        return of_objects(values, dtype, like)
    raise TypeError(f"values of type {values.dtype}")
