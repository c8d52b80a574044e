"""The numbers of a column in a few kB: counts, extremes, moments, cells, how many differ. Mergeable by `+`."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from nb_mlops.core.distinct import KEPT, Distinct
from nb_mlops.core.errors import BadInput
from nb_mlops.core.grid import Grid
from nb_mlops.core.reading import count_of, number_of, object_of

if TYPE_CHECKING:
    from nb_mlops.core.shown import Json


@dataclass(frozen=True, slots=True)
class Numbers:
    """`count` finite values, and how many infinities stood beside them (nulls are the column's to count).

    `mean` and `squares` (the sum of squared differences from the mean) merge by Chan, Golub & LeVeque 1979; all else
    merges exactly. An empty one has the extremes +inf and -inf.
    """

    count: int = 0
    below: int = 0  # -inf
    above: int = 0  # +inf
    low: float = math.inf
    high: float = -math.inf
    mean: float = 0.0
    squares: float = 0.0
    grid: Grid = field(default_factory=Grid)
    distinct: Distinct = field(default_factory=Distinct)

    def __add__(self, other: Numbers) -> Numbers:
        mean, squares = merged_moments(self.count, self.mean, self.squares, other.count, other.mean, other.squares)
        return Numbers(
            count=self.count + other.count,
            below=self.below + other.below,
            above=self.above + other.above,
            low=min(self.low, other.low),
            high=max(self.high, other.high),
            mean=mean,
            squares=squares,
            grid=self.grid + other.grid,
            distinct=self.distinct + other.distinct,
        )

    @property
    def total(self) -> int:
        """All values that are not null: finite ones and infinities."""
        return self.count + self.below + self.above

    @property
    def zeros(self) -> int:
        """How many values are zero (or too small for a normal float64: these share its cell)."""
        return dict(zip(self.grid.keys, self.grid.counts, strict=True)).get(0, 0)

    @property
    def sd(self) -> float:
        """The standard deviation (n - 1 below the line); NaN below two values."""
        return math.sqrt(self.squares / (self.count - 1)) if self.count > 1 else math.nan

    @property
    def distinct_count(self) -> int:
        """How many values differ: exact while the grid holds each value, else estimated within some 13 %."""
        return len(self.grid.keys) if self.grid.is_exact else self.distinct.estimate

    def to_dict(self) -> dict[str, Json]:
        """The numbers as JSON."""
        return {
            "count": self.count,
            "below": self.below,
            "above": self.above,
            "low": self.low,
            "high": self.high,
            "mean": self.mean,
            "squares": self.squares,
            "grid": self.grid.to_dict(),
            "distinct": [*self.distinct.smallest],
        }

    @classmethod
    def from_dict(cls, given: object) -> Numbers:
        """The numbers that `to_dict` wrote; raises BadInput for anything else."""
        fields = object_of(given, "The numbers of a column")
        grid = Grid.from_dict(fields.get("grid"))
        count = count_of(fields, "count")
        if grid.count != count:
            raise BadInput("A column's cells do not add up to its count.", "The profile was changed by hand.")
        return cls(
            count=count,
            below=count_of(fields, "below"),
            above=count_of(fields, "above"),
            low=number_of(fields, "low"),
            high=number_of(fields, "high"),
            mean=number_of(fields, "mean"),
            squares=number_of(fields, "squares"),
            grid=grid,
            distinct=read_distinct(fields.get("distinct")),
        )


def merged_moments(
    count_a: int, mean_a: float, squares_a: float, count_b: int, mean_b: float, squares_b: float
) -> tuple[float, float]:
    """Mean and sum of squared differences of two parts together (Chan, Golub & LeVeque 1979)."""
    if not count_a or not count_b:
        return (mean_a, squares_a) if count_a else (mean_b, squares_b)
    count, apart = count_a + count_b, mean_b - mean_a
    return mean_a + apart * (count_b / count), squares_a + squares_b + apart * apart * (count_a * (count_b / count))


def read_distinct(given: object) -> Distinct:
    """The sketch from its list of hashes; raises BadInput."""
    if not isinstance(given, list) or len(given) > KEPT:
        raise BadInput("A distinct-count sketch in this profile is not a short list.", "It was changed by hand.")
    if not all(isinstance(each, int) and not isinstance(each, bool) and 0 <= each < 2**32 for each in given):
        raise BadInput("A distinct-count sketch in this profile holds no hashes.", "It was changed by hand.")
    return Distinct(tuple(sorted(set(given))))
