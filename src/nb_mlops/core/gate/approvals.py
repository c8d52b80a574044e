"""Who signed what: whose word counts, whether what was signed is still what would go live, and who said no."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from nb_mlops.core.decision import Reason
from nb_mlops.core.gate.evidence import Evidence, current_evidence, is_fresh, standing_rejections
from nb_mlops.core.gate.independence import part_taken
from nb_mlops.core.policy import Requirements
from nb_mlops.core.rows import VoteRow


def approved(requirements: Requirements, evidence: Evidence, now: datetime) -> list[Reason]:
    """Whether enough persons, each counted once, have signed what is here now."""
    wanted = requirements.approvals
    if not wanted:
        return []
    counted, lapsed, refused = sorted_votes(requirements, evidence, now)
    met = len(counted) >= wanted
    detail = f"{len(counted)}, {wanted} needed" if len(counted) > wanted else f"{len(counted)} of {wanted}"
    if lapsed and not met:
        detail += f"; {len(lapsed)} lapsed, since {_why_lapsed(lapsed, requirements, evidence, now)}"
    if not met:
        detail += "".join(f"; {why}" for why in dict.fromkeys(refused))
    title = "an approval by another person" if wanted == 1 else f"{wanted} approvals"
    title = f"{wanted} approvals by independent persons" if requirements.independent else title
    how = f"{_who(requirements, evidence)} runs %approve {evidence.ref} --to {evidence.alias}"
    return [Reason(title, met, detail, how + (' -m "…"' if requirements.comment else ""))]


def sorted_votes(
    requirements: Requirements, evidence: Evidence, now: datetime
) -> tuple[list[VoteRow], list[VoteRow], list[str]]:
    """The approvals that count, those that lapsed, and why the others do not count."""
    counted: dict[str, VoteRow] = {}
    lapsed: list[VoteRow] = []
    refused: list[str] = []
    bound = requirements.digest, newest_evidence(evidence)  # what was signed must still be what would go live
    for vote in standing_votes(evidence).values():
        if vote.verdict != "approved":
            continue
        why = why_not(vote.actor, requirements, evidence)
        if why:
            refused.append(why)
        elif (vote.requirements, vote.evidence) != bound or _is_over(vote, requirements, now):
            lapsed.append(vote)
        else:
            counted[evidence.policy.person(vote.actor)] = vote
    return list(counted.values()), lapsed, refused


def standing_votes(evidence: Evidence) -> dict[str, VoteRow]:
    """Each person's latest approval or rejection of this version; the very same bytes under another number are not."""
    votes = {}
    for vote in evidence.votes:
        of_this = vote.number == evidence.version.number and vote.digest == evidence.version.digest
        if vote.verdict != "requested" and of_this:
            votes[evidence.policy.person(vote.actor)] = vote
    return votes


def why_not(actor: str, requirements: Requirements, evidence: Evidence) -> str:
    """Why this person's approval does not count; empty where it does."""
    own = evidence.policy.person(actor) == evidence.policy.person(evidence.version.actor)
    part = part_taken(actor, evidence) if requirements.independent or own else ""
    if not own and not evidence.policy.may_approve(actor, evidence.name):
        return "one by somebody who is no approver"
    return part


def not_rejected(requirements: Requirements, evidence: Evidence, now: datetime) -> list[Reason]:
    """A standing no closes the gate, whatever number its bytes have since."""
    against = standing_rejections(evidence.votes)
    if not against:
        return []
    how = f"Who rejected it may withdraw: %approve {evidence.ref} --to {evidence.alias}; otherwise mend the model."
    return [Reason("no standing rejection", False, f"rejected by {len(against)}", how)]


def newest_evidence(evidence: Evidence) -> str | None:
    """The event of the newest validation: what an approval signs."""
    current = current_evidence(evidence.version, evidence.validations)
    return current[-1].event if current else None


def _is_over(vote: VoteRow, requirements: Requirements, now: datetime) -> bool:
    days = requirements.approval_days
    return days is not None and not is_fresh(vote.at, days, now)


def _why_lapsed(lapsed: Sequence[VoteRow], requirements: Requirements, evidence: Evidence, now: datetime) -> str:
    newest, asked = newest_evidence(evidence), requirements.digest
    if any(vote.evidence != newest for vote in lapsed):
        return "there is newer evidence"
    if any(vote.requirements != asked for vote in lapsed):
        return "the policy asks for something else now"
    if any(vote.at > now for vote in lapsed):
        return "their time lies ahead of the clock, which was set back"
    return f"they are older than {requirements.approval_days} days"


def _who(requirements: Requirements, evidence: Evidence) -> str:
    if evidence.policy.approvers(evidence.name):
        return "An approver of the policy who took no part in it"
    return "Somebody who took no part in it" if requirements.independent else "Somebody who did not register it"
