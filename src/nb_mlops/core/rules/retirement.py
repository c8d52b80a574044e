"""When a version or a model ends: what an alias points to is in use."""

from __future__ import annotations

from nb_mlops.core.card_text import is_filled
from nb_mlops.core.errors import BadInput, Refused
from nb_mlops.core.rows import AliasRow
from nb_mlops.core.rules.ruling import Case, Ruling, one


def retired(case: Case) -> Ruling:
    """The end of a version or a model: its record stays. What an alias points to is in use, and does not retire."""
    model = case.model()
    pointing = case.facts.find(AliasRow, model=model.id)
    if case.body.get("number") is None:
        if not is_filled(case.draft.texts.get("reason", "")):
            raise BadInput(f"Retiring {model.name} takes a reason in words.", 'Add it: -m "…"')
        return one(model, "retired", {}, case.draft.texts)
    version = case.version(model)
    used = [row.alias for row in pointing if row.number == version.number]
    if used:
        message = f"{model.name}@{version.number} is {' and '.join(used)}: what is in use does not retire."
        raise Refused(message, f"First promote or roll back to another one; see %versions {model.name}.")
    return one(model, "retired", {"number": version.number}, case.draft.texts)
