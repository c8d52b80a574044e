"""The kernel: an array of numbers to `Numbers`, in chunks that stay in the processor's cache.

Two passes: the first cleans a chunk (nulls, infinities, -0.0), sums it up and keeps the clean values; the second turns
these into cells. Blocks of half a million values bound the memory at 8 MB a thread.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from nb_mlops.core.distinct import Distinct
from nb_mlops.core.grid import FINEST_SHIFT, MOST_CELLS, Grid, ordered
from nb_mlops.core.hashing import hash_floats
from nb_mlops.core.numeric import Numbers, merged_moments

if TYPE_CHECKING:
    from numpy.typing import NDArray

CHUNK = 1 << 16
BLOCK = 1 << 19
_SORTED_BELOW = 1 << 13  # so few values are sorted sooner than a table of cells is laid out
_TABLE_BITS = 18  # places in a table of cells: 2 MB, of which a few thousand are touched
_DIVIDED_BITS = 8  # 1,024 occupied cells, divided into 256, fill the table again
_WHOLE_RANGE = 1 << 17


def numbers_of(values: NDArray[np.generic], *, like: Grid | None = None) -> tuple[Numbers, int]:
    """The numbers in a one-dimensional array of floats, integers or booleans, and how many of its values were NaN.

    like: a grid that the cells will be compared with; cells finer than its are not looked for.
    """
    total, nans = Numbers(), 0
    coarsest = like.shift if like is not None and like.keys else FINEST_SHIFT
    room = np.empty(min(len(values), BLOCK))
    for start in range(0, len(values), BLOCK):
        block, block_nans = _numbers_of_block(values[start : start + BLOCK], room, coarsest)
        total, nans = total + block, nans + block_nans
    return total, nans


def _numbers_of_block(values: NDArray[np.generic], room: NDArray[np.float64], finest: int) -> tuple[Numbers, int]:
    used = nans = below = above = 0
    low, high, mean, squares = np.inf, -np.inf, 0.0, 0.0
    is_whole, sketch = True, Distinct()
    scratch = np.empty(min(CHUNK, len(values)))
    with np.errstate(over="ignore", invalid="ignore"):  # values near 1e308 have an infinite variance, and may
        for start in range(0, len(values), CHUNK):
            chunk = values[start : start + CHUNK]
            clean = room[used : used + len(chunk)]
            np.add(chunk, 0.0, out=clean, casting="unsafe")  # -0.0 becomes 0.0, and all becomes float64
            clean, infinite = _without_infinite(clean)
            if len(infinite):
                nans += int(np.isnan(infinite).sum())
                below, above = below + int((infinite == -np.inf).sum()), above + int((infinite == np.inf).sum())
            if not len(clean):
                continue
            chunk_mean = _mean(clean)
            apart = np.subtract(clean, chunk_mean, out=scratch[: len(clean)])
            # not `apart @ apart`: BLAS threads would fight over the cores with ours, and its sums vary with the machine
            chunk_squares = float(np.multiply(apart, apart, out=apart).sum())
            mean, squares = merged_moments(used, mean, squares, len(clean), chunk_mean, chunk_squares)
            low, high = min(low, float(clean.min())), max(high, float(clean.max()))
            is_whole = is_whole and _is_whole(clean)
            sketch = sketch.with_hashes(hash_floats(clean))
            used += len(clean)
    grid = _grid(room[:used], low, high, is_whole, finest)
    return Numbers(used, below, above, low, high, mean, squares, grid, sketch), nans


def _without_infinite(values: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The finite values, moved together in place (their order is lost), and the others.

    Only the holes are filled, from the end: with few nulls that is much cheaper than copying all the rest.
    """
    is_finite = np.isfinite(values)
    kept = int(np.count_nonzero(is_finite))
    if kept == len(values):
        return values, values[:0]
    infinite = values[~is_finite]
    values[np.flatnonzero(~is_finite[:kept])] = values[kept:][is_finite[kept:]]
    return values[:kept], infinite


def _mean(clean: NDArray[np.float64]) -> float:
    mean = float(clean.mean())
    return mean if np.isfinite(mean) else float((clean / len(clean)).sum())  # the sum overflowed, the mean need not


def _is_whole(clean: NDArray[np.float64]) -> bool:
    """Whether all are whole numbers; the first few settle it for most columns."""
    head = clean[:64]
    return bool((head == np.rint(head)).all()) and bool((clean == np.rint(clean)).all())


def _grid(clean: NDArray[np.float64], low: float, high: float, is_whole: bool, finest: int) -> Grid:
    """The canonical grid of clean values."""
    if not len(clean):
        return Grid()
    if is_whole and high - low < _WHOLE_RANGE and abs(low) < 2**40:
        return _grid_of_whole(clean, low)
    if len(clean) <= _SORTED_BELOW:
        return _grid_by_sorting(clean)
    return _grid_by_table(clean, low, high, finest)


def _grid_by_table(clean: NDArray[np.float64], low: float, high: float, finest: int) -> Grid:
    """The grid by counting in a table of all cells between the extremes.

    Sign and magnitude of the float are counted as they stand, which is one shift a value; only the occupied cells are
    put in the order of the values afterwards. While so few are occupied that finer ones may still fit, each of them is
    divided and counted again.
    """
    raw = clean.view(np.uint64)
    shift = max(_table_shift(low, high), finest)
    first = min(_raw(low, shift), _raw(high, shift)) if low >= 0 or high < 0 else 0
    places = np.empty(len(raw), np.int64)
    for start in range(0, len(raw), CHUNK):
        part = np.right_shift(raw[start : start + CHUNK], np.uint64(shift)).view(np.int64)
        np.subtract(part, first, out=places[start : start + CHUNK])
    counts = np.bincount(places)
    occupied = np.flatnonzero(counts)
    cells = occupied + first
    while len(occupied) <= MOST_CELLS and shift > finest:
        bits = min(shift - finest, _DIVIDED_BITS)
        numbered = np.zeros(len(counts), np.int64)
        numbered[occupied] = np.arange(len(occupied)) << bits
        shift -= bits
        within = (1 << bits) - 1
        for start in range(0, len(raw), CHUNK):
            part = np.right_shift(raw[start : start + CHUNK], np.uint64(shift)).view(np.int64) & within
            places[start : start + CHUNK] = numbered[places[start : start + CHUNK]] | part
        counts = np.bincount(places)
        occupied = np.flatnonzero(counts)
        cells = (cells[occupied >> bits] << bits) | (occupied & within)
    return _in_order(cells, counts[occupied], shift)


def _in_order(cells: NDArray[np.int64], counts: NDArray[np.int64], shift: int) -> Grid:
    """The canonical grid from cells of sign and magnitude."""
    negative = np.int64(1) << np.int64(63 - shift)
    keys = np.where(cells >= negative, negative - cells - 1, cells)
    order = np.argsort(keys)
    return Grid.of_keys(shift, keys[order], counts[order])


def _grid_of_whole(clean: NDArray[np.float64], low: float) -> Grid:
    """Whole numbers in a narrow range are counted as such: exact, and no finer cells need looking for."""
    counts = np.bincount((clean - low).astype(np.intp))
    occupied = np.flatnonzero(counts)
    whole = np.asarray(occupied + low, np.float64)
    return Grid.of_keys(FINEST_SHIFT, ordered(whole) >> np.int64(FINEST_SHIFT), counts[occupied])


def _grid_by_sorting(clean: NDArray[np.float64]) -> Grid:
    keys = np.sort(ordered(clean) >> np.int64(FINEST_SHIFT))
    firsts = np.flatnonzero(np.concatenate(([True], keys[1:] != keys[:-1])))
    return Grid.of_keys(FINEST_SHIFT, keys[firsts], np.diff(np.append(firsts, len(keys))))


def _raw(value: float, shift: int) -> int:
    """The upper bits of a float: sign, exponent, some of the mantissa."""
    return int(np.array([value + 0.0]).view(np.uint64)[0] >> np.uint64(shift))


def _table_shift(low: float, high: float) -> int:
    """The finest shift at which the table holds all cells between the extremes."""
    if low < 0 <= high:
        return 64 - _TABLE_BITS
    shift = FINEST_SHIFT
    while abs(_raw(high, shift) - _raw(low, shift)) >= 1 << _TABLE_BITS:
        shift += 1
    return shift
