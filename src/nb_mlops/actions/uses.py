"""Who loads a version is put on record, once a day, where the stakes ask for it; never at low stakes."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta

from nb_mlops.actions.registry import Registry
from nb_mlops.core.errors import NbMlopsError
from nb_mlops.core.policy import stakes as stakes_level
from nb_mlops.core.policy import team_of
from nb_mlops.core.version import Version

_told: dict[tuple[str, str, str, str], datetime] = {}  # what this process put on record, and when last


def record_use(registry: Registry, version: Version) -> None:
    """Puts on record that this process loaded `version`, unless it did so today already."""
    level = registry.catalog.policy().level(stakes_level(version.stakes), team_of(version.name))
    if not level.uses or version.state != "live":
        return
    place, path = _place()
    key, now = (registry.address, version.ref, place, registry.actor.name), registry.clock()
    if key in _told and now - _told[key] < timedelta(days=1):
        return
    _told[key] = now
    body = {"number": version.number, "place": place}
    try:
        registry.append("loaded", version.name, body, texts={"path": path})
    except NbMlopsError:  # who may only read a registry still gets its models; this use is then not on record
        return


def _place() -> tuple[str, str]:
    """`notebook:` with a digest of its path, and the path; `program` where no notebook runs."""
    from nb_mlops.actions.session import session
    from nb_mlops.capture.notebook import notebook_of

    path = notebook_of(session().shell).path
    if path is None:
        return "program", ""
    return f"notebook:{hashlib.sha256(path.encode()).hexdigest()[:16]}", path
