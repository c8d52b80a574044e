"""From what somebody picked (a metric, a limit, a segment, a margin) to check lines and the `%%validate` cell of them.

Every line is read back by `Check.parse` and written as the check prints itself, so that nothing else gets into a cell.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import ClassVar

from nb_mlops.core.checks import Check, parse_lines
from nb_mlops.core.errors import BadInput
from nb_mlops.core.measures import Measure
from nb_mlops.core.shown import Json, Shown
from nb_mlops.core.terms import Number

SIGNS = (">=", "<=", ">", "<")
# what a person picks -> what is asked of the measure, and whether of segments
OVER: dict[str, tuple[str | None, bool]] = {
    "over all rows": (None, False),
    "in the lowest segment": ("min", True),
    "in the highest segment": ("max", True),
    "as the gap of segments": ("gap", True),
    "at its low end (95 %)": ("ci_low", False),
    "at its high end (95 %)": ("ci_high", False),
    "on noisy rows": ("noisy", False),
    "with one column missing": ("missing", False),
}
ALL_ROWS = next(iter(OVER))
_KINDS: dict[str, tuple[str, ...]] = {
    "classes": ("roc_auc", "average_precision", "f1", "precision", "recall", "accuracy", "balanced_accuracy", "brier"),
    "number": ("rmse", "mae", "mape", "r2", "max_error"),
}
_ALWAYS = ("calibration_error", "excess_overlap", "drift.max", "leakage.max", "latency_ms.p99", "memory_mb", "size_mb")


def usual_metrics(kind: str, classes: int = 2) -> tuple[str, ...]:
    """Names to offer for a model that gives `kind` (of a signature's output); the first of them fits best."""
    if kind == "classes" and classes > 2:
        return "f1_macro", "accuracy", "balanced_accuracy", "roc_auc_ovr", "log_loss", *_ALWAYS
    return _KINDS.get(kind, (*_KINDS["classes"], *_KINDS["number"])) + _ALWAYS


@dataclass(frozen=True, slots=True)
class Picked:
    """One row of a builder. `alias` makes it a comparison: `amount` is then the margin that the alias's version has."""

    metric: str
    over: str = ALL_ROWS
    sign: str = ">="
    amount: float = 0.0
    alias: str | None = None

    def check(self, column: str = "") -> Check:
        """The check; raises BadInput for what makes none. `column` is that of the segments."""
        statistic, by_segment = OVER[self.over]
        if not self.metric.strip():
            raise BadInput("A check has no metric yet.", "Choose one, or take the check away.")
        if by_segment and not column.strip():
            raise BadInput(f"{self.metric.strip()} {self.over}: of which column?", "Name the column of the segments.")
        if not math.isfinite(self.amount):
            raise BadInput("A limit is a finite number.", "Such as 0.85.")
        by = column.strip() if by_segment else None
        found = Check.parse(f"{Measure(self.metric.strip(), by, statistic)} {self.sign} {self._limit(by, statistic)}")
        if by is not None and {measure.by for measure in found.needs()} != {by}:
            raise BadInput(
                "That column's name cannot stand in a check.", "Rename it: quotes of both kinds end its name."
            )
        return found

    def _limit(self, by: str | None, statistic: str | None) -> str:
        number = str(Number(float(self.amount)))
        if self.alias is None:
            return number
        if self.amount < 0:
            raise BadInput("A margin is zero or more.", "It is how much worse the version may be.")
        there = str(Measure(self.metric.strip(), by, statistic, self.alias))
        return there if self.amount == 0 else f"{there} {'-' if self.sign in ('>=', '>') else '+'} {number}"


def typed_lines(text: str, names: Mapping[str, object]) -> list[str]:
    """The check lines of `text` that somebody typed; those with a `{name}` stay as typed, but must read well now."""
    lines = [line.strip() for line in text.splitlines() if line.strip() and not line.strip().startswith("#")]
    return [line if "{" in line else str(parse_lines(line)[0]) for line in lines if parse_lines(line, names)]


@dataclass(frozen=True, slots=True, repr=False)
class CheckCell(Shown):
    """The text of a `%%validate` cell; `is_put` says whether a front end was asked to put it below."""

    kind: ClassVar[str] = "check-cell"
    ref: str
    text: str
    is_put: bool = False

    @classmethod
    def of(cls, ref: str, header: str, lines: Iterable[str]) -> CheckCell:
        """The cell of this first line and these check lines; raises BadInput where there is none."""
        each = list(dict.fromkeys(lines))
        if not each:
            raise BadInput("There is no check yet.", "Pick a metric and a limit.")
        return cls(ref, "\n".join([header, *each]))

    def __str__(self) -> str:
        return self.text

    def to_text(self) -> str:
        """The cell's text."""
        return self.text

    def to_dict(self) -> dict[str, Json]:
        """The cell as JSON."""
        return {"ref": self.ref, "text": self.text, "is_put": self.is_put}
