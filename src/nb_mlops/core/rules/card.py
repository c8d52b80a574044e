"""When a section of a card may be written."""

from __future__ import annotations

from nb_mlops.core.card_text import SECTIONS, is_filled
from nb_mlops.core.errors import BadInput, near
from nb_mlops.core.rows import VoteRow
from nb_mlops.core.rules.ruling import Case, Ruling, one


def card_edited(case: Case) -> Ruling:
    """One section of a version's card, as a person wrote it; an empty text takes it away again."""
    model = case.model()
    version = case.version(model)
    section = case.body.get("section")
    if section not in SECTIONS:
        hint = near(str(section), SECTIONS) or f"There are {', '.join(SECTIONS)}."
        raise BadInput(f"A card has no section {str(section)[:40]!r} that a person writes.", hint)
    body = {"number": version.number, "section": section, "filled": is_filled(case.draft.texts.get("text", ""))}
    signed = case.facts.find(VoteRow, model=model.id, number=version.number, verdict="approved")
    if signed:  # it voids nothing, and must not go unseen
        body["signatures"] = len({row.actor for row in signed})
    return one(model, "card_edited", body, case.draft.texts)
