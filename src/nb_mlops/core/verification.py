"""What `nb-mlops verify` found: how many events hold, and where the first ones do not."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import ClassVar

from nb_mlops.core.shown import Json, Shown


@dataclass(frozen=True, slots=True)
class Finding:
    """One place that does not hold: in a history (by sequence) or in a table (by key)."""

    where: str
    problem: str


@dataclass(frozen=True, slots=True, repr=False)
class Verification(Shown):
    """The outcome of replaying a registry."""

    kind: ClassVar[str] = "verification"
    histories: int
    events: int
    rows: int
    findings: tuple[Finding, ...] = ()

    @property
    def whole(self) -> bool:
        """Whether everything holds."""
        return not self.findings

    @property
    def says_no(self) -> bool:
        """Damage."""
        return not self.whole

    def to_text(self) -> str:
        """One line when all is well; else one line per finding."""
        counted = f"{self.events:,} events in {self.histories:,} histories, {self.rows:,} rows"
        if self.whole:
            return f"verified: {counted}; everything agrees"
        return "\n".join([f"NOT whole: {counted}", *(f"  ✗ {one.where}: {one.problem}" for one in self.findings)])

    def to_dict(self) -> dict[str, Json]:
        """The outcome as JSON."""
        findings: list[Json] = [asdict(one) for one in self.findings]
        return {
            "whole": self.whole,
            "histories": self.histories,
            "events": self.events,
            "rows": self.rows,
            "findings": findings,
        }
