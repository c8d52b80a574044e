"""When a question on a version may be opened, and who may close it."""

from __future__ import annotations

from typing import Any

from nb_mlops.core.card_text import is_filled
from nb_mlops.core.errors import BadInput, NotFound, Refused, near
from nb_mlops.core.event import moment, stamp
from nb_mlops.core.gate.evidence import same_bytes
from nb_mlops.core.rows import FindingRow, ModelRow, VersionRow
from nb_mlops.core.rules.body import MOST
from nb_mlops.core.rules.ruling import Case, Ruling, one

SEVERITIES = ("minor", "major", "critical")


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
    _refuse_own(case, model, found)
    return one(model, "finding_closed", {"number": found.number, "finding": found.sequence}, case.draft.texts)


def _refuse_own(case: Case, model: ModelRow, found: FindingRow) -> None:
    """At high stakes who made a version does not answer alone what closes its gate."""
    version = case.facts.get(VersionRow, model.id, found.number)
    if model.stakes != "high" or found.severity != "critical" or version is None:
        return
    person = case.policy.person
    makers = {person(who) for row in same_bytes(case.facts, version) for who in (row.actor, row.author) if who}
    if person(case.actor) in makers:
        message = f"You made {model.name}@{found.number}: another person closes its critical finding #{found.sequence}."
        raise Refused(message, f"Tell them your answer: they run %mlops finding close {model.name} {found.sequence}")


def _due(case: Case) -> Any:
    try:
        return moment(case.body["due"])
    except (TypeError, ValueError):
        raise BadInput("A due date is a day.", "Like --due 2026-12-31") from None


def _sequence(case: Case, key: str) -> int:
    number = case.body.get(key)
    if not isinstance(number, int) or isinstance(number, bool) or abs(number) > MOST:
        raise BadInput(f"A {key} is named by its number.", "Like 12, as %audit shows it.")
    return number
