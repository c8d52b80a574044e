"""`describe` (stakes, owner, purpose), `tag`, `note`, `add_alias`, `discard`: what may be said afterwards."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from nb_mlops.actions.connect import current
from nb_mlops.actions.find import find_model, find_version, known_aliases
from nb_mlops.actions.look import model as look_model
from nb_mlops.actions.registry import Registry
from nb_mlops.core.event import Event
from nb_mlops.core.model import Model
from nb_mlops.core.policy import stakes as stakes_level
from nb_mlops.core.policy import team_of
from nb_mlops.core.ref import alias_name
from nb_mlops.core.rows import ModelRow, StakesWishRow
from nb_mlops.core.spelling import spelled
from nb_mlops.core.version import Version


def describe(
    name: str,
    *,
    stakes: str | None = None,
    owner: str | None = None,
    purpose: str | None = None,
    registry: Registry | str | None = None,
) -> Model:
    """The model with new stakes, owner or purpose, and a note on what its stakes ask for and it has not.

    Raising is free. Lowering, once something was decided or by somebody else, takes as many others who ask for the same
    as the higher level takes approvals: until then the wish is on record, and a note says how many are missing.
    """
    place = current(registry)
    found = find_model(place, name)
    body = {"stakes": stakes_level(stakes)} if stakes and stakes != found.stakes else {}
    texts = {"owner": owner or "", "purpose": purpose or ""}
    asked: tuple[str, ...] = ()
    if body or any(texts.values()):
        event = place.append("described", found.name, body, texts=texts)
        asked = _asked(place, found, event)
    model = look_model(found.name, registry=place)
    return replace(model, notes=(*asked, *_lacking(place, model)))


def _asked(registry: Registry, model: ModelRow, event: Event) -> tuple[str, ...]:
    """What is still missing where the wish for lower stakes was put on record in place of them."""
    if event.kind != "lowering_asked":
        return ()
    wanted, needed = event.body["wanted"], event.body["needed"]
    wishes = registry.catalog.find(StakesWishRow, model=model.id, wanted=wanted)
    others = len({row.actor for row in wishes if row.at >= model.stakes_at}) - 1
    told = f"lowering the stakes from {model.stakes} to {wanted} is asked for: {others} of {needed} others agree"
    return (spelled(f"{told}. Another person runs %mlops stakes {model.name} {wanted}"),)


def _lacking(registry: Registry, model: Model) -> tuple[str, ...]:
    """What the next registration would be refused for, and the two ways to mend it."""
    level = registry.catalog.policy().level(stakes_level(model.stakes), team_of(model.name))
    lacking = level.lacks(owner=model.owner, purpose=model.purpose)
    if not lacking:
        return ()
    options = " ".join(f'--{key} "…"' for key in lacking)
    asks = f"{model.stakes} stakes ask for an owner and a purpose at registration"
    there = f"there is no {' and no '.join(lacking)} yet"
    return (spelled(f"{asks}; {there}: %mlops stakes {model.name} {options}, or give them with the next version"),)


def tag(ref: str | Version | None, tags: Mapping[str, object], *, registry: Registry | str | None = None) -> Version:
    """The version with these tags; None as a value takes a tag away."""
    place = current(registry)
    version = find_version(place, ref, writing=True)
    given = {name: None if value is None else str(value) for name, value in tags.items()}
    place.append("tagged", version.name, {"number": version.number, "tags": given})
    return find_version(place, version.ref)


def note(ref: str | Version | None, text: str, *, registry: Registry | str | None = None) -> Version:
    """Puts a note on the version's record, seen in its audit."""
    place = current(registry)
    version = find_version(place, ref, writing=True)
    place.append("noted", version.name, {"number": version.number}, texts={"note": text})
    return version


def discard(ref: str | Version | None = None, *, reason: str = "", registry: Registry | str | None = None) -> Version:
    """Takes back one's own version that nobody used; its number is not given again."""
    place = current(registry)
    version = find_version(place, ref, writing=True)
    place.append("discarded", version.name, {"number": version.number}, texts={"reason": reason})
    return version


def add_alias(name: str, *, registry: Registry | str | None = None) -> list[str]:
    """Adds an alias for all models; gives all aliases there are now."""
    place = current(registry)
    place.append("alias_added", None, {"name": alias_name(name)})
    return known_aliases(place)
