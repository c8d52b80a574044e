"""Whether one's approval would count: asked before a button is offered, decided again when it is given."""

from __future__ import annotations

from nb_mlops.actions.find import find_model, find_version
from nb_mlops.actions.registry import Registry
from nb_mlops.core.gate import gather
from nb_mlops.core.gate.approvals import newest_evidence, why_not


def why_not_mine(ref: str, alias: str, *, registry: Registry) -> str:
    """Why the approval of who asks would be refused now; empty where it would count or none is asked for."""
    version = find_version(registry, ref)
    model = find_model(registry, version.name)
    policy = registry.catalog.policy()
    requirements = policy.requirements(model.name, model.stakes, alias)
    if not requirements.approvals:
        return ""
    evidence = gather(registry.catalog, policy, requirements, model, version.row, alias)
    me = registry.catalog.find_actor(registry.actor.name) or ""  # a new person is nobody that a policy names
    why = why_not(me, requirements, evidence)
    if not why and requirements.validation and newest_evidence(evidence) is None:
        why = "there is no validation yet that it could sign"
    return why
