"""Resampled rows, to see how much a metric would vary: the percentile bootstrap, within classes.

Efron and Tibshirani, "An Introduction to the Bootstrap", 1993, chapter 13. Each class keeps its number of rows in
every resample, so that a rare class never vanishes; the weights of rows go with them.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from nb_mlops.evaluation.table import Rows

LEVEL = 0.95
LEAST, MOST = 200, 2_000  # resamples
BLOCK = 1 << 12  # rows
WORK = 20_000_000  # rows drawn altogether: beyond it, fewer resamples, and the result says how many


class Resampling:
    """Draws rows with replacement, the same ones for the same seed; iterating gives `count` index arrays.

    Rows come class by class, and nearly in order within a class: how many fall into each block is drawn first, then
    which ones (that is the same distribution), so that a million rows are not fetched from all over the memory.
    """

    def __init__(
        self, strata: NDArray[np.intp] | None, rows: int, *, count: int, seed: int, order: Rows | None = None
    ) -> None:
        self.count = count
        self.seed = seed
        self._strata = strata
        self._rows = rows
        every = np.arange(rows) if order is None else order
        self._groups: list[Rows] = (
            [every] if strata is None else [every[strata[every] == code] for code in np.unique(strata)]
        )

    def along(self, order: Rows) -> Resampling:
        """The same kind of draws, with rows in this order: what looks at them in this order is faster."""
        return Resampling(self._strata, self._rows, count=self.count, seed=self.seed, order=order)

    def __iter__(self) -> Iterator[Rows]:
        random = np.random.default_rng(self.seed)
        for _ in range(self.count):
            yield np.concatenate([group[_positions(len(group), random)] for group in self._groups])


def _positions(length: int, random: np.random.Generator) -> NDArray[np.int64]:
    """`length` draws of 0 … length − 1 with replacement, ascending by block."""
    if length <= BLOCK:
        return random.integers(0, length, length)
    blocks = length // BLOCK
    tail = length - blocks * BLOCK
    in_tail = int(random.binomial(length, tail / length)) if tail else 0
    drawn = random.multinomial(length - in_tail, np.full(blocks, 1 / blocks))
    whole = np.repeat(np.arange(blocks) * BLOCK, drawn)
    whole += random.integers(0, BLOCK, length - in_tail, dtype=np.uint16)
    return np.concatenate([whole, blocks * BLOCK + random.integers(0, tail, in_tail)]) if in_tail else whole


def resample_count(rows: int, *, most: int = MOST) -> int:
    """How many resamples are drawn of this many rows: fewer of very many, since their interval is narrow anyway."""
    return max(LEAST, min(most, WORK // max(rows, 1)))


def interval(values: NDArray[np.float64]) -> tuple[float, float]:
    """The central 95 % of the resampled values; NaN where one of them is not defined."""
    low, high = np.quantile(values, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return float(low), float(high)
