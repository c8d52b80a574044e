"""Who uses a version where: once a day is enough."""

from __future__ import annotations

import re
from datetime import timedelta

from nb_mlops.core.errors import BadInput
from nb_mlops.core.rows import UseRow
from nb_mlops.core.rules.ruling import Case, Ruling, one

_PLACE = re.compile(r"(?:notebook|server|program)(?::[0-9a-f]{16})?")


def loaded(case: Case) -> Ruling:
    """Who uses a version where; once a day is enough."""
    model = case.model()
    version = case.version(model)
    place = case.body.get("place")
    if not isinstance(place, str) or not _PLACE.fullmatch(place):
        raise BadInput("A use has a place: notebook, server or program.", "Is this client newer than the registry?")
    known = case.facts.get(UseRow, model.id, version.number, place, case.actor)
    if known is not None and case.now - known.last_at < timedelta(days=1):
        return Ruling(existing=version.event)
    return one(model, "loaded", {"number": version.number, "place": place}, case.draft.texts)
