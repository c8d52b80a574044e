"""What people put on record to govern a model: assessments, card texts, findings, reviews, uses, the end."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from nb_mlops.core.assessment import suggested
from nb_mlops.core.card_text import SECTIONS, is_filled
from nb_mlops.core.errors import BadInput, NotFound, Refused, near
from nb_mlops.core.event import moment, stamp
from nb_mlops.core.rows import AliasRow, FindingRow, GlassRow, UseRow, VoteRow
from nb_mlops.core.rules.ruling import Case, Ruling, one

SEVERITIES = ("minor", "major", "critical")
_PLACE = re.compile(r"(?:notebook|server|program)(?::[0-9a-f]{16})?")


def assessed(case: Case) -> Ruling:
    """The answers of the questionnaire, and the level that they suggest; the stakes stay until somebody sets them."""
    model = case.model()
    answers = case.body.get("answers")
    if not isinstance(answers, Mapping):
        raise BadInput("An assessment has answers.", f"%mlops stakes {model.name} --assess")
    body = {"answers": dict(answers), "suggested": suggested(answers)}
    return one(model, "assessed", body, {})


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


def finding_opened(case: Case) -> Ruling:
    """An open question on a version, with its severity and, where known, who owns it and when it is due."""
    model = case.model()
    version = case.version(model)
    severity = case.body.get("severity")
    if severity not in SEVERITIES:
        hint = f"{near(str(severity), SEVERITIES)} minor, major or critical.".strip()
        raise BadInput(f"{str(severity)[:40]!r} is no severity.", hint)
    if not is_filled(case.draft.texts.get("title", "")):
        raise BadInput("A finding says what the question is.", 'Write it: -m "…"')
    body: dict[str, Any] = {"number": version.number, "severity": severity}
    if case.body.get("due") is not None:
        body["due"] = stamp(_due(case))
    if "owner" in case.people:
        body["owner"] = case.people["owner"]
    return one(model, "finding_opened", body, case.draft.texts)


def finding_closed(case: Case) -> Ruling:
    """The answer to a finding, in words; it stays on record with the question."""
    model = case.model(retired_too=True)
    found = case.facts.get(FindingRow, model.id, _sequence(case, "finding"))
    if found is None:
        raise NotFound(f"{model.name} has no finding #{case.body['finding']}.", f"See %mlops finding {model.name}.")
    if found.closed_at is not None:
        raise Refused(f"The finding #{found.sequence} of {model.name} is closed already.", f"See %audit {model.name}.")
    if not is_filled(case.draft.texts.get("answer", "")):
        raise BadInput("Closing a finding takes the answer in words.", 'Write it: -m "…"')
    return one(model, "finding_closed", {"number": found.number, "finding": found.sequence}, case.draft.texts)


def reviewed(case: Case) -> Ruling:
    """What somebody else found when looking at an emergency: it is closed, and shown as reviewed from now on."""
    model = case.model(retired_too=True)
    open_ones = [row for row in case.facts.find(GlassRow, model=model.id) if row.reviewed_at is None]
    if not open_ones:
        raise Refused(f"Nothing of {model.name} waits for a review.", f"See %audit {model.name}.")
    glass = open_ones[0]
    if case.policy.person(glass.actor) == case.policy.person(case.actor):
        message = f"You broke the glass for {model.name}@{glass.number}: the review is somebody else's."
        raise Refused(message, f'They run %mlops review {model.name} -m "…"')
    if not is_filled(case.draft.texts.get("review", "")):
        raise BadInput("A review says what was found.", 'Write it: -m "…"')
    return one(model, "reviewed", {"number": glass.number, "glass": glass.sequence}, case.draft.texts)


def retired(case: Case) -> Ruling:
    """The end of a version or a model: its record stays. What an alias points to is in use, and does not retire."""
    model = case.model()
    pointing = case.facts.find(AliasRow, model=model.id)
    if case.body.get("number") is None:
        if not case.draft.texts.get("reason", "").strip():
            raise BadInput(f"Retiring {model.name} takes a reason in words.", 'Add it: -m "…"')
        return one(model, "retired", {}, case.draft.texts)
    version = case.version(model)
    used = [row.alias for row in pointing if row.number == version.number]
    if used:
        message = f"{model.name}@{version.number} is {' and '.join(used)}: what is in use does not retire."
        raise Refused(message, f"First promote or roll back to another one; see %versions {model.name}.")
    return one(model, "retired", {"number": version.number}, case.draft.texts)


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


def _due(case: Case) -> Any:
    try:
        return moment(case.body["due"])
    except (TypeError, ValueError):
        raise BadInput("A due date is a day.", "Like --due 2026-12-31") from None


def _sequence(case: Case, key: str) -> int:
    number = case.body.get(key)
    if not isinstance(number, int) or isinstance(number, bool):
        raise BadInput(f"A {key} is named by its number.", "Like 12, as %audit shows it.")
    return number
