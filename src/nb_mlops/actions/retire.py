"""`retire`: the end of a version or a model; first it tells who used it in the last 90 days. Its record stays."""

from __future__ import annotations

from datetime import timedelta

from nb_mlops.actions.connect import current
from nb_mlops.actions.find import find_model, find_version
from nb_mlops.actions.registry import Registry
from nb_mlops.core.policy import stakes as stakes_level
from nb_mlops.core.policy import team_of
from nb_mlops.core.ref import Ref
from nb_mlops.core.retirement import Retirement
from nb_mlops.core.rows import AliasRow, ModelRow, MoveRow, UseRow

LOOK_BACK_DAYS = 90


def retire(ref: str, *, reason: str = "", yes: bool = False, registry: Registry | str | None = None) -> Retirement:
    """Ends a version, or a model where `ref` names one; terminal. What was used lately is only ended with `yes=True`.

    Raises Refused for a version that an alias points to.
    """
    place = current(registry)
    parsed = Ref.parse(str(ref))
    model = find_model(place, parsed.name)
    number = find_version(place, parsed, writing=True).number if parsed.selector is not None else None
    shown = f"{model.name}@{number}" if number is not None else model.name
    uses = _uses(place, model, number)
    recorded = place.catalog.policy().level(stakes_level(model.stakes), team_of(model.name)).uses
    if uses and not yes:
        return Retirement(shown, False, uses, recorded)
    body = {} if number is None else {"number": number}
    place.append("retired", model.name, body, texts={"reason": reason})
    return Retirement(shown, True, uses, recorded)


def _uses(registry: Registry, model: ModelRow, number: int | None) -> tuple[str, ...]:
    """Aliases that point to it or did lately, and where it was loaded."""
    since = registry.clock() - timedelta(days=LOOK_BACK_DAYS)
    equal = {} if number is None else {"number": number}
    pointing = registry.catalog.find(AliasRow, model=model.id, **equal)
    found = [f"{row.alias} points to {model.name}@{row.number}" for row in pointing]
    now = {(row.alias, row.number) for row in pointing}
    for move in registry.catalog.find(MoveRow, model=model.id):
        was = move.previous
        if was is not None and move.at >= since and number in (None, was) and (move.alias, was) not in now:
            found.append(f"{move.alias} pointed to {model.name}@{was} until {move.at:%Y-%m-%d}")
    for use in registry.catalog.find(UseRow, model=model.id, **equal):
        if use.last_at >= since:
            place = registry.text(use.path) or use.place.partition(":")[0]
            who = registry.find_name(use.actor)
            found.append(f"{model.name}@{use.number} loaded by {who} in {place}, last {use.last_at:%Y-%m-%d}")
    return tuple(dict.fromkeys(found))
