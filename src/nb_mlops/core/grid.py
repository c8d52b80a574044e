"""How often each size of number occurs: cells of one fixed family, exactly mergeable, fine wherever the data lies.

A float64, read as an integer in value order, keeps exponent and leading mantissa bits in its upper bits. Dropping the
lower `shift` bits gives cells that are equal steps within an octave and double from octave to octave: a logarithmic
axis, symmetric about zero, that no data has to choose (so heavy tails and tiny values need no care). Cells at one
shift nest in the cells at any larger one, so a grid can be made coarser without error.

A grid keeps the finest shift at which at most `MOST_CELLS` cells are occupied. That depends on the values alone, never
on their order or partition: merged parts equal the whole, cell by cell. A column with few different values (hours,
counts, ratings) is thereby kept exactly. (The idea of uniform collapse: Epicoco et al. 2020, UDDSketch.)
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from nb_mlops.core.errors import BadInput

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from nb_mlops.core.shown import Json

MOST_CELLS = 1024
FINEST_SHIFT = 20  # 32 mantissa bits: relative steps of 2e-10, so that a narrow spread about a large mean is still seen
COARSEST_SHIFT = 54  # four octaves a cell: at most 1024 cells for all of float64
_MAGNITUDE = np.int64(0x7FFF_FFFF_FFFF_FFFF)


@dataclass(frozen=True, slots=True)
class Grid:
    """Occupied cells, ascending, and their counts. Infinities and nulls are not in it."""

    shift: int = FINEST_SHIFT
    keys: tuple[int, ...] = ()
    counts: tuple[int, ...] = ()

    @classmethod
    def of_keys(cls, shift: int, keys: NDArray[np.int64], counts: NDArray[np.int64]) -> Grid:
        """The canonical grid for ascending, distinct `keys` at `shift`."""
        coarser = _steps_to_fit(keys)
        keys, counts = _coarsened(keys, counts, coarser)
        return cls(shift + coarser, tuple(keys.tolist()), tuple(counts.tolist()))

    def __add__(self, other: Grid) -> Grid:
        if not self.keys or not other.keys:
            return other if other.keys else self
        shift = max(self.shift, other.shift)
        keys, mine, others = aligned(self, other)
        return Grid.of_keys(shift, keys, mine + others)

    @property
    def count(self) -> int:
        """How many values lie in the cells."""
        return sum(self.counts)

    @property
    def is_exact(self) -> bool:
        """Whether each cell holds (to 2e-10 of itself) one value."""
        return self.shift == FINEST_SHIFT

    def at(self, shift: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Keys and counts at a coarser `shift`."""
        keys, counts = np.array(self.keys, np.int64), np.array(self.counts, np.int64)
        return _coarsened(keys, counts, shift - self.shift)

    def quantile(self, share: float) -> float:
        """The value below which `share` of the values lie, within its cell by straight line; NaN when empty."""
        if not self.keys:
            return float("nan")
        keys, counts = self.at(self.shift)
        sums = np.cumsum(counts)
        cell = min(int(np.searchsorted(sums, share * sums[-1])), len(keys) - 1)
        low, high = (float(edge) for edge in lower_edges(np.array([keys[cell], keys[cell] + 1]), self.shift))
        if self.is_exact or not np.isfinite(high):
            return low
        inside = (share * sums[-1] - (sums[cell] - counts[cell])) / counts[cell]
        return low + (high - low) * min(max(float(inside), 0.0), 1.0)

    def to_dict(self) -> dict[str, Json]:
        """The grid as JSON: the first key, then steps between keys, and the counts."""
        steps = [later - earlier for earlier, later in zip((0, *self.keys), self.keys, strict=False)]
        return {"shift": self.shift, "steps": [*steps], "counts": [*self.counts]}

    @classmethod
    def from_dict(cls, given: object) -> Grid:
        """The grid that `to_dict` wrote; raises BadInput for anything else."""
        if not isinstance(given, dict):
            raise BadInput("A grid in this profile is not an object.", _MADE_BY)
        shift, steps, counts = given.get("shift"), given.get("steps"), given.get("counts")
        if not isinstance(shift, int) or isinstance(shift, bool) or not FINEST_SHIFT <= shift <= COARSEST_SHIFT:
            raise BadInput("A grid in this profile has no good shift.", _MADE_BY)
        if not isinstance(steps, list) or not isinstance(counts, list) or len(steps) != len(counts):
            raise BadInput("A grid in this profile has not as many cells as counts.", _MADE_BY)
        if len(steps) > MOST_CELLS or not all(_is_count(each) and each > 0 for each in counts):
            raise BadInput("A grid in this profile has counts that cannot be.", _MADE_BY)
        if not all(isinstance(each, int) and abs(each) < 2**45 for each in steps) or any(
            each < 1 for each in steps[1:]
        ):
            raise BadInput("A grid in this profile has cells out of order.", _MADE_BY)
        keys: list[int] = []
        for step in steps:
            keys.append(step + (keys[-1] if keys else 0))
        if any(abs(key) >= 2 ** (63 - shift) for key in keys):
            raise BadInput("A grid in this profile has cells that no number has.", _MADE_BY)
        return cls(shift, tuple(keys), tuple(counts))


def ordered(values: NDArray[np.float64]) -> NDArray[np.int64]:
    """Integers in the order of the (finite) values; -0.0 must be cleared before."""
    bits = values.view(np.int64)
    return bits ^ ((bits >> 63) & _MAGNITUDE)


def lower_edges(keys: NDArray[np.int64], shift: int) -> NDArray[np.float64]:
    """The smallest value of each cell."""
    bits = keys << np.int64(shift)
    return (bits ^ ((bits >> 63) & _MAGNITUDE)).view(np.float64)


def aligned(a: Grid, b: Grid) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """The cells that either occupies, at the coarser shift of the two, and the counts of each in them."""
    shift = max(a.shift, b.shift)
    a_keys, a_counts = a.at(shift)
    b_keys, b_counts = b.at(shift)
    keys = np.union1d(a_keys, b_keys)
    mine, others = np.zeros(len(keys), np.int64), np.zeros(len(keys), np.int64)
    mine[np.searchsorted(keys, a_keys)] = a_counts
    others[np.searchsorted(keys, b_keys)] = b_counts
    return keys, mine, others


def _steps_to_fit(keys: NDArray[np.int64]) -> int:
    """How many more bits must go until at most `MOST_CELLS` cells are left.

    Neighbours share a cell once all the bits in which they differ are gone, so one pass over the neighbours answers
    for every shift at once.
    """
    if len(keys) <= MOST_CELLS:
        return 0
    differing = keys[1:] ^ keys[:-1]
    bits = np.where(differing < 0, 64, np.frexp(differing.astype(np.float64))[1])  # keys are < 2**44: exact
    apart = np.cumsum(np.bincount(bits, minlength=66)[::-1])[
        ::-1
    ]  # apart[j]: neighbours that differ in bit j - 1 or above
    return int(np.flatnonzero(1 + apart[1:] <= MOST_CELLS)[0])


def _coarsened(
    keys: NDArray[np.int64], counts: NDArray[np.int64], steps: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    if steps <= 0 or not len(keys):
        return keys, counts
    wider = keys >> np.int64(steps)
    firsts = np.flatnonzero(np.concatenate(([True], wider[1:] != wider[:-1])))
    return wider[firsts], np.add.reduceat(counts, firsts)


def _is_count(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 2**62


_MADE_BY = "Profiles are made by nb_mlops.profile(table)."
