"""`gc`: removes what registrations that were cut off left behind, and what ended and is no longer kept."""

from __future__ import annotations

from nb_mlops.actions.audit import parts_of
from nb_mlops.actions.connect import current
from nb_mlops.actions.registry import Registry
from nb_mlops.core.errors import BadInput
from nb_mlops.core.rows import ModelRow, VersionRow
from nb_mlops.core.rules.retention import kept_until
from nb_mlops.core.sweep import Sweep


def gc(
    *,
    grace_hours: float = 24.0,
    retired: bool = False,
    dry_run: bool = False,
    registry: Registry | str | None = None,
) -> Sweep:
    """Removes unfinished files, and blobs that no version names, when they are older than `grace_hours`.

    Blobs are written before the event that names them, so younger ones may belong to a registration under way. With
    `retired=True` also the bytes of versions that were discarded or retired longer ago than their stakes keep them
    (`retention_days` of the policy): an event says so first; their records stay. Raises BadInput for a grace period
    that is no time.
    """
    if not grace_hours >= 0:
        raise BadInput("The grace period is a number of hours, 0 or more.", "The default is 24.")
    place = current(registry)
    ended = _over(place) if retired else []
    for model, row in () if dry_run else ended:
        place.append("erased", model.name, {"number": row.number})
    # Blobs first, versions second: what is named between the two looks is then seen as named.
    there = set(place.blobs.names())
    named = {sha256 for row in place.catalog.find(VersionRow) for sha256 in parts_of(row).values()}
    removed = 0 if dry_run else place.blobs.sweep(keep=named, older_than_seconds=grace_hours * 3600)
    refs = tuple(f"{model.name}@{row.number}" for model, row in ended)
    return Sweep(place.address, len(there & named), removed, len(there - named), grace_hours, refs)


def _over(registry: Registry) -> list[tuple[ModelRow, VersionRow]]:
    """Ended versions whose bytes need not be kept any longer."""
    policy = registry.catalog.policy()
    found = []
    for model in registry.catalog.find(ModelRow):
        for row in registry.catalog.find(VersionRow, model=model.id):
            until = kept_until(policy, model, row)
            if until is not None and registry.clock() >= until and "files" not in row.erased:
                found.append((model, row))
    return found
