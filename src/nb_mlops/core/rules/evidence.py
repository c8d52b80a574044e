"""What may be put on record about a version: validations, looks at drift, requests, approvals, rejections."""

from __future__ import annotations

from typing import Any

from nb_mlops.core.decision import current_evidence
from nb_mlops.core.errors import BadInput, Conflict, Refused
from nb_mlops.core.rows import ModelRow, ValidationRow, VersionRow, WindowRow
from nb_mlops.core.rules.ruling import Case, Ruling, hexdigest, one


def validated(case: Case) -> Ruling:
    """A run of checks, as measured; the catalog counts the attempts on the same data."""
    model = case.model()
    version = case.version(model)
    data = hexdigest(case.body.get("data"), "the fingerprint of the data")
    _same_bytes(case, model, version)
    results = case.body.get("results")
    if not isinstance(results, list) or not isinstance(case.body.get("passed"), bool):
        raise BadInput("A validation has results and a verdict.", "Is this client newer than the registry?")
    if case.body["passed"] and not all(result.get("passed") for result in results):
        raise BadInput("A validation with a failed check has not passed.", "Report what was measured.")
    earlier = case.facts.find(ValidationRow, model=model.id, number=version.number)
    attempt = 1 + sum(row.data == data for row in earlier)
    return one(model, "validated", {**case.body, "attempt": attempt}, case.draft.texts)


def observed(case: Case) -> Ruling:
    """A look at drift that counts; the same rows looked at twice are one look."""
    model = case.model()
    version = case.version(model)
    data = hexdigest(case.body.get("data"), "the fingerprint of the data")
    if not isinstance(case.body.get("alarm"), bool):
        raise BadInput("A recorded window says whether it raised the alarm.", "Give alarm=True or False.")
    earlier = case.facts.find(WindowRow, model=model.id, number=version.number)
    for row in earlier:
        if row.data == data:
            return Ruling(existing=row.event)
    return one(model, "observed", {**case.body, "look": len(earlier) + 1}, case.draft.texts)


def voted(case: Case) -> Ruling:
    """A request, approval or rejection, bound to the artifact, its evidence and what the policy asks."""
    model = case.model()
    version = case.version(model)
    alias = case.alias()
    _same_bytes(case, model, version)
    requirements = case.policy.level(model.stakes).for_alias(alias)
    if case.draft.kind == "approved" and requirements.approvals:
        _may_approve(case, model, version)
    validations = case.facts.find(ValidationRow, model=model.id, number=version.number)
    current = current_evidence(version, validations)
    body: dict[str, Any] = {
        "number": version.number,
        "alias": alias,
        "digest": version.digest,
        "evidence": current[-1].event if current else None,
        "requirements": requirements.digest,
    }
    return one(model, case.draft.kind, body, case.draft.texts)


def _may_approve(case: Case, model: ModelRow, version: VersionRow) -> None:
    if version.actor == case.actor:
        message = f"{model.name}@{version.number} was registered by you: your own approval does not count."
        raise Refused(message, "Ask somebody else: %request, and they run %approve.")


def _same_bytes(case: Case, model: ModelRow, version: VersionRow) -> None:
    """Raises Conflict when what the client looked at is not what the registry holds."""
    seen = case.body.get("digest")
    if seen is not None and seen != version.digest:
        raise Conflict(f"{model.name}@{version.number} is not the artifact that was looked at.", "Look again.")
