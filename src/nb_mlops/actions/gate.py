"""`gate`: what the policy asks before an alias may move to a version, what is there, and who can supply the rest."""

from __future__ import annotations

from nb_mlops.actions.connect import current
from nb_mlops.actions.find import check_alias, find_model, find_version
from nb_mlops.actions.registry import Registry
from nb_mlops.core.decision import Decision, decide, gather
from nb_mlops.core.version import Version


def gate(
    ref: str | Version | None = None, to: str = "production", *, registry: Registry | str | None = None
) -> Decision:
    """The decision as it would fall now; asking changes nothing.

    Who would move the alias is left open, so what independence asks of the mover is decided when it moves.
    """
    place = current(registry)
    check_alias(place, to)
    version = find_version(place, ref)
    model = find_model(place, version.name)
    catalog = place.catalog
    requirements = catalog.policy().level(model.stakes).for_alias(to)
    return decide(requirements, gather(catalog, model, version.row, to), place.clock())
