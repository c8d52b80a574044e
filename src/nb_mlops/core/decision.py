"""A decision: whether a version may take an alias, with one reason per requirement. `gate.decide` makes it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, ClassVar

from nb_mlops.core.shown import Json, Shown
from nb_mlops.core.spelling import spelled


@dataclass(frozen=True, slots=True)
class Reason:
    """One requirement: met or not, what was found, and who can supply it how."""

    requirement: str
    met: bool
    detail: str
    how: str = ""


@dataclass(frozen=True, slots=True, repr=False)
class Decision(Shown):
    """Whether a version may take an alias, with one reason per requirement of the policy."""

    kind: ClassVar[str] = "decision"
    ref: str
    alias: str
    stakes: str
    reasons: tuple[Reason, ...]
    broken_glass: bool = False  # it passed closed: reason and ticket are on record, and somebody has to review it

    @property
    def allowed(self) -> bool:
        """Whether every requirement is met."""
        return all(reason.met for reason in self.reasons)

    @property
    def says_no(self) -> bool:
        """A closed gate."""
        return not self.allowed

    @property
    def missing(self) -> tuple[Reason, ...]:
        """The requirements that are not met."""
        return tuple(reason for reason in self.reasons if not reason.met)

    @property
    def state(self) -> str:
        """`open`, `closed`, or `closed; the glass was broken`."""
        closed = "closed; the glass was broken" if self.broken_glass else "closed"
        return "open" if self.allowed else closed

    def to_text(self) -> str:
        """One line per requirement; for a missing one, what to do."""
        lines = [f"gate {self.ref} → {self.alias} ({self.stakes} stakes): {self.state}"]
        if not self.reasons:
            lines.append("  ✓ nothing is asked at these stakes")
        for reason in self.reasons:
            lines.append(f"  {'✓' if reason.met else '✗'} {reason.requirement}: {reason.detail}")
            if not reason.met and reason.how:
                lines.append(f"      {spelled(reason.how)}")
        return "\n".join(lines)

    def to_dict(self) -> dict[str, Json]:
        """The decision as JSON: also what a promotion records."""
        reasons: list[Json] = [asdict(reason) for reason in self.reasons]
        told: dict[str, Json] = {
            "ref": self.ref,
            "alias": self.alias,
            "stakes": self.stakes,
            "allowed": self.allowed,
            "reasons": reasons,
        }
        return told | ({"broken_glass": True} if self.broken_glass else {})

    @classmethod
    def from_dict(cls, raw: Mapping[str, Any]) -> Decision:
        """The decision that `to_dict` wrote."""
        reasons = tuple(Reason(**reason) for reason in raw["reasons"])
        return cls(raw["ref"], raw["alias"], raw["stakes"], reasons, bool(raw.get("broken_glass")))
