"""`gate`: what the policy asks before an alias may move to a version, what is there, and who can supply the rest."""

from __future__ import annotations

from nb_mlops.actions.connect import current
from nb_mlops.actions.find import check_alias, find_model, find_version
from nb_mlops.actions.registry import Registry
from nb_mlops.core.decision import Decision
from nb_mlops.core.gate import decide, gather
from nb_mlops.core.version import Version


def gate(
    ref: str | Version | None = None, to: str = "production", *, registry: Registry | str | None = None
) -> Decision:
    """The decision as it would fall now; asking changes nothing."""
    place = current(registry)
    check_alias(place, to)
    version = find_version(place, ref)
    model = find_model(place, version.name)
    catalog = place.catalog
    policy = catalog.policy()
    requirements = policy.requirements(model.name, model.stakes, to)
    return decide(requirements, gather(catalog, policy, requirements, model, version.row, to), place.clock())
