"""The drift report: windows of a table against its baseline, with alarms that can be believed.

An alarm needs two things to agree: an effect above the floor (by default more than 2 % of rows moved) and evidence, a
p-value of "no more than the floor" that holds for both samples at any size, adjusted over all columns and windows of
the report (Holm), below the report's budget. So the chance of any false alarm in the whole report is at most the
budget, huge tables do not alarm on trifles, and small ones say "too few rows" rather than guess.
All of it is worked out from profiles. Rows are taken as independent; the report says so.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from nb_mlops.core.column_drift import ColumnDrift, Verdict, compare_column
from nb_mlops.core.errors import BadInput
from nb_mlops.core.profile import Profile
from nb_mlops.core.shown import Shown
from nb_mlops.core.spending import alpha_of_look
from nb_mlops.core.statistics import holm
from nb_mlops.core.window import Window

if TYPE_CHECKING:
    from datetime import datetime

    from nb_mlops.core.shown import Json

__all__ = ["ColumnDrift", "DriftReport", "Window", "WindowDrift", "alpha_of_look", "compare"]

FLOOR = 0.02
LOOK = 0.01
ASSUMPTION = "assumes independent rows"


@dataclass(frozen=True, slots=True)
class WindowDrift:
    """One window's columns, by name, ranked by effect."""

    start: datetime | None
    end: datetime | None
    segment: str | None
    label: str
    rows: int
    columns: Mapping[str, ColumnDrift]

    @property
    def alarm(self) -> bool:
        """Whether any column drifted."""
        return any(column.alarm for column in self.columns.values())

    @property
    def verdict(self) -> Verdict:
        """'alarm', 'too few rows' when no column could be judged, else 'quiet'."""
        verdicts = {column.verdict for column in self.columns.values()} - {"not judged"}
        if "alarm" in verdicts:
            return "alarm"
        return "too few rows" if verdicts <= {"too few rows"} else "quiet"

    @property
    def effect(self) -> float:
        """The largest effect of a column."""
        return max((column.effect for column in self.columns.values()), default=0.0)

    def to_dict(self) -> dict[str, Json]:
        """The window as JSON; of its columns those with an alarm and their effects (the report tells the rest)."""
        return {
            "start": self.start.isoformat() if self.start else None,
            "end": self.end.isoformat() if self.end else None,
            "segment": self.segment,
            "label": self.label,
            "rows": self.rows,
            "alarm": self.alarm,
            "verdict": self.verdict,
            "effect": round(self.effect, 4),
            "alarms": {name: round(column.effect, 4) for name, column in self.columns.items() if column.alarm},
        }


@dataclass(frozen=True, slots=True, repr=False)
class DriftReport(Shown):
    """Windows of a table against its baseline; `columns` has each column in the window where it moved most."""

    kind: ClassVar[str] = "drift-report"
    baseline_rows: int
    windows: tuple[WindowDrift, ...]
    floor: float
    budget: float
    order: tuple[str, ...]  # column names, most important drift first
    notes: tuple[str, ...] = (ASSUMPTION,)

    @property
    def alarm(self) -> bool:
        """Whether any column drifted in any window."""
        return any(window.alarm for window in self.windows)

    @property
    def says_no(self) -> bool:
        """An alarm."""
        return self.alarm

    @property
    def verdict(self) -> Verdict:
        """'alarm', 'too few rows' when no window could be judged, else 'quiet'."""
        verdicts = {window.verdict for window in self.windows}
        if "alarm" in verdicts:
            return "alarm"
        return "too few rows" if verdicts <= {"too few rows"} else "quiet"

    @property
    def columns(self) -> dict[str, ColumnDrift]:
        """Each column in the window where it moved most (alarms before all else), ranked."""
        return {name: max(self.of_column(name), key=lambda one: (one.alarm, one.effect)) for name in self.order}

    @property
    def largest_effect(self) -> float:
        """The largest distance of a judged column from its baseline, in any window: `drift.max` of check lines."""
        judged = (each.effect for each in self.columns.values() if each.verdict != "not judged")
        return max(judged, default=0.0)

    def of_column(self, name: str) -> list[ColumnDrift]:
        """One column in each window that has it."""
        return [window.columns[name] for window in self.windows if name in window.columns]

    @property
    def headline(self) -> str:
        """The verdict in one sentence."""
        drifted = [name for name, column in self.columns.items() if column.alarm]
        count = sum(window.alarm for window in self.windows)
        if drifted:
            where = f" in {count} of {len(self.windows)} windows" if len(self.windows) > 1 else ""
            return f"Drift: {len(drifted)} of {len(self.order)} columns{where}"
        if self.verdict == "too few rows":
            return "Too few rows to tell"
        return f"No drift in {len(self.order)} columns" + (
            f" and {len(self.windows)} windows" if len(self.windows) > 1 else ""
        )

    def to_text(self) -> str:
        """A table: a line per column, ranked; with few windows, a mark for each."""
        rows = sum(window.rows for window in self.windows)
        lines = [f"{self.headline}  ({rows:,} rows against {self.baseline_rows:,})"]
        width = max((min(len(name), 28) for name in self.order), default=0)
        if 1 < len(self.windows) <= 31:
            first, last = _plain(self.windows[0].label)[:60], _plain(self.windows[-1].label)[:60]
            lines.append(f"  {'':<{width}}  windows from {first} to {last}; ■ alarm, · quiet, ? too few rows")
        for name, column in self.columns.items():
            marks = "".join(_MARKS[each.verdict] for each in self.of_column(name)) if len(self.windows) <= 31 else ""
            lines.append(f"  {_plain(name)[:28]:<{width}}  {marks}  {_plain(column.sentence)}")
        lines.append(
            f"Floor {self.floor:.0%} of rows, at most {self.budget:.2%} chance of any false alarm; "
            f"{_plain('; '.join(self.notes))}."
        )
        return "\n".join(lines)

    def to_dict(self) -> dict[str, Json]:
        """The report as JSON: small enough for an event and for CI, without the distributions."""
        return {
            "alarm": self.alarm,
            "verdict": self.verdict,
            "headline": self.headline,
            "baseline_rows": self.baseline_rows,
            "floor": self.floor,
            "budget": self.budget,
            "columns": {name: column.to_dict() for name, column in self.columns.items()},
            "windows": [window.to_dict() for window in self.windows],
            "notes": [*self.notes],
        }


def compare(
    baseline: Profile,
    windows: Sequence[Window] | Profile,
    *,
    floor: float = FLOOR,
    budget: float = LOOK,
    importance: Mapping[str, float] | None = None,
) -> DriftReport:
    """The drift of each window from the baseline, from profiles alone.

    floor: the share of rows that may move without being drift. budget: the chance that this whole report may have of
    raising any false alarm; 0.01 for a look that is not recorded, `alpha_of_look(k)` for the k-th recorded one.
    importance: weights by column name, which rank columns by effect times weight (1 where none is given).
    Raises BadInput for no window, an empty baseline, a floor or budget that cannot be.
    """
    given = [Window(None, None, None, windows)] if isinstance(windows, Profile) else [Window(*each) for each in windows]
    _check(baseline, given, floor, budget)
    names = list(dict.fromkeys([*baseline.columns, *(name for window in given for name in window.profile.columns)]))
    alpha = budget / max(len(baseline.columns) * len(given), 1)
    raw = [_window(baseline, window, names, floor, alpha) for window in given]
    judged = _judged(raw, floor, budget)
    order = _ranked(names, judged, importance or {})
    return DriftReport(
        baseline_rows=baseline.rows,
        windows=tuple(_told(window, columns) for window, columns in zip(given, judged, strict=True)),
        floor=floor,
        budget=budget,
        order=order,
    )


def _check(baseline: Profile, windows: Sequence[Window], floor: float, budget: float) -> None:
    if not windows:
        raise BadInput("There is no window to compare.", "Give at least one window, or a table with rows.")
    if not baseline.rows:
        raise BadInput("The baseline has no rows.", "Register the model with the data it was fitted on: data=(X, y).")
    if not 0 <= floor < 1:
        raise BadInput(f"A floor of {floor!r} is no share of rows.", "Give a number from 0 to 1, such as 0.02.")
    if not 0 < budget < 1:
        raise BadInput(f"A budget of {budget!r} is no chance.", "Give a number between 0 and 1, such as 0.01.")


def _window(baseline: Profile, window: Window, names: Sequence[str], floor: float, alpha: float) -> list[ColumnDrift]:
    there = window.profile.columns
    both = ((name, baseline.columns.get(name), there.get(name)) for name in names)
    return [
        compare_column(name, before, now, floor=floor, alpha=alpha, is_cut_by=name in window.cut_by)
        for name, before, now in both
        if before is not None or now is not None
    ]


def _judged(windows: Sequence[Sequence[ColumnDrift]], floor: float, budget: float) -> list[list[ColumnDrift]]:
    """All p-values adjusted together, and the verdicts that follow."""
    flat = [column for window in windows for column in window]
    places = [at for at, column in enumerate(flat) if column.verdict == "quiet"]
    adjusted = holm(np.array([flat[at].p_value for at in places])) if places else np.empty(0)
    for at, p_value in zip(places, adjusted.tolist(), strict=True):
        flat[at] = flat[at].judged(p_value, alpha=budget, floor=floor)
    flat_iter = iter(flat)
    return [[next(flat_iter) for _ in window] for window in windows]


def _ranked(
    names: Sequence[str], windows: Sequence[Sequence[ColumnDrift]], importance: Mapping[str, float]
) -> tuple[str, ...]:
    """Columns with an alarm first, then by effect (times importance) in the window where they moved most."""
    best: dict[str, tuple[bool, float]] = {}
    for window in windows:
        for column in window:
            key = (column.alarm, column.effect * importance.get(column.name, 1.0))
            best[column.name] = max(best.get(column.name, (False, 0.0)), key)
    return tuple(sorted((name for name in names if name in best), key=lambda name: best[name], reverse=True))


def _told(window: Window, columns: Sequence[ColumnDrift]) -> WindowDrift:
    ranked = sorted(columns, key=lambda column: (column.alarm, column.effect), reverse=True)
    by_name = {column.name: column for column in ranked}
    return WindowDrift(window.start, window.end, window.segment, window.label, window.profile.rows, by_name)


def _plain(text: str) -> str:
    return "".join(letter if letter.isprintable() else "�" for letter in text)


_MARKS: dict[Verdict, str] = {"alarm": "■", "quiet": "·", "too few rows": "?", "not judged": " "}
