"""Who may sign what: requests, approvals and rejections, bound to what they looked at."""

from __future__ import annotations

from typing import Any

from nb_mlops.core.card_text import is_filled
from nb_mlops.core.errors import Conflict, Refused
from nb_mlops.core.gate.approvals import newest_evidence, why_not
from nb_mlops.core.gate.evidence import Evidence, gather
from nb_mlops.core.gate.record import card_digest
from nb_mlops.core.policy import Requirements
from nb_mlops.core.rules.ruling import Case, Ruling, one, refuse_other_bytes


def voted(case: Case) -> Ruling:
    """A request, approval or rejection, bound to the artifact, its evidence and what the policy asks."""
    model = case.model()
    version = case.version(model)
    alias = case.alias()
    refuse_other_bytes(case, model, version)
    requirements = case.policy.requirements(model.name, model.stakes, alias)
    evidence = gather(case.facts, case.policy, requirements, model, version, alias)
    seen = newest_evidence(evidence)
    if "evidence" in case.body and case.body["evidence"] != seen:
        message = f"There is newer evidence on {evidence.ref} than what you looked at."
        raise Conflict(message, f"Look again, then sign: %gate {evidence.ref} --to {alias}")
    if case.draft.kind == "approved" and requirements.approvals:
        _may_approve(case, requirements, evidence, seen)
    body: dict[str, Any] = {
        "number": version.number,
        "alias": alias,
        "digest": version.digest,
        "evidence": seen,
        "requirements": requirements.digest,
        "live": evidence.live,
    }
    if evidence.card:
        body["card"] = card_digest(evidence.card)
    return one(model, case.draft.kind, body, case.draft.texts)


def _may_approve(case: Case, requirements: Requirements, evidence: Evidence, seen: str | None) -> None:
    """Raises Refused where an approval would not count: a signature that means nothing must not look like one."""
    why = why_not(case.actor, requirements, evidence)
    if why == "one's own does not count":
        message = f"{evidence.ref} was registered by you: your own approval does not count."
        raise Refused(message, "Ask somebody else: %request, and they run %approve.")
    if why:
        message = f"Your approval of {evidence.ref} would not count: {why}."
        raise Refused(message, f"%gate {evidence.ref} tells who can supply it.")
    if requirements.validation and seen is None:
        message = f"There is no validation of {evidence.ref}: an approval signs evidence, and there is none."
        raise Refused(message, f"First: %%validate {evidence.ref} --data X_test,y_test")
    if requirements.comment and not is_filled(case.draft.texts.get("comment", "")):
        raise Refused(f"An approval at {evidence.stakes} stakes takes a reason in words.", 'Add it: -m "…"')
