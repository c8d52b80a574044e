"""What `nb-mlops verify` found: how many events hold, where the first ones do not, and what checkpoints prove."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from nb_mlops.core.checkpoint import Proof
from nb_mlops.core.shown import Json, Shown
from nb_mlops.core.spelling import spelled


@dataclass(frozen=True, slots=True)
class Mismatch:
    """One place that does not hold: in a history (by position) or in a table (by key)."""

    where: str
    problem: str
    position: int | None = None  # of the event, where it is one


@dataclass(frozen=True, slots=True, repr=False)
class Verification(Shown):
    """The outcome of replaying a registry."""

    kind: ClassVar[str] = "verification"
    histories: int
    events: int
    rows: int
    findings: tuple[Mismatch, ...] = ()
    proofs: tuple[Proof, ...] = ()  # one per checkpoint
    notes: tuple[str, ...] = ()  # what is odd, and proves nothing

    @property
    def whole(self) -> bool:
        """Whether everything holds."""
        return not self.findings

    @property
    def says_no(self) -> bool:
        """Damage."""
        return not self.whole

    @property
    def first_position(self) -> int | None:
        """The first position in commit order where something does not hold; None where no event is named."""
        return min((one.position for one in self.findings if one.position is not None), default=None)

    @property
    def limit(self) -> str:
        """What is not proven: said, not hidden."""
        newest = max((proof.checkpoint.position for proof in self.proofs if proof.holds), default=None)
        if newest is None:
            return "without a checkpoint nothing is proven against who owns the store: " + spelled("%mlops checkpoint")
        return f"since the newest checkpoint (position {newest:,}) nothing is proven against who owns the store"

    def to_text(self) -> str:
        """One line when all is well; else one line per finding. Then what checkpoints prove, and what is not proven."""
        counted = f"{self.events:,} events in {self.histories:,} histories, {self.rows:,} rows"
        if self.whole:
            lines = [f"verified: {counted}; everything agrees"]
        else:
            first = self.first_position
            at = f"; the first at position {first:,}" if first is not None else ""
            lines = [f"NOT whole: {counted}{at}", *(f"  ✗ {one.where}: {one.problem}" for one in self.findings)]
        lines += [f"  {proof.to_text()}" for proof in self.proofs if proof.holds]
        return "\n".join([*lines, *(f"  ! {note}" for note in self.notes), f"  {self.limit}"])

    def to_dict(self) -> dict[str, Json]:
        """The outcome as JSON."""
        findings: list[Json] = [
            {"where": one.where, "problem": one.problem, "position": one.position} for one in self.findings
        ]
        return {
            "whole": self.whole,
            "histories": self.histories,
            "events": self.events,
            "rows": self.rows,
            "findings": findings,
            "first_position": self.first_position,
            "checkpoints": [proof.to_dict() for proof in self.proofs],
            "notes": list(self.notes),
            "limit": self.limit,
        }
