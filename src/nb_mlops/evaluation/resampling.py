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
WORK = 20_000_000  # rows drawn altogether: beyond it, fewer resamples, and the result says how many


class Resampling:
    """Draws rows with replacement, the same ones for the same seed; iterating gives `count` index arrays."""

    def __init__(self, strata: NDArray[np.intp] | None, rows: int, *, count: int, seed: int) -> None:
        self.count = count
        self.seed = seed
        self._groups: list[Rows] = (
            [np.arange(rows)] if strata is None else [np.flatnonzero(strata == code) for code in np.unique(strata)]
        )
        self._rows = rows

    @property
    def smallest_stratum(self) -> int:
        """The rows of the rarest class."""
        return min(len(group) for group in self._groups)

    def __iter__(self) -> Iterator[Rows]:
        random = np.random.default_rng(self.seed)
        drawn = np.empty(self._rows, dtype=np.intp)
        for _ in range(self.count):
            at = 0
            for group in self._groups:
                positions = random.integers(0, len(group), len(group), dtype=np.uint32)
                np.take(group, positions, out=drawn[at : at + len(group)])
                at += len(group)
            yield drawn


def resample_count(rows: int, *, most: int = MOST) -> int:
    """How many resamples are drawn of this many rows: fewer of very many, since their interval is narrow anyway."""
    return max(LEAST, min(most, WORK // max(rows, 1)))


def interval(values: NDArray[np.float64]) -> tuple[float, float]:
    """The central 95 % of the resampled values; NaN where one of them is not defined."""
    low, high = np.quantile(values, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return float(low), float(high)
