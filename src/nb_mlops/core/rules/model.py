"""What may be said of a model and its versions: stakes, owner, purpose, tags, notes, aliases, trust."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from nb_mlops.core.card_text import is_filled
from nb_mlops.core.errors import BadInput
from nb_mlops.core.policy import Stakes, is_higher, stakes, team_of
from nb_mlops.core.ref import alias_name
from nb_mlops.core.rows import AliasNameRow, ModelRow, MoveRow, StakesWishRow
from nb_mlops.core.rules.body import is_plain
from nb_mlops.core.rules.ruling import Case, Ruling, hexdigest, in_registry, one

_MAX_TAGS = 100
_MAX_TAG = 1_000


def described(case: Case) -> Ruling:
    """New stakes, owner or purpose. Raising stakes is free; lowering them is bounded."""
    model = case.model()
    body: dict[str, Any] = {}
    wanted = case.body.get("stakes")
    if wanted is not None and wanted != model.stakes:
        body["stakes"] = stakes(str(wanted))
        asked = _lowering(case, model, body["stakes"])
        if asked is not None:
            return asked
    refuse_placeholders(case.draft.texts)
    if not body and not case.draft.texts:
        raise BadInput(f"Nothing about {model.name} would change.", f"It has {model.stakes} stakes.")
    return one(model, "described", body, case.draft.texts)


def _lowering(case: Case, model: ModelRow, wanted: Stakes) -> Ruling | None:
    """What is recorded in place of lower stakes while not enough people want them; None where they may be set."""
    if is_higher(wanted, stakes(model.stakes)):
        return None
    decided = [move for move in case.facts.find(MoveRow, model=model.id) if move.sequence > model.stakes_since]
    same = case.policy.person(model.stakes_by) == case.policy.person(case.actor)
    if same and not decided and not is_higher(stakes(model.stakes_floor), wanted):
        return None  # taken back by who raised them, as far as that, before anything was decided under them
    level = case.policy.level(model.stakes, team_of(model.name))
    needed = max((asks.approvals for asks in level.aliases.values()), default=0)
    rows = case.facts.find(StakesWishRow, model=model.id, wanted=wanted)
    wishes = [row for row in rows if row.sequence > model.stakes_since]
    if has_support(case, [row.actor for row in wishes], needed, model.name):
        return None
    own = [row for row in wishes if row.actor == case.actor]
    if own:
        return Ruling(existing=own[-1].event)
    return one(model, "lowering_asked", {"wanted": wanted, "needed": needed}, case.draft.texts)


def has_support(case: Case, wished: Sequence[str], needed: int, model: str = "") -> bool:
    """Whether, with who asks now, enough persons other than the first one want the same."""
    person = case.policy.person
    persons = list(dict.fromkeys(person(actor) for actor in (*wished, case.actor)))
    others = [one for one in persons[1:] if case.policy.may_approve(one, model)]
    return len(others) >= needed


def refuse_placeholders(texts: Mapping[str, str]) -> None:
    """A purpose that says nothing would stand in the card as if somebody had written it."""
    if "purpose" in texts and not is_filled(texts["purpose"]):
        raise BadInput("That purpose says nothing.", 'Say what the model is for, such as --purpose "ranks calls".')


def tagged(case: Case) -> Ruling:
    """Tags of a version: names with short texts; None takes one away."""
    model = case.model()
    version = case.version(model)
    tags = case.body.get("tags")
    if not isinstance(tags, Mapping) or not tags or len(tags) > _MAX_TAGS:
        raise BadInput(f"Give between 1 and {_MAX_TAGS} tags.", "Like team=risk.")
    for name, value in tags.items():
        if not isinstance(name, str) or not name or not name.isprintable() or len(f"{name}{value}") > _MAX_TAG:
            message = f"The tag {str(name)[:40]!a} is empty, too long, or not printable."
            raise BadInput(message, f"{_MAX_TAG:,} characters fit.")
        if not is_plain(value):
            raise BadInput(f"The tag {name[:40]!a} is a {type(value).__name__}.", "Give a short text or a number.")
    return one(model, "tagged", {"number": version.number, "tags": dict(tags)}, {})


def noted(case: Case) -> Ruling:
    """A note on a version: free text for the audit."""
    model = case.model(retired_too=True)
    version = case.version(model, retired_too=True)
    if not case.draft.texts.get("note", "").strip():
        raise BadInput("An empty note says nothing.", 'Write it: -m "…".')
    return one(model, "noted", {"number": version.number}, case.draft.texts)


def trusted(case: Case) -> Ruling:
    """Somebody let this version's own code run by `trust=True`."""
    model = case.model()
    version = case.version(model)
    digest = hexdigest(case.body.get("digest"), "digest")
    return one(model, "trusted", {"number": version.number, "digest": digest}, {})


def alias_added(case: Case) -> Ruling:
    """A further alias, for all models; guarded ones are those of the policy."""
    name = alias_name(case.body.get("name", ""))
    if name in case.policy.aliases or case.facts.get(AliasNameRow, name):
        raise BadInput(f"There is an alias {name!r} already.", "Nothing was changed.")
    return Ruling((in_registry("alias_added", {"name": name}),))
