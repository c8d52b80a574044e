"""What somebody who approves puts a name to: the artifact, its evidence, what the policy asks, what would change."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from nb_mlops.core.comparison import Comparison
from nb_mlops.core.decision import Decision
from nb_mlops.core.event import stamp
from nb_mlops.core.shown import Json, Shown


@dataclass(frozen=True, slots=True)
class Evidence:
    """One recorded validation of the artifact: the latest on its data."""

    event: str
    passed: bool
    rows: int
    data: str  # what the data is called, else the start of its fingerprint
    attempt: int
    actor: str
    at: datetime
    not_held_out: str = ""  # why these rows show nothing

    def __str__(self) -> str:
        word = "passed" if self.passed else "failed"
        why = f" ({self.not_held_out}: no evidence)" if self.not_held_out else ""
        return f"{word} on {self.rows:,} rows of {self.data}{why}, attempt {self.attempt}, by {self.actor}"


@dataclass(frozen=True, slots=True, repr=False)
class Signing(Shown):
    """What an approval or a rejection of `ref` for `alias` would be bound to, as it is now."""

    kind: ClassVar[str] = "signing"
    ref: str
    decision: Decision
    artifact: str  # digest
    form: str  # how it is stored, and how large it is
    made_by: str
    evidence: tuple[Evidence, ...]
    requirements: str  # digest of what the policy asks
    differences: Comparison | None  # from what the alias points to now; None where there is nothing to compare with
    about_differences: str = ""  # why there are none
    card: tuple[str, ...] = ()  # who wrote which section when; empty where the policy asks for none

    @property
    def alias(self) -> str:
        """The alias that the version would take."""
        return self.decision.alias

    @property
    def stakes(self) -> str:
        """The model's stakes."""
        return self.decision.stakes

    @property
    def bound(self) -> tuple[object, ...]:
        """What must still be so when the signature is given: else something else is signed than was read."""
        asked = tuple(reason.requirement for reason in self.decision.reasons)
        evidence = tuple(one.event for one in self.evidence)
        return self.ref, self.alias, self.stakes, self.artifact, self.requirements, evidence, asked, self.card

    @property
    def facts(self) -> tuple[str, ...]:
        """What is bound, and what would change, a line each: the word, two blanks, what it is."""
        lines = [f"artifact  {self.artifact[:16]}…, {self.form}", f"made  {self.made_by}"]
        lines += [f"evidence  {one}" for one in self.evidence] or ["evidence  none yet: the first one lapses this"]
        lines.append(f"policy  what {self.stakes} stakes ask before {self.alias} ({self.requirements[:12]})")
        lines += [f"card  {one}" for one in self.card]
        changed = self.differences.differing if self.differences else ()
        against = self.differences.refs[0] if self.differences else ""
        lines.append(
            f"instead  {len(changed)} values differ from {against}" if against else f"now  {self.about_differences}"
        )
        return tuple(lines)

    def to_text(self) -> str:
        """The facts, then the gate."""
        lines = [f"to sign: {self.ref} → {self.alias} ({self.stakes} stakes)", *(f"  {one}" for one in self.facts)]
        return "\n".join([*lines, self.decision.to_text()])

    def to_dict(self) -> dict[str, Json]:
        """All of it as JSON."""
        evidence: list[Json] = [
            {"event": one.event, "passed": one.passed, "rows": one.rows, "data": one.data, "at": stamp(one.at)}
            for one in self.evidence
        ]
        return {
            "ref": self.ref,
            "alias": self.alias,
            "stakes": self.stakes,
            "artifact": self.artifact,
            "requirements": self.requirements,
            "evidence": evidence,
            "decision": self.decision.to_dict(),
            "differences": self.differences.to_dict() if self.differences else None,
        }
