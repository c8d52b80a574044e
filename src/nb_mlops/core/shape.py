"""What a column looks like before and now, in few enough bars to draw: shares over the same bins."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from nb_mlops.core.categories import LENGTH_CLASSES
from nb_mlops.core.grid import aligned, lower_edges

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from nb_mlops.core.profile import ColumnProfile

BARS = 28
MOST_NAMED = 10
OTHERS, UNSEEN = "others", "not seen before"  # the last two of a category column's labels


class Shape(NamedTuple):
    """Shares of the rows that have a value. Numbers: `edges` (one more than shares); else `labels` names the shares."""

    edges: tuple[float, ...]
    labels: tuple[str, ...]
    before: tuple[float, ...]
    now: tuple[float, ...]


def shape_of(before: ColumnProfile, now: ColumnProfile) -> Shape | None:
    """The shape of both over bins that depend on the baseline alone (so that windows overlay); None without values."""
    if before.numbers is not None and before.numbers.count and before.family == "numeric":
        return _of_numbers(before, now)
    if before.values is not None and before.kind in ("categorical", "boolean"):
        are_kept = before.values.values is not None and (now.values is None or now.values.values is not None)
        return _of_values(before, now) if are_kept else None
    if before.values is not None and now.values is not None and before.kind == "text":
        return _of_lengths(before, now)
    return None


def _of_numbers(before: ColumnProfile, now: ColumnProfile) -> Shape | None:
    if before.numbers is None:
        return None
    grid = before.numbers.grid
    edges: NDArray[np.float64]
    low, high = grid.quantile(0.005), grid.quantile(0.995)
    if not np.isfinite(high - low):  # values at both ends of float64: no axis holds them
        return None
    margin = (high - low) / 8
    edges = np.linspace(max(low - margin, before.numbers.low), min(high + margin, before.numbers.high), BARS + 1)
    is_whole = grid.is_exact and all(
        float(edge).is_integer() for edge in lower_edges(np.array(grid.keys[:50]), grid.shift)
    )
    if is_whole and before.numbers.high - before.numbers.low < BARS:
        edges = np.arange(np.floor(before.numbers.low), np.floor(before.numbers.high) + 2) - 0.5
    elif not edges[-1] > edges[0]:
        edges = edges[0] + np.array([-0.5, 0.5]) * max(abs(float(edges[0])) * 0.01, 1.0)
    keys, earlier, later = aligned(grid, now.numbers.grid if now.numbers is not None else grid)
    shift = max(grid.shift, now.numbers.grid.shift if now.numbers is not None else grid.shift)
    shift = shift if now.numbers is not None and now.numbers.grid.keys else grid.shift
    if now.numbers is None:
        later = np.zeros_like(later)
    is_points = shift == grid.shift and grid.is_exact
    return Shape(
        tuple(edges.tolist()),
        (),
        _folded(keys, earlier, shift, edges, is_points),
        _folded(keys, later, shift, edges, is_points),
    )


def _folded(
    keys: NDArray[np.int64], counts: NDArray[np.int64], shift: int, edges: NDArray[np.float64], is_points: bool
) -> tuple[float, ...]:
    """Shares between the edges: each cell's count spread evenly over the cell; beyond the ends into the end bins."""
    total = counts.sum()
    if not total:
        return (0.0,) * (len(edges) - 1)
    low = lower_edges(keys, shift)
    if is_points:
        places = np.clip(np.searchsorted(edges, low, side="right") - 1, 0, len(edges) - 2)
        bars = np.bincount(places, weights=counts, minlength=len(edges) - 1).astype(np.float64)
    else:
        high = lower_edges(keys + 1, shift)
        ends = np.ravel(np.column_stack([low, high]))
        sums = np.ravel(np.column_stack([np.cumsum(counts) - counts, np.cumsum(counts)])).astype(np.float64)
        at_edges = np.interp(edges, ends, sums)
        at_edges[0], at_edges[-1] = 0.0, total
        bars = np.diff(at_edges)
    return tuple((bars / total).round(5).tolist())


def _of_values(before: ColumnProfile, now: ColumnProfile) -> Shape:
    first = dict(before.values.values or ()) if before.values is not None else {}
    later = dict(now.values.values or ()) if now.values is not None else {}
    names = sorted(first, key=lambda name: (-first[name], name))[:MOST_NAMED]
    unseen = sum(count for name, count in later.items() if name not in first)
    counts_before, counts_now = ([*(counts.get(name, 0) for name in names)] for counts in (first, later))
    return Shape(
        (),
        (*names, OTHERS, UNSEEN),
        _shares([*counts_before, sum(first.values()) - sum(counts_before), 0]),
        _shares([*counts_now, sum(later.values()) - sum(counts_now) - unseen, unseen]),
    )


def _of_lengths(before: ColumnProfile, now: ColumnProfile) -> Shape | None:
    if before.values is None or now.values is None:
        return None
    tops = [
        "0",
        "1",
        *(f"{2 ** (k - 1)}–{2**k - 1}" for k in range(2, LENGTH_CLASSES - 1)),
        f"{2 ** (LENGTH_CLASSES - 2)}+",
    ]
    labels = tuple(f"{top} letters" for top in tops)
    return Shape((), labels, _shares([*before.values.lengths]), _shares([*now.values.lengths]))


def _shares(counts: list[int]) -> tuple[float, ...]:
    total = max(sum(counts), 1)
    return tuple(round(count / total, 5) for count in counts)
