"""`rollback`: move an alias back to a version it has pointed to before; one person, one command, at any stakes."""

from __future__ import annotations

import uuid
from dataclasses import replace

from nb_mlops.actions.connect import current
from nb_mlops.actions.find import find_model
from nb_mlops.actions.promote import as_promotion
from nb_mlops.actions.registry import Registry
from nb_mlops.actions.session import is_watched
from nb_mlops.core.errors import BadInput
from nb_mlops.core.promotion import Promotion
from nb_mlops.core.ref import Ref
from nb_mlops.core.spelling import spelled


def rollback(
    name: str,
    alias: str = "production",
    *,
    to: str | int | None = None,
    expect: str | int | None = None,
    reason: str = "",
    watched: bool | None = None,
    registry: Registry | str | None = None,
) -> Promotion:
    """The rollback; without `to`, to the version before that was not itself rolled back.

    `expect` must be what the alias points to now (Conflict otherwise); it is required where nobody is watching.
    """
    place = current(registry)
    model = find_model(place, Ref.parse(str(name)).name)
    if expect is None and not (is_watched() if watched is None else watched):
        message = f"Nobody is watching this rollback of {model.name}, so it must say what it expects to find."
        raise BadInput(message, f"Add --from {model.name}@N: the version that is {alias} now.")
    body = {"alias": alias, "number": _number(model.name, to), "expect": _number(model.name, expect)}
    draft_id = str(uuid.uuid4())
    event = place.append("rolled_back", model.name, body, texts={"reason": reason}, draft_id=draft_id)
    promotion = as_promotion(place, model.name, event, moved=event.id == draft_id)
    policy = place.catalog.policy()
    if promotion.moved and policy.requirements(model.name, model.stakes, alias).rollback_to_approved:
        due = spelled(f'A note is due, why and what is done about it: nb_mlops.note("{promotion.previous}", "…")')
        return replace(promotion, notes=(*promotion.notes, due))
    return promotion


def _number(name: str, given: str | int | None) -> int | None:
    """The version number that `3`, `"3"` or `"churn@3"` names; raises BadInput for anything else."""
    if given is None or (isinstance(given, int) and not isinstance(given, bool)):
        return given
    text = str(given)
    ref = Ref.parse(text if "@" in text else f"{name}@{text}")
    if ref.name != name or ref.number is None:
        raise BadInput(f"{text[:60]!r} is not a version of {name}.", f"Name one: {name}@2.")
    return ref.number
