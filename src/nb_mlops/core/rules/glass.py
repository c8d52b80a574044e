"""Broken glass: how a closed gate is passed in an emergency, single use, and reviewed by somebody else afterwards."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

from nb_mlops.core.card_text import is_filled
from nb_mlops.core.decision import Decision
from nb_mlops.core.errors import BadInput, Refused
from nb_mlops.core.event import stamp
from nb_mlops.core.gate.evidence import open_glass
from nb_mlops.core.policy import Requirements
from nb_mlops.core.rows import GlassRow, ModelRow, VersionRow
from nb_mlops.core.rules.ruling import Case, Entry, Ruling, one

REVIEW_HOURS = 72  # after breaking the glass
_TICKET = re.compile(r"[A-Za-z0-9][A-Za-z0-9#/_.:-]{0,79}")


def broken(
    case: Case,
    model: ModelRow,
    version: VersionRow,
    requirements: Requirements,
    decision: Decision,
    body: dict[str, Any],
) -> Ruling:
    """The two events of an emergency: the glass, and the move that it is for. Single use, and reviewed in 72 hours."""
    alias = body["alias"]
    ticket = _ticket(case, model, requirements, alias)
    if not is_filled(case.draft.texts.get("reason", "")):
        raise Refused("Breaking the glass takes a reason in words.", 'Add it: -m "…"')
    if open_glass(case.facts, model.id, alias) is not None:
        message = f"The glass before {alias} of {model.name} is broken already, and nobody has reviewed it."
        raise Refused(message, f'Somebody else does that first: %mlops review {model.name} -m "…"')
    used = {row.ticket.casefold() for row in case.facts.find(GlassRow, model=model.id)}
    if ticket and ticket.casefold() in used:
        raise Refused(f"The ticket {ticket} was used for {model.name} before.", "A new emergency has a new ticket.")
    told = Decision(decision.ref, decision.alias, decision.stakes, decision.reasons, broken_glass=True).to_dict()
    glass = {
        "number": version.number,
        "alias": alias,
        "ticket": ticket,
        "expires_at": stamp(case.now + timedelta(hours=REVIEW_HOURS)),
    }
    ruling = Ruling((Entry(model.id, "glass_broken", glass, ("reason",)), Entry(model.id, "promoted", {})))
    body |= {"decision": told, "approved": False, "glass": ruling.ids(case.draft)[0]}
    return Ruling((ruling.entries[0], Entry(model.id, "promoted", body, tuple(case.draft.texts))))


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


def _ticket(case: Case, model: ModelRow, requirements: Requirements, alias: str) -> str:
    """The ticket's number; empty where the policy asks for a reason alone, and `yes` stands in its place."""
    if requirements.break_glass == "no":
        message = f"The policy lets nobody break the glass before {alias} of {model.name} ({model.stakes} stakes)."
        raise Refused(message, "See what is missing: %gate.")
    given = case.body["break_glass"]
    if requirements.break_glass == "reason" and (given is True or given == "yes"):
        return ""
    if not isinstance(given, str) or not _TICKET.fullmatch(given) or not _names_something(given):
        raise BadInput("Breaking the glass takes a ticket's number.", 'Like --break-glass INC-4711 -m "…"')
    return given


def _names_something(ticket: str) -> bool:
    """Whether it could be found in a tracker: it has a digit, or is a word that says more than `todo`."""
    return ticket != "yes" and (any(char.isdigit() for char in ticket) or is_filled(ticket))
