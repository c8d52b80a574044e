"""`promote`: move an alias forward to a version, through the gate of the model's stakes."""

from __future__ import annotations

import uuid

from nb_mlops.actions.connect import current
from nb_mlops.actions.find import find_version
from nb_mlops.actions.registry import Registry
from nb_mlops.core.decision import Decision
from nb_mlops.core.event import Event
from nb_mlops.core.promotion import Promotion
from nb_mlops.core.rules.glass import REVIEW_HOURS
from nb_mlops.core.spelling import spelled
from nb_mlops.core.version import Version


def promote(
    ref: str | Version | None = None,
    to: str = "production",
    *,
    reason: str = "",
    break_glass: str | bool | None = None,
    registry: Registry | str | None = None,
) -> Promotion:
    """The promotion, decided and done in one transaction; what is there already stays and says so.

    Raises GateClosed with the reasons, and Refused for a version older than what the alias points to now.
    `break_glass`, a ticket's number (True where the policy asks for a reason alone), passes a closed gate in an
    emergency where the policy allows it, also back to an older version: once for each ticket, with a reason, on
    record, and shown everywhere until somebody else has reviewed it (within 72 hours).
    """
    place = current(registry)
    version = find_version(place, ref, writing=True)
    body = {"number": version.number, "alias": to, "digest": version.digest}
    if break_glass is not None:
        body["break_glass"] = break_glass
    draft_id = str(uuid.uuid4())
    event = place.append("promoted", version.name, body, texts={"reason": reason}, draft_id=draft_id)
    return as_promotion(place, version.name, event, moved=event.id == draft_id)


def as_promotion(registry: Registry, name: str, event: Event, *, moved: bool) -> Promotion:
    """What an event that moved an alias says to people; `moved` is False when it did so earlier, not now."""
    body = event.body
    decision = body.get("decision")
    alias, number = body["alias"], body["number"]
    shown = Decision.from_dict(decision) if decision else Decision(f"{name}@{number}", alias, "", ())
    notes = () if moved else (f"It has been {alias} since {event.time:%Y-%m-%d %H:%M} UTC.",)
    if shown.broken_glass and moved:
        notes = (spelled(f'Somebody else reviews it within {REVIEW_HOURS} hours: %mlops review {name} -m "…"'),)
    return Promotion(
        ref=f"{name}@{number}",
        alias=alias,
        previous=f"{name}@{body['previous']}" if body.get("previous") else None,
        decision=shown,
        moved=moved,
        verb=event.kind,
        actor=registry.find_name(event.actor),
        at=event.time,
        registry=registry.address,
        notes=notes,
    )
