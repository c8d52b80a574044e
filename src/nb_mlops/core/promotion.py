"""What the verbs that move and sign give back: a promotion (or rollback), an approval (or request, or rejection)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from nb_mlops.core.decision import Decision
from nb_mlops.core.event import stamp
from nb_mlops.core.printable import one_line
from nb_mlops.core.shown import Json, Shown

_WHOLE = 20_000  # no longer text can be stored


@dataclass(frozen=True, slots=True, repr=False)
class Promotion(Shown):
    """An alias that moved, or that was there already (`moved` is False)."""

    kind: ClassVar[str] = "promotion"
    ref: str
    alias: str
    previous: str | None  # the ref that the alias pointed to before
    decision: Decision
    moved: bool
    verb: str  # promoted, rolled_back
    actor: str
    at: datetime
    registry: str
    notes: tuple[str, ...] = ()

    def to_text(self) -> str:
        """One line, and what is due."""
        was = f" (was {self.previous})" if self.previous else ""
        if self.decision.broken_glass and self.moved:
            first = f"{self.ref} went to {self.alias} by BROKEN GLASS{was}"
        elif not self.moved:
            first = f"{self.ref} is {self.alias} already; nothing was done"
        elif self.verb == "rolled_back":
            first = f"{self.alias} rolled back from {self.previous} to {self.ref}"
        else:
            first = f"{self.ref} promoted to {self.alias}{was}"
        lines = [f"{first}, by {self.actor} in {self.registry}"]
        return "\n".join([*lines, *(f"  {note}" for note in self.notes)])

    def to_dict(self) -> dict[str, Json]:
        """The move as JSON."""
        return {
            "ref": self.ref,
            "alias": self.alias,
            "previous": self.previous,
            "moved": self.moved,
            "verb": self.verb,
            "actor": self.actor,
            "at": stamp(self.at),
            "registry": self.registry,
            "decision": self.decision.to_dict(),
            "notes": list(self.notes),
        }


@dataclass(frozen=True, slots=True, repr=False)
class Approval(Shown):
    """A person's request, yes or no on a version for an alias, and what it is bound to."""

    kind: ClassVar[str] = "approval"
    ref: str
    alias: str
    verdict: str  # requested, approved, rejected
    actor: str
    at: datetime
    artifact: str  # digest of what was signed
    evidence: str | None  # the validation that was signed
    registry: str
    comment: str = ""
    advisory: bool = True  # the registry cannot prove who this was
    signed: tuple[str, ...] = ()  # what it is bound to, and what would change, in words

    def to_text(self) -> str:
        """One line; that it is advisory is said."""
        words = {"requested": "proposed for", "approved": "approved for", "rejected": "rejected for"}[self.verdict]
        line = f"{self.ref} {words} {self.alias} by {self.actor}"
        line += f": {one_line(self.comment, most=_WHOLE)}" if self.comment else ""
        line = "\n".join([line, *(f"  {one}" for one in self.signed)])
        return line + ("\n  advisory: this registry takes the machine's word for who you are" if self.advisory else "")

    def to_dict(self) -> dict[str, Json]:
        """The signature as JSON."""
        return {
            "ref": self.ref,
            "alias": self.alias,
            "verdict": self.verdict,
            "actor": self.actor,
            "at": stamp(self.at),
            "artifact": self.artifact,
            "evidence": self.evidence,
            "comment": self.comment,
            "advisory": self.advisory,
            "signed": list(self.signed),
            "registry": self.registry,
        }
