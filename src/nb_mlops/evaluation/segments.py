"""A metric by the values of a column: the worst segment, the best, the gap between them."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nb_mlops.core.errors import BadInput, near
from nb_mlops.core.measures import MIN_SEGMENT_ROWS, Value
from nb_mlops.core.printable import one_line
from nb_mlops.evaluation.answers import Answers
from nb_mlops.evaluation.intervals import samples
from nb_mlops.evaluation.metrics import Metric
from nb_mlops.evaluation.resampling import LEVEL, MOST, interval
from nb_mlops.evaluation.table import Rows, column, column_names

MAX_SEGMENTS = 1_000
MISSING = "(missing)"
MOST_INTERVAL_ROWS, RESAMPLES = 20_000, 1_000  # a segment of more rows gets no interval of its own


@dataclass(frozen=True, slots=True, eq=False)
class Segments:
    """The rows of each value of a column."""

    column: str
    names: tuple[str, ...]
    _order: Rows  # all rows, segment by segment
    _starts: NDArray[np.intp]  # where each segment starts in it, and its end

    @classmethod
    def of(cls, name: str, *tables: Any, rows: int) -> Segments:
        """The segments by the column of this name in the first table that has it; BadInput where none has."""
        values = next(
            (found for table in tables if table is not None and (found := column(table, name)) is not None), None
        )
        if values is None:
            known = [each for table in tables if table is not None for each in column_names(table) or ()]
            hint = near(name, known) or "Name a column of the data, or hand it in by by=."
            raise BadInput(f"There is no column {one_line(name, most=60)!r} to make segments by.", hint)
        if values.shape != (rows,):
            raise BadInput(f"The column {one_line(name)!r} has shape {values.shape} for {rows:,} rows.", "Align them.")
        codes, labels = _factorized(values)
        if len(labels) > MAX_SEGMENTS:
            raise BadInput(
                f"{one_line(name, most=60)!r} has {len(labels):,} values; segments are at most {MAX_SEGMENTS:,}.",
                "Use a column with fewer values, or cut it into ranges first.",
            )
        starts = np.concatenate([[0], np.cumsum(np.bincount(codes, minlength=len(labels)))])
        return cls(name, labels, np.argsort(codes, kind="stable"), starts)

    def __iter__(self) -> Iterator[tuple[str, Rows]]:
        for at, name in enumerate(self.names):
            yield name, self._order[self._starts[at] : self._starts[at + 1]]

    def measured(self, metric: Metric, answers: Answers, *, seed: int = 0) -> BySegment:
        """The metric in each segment that is large enough and where it is defined."""
        values: dict[str, float] = {}
        rows_of: dict[str, Rows] = {}
        few: list[str] = []
        undefined: list[str] = []
        for name, rows in self:
            if len(rows) < MIN_SEGMENT_ROWS:
                few.append(name)
                continue
            value = metric.of(answers, rows)
            if math.isnan(value):
                undefined.append(name)
                continue
            values[name], rows_of[name] = value, rows

        def ends(segment: str) -> tuple[float, float] | None:
            rows = rows_of[segment]
            if metric.most_resamples < MOST or len(rows) > MOST_INTERVAL_ROWS:
                return None  # it would take longer than all segments did
            asked = {segment: ((metric, answers),)}
            (found,) = samples(asked, answers.data, rows=rows, most=RESAMPLES, seed=seed)[segment]
            return interval(found)

        sizes = {name: len(rows) for name, rows in rows_of.items()}
        return BySegment(values, sizes, tuple(few), tuple(undefined), ends)


@dataclass(frozen=True, slots=True)
class BySegment:
    """A metric's value in each segment, and the segments that have none."""

    values: dict[str, float]
    rows: dict[str, int]
    few: tuple[str, ...]
    undefined: tuple[str, ...]
    ends: Callable[[str], tuple[float, float] | None] = field(default=lambda segment: None, compare=False)

    def statistic(self, name: str) -> Value:
        """The smallest, largest, gap or mean over segments (each counting once), with the segment it comes from."""
        if not self.values:
            return Value.too_few(f"no segment has {MIN_SEGMENT_ROWS} rows on which it is defined{self._left_out()}")
        lowest = min(self.values, key=self.values.__getitem__)
        highest = max(self.values, key=self.values.__getitem__)
        low, high = self.values[lowest], self.values[highest]
        if name == "min":
            return Value(low, self._where(lowest) + self._left_out())
        if name == "max":
            return Value(high, self._where(highest) + self._left_out())
        if name == "gap":
            detail = f"from {self._where(lowest)} to {self._where(highest)}"
            return Value(high - low, detail + self._left_out())
        mean = math.fsum(self.values.values()) / len(self.values)
        return Value(mean, f"over {len(self.values)} segments, each counting once{self._left_out()}")

    def _where(self, segment: str) -> str:
        """The segment with its value, rows and, where it is cheap, its interval."""
        between = self.ends(segment)
        shown = f"{segment} {self.values[segment]:.4g}, {self.rows[segment]:,} rows"
        if between is None or not all(map(math.isfinite, between)):
            return shown
        return f"{shown}, {LEVEL:.0%} interval {between[0]:.4g} to {between[1]:.4g}"

    def _left_out(self) -> str:
        """Which segments do not count, and why."""
        parts = []
        if self.few:
            parts.append(f"too few rows (under {MIN_SEGMENT_ROWS}): {_listed(self.few)}")
        if self.undefined:
            parts.append(f"not defined: {_listed(self.undefined)}")
        return f" ({', '.join(parts)})" if parts else ""


def _factorized(values: NDArray[Any]) -> tuple[NDArray[np.intp], tuple[str, ...]]:
    """A code per row and the name of each code, sorted; what is missing is a segment of its own."""
    import pandas as pd

    if values.dtype.kind not in "OUSbiufmM":
        raise BadInput("Segments are made by a column of texts, numbers or dates.", "Give a plain column.")
    try:
        codes, found = pd.factorize(values, use_na_sentinel=True)
    except TypeError as error:  # lists and other things that cannot be told apart by value
        raise BadInput("Segments are made by a column of texts, numbers or dates.", "Give a plain column.") from error
    names = [one_line(str(each), most=60) for each in found.tolist()]
    order = sorted(range(len(names)), key=_rank(found.tolist()).__getitem__)
    place = np.empty(len(names) + 1, np.intp)
    place[order] = np.arange(len(names))
    place[-1] = len(names)  # the code of what is missing is -1, the last place
    labels = _distinct([names[at] for at in order])
    return place[codes], (*labels, MISSING) if (codes < 0).any() else tuple(labels)


def _rank(found: list[Any]) -> list[Any]:
    """What to sort the values by: themselves where they can be compared, else their text."""
    try:
        sorted(found)
    except TypeError:
        return [str(each) for each in found]
    return found


def _distinct(names: list[str]) -> list[str]:
    """The names, numbered where two values look the same (1 and '1')."""
    seen: dict[str, int] = {}
    distinct = []
    for name in names:
        seen[name] = seen.get(name, 0) + 1
        distinct.append(name if seen[name] == 1 else f"{name} ({seen[name]})")
    return distinct


def _listed(names: tuple[str, ...]) -> str:
    return ", ".join(names[:5]) + (f" and {len(names) - 5} more" if len(names) > 5 else "")
