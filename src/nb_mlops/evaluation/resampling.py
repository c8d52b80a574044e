"""Resampled rows, to see how much a metric would vary: the percentile bootstrap, within classes.

Efron and Tibshirani, "An Introduction to the Bootstrap", 1993, chapter 13. Each class keeps its number of rows in
every resample, so that a rare class never vanishes; the weights of rows go with them.

A resample is not a list of rows but how often each row was drawn: metrics are worked out from such counts, a block of
resamples at a time, and all of them look at the same counts. Drawing n rows of n with replacement makes the counts
multinomial with equal chances (ibid., chapter 6); rows that a metric cannot tell apart may then be counted together,
their chances added, and the counts of a few groups are drawn at once. That is the same distribution, not an
approximation.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from nb_mlops.evaluation.table import Rows

LEVEL = 0.95
LEAST, MOST = 200, 2_000  # resamples
WORK = 100_000_000  # rows drawn altogether: beyond it, fewer resamples, and the result says how many
BLOCK = 1 << 17  # counts at a time: they stay in a processor's cache
WORTH_THREADS = 4_000_000  # counts
FEW_GROUPS, ROWS_A_GROUP = 16, 25  # a group's count takes as long to draw as that many rows

Counts = NDArray[np.int64]
T = TypeVar("T")


class Block:
    """A few resamples: `counts` (resamples × rows) says how often each row was drawn."""

    def __init__(self, counts: Counts) -> None:
        self.counts = counts
        self._kept: dict[object, Any] = {}

    def kept(self, what: object, make: Callable[[], T]) -> T:
        """What `make` derives from the counts, made once for all metrics that look at this block."""
        if what not in self._kept:
            self._kept[what] = make()
        found: T = self._kept[what]
        return found

    def mass(self, weight: NDArray[np.float64] | None) -> NDArray[np.float64]:
        """The counts as floats, times the weights of the rows where there are any."""
        return self.kept("mass", lambda: self.counts.astype(np.float64) if weight is None else self.counts * weight)


Drawn = Callable[[Block], NDArray[np.float64]]  # one value a resample


@dataclass(frozen=True, slots=True, eq=False)
class Resampling:
    """How often each of `rows` is drawn, `count` times; the same for the same seed, on any number of threads.

    With `sizes`, each of `rows` stands for so many that are alike.
    """

    rows: Rows
    count: int
    seed: int
    _starts: NDArray[np.intp]  # of each stratum among `rows`, which lie stratum by stratum, and the end
    _sizes: NDArray[np.int64] | None = None

    @classmethod
    def of(
        cls,
        rows: Rows,
        strata: NDArray[np.intp] | None,
        *,
        alike: NDArray[np.intp] | None = None,
        most: int = MOST,
        seed: int = 0,
    ) -> Resampling:
        """Draws from `rows` within `strata` (a code per row of the whole data); rows of one `alike` code are grouped.

        Groups are used where they are few; otherwise every row is drawn by itself.
        """
        strata = np.zeros(int(rows.max()) + 1, np.intp) if strata is None else strata
        if alike is not None:
            width = int(alike.max()) + 1
            found, first, sizes = np.unique(
                strata[rows] * width + alike[rows], return_index=True, return_counts=True
            )  # sorted, so stratum by stratum
            if len(found) <= max(FEW_GROUPS, len(rows) // ROWS_A_GROUP):
                return cls(rows[first], most, seed, _starts(found // width), sizes)
        ordered = rows[np.argsort(strata[rows], kind="stable")]
        return cls(ordered, resample_count(len(rows), most=most), seed, _starts(strata[ordered]))

    @property
    def is_grouped(self) -> bool:
        """Whether a row stands for all that are alike."""
        return self._sizes is not None

    def values(self, measures: Sequence[Drawn], *, threads: bool = True) -> list[NDArray[np.float64]]:
        """What each of `measures` gives for every resample: one array of `count` each, all from the same draws."""
        step = max(1, BLOCK // len(self.rows))
        blocks = range(0, self.count, step)

        def work(start: int) -> list[NDArray[np.float64]]:
            random = np.random.Generator(np.random.SFC64((self.seed, start)))
            block = Block(self._counts(min(step, self.count - start), random))
            return [measure(block) for measure in measures]

        if threads and len(blocks) > 1 and len(self.rows) * self.count >= WORTH_THREADS:
            import joblib

            with ThreadPoolExecutor(min(8, joblib.cpu_count())) as pool:
                made = list(pool.map(work, blocks))
        else:
            made = list(map(work, blocks))
        return [np.concatenate(parts) for parts in zip(*made, strict=True)]

    def _counts(self, resamples: int, random: np.random.Generator) -> Counts:
        """A row of counts per resample: each stratum's counts add up to its number of rows."""
        parts: list[Counts] = []
        for start, stop in zip(self._starts[:-1], self._starts[1:], strict=True):
            if self._sizes is not None:
                sizes = self._sizes[start:stop]
                parts.append(random.multinomial(sizes.sum(), sizes / sizes.sum(), size=resamples))
            else:
                rows = int(stop - start)
                drawn = random.integers(0, rows, (resamples, rows))
                if resamples > 1:
                    drawn += np.arange(resamples)[:, None] * rows
                parts.append(np.bincount(drawn.ravel(), minlength=resamples * rows).reshape(resamples, rows))
        return parts[0] if len(parts) == 1 else np.concatenate(parts, axis=1)


def once(rows: int) -> Block:
    """Every row once: the data itself, as if it were a resample."""
    return Block(np.ones((1, rows), np.int64))


def _starts(ordered: NDArray[np.intp]) -> NDArray[np.intp]:
    """Where each value begins in an ordered array, and its end."""
    return np.concatenate([[0], np.flatnonzero(np.diff(ordered)) + 1, [len(ordered)]])


def resample_count(rows: int, *, most: int = MOST) -> int:
    """How many resamples are drawn of this many rows: fewer of very many, since their interval is narrow anyway."""
    return max(min(LEAST, most), min(most, WORK // max(rows, 1)))


def interval(values: NDArray[np.float64]) -> tuple[float, float]:
    """The central 95 % of the resampled values; NaN where one of them is not defined."""
    low, high = np.quantile(values, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return float(low), float(high)


def one_sided(values: NDArray[np.float64]) -> tuple[float, float]:
    """The one-sided 95 % lower end, and the upper: each holds by itself; NaN where a value is not defined."""
    low, high = np.quantile(values, [1 - LEVEL, LEVEL])
    return float(low), float(high)
