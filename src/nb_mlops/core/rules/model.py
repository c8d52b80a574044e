"""What may be said of a model and its versions: stakes, owner, purpose, tags, notes, aliases, trust."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from nb_mlops.core.errors import BadInput, Refused
from nb_mlops.core.policy import is_higher, stakes
from nb_mlops.core.ref import alias_name
from nb_mlops.core.rows import AliasNameRow, ModelRow, MoveRow
from nb_mlops.core.rules.ruling import Case, Ruling, hexdigest, in_registry, one

_MAX_TAGS = 100
_MAX_TAG = 1_000


def described(case: Case) -> Ruling:
    """New stakes, owner or purpose. Raising stakes is free; lowering them is bounded."""
    model = case.model()
    body: dict[str, Any] = {}
    wanted = case.body.get("stakes")
    if wanted is not None and wanted != model.stakes:
        _may_change_stakes(case, model, wanted)
        body["stakes"] = stakes(wanted)
    if not body and not case.draft.texts:
        raise BadInput(f"Nothing about {model.name} would change.", f"It has {model.stakes} stakes.")
    return one(model, "described", body, case.draft.texts)


def _may_change_stakes(case: Case, model: ModelRow, wanted: object) -> None:
    level, now = stakes(str(wanted)), stakes(model.stakes)
    if is_higher(level, now):
        return
    decided = [move for move in case.facts.find(MoveRow, model=model.id) if move.at >= model.stakes_at]
    if model.stakes_by != case.actor or decided:
        hint = "Only who set them may take them back, and only until something was decided under them."
        raise Refused(f"The stakes of {model.name} cannot be lowered from {now} to {level}.", hint)


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
    return one(model, "tagged", {"number": version.number, "tags": dict(tags)}, {})


def noted(case: Case) -> Ruling:
    """A note on a version: free text for the audit."""
    model = case.model()
    version = case.version(model)
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
    name = alias_name(case.body.get("name") or "")
    if name in case.policy.aliases or case.facts.get(AliasNameRow, name):
        raise BadInput(f"There is an alias {name!r} already.", "Nothing was changed.")
    return Ruling((in_registry("alias_added", {"name": name}),))
