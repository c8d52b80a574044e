"""What a check asks for (`Measure`) and what came back (`Value`).

A measure is `roc_auc`, of one version or another (`production.roc_auc`), over all rows or by the values of a column
(`f1.by(region).min`), as a point, as the end of an interval (`roc_auc.ci_low`), or on rows that were made worse
(`roc_auc.noisy`). Whether the metric exists is not
known here: the one who measures knows.
"""

from __future__ import annotations

import keyword
import re
from dataclasses import dataclass
from typing import Literal

BARE_ALIASES = frozenset({"production", "staging"})  # others are written alias("pre-prod")
SEGMENT_STATISTICS = ("min", "max", "gap", "mean")
INTERVAL_ENDS = ("ci_low", "ci_high")
WORSENED = ("noisy", "missing")  # the metric on rows that were made worse on purpose
PERCENTILES = ("p50", "p95", "p99")

SIZE = "size_mb"
LATENCY = "latency_ms"
CALIBRATION = "calibration_error"
OVERLAP = "excess_overlap"
DRIFT = "drift"
MEMORY = "memory_mb"
LEAKAGE = "leakage"

# Measures that are no metric, and what may (and, where there is something, must) be asked of them.
SPECIAL: dict[str, tuple[str, ...]] = {
    SIZE: (),
    LATENCY: PERCENTILES,
    CALIBRATION: (),
    OVERLAP: (),
    DRIFT: ("max",),
    MEMORY: (),
    LEAKAGE: ("max",),
}
OWN_ONLY = frozenset({SIZE, OVERLAP, DRIFT, LEAKAGE})  # of the version under validation, never of another alias

MIN_SEGMENT_ROWS = 30

Status = Literal["measured", "not applicable", "too few"]
_IDENTIFIER = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


@dataclass(frozen=True, slots=True)
class Measure:
    """One number that a check needs.

    >>> str(Measure("f1", by="Home Region", statistic="min", source="production"))
    'production.f1.by("Home Region").min'
    """

    name: str
    by: str | None = None
    statistic: str | None = None
    source: str | None = None  # an alias; None is the version under validation

    def __str__(self) -> str:
        parts = [self.name]
        if self.source is not None:
            bare = self.source in BARE_ALIASES
            parts.insert(0, self.source if bare else f"alias({_quoted(self.source)})")
        if self.by is not None:
            parts.append(f"by({self.by if is_bare(self.by) else _quoted(self.by)})")
        if self.statistic is not None:
            parts.append(self.statistic)
        return ".".join(parts)


@dataclass(frozen=True, slots=True)
class Value:
    """What measuring gave: a number with a note on how, or the reason why there is none."""

    number: float | None
    detail: str = ""
    status: Status = "measured"

    @classmethod
    def not_applicable(cls, reason: str) -> Value:
        """There is nothing to measure, for this reason; a check that needs it passes and says so."""
        return cls(None, reason, "not applicable")

    @classmethod
    def too_few(cls, reason: str) -> Value:
        """There are too few rows to measure; a check that needs it passes and says so."""
        return cls(None, reason, "too few")


def is_bare(name: str) -> bool:
    """Whether a column's name needs no quotes in a check line."""
    return _IDENTIFIER.fullmatch(name) is not None and not keyword.iskeyword(name)


def _quoted(text: str) -> str:
    """The text in the quotes that it does not hold (a text read from a check line holds one kind at most)."""
    return f"'{text}'" if '"' in text else f'"{text}"'
