"""`gc`: removes what registrations that were cut off left behind; nothing that any version names."""

from __future__ import annotations

from nb_mlops.actions.audit import parts_of
from nb_mlops.actions.connect import current
from nb_mlops.actions.registry import Registry
from nb_mlops.core.errors import BadInput
from nb_mlops.core.rows import VersionRow
from nb_mlops.core.sweep import Sweep


def gc(*, grace_hours: float = 24.0, dry_run: bool = False, registry: Registry | str | None = None) -> Sweep:
    """Removes unfinished files, and blobs that no version names, when they are older than `grace_hours`.

    Blobs are written before the event that names them, so younger ones may belong to a registration under way.
    Raises BadInput for a grace period that is no time.
    """
    if not grace_hours >= 0:
        raise BadInput("The grace period is a number of hours, 0 or more.", "The default is 24.")
    place = current(registry)
    # Blobs first, versions second: what is named between the two looks is then seen as named.
    there = set(place.blobs.names())
    named = {sha256 for row in place.catalog.find(VersionRow) for sha256 in parts_of(row).values()}
    removed = 0 if dry_run else place.blobs.sweep(keep=named, older_than_seconds=grace_hours * 3600)
    return Sweep(place.address, len(there & named), removed, len(there - named), grace_hours)
