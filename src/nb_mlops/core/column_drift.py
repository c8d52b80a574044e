"""One column in one window against its baseline: how far it moved, how sure that is, what moved.

A column can drift in its distribution, in what is missing, in values never seen before, or by being gone or of another
kind. Each of these is tested against the same floor; the column's p-value pays for having looked at all of them.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Literal

import numpy as np

from nb_mlops.core.grid import aligned
from nb_mlops.core.shape import Shape, shape_of
from nb_mlops.core.statistics import (
    beyond_chance,
    category_p_value,
    ks_distance,
    ks_noise,
    ks_p_value,
    share_p_value,
    smallest_seen,
    stability_index,
    total_variation,
    total_variation_noise,
    unseen_p_value,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from nb_mlops.core.categories import Categories
    from nb_mlops.core.numeric import Numbers
    from nb_mlops.core.profile import ColumnProfile
    from nb_mlops.core.shown import Json

What = Literal["distribution", "missing", "unseen", "gone", "kind", "new", "none"]
Test = tuple[What, float, float]  # what was tested, its effect, its p-value
Verdict = Literal["alarm", "quiet", "too few rows", "not judged"]
BLIND = 0.25  # a window in which not even every fourth row could move unnoticed is too small to be called quiet
MOST_UNSEEN_NAMES = 5
_SHARES: dict[What, float] = {"distribution": 0.7, "missing": 0.15, "unseen": 0.15}  # of a column's chance of alarm
_WORDS = ("categorical", "boolean", "text")


@dataclass(frozen=True, slots=True)
class ColumnDrift:
    """How one column of a window stands to the baseline.

    effect: the share of rows that moved, at least, 0 to 1: KS distance of numbers or total variation of categories,
    both less what chance alone gives; change in the missing share; share of unseen values: the one that `what` names.
    distance: the KS distance or total variation as measured.
    p_value: adjusted for all columns and windows of the report (Holm), of "no more than the floor".
    sees: the smallest distance that would raise an alarm with so many rows. shift_sd: the change of the mean, in the
    baseline's standard deviations. psi: population stability index over tenths of the baseline, or its values.
    """

    name: str
    kind: str
    verdict: Verdict
    what: What
    effect: float
    p_value: float
    distance: float = 0.0
    psi: float | None = None
    shift_sd: float | None = None
    missing_before: float = 0.0
    missing: float = 0.0
    unseen: float = 0.0
    unseen_values: tuple[str, ...] = ()
    outside: float = 0.0
    sees: float = 1.0
    role: str = "input"
    note: str = ""
    profiles: tuple[ColumnProfile, ColumnProfile] | None = field(default=None, repr=False, compare=False)

    @property
    def shape(self) -> Shape | None:
        """The distribution before and now, in bins to draw; None where there is none."""
        return shape_of(*self.profiles) if self.profiles is not None else None

    @property
    def alarm(self) -> bool:
        """Whether evidence and effect agree that the column drifted."""
        return self.verdict == "alarm"

    @property
    def sentence(self) -> str:
        """What happened, in words."""
        if self.what == "gone":
            return "the column is gone"
        if self.what in ("kind", "new") or (self.verdict == "not judged" and self.note):
            return self.note
        if self.what == "missing":
            return f"missing values went from {self.missing_before:.1%} to {self.missing:.1%}"
        if self.what == "unseen":
            named = f" ({', '.join(self.unseen_values)})" if self.unseen_values else ""
            return f"{self.unseen:.1%} of rows have values not seen before{named}"
        moved = f"{self.effect:.1%} of rows moved" if self.effect >= 0.0005 else "no more than chance"
        if self.shift_sd is not None and abs(self.shift_sd) >= 0.005:
            moved += f", mean {self.shift_sd:+.2f} sd"
        return f"{moved}, {self.outside:.1%} outside the baseline's range" if self.outside >= 0.0005 else moved

    def to_dict(self) -> dict[str, Json]:
        """The column as JSON."""
        written: dict[str, Json] = {
            "name": self.name,
            "kind": self.kind,
            "alarm": self.alarm,
            "verdict": self.verdict,
            "what": self.what,
            "effect": round(self.effect, 5),
            "p_value": float(f"{self.p_value:.3g}"),
            "distance": round(self.distance, 5),
            "sees": round(self.sees, 4),
        }
        optional: dict[str, float | None] = {
            "psi": self.psi,
            "shift_sd": self.shift_sd,
            "missing": self.missing,
            "missing_before": self.missing_before,
            "unseen": self.unseen,
            "outside": self.outside,
        }
        written |= {key: round(value, 5) for key, value in optional.items() if value}
        if self.role != "input":
            written["role"] = self.role
        if self.note:
            written["note"] = self.note
        return written

    def judged(self, p_value: float, *, alpha: float, floor: float) -> ColumnDrift:
        """The same with the p-value adjusted for all that the report looks at, and the verdict that follows."""
        if self.verdict == "not judged" or self.what in ("gone", "kind"):
            return self
        if p_value <= alpha and self.effect > floor:
            return replace(self, p_value=p_value, verdict="alarm")
        return replace(self, p_value=p_value, verdict="too few rows" if self.sees > BLIND else "quiet")


def compare_column(
    name: str,
    before: ColumnProfile | None,
    now: ColumnProfile | None,
    *,
    floor: float,
    alpha: float,
    is_cut_by: bool = False,
) -> ColumnDrift:
    """The drift of one column, its p-value not yet adjusted for other columns; `alpha` tells what could be seen."""
    if before is None and now is not None:
        return _not_judged(name, now, "new", "a column that the baseline did not have")
    if before is None:
        raise ValueError("neither the baseline nor the window has the column")
    if is_cut_by:
        return _not_judged(name, before, "none", "the windows were cut by it")
    if now is None:
        if before.role != "input":
            return _not_judged(name, before, "none", f"the {before.role} is not there yet")
        return ColumnDrift(name, before.kind, "alarm", "gone", 1.0, 0.0, sees=0.0, role=before.role)
    if not before.present or not now.rows:
        note = "the baseline has no values" if not before.present else "the window has no rows"
        return _not_judged(name, before, "none", note)
    if not _same_family(before, now):
        note = f"was {before.kind} ({before.dtype}), is {now.kind} ({now.dtype})"
        return ColumnDrift(name, before.kind, "alarm", "kind", 1.0, 0.0, sees=0.0, role=before.role, note=note)
    return _tested(name, before, now, floor, alpha)


def _tested(name: str, before: ColumnProfile, now: ColumnProfile, floor: float, alpha: float) -> ColumnDrift:
    p_values: list[Test]
    missing_before, missing = before.nulls / before.rows, now.nulls / now.rows
    missing_p = share_p_value(before.nulls, before.rows, now.nulls, now.rows, floor=floor)
    if before.kind == "datetime":
        p_values, found = [], _only_missing(name, "datetime", "dates move on: only missing ones count")
    elif before.numbers is not None and now.numbers is not None:
        p_values, found = _numbers(name, before.numbers, now.numbers, floor)
    elif before.values is not None and now.values is not None:
        p_values, found = _values(name, before, now, floor)
    else:
        p_values, found = [], _only_missing(name, before.kind, "only missing values count")
    tests = [*p_values, ("missing", abs(missing - missing_before), missing_p)]
    tests = [(what, effect, min(1.0, p_value / _SHARES[what])) for what, effect, p_value in tests]
    # what is told: the largest movement among those that are sure, or of all when none is
    sure = [test for test in tests if test[2] <= alpha]
    what, effect, _ = max(sure or tests, key=lambda test: test[1])
    return replace(
        found,
        what=what,
        effect=effect,
        p_value=min(p_value for _, _, p_value in tests),
        missing_before=missing_before,
        missing=missing,
        sees=smallest_seen(before.present, now.present or now.rows, alpha * _SHARES["distribution"], floor=floor),
        role=before.role,
        profiles=(before, now),
    )


def _numbers(name: str, before: Numbers, now: Numbers, floor: float) -> tuple[list[Test], ColumnDrift]:
    _, earlier, later = aligned(before.grid, now.grid)
    first = np.concatenate(([before.below], earlier, [before.above]))
    second = np.concatenate(([now.below], later, [now.above]))
    distance = ks_distance(first, second) if now.total else 0.0
    p_value = ks_p_value(distance, before.total, now.total, floor=floor)
    sd = before.sd
    inside = np.flatnonzero(earlier)
    outside = int(later[: inside[0]].sum() + later[inside[-1] + 1 :].sum()) if len(inside) else 0
    drift = ColumnDrift(
        name,
        "numeric",
        "quiet",
        "distribution",
        distance,
        p_value,
        distance=distance,
        psi=stability_index(*_tenths(first, second)) if now.total else None,
        shift_sd=(now.mean - before.mean) / sd if sd > 0 and np.isfinite(sd) and now.count else None,
        outside=outside / max(now.total, 1),
    )
    effect = beyond_chance(distance, ks_noise(before.total, now.total))
    return [("distribution", effect, p_value)], drift


def _tenths(before: NDArray[np.int64], now: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Both folded into bins of about a tenth of the baseline each."""
    place = (np.cumsum(before) - before / 2) / max(before.sum(), 1) * 10
    bins = np.clip(place.astype(np.intp), 0, 9)
    used = np.unique(bins, return_inverse=True)[1]
    return (
        np.bincount(used, weights=before).astype(np.int64),
        np.bincount(used, weights=now).astype(np.int64),
    )


def _values(
    name: str, profile: ColumnProfile, now_profile: ColumnProfile, floor: float
) -> tuple[list[Test], ColumnDrift]:
    before, now = profile.values, now_profile.values
    if before is None or now is None:
        raise ValueError("no values to compare")
    is_text = "text" in (profile.kind, now_profile.kind)
    earlier, later = np.array(before.lengths, np.int64), np.array(now.lengths, np.int64)
    if not is_text:
        earlier, later, _ = paired(before, now)
    distance, p_value = total_variation(earlier, later), category_p_value(earlier, later, floor=floor)
    drift = ColumnDrift(
        name,
        profile.kind,
        "quiet",
        "distribution",
        distance,
        p_value,
        distance=distance,
        psi=stability_index(earlier, later),
        note="compared by the length of its texts" if is_text else "",
    )
    effect = beyond_chance(distance, total_variation_noise(earlier, later))
    tests: list[Test] = [("distribution", effect, p_value)]
    if is_text or before.values is None or now.values is None or profile.kind == "boolean":
        return tests, drift
    known = {value for value, _ in before.values}
    unseen = sorted(((count, value) for value, count in now.values if value not in known), reverse=True)
    rows = sum(count for count, _ in unseen)
    unseen_p = unseen_p_value(len(unseen), rows, now.count, before.count, len(known), floor=floor)
    names = tuple(value for _, value in unseen[:MOST_UNSEEN_NAMES])
    share = rows / max(now.count, 1)
    return [*tests, ("unseen", share, unseen_p)], replace(drift, unseen=share, unseen_values=names)


def paired(before: Categories, now: Categories) -> tuple[NDArray[np.int64], NDArray[np.int64], tuple[str, ...]]:
    """The counts of both over the same places: values where both kept them (named), hash cells otherwise."""
    if before.values is None or now.values is None:
        width = min(len(each.cells) for each in (before, now) if each.values is None)
        return before.in_cells(width), now.in_cells(width), ()
    first, second = dict(before.values), dict(now.values)
    names = tuple(sorted({*first, *second}, key=lambda name: (-first.get(name, 0), name)))
    counts = [[counts.get(name, 0) for name in names] for counts in (first, second)]
    return np.array(counts[0], np.int64), np.array(counts[1], np.int64), names


def _same_family(before: ColumnProfile, now: ColumnProfile) -> bool:
    if before.family == now.family or "empty" in (before.family, now.family):
        return True
    return before.kind in _WORDS and now.kind in _WORDS and "boolean" not in (before.family, now.family)


def _only_missing(name: str, kind: str, note: str) -> ColumnDrift:
    return ColumnDrift(name, kind, "quiet", "none", 0.0, 1.0, note=note)


def _not_judged(name: str, column: ColumnProfile, what: What, note: str) -> ColumnDrift:
    return ColumnDrift(name, column.kind, "not judged", what, 0.0, 1.0, role=column.role, note=note)
