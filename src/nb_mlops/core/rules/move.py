"""When an alias may move: forward by promotion through the gate (or by broken glass), back by rollback."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

from nb_mlops.core.decision import Decision
from nb_mlops.core.errors import BadInput, Conflict, GateClosed, NotFound, Refused
from nb_mlops.core.event import stamp
from nb_mlops.core.gate import decide, gather
from nb_mlops.core.gate.evidence import open_findings, open_glass
from nb_mlops.core.policy import Requirements
from nb_mlops.core.rows import AliasRow, GlassRow, ModelRow, MoveRow, VersionRow
from nb_mlops.core.rules.ruling import Case, Entry, Ruling, one

REVIEW_HOURS = 72  # after breaking the glass
_TICKET = re.compile(r"[A-Za-z0-9][A-Za-z0-9#/_.:-]{0,79}")


def promoted(case: Case) -> Ruling:
    """The alias moves to the version when the gate is open; what is there already stays as it is."""
    model = case.model()
    version = case.version(model)
    alias = case.alias()
    current = case.facts.get(AliasRow, model.id, alias)
    if current is not None and current.number == version.number:
        return Ruling(existing=current.event)
    if current is not None and current.number > version.number:
        message = f"{model.name}@{version.number} is older than {model.name}@{current.number}, which is {alias}."
        raise Refused(message, f'To go back: %rollback {model.name} --alias {alias} --to {version.number} -m "…"')
    requirements = case.policy.requirements(model.name, model.stakes, alias)
    decision = decide(requirements, gather(case.facts, case.policy, requirements, model, version, alias), case.now)
    body = _move(version, alias, current) | {"stakes": model.stakes, "requirements": requirements.digest}
    if decision.allowed:
        body |= {"decision": decision.to_dict(), "approved": requirements.approvals > 0}
        return one(model, "promoted", body, case.draft.texts)
    if case.body.get("break_glass") is None:
        raise _closed(model, alias, decision)
    return _broken(case, model, version, requirements, decision, body)


def rolled_back(case: Case) -> Ruling:
    """The alias moves back to a version it has pointed to before: one person, one command, at any stakes."""
    model = case.model()
    alias = case.alias()
    current = case.facts.get(AliasRow, model.id, alias)
    if current is None:
        raise NotFound(
            f"Nothing of {model.name} is {alias}, so nothing can be rolled back.", f"See %audit {model.name}."
        )
    _expected(case, model, alias, current)
    moves = case.facts.find(MoveRow, model=model.id, alias=alias)
    number = case.body.get("number")
    if number is not None and (not isinstance(number, int) or isinstance(number, bool)):
        raise BadInput("A rollback goes to a version number.", f"Like %rollback {model.name} --to 3")
    target = _before(moves, model, alias) if number is None else number
    if target not in {move.number for move in moves}:
        message = f"{model.name}@{target} has never been {alias}."
        raise Refused(message, f"To go there: %promote {model.name}@{target} --to {alias}")
    if target == current.number:
        return Ruling(existing=current.event)
    version = case.facts.get(VersionRow, model.id, target)
    if version is None or version.state != "live":
        raise Refused(f"{model.name}@{target} is not in use any more.", f"Choose another: %versions {model.name}")
    if case.policy.requirements(model.name, model.stakes, alias).rollback_to_approved:
        _refuse_unapproved(case, model, version, alias, moves)
    return one(model, "rolled_back", _move(version, alias, current) | {"stakes": model.stakes}, case.draft.texts)


def _closed(model: ModelRow, alias: str, decision: Decision) -> GateClosed:
    first = decision.missing[0]
    more = f" (and {len(decision.missing) - 1} more)" if len(decision.missing) > 1 else ""
    reason = f"{first.requirement}: {first.detail}{more} (policy {model.stakes})"
    return GateClosed(f"{decision.ref} not promoted to {alias}: {reason}.", f"See %gate {decision.ref}.", decision)


def _broken(
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
    if not case.draft.texts.get("reason", "").strip():
        raise Refused("Breaking the glass takes a reason in words.", 'Add it: -m "…"')
    if open_glass(case.facts, model.id, alias) is not None:
        message = f"The glass before {alias} of {model.name} is broken already, and nobody has reviewed it."
        raise Refused(message, f'Somebody else does that first: %mlops review {model.name} -m "…"')
    if any(row.ticket.casefold() == ticket.casefold() for row in case.facts.find(GlassRow, model=model.id)):
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


def _ticket(case: Case, model: ModelRow, requirements: Requirements, alias: str) -> str:
    if requirements.break_glass == "no":
        message = f"The policy lets nobody break the glass before {alias} of {model.name} ({model.stakes} stakes)."
        raise Refused(message, "See what is missing: %gate.")
    ticket = case.body["break_glass"]
    if not isinstance(ticket, str) or not _TICKET.fullmatch(ticket):
        raise BadInput("Breaking the glass takes a ticket's number.", 'Like --break-glass INC-4711 -m "…"')
    return ticket


def _refuse_unapproved(case: Case, model: ModelRow, version: VersionRow, alias: str, moves: list[MoveRow]) -> None:
    """At high stakes the way back, too, leads only to what was let through once, and has no open critical finding."""
    ref = f"{model.name}@{version.number}"
    if not any(move.approved for move in moves if move.number == version.number):
        message = f"{ref} was never approved for {alias} ({model.stakes} stakes)."
        raise Refused(message, f"Choose one that was: %audit {model.name}, then %rollback {model.name} --to @N.")
    critical = [row for row in open_findings(case.facts, version) if row.severity == "critical"]
    if critical:
        message = f"{ref} has an open critical finding (#{critical[0].sequence})."
        raise Refused(message, f'Answer it first: %mlops finding close {model.name} {critical[0].sequence} -m "…"')


def _expected(case: Case, model: ModelRow, alias: str, current: AliasRow) -> None:
    expect = case.body.get("expect")
    if expect is not None and expect != current.number:
        message = f"{alias} of {model.name} is {model.name}@{current.number}, not {model.name}@{expect}."
        raise Conflict(message, "Somebody moved it meanwhile: look again before you roll back.")


def _before(moves: list[MoveRow], model: ModelRow, alias: str) -> int:
    """The version before the current one that was not itself rolled back."""
    standing: list[int] = []
    for move in moves:
        if move.kind == "rolled_back" and move.number in standing:
            del standing[standing.index(move.number) :]
        standing.append(move.number)
    if len(standing) < 2:
        message = f"{model.name}@{standing[-1]} is the first {alias} of {model.name}: nothing came before it."
        raise Refused(message, f"See %audit {model.name}.")
    return standing[-2]


def _move(version: VersionRow, alias: str, current: AliasRow | None) -> dict[str, Any]:
    return {
        "number": version.number,
        "alias": alias,
        "digest": version.digest,
        "previous": current.number if current else None,
    }
