"""The kinds of column that every source ends in: numbers, dates, counted values, nothing."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING, Any

import numpy as np

from nb_mlops.core.categories import Categories, value_text
from nb_mlops.core.profile import ColumnProfile
from nb_mlops.profiling.numbers import numbers_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from nb_mlops.core.profile import Kind
    from nb_mlops.profiling.table import Coded

_DATE = re.compile(r"\d{4}-\d{1,2}-\d{1,2}([T ]\d{1,2}:\d{2}.*)?|\d{1,2}[./]\d{1,2}[./]\d{2,4}")
_NUMBER = re.compile(r"\s*[+-]?\d+([.,]\d+)?([eE][+-]?\d+)?\s*")
_LOOKED_AT = 50


def of_numbers(values: NDArray[Any], family: Kind, dtype: str, like: ColumnProfile | None) -> ColumnProfile:
    """A column of numbers, or of dates as seconds; NaN is null."""
    grid = like.numbers.grid if like is not None and like.numbers is not None else None
    numbers, nulls = numbers_of(values, like=grid)
    if nulls == len(values):
        return empty(nulls, dtype)
    return ColumnProfile(family, len(values), nulls, dtype, numbers=numbers)


def seconds(values: NDArray[Any]) -> NDArray[np.float64]:
    """Dates or durations as seconds (dates: since 1970); NaT becomes NaN."""
    unit, step = np.datetime_data(values.dtype)
    if unit == "generic":
        return np.full(len(values), np.nan)
    if unit in ("Y", "M"):
        values, unit, step = values.astype("M8[D]" if values.dtype.kind == "M" else "m8[D]"), "D", 1
    in_seconds: NDArray[np.float64] = values.view(np.int64) * np.float64(step * _SECONDS[unit])
    in_seconds[np.isnat(values)] = np.nan
    return in_seconds


def of_counts(counts: Mapping[str, int], rows: int, family: Kind, dtype: str) -> ColumnProfile:
    """A column from the count of each value; what is not counted is null."""
    kept: Counter[str] = Counter()
    for text, count in counts.items():
        if count:
            kept[value_text(text)] += count
    present = sum(kept.values())
    if not present:
        return empty(rows, dtype)
    notes = _notes_on_texts(kept) if family == "categorical" else ()
    return ColumnProfile(family, rows, rows - present, dtype, values=Categories.of(kept), notes=notes)


def of_truths(true: int, present: int, rows: int, dtype: str) -> ColumnProfile:
    """A column of booleans, `present` of them not null."""
    return of_counts({"False": present - true, "True": true}, rows, "boolean", dtype)


def of_codes(coded: Coded, dtype: str) -> ColumnProfile:
    """A column of codes into a list of categories."""
    rows, width = len(coded.codes), len(coded.categories)
    counts = np.bincount(np.asarray(coded.codes, np.intp) + 1, minlength=width + 1)[1:]
    texts: Counter[str] = Counter()
    for value, count in zip(coded.categories, counts.tolist(), strict=True):
        texts[str(value)] += count
    is_boolean = width > 0 and all(isinstance(value, bool | np.bool_) for value in coded.categories)
    return of_counts(texts, rows, "boolean" if is_boolean else "categorical", dtype)


def not_looked_into(what: str, rows: int, nulls: int, dtype: str) -> ColumnProfile:
    """A column of lists, objects or bytes, of which only the nulls are counted."""
    return ColumnProfile("nested", rows, nulls, dtype, notes=(f"{what} are counted, not looked into",))


def empty(rows: int, dtype: str) -> ColumnProfile:
    """A column without any value."""
    return ColumnProfile("empty", rows, rows, dtype, notes=("no values",) if rows else ("no rows",))


def _notes_on_texts(counts: Mapping[str, int]) -> tuple[str, ...]:
    looked_at = [text for text, _ in zip(counts, range(_LOOKED_AT), strict=False)]
    if all(_DATE.fullmatch(text) for text in looked_at):
        return ("looks like dates kept as text",)
    if len(looked_at) > 2 and all(_NUMBER.fullmatch(text) for text in looked_at):
        return ("looks like numbers kept as text",)
    return ()


_SECONDS = {
    "W": 604800.0,
    "D": 86400.0,
    "h": 3600.0,
    "m": 60.0,
    "s": 1.0,
    "ms": 1e-3,
    "us": 1e-6,
    "ns": 1e-9,
    "ps": 1e-12,
}
