"""Where it is decided that a version may go live: `decide`, pure, one reason per requirement.

The catalogs call it (through `rules`) inside the transaction that would move the alias,
so no face, no process and no race can pass a gate that is closed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, ClassVar

from nb_mlops.core.policy import Requirements
from nb_mlops.core.rows import Facts, ModelRow, ValidationRow, VersionRow, VoteRow
from nb_mlops.core.shown import Json, Shown


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

    def to_text(self) -> str:
        """One line per requirement; for a missing one, what to do."""
        word = "open" if self.allowed else "closed"
        lines = [f"gate {self.ref} → {self.alias} ({self.stakes} stakes): {word}"]
        if not self.reasons:
            lines.append("  ✓ nothing is asked at these stakes")
        for reason in self.reasons:
            lines.append(f"  {'✓' if reason.met else '✗'} {reason.requirement}: {reason.detail}")
            if not reason.met and reason.how:
                lines.append(f"      {reason.how}")
        return "\n".join(lines)

    def to_dict(self) -> dict[str, Json]:
        """The decision as JSON: also what a promotion records."""
        reasons: list[Json] = [asdict(reason) for reason in self.reasons]
        return {
            "ref": self.ref,
            "alias": self.alias,
            "stakes": self.stakes,
            "allowed": self.allowed,
            "reasons": reasons,
        }

    @classmethod
    def from_dict(cls, raw: Mapping[str, Any]) -> Decision:
        """The decision that `to_dict` wrote."""
        return cls(raw["ref"], raw["alias"], raw["stakes"], tuple(Reason(**reason) for reason in raw["reasons"]))


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """All that a decision may look at; `gather` reads it."""

    name: str  # the model's
    stakes: str
    alias: str
    version: VersionRow
    validations: Sequence[ValidationRow]
    votes: Sequence[VoteRow]
    mover: str | None = None  # the actor who asks for the move, where it is asked for


def gather(facts: Facts, model: ModelRow, version: VersionRow, alias: str, *, mover: str | None = None) -> Evidence:
    """All that `decide` may look at, as `facts` has it now: in the transaction that moves, or to show the gate."""
    return Evidence(
        name=model.name,
        stakes=model.stakes,
        alias=alias,
        version=version,
        validations=facts.find(ValidationRow, model=model.id, number=version.number),
        votes=facts.find(VoteRow, model=model.id, number=version.number, alias=alias),
        mover=mover,
    )


def decide(requirements: Requirements, evidence: Evidence, now: datetime) -> Decision:
    """What the policy asks of this version for this alias, and whether it is there."""
    reasons: list[Reason] = []
    if requirements.validation:
        reasons += _validated(requirements, evidence, now)
    if requirements.approvals:
        reasons.append(_approved(requirements, evidence))
    reasons += _not_rejected(evidence)
    ref = f"{evidence.name}@{evidence.version.number}"
    return Decision(ref, evidence.alias, evidence.stakes, tuple(reasons))


def current_evidence(version: VersionRow, validations: Sequence[ValidationRow]) -> list[ValidationRow]:
    """The latest validation of each data set that measured these very bytes."""
    latest = {row.data: row for row in validations if row.digest == version.digest}
    return sorted(latest.values(), key=lambda row: row.sequence)


def _validated(requirements: Requirements, evidence: Evidence, now: datetime) -> list[Reason]:
    ref = f"{evidence.name}@{evidence.version.number}"
    how = f"%%validate {ref} --data X_test,y_test"
    current = current_evidence(evidence.version, evidence.validations)
    title = "a passed validation" + (" on held-out data" if requirements.held_out else "")
    if requirements.held_out and current:
        current = [row for row in current if row.data not in evidence.version.trained_on]
        if not current:
            return [Reason(title, False, "only on the data it was trained on", f"Supply it: {how}")]
    if not current:
        return [Reason(title, False, "none yet", f"Supply it: {how}")]
    failed = [row for row in current if not row.passed]
    last = current[-1]
    attempts = f"attempt {last.attempt} of {max(row.attempt for row in current)}"
    if failed:
        return [Reason(title, False, f"failed: {_first_failure(failed[-1])} ({attempts})", f"Mend it, then {how}")]
    empty = [row for row in current if not any(_is_judged(result) for result in row.results)]
    if empty:
        detail = f"nothing could be judged: {_first_detail(empty[-1])} ({attempts})"
        return [Reason(title, False, detail, f"Add a check that can be: {how}")]
    reasons = [Reason(title, True, f"passed on {last.rows:,} rows ({attempts})")]
    if requirements.validated_by_other:
        by_other = any(row.actor != evidence.version.actor for row in current)
        detail = "run by another person" if by_other else "only by who registered it"
        reasons.append(Reason("checks run by another person", by_other, detail, f"Another person runs {how}"))
    if requirements.evidence_days is not None:
        reasons.append(_fresh(requirements, requirements.evidence_days, last, how, now))
    return reasons


def _fresh(requirements: Requirements, days: int, last: ValidationRow, how: str, now: datetime) -> Reason:
    age = (now - last.at).days
    if age <= days:
        return Reason("recent evidence", True, f"{age} days old, at most {days}")
    detail = f"{age} days old, more than {days}"
    return Reason("recent evidence", not requirements.evidence_expires, detail, f"Validate again: {how}")


def _is_judged(result: Mapping[str, Any]) -> bool:
    """Whether a check was held against a value, and held: one that did not apply passes, but shows nothing."""
    return bool(result.get("passed")) and result.get("status", "passed") == "passed"


def _first_detail(row: ValidationRow) -> str:
    return str(row.results[0].get("detail") or row.results[0].get("check")) if row.results else "there were no checks"


def _first_failure(row: ValidationRow) -> str:
    failed = [result for result in row.results if not result.get("passed", True)]
    return str(failed[0].get("detail") or failed[0].get("check")) if failed else "its checks"


def standing_votes(evidence: Evidence) -> dict[str, VoteRow]:
    """Each person's latest approval or rejection of these very bytes."""
    votes = {}
    for vote in evidence.votes:
        if vote.verdict != "requested" and vote.digest == evidence.version.digest:
            votes[vote.actor] = vote
    return votes


def _approved(requirements: Requirements, evidence: Evidence) -> Reason:
    outsiders = {evidence.version.actor}
    if requirements.independent:
        outsiders |= {vote.actor for vote in evidence.votes if vote.verdict == "requested"}
        outsiders |= {row.actor for row in evidence.validations}
        outsiders |= {evidence.mover} if evidence.mover else set()
    votes = [vote for vote in standing_votes(evidence).values() if vote.verdict == "approved"]
    lapsed = [vote for vote in votes if not _still_binds(vote, requirements, evidence)]
    counted = [vote for vote in votes if vote not in lapsed and vote.actor not in outsiders]
    wanted = requirements.approvals
    title = "an approval by another person" if wanted == 1 else f"{wanted} approvals by independent persons"
    detail = f"{len(counted)} of {wanted}"
    if lapsed:
        detail += f"; {len(lapsed)} lapsed, since what was signed has changed"
    if len(votes) > len(lapsed) + len(counted):
        detail += "; one's own does not count"
    ref = f"{evidence.name}@{evidence.version.number}"
    who = "Somebody who did not register it" if wanted == 1 else "Somebody who took no part in it"
    return Reason(title, len(counted) >= wanted, detail, f"{who} runs %approve {ref} --to {evidence.alias}")


def _still_binds(vote: VoteRow, requirements: Requirements, evidence: Evidence) -> bool:
    """Whether what was signed is still what would go live: evidence and requirements as they were."""
    current = current_evidence(evidence.version, evidence.validations)
    newest = current[-1].event if current else None
    return vote.requirements == requirements.digest and vote.evidence == newest


def _not_rejected(evidence: Evidence) -> list[Reason]:
    against = [vote for vote in standing_votes(evidence).values() if vote.verdict == "rejected"]
    if not against:
        return []
    how = "Who rejected it may withdraw by %approve; otherwise register a mended version."
    return [Reason("no standing rejection", False, f"rejected by {len(against)}", how)]
