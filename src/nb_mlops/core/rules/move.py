"""When an alias may move: forward by promotion through the gate (or by broken glass), back by rollback."""

from __future__ import annotations

from typing import Any

from nb_mlops.core.decision import Decision
from nb_mlops.core.errors import BadInput, Conflict, GateClosed, NotFound, Refused
from nb_mlops.core.gate import decide, gather
from nb_mlops.core.gate.evidence import open_findings, rejections
from nb_mlops.core.policy import is_higher, stakes
from nb_mlops.core.rows import AliasRow, ModelRow, MoveRow, VersionRow
from nb_mlops.core.rules.glass import broken
from nb_mlops.core.rules.ruling import Case, Ruling, one


def promoted(case: Case) -> Ruling:
    """The alias moves to the version when the gate is open; what is there already stays as it is."""
    model = case.model()
    version = case.version(model)
    alias = case.alias()
    current = case.facts.get(AliasRow, model.id, alias)
    if current is not None and current.number == version.number:
        return Ruling(existing=current.event)
    is_back = current is not None and current.number > version.number
    if is_back and case.body.get("break_glass") is None:
        raise _back(model, version, current, alias)
    requirements = case.policy.requirements(model.name, model.stakes, alias)
    decision = _decision(case, model, version, alias)
    body = _move(version, alias, current) | {"stakes": model.stakes, "requirements": requirements.digest}
    if decision.allowed and is_back:  # no emergency: the other verb leads there
        raise _back(model, version, current, alias)
    if decision.allowed:
        body |= {"decision": decision.to_dict(), "approved": requirements.approvals > 0}
        return one(model, "promoted", body, case.draft.texts)
    if case.body.get("break_glass") is None:
        raise _closed(model, alias, decision)
    return broken(case, model, version, requirements, decision, body)


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
    if model.stakes != "low":
        _refuse_spoken_against(case, model, version, alias)
    if case.policy.requirements(model.name, model.stakes, alias).rollback_to_approved:
        _refuse_unapproved(case, model, version, alias, moves)
    return one(model, "rolled_back", _move(version, alias, current) | {"stakes": model.stakes}, case.draft.texts)


def _back(model: ModelRow, version: VersionRow, current: AliasRow | None, alias: str) -> Refused:
    now = f"{model.name}@{current.number}" if current else "nothing"
    message = f"{model.name}@{version.number} is older than {now}, which is {alias}."
    return Refused(message, f'To go back: %rollback {model.name} --alias {alias} --to {version.number} -m "…"')


def _closed(model: ModelRow, alias: str, decision: Decision) -> GateClosed:
    first = decision.missing[0]
    more = f" (and {len(decision.missing) - 1} more)" if len(decision.missing) > 1 else ""
    reason = f"{first.requirement}: {first.detail}{more} (policy {model.stakes})"
    return GateClosed(f"{decision.ref} not promoted to {alias}: {reason}.", f"See %gate {decision.ref}.", decision)


def _refuse_spoken_against(case: Case, model: ModelRow, version: VersionRow, alias: str) -> None:
    """What closes every gate closes the way back, too: an open critical finding, a standing rejection."""
    ref = f"{model.name}@{version.number}"
    critical = [row for row in open_findings(case.facts, version) if row.severity == "critical"]
    if critical:
        message = f"{ref} has an open critical finding (#{critical[0].sequence})."
        answer = f'%mlops finding close {model.name} {critical[0].sequence} -m "…"'
        raise Refused(message, f"Answer it first: {answer}; {_emergency(ref, alias)}")
    against = rejections(case.facts, version, alias)
    if against:
        message = f"{ref} is rejected for {alias} by {len(against)}."
        raise Refused(message, f"Who rejected it may withdraw by %approve; {_emergency(ref, alias)}")


def _refuse_unapproved(case: Case, model: ModelRow, version: VersionRow, alias: str, moves: list[MoveRow]) -> None:
    """The way back leads to what passed a gate that asked for approvals, at no lower stakes, or would pass it now."""
    ref, now = f"{model.name}@{version.number}", stakes(model.stakes)
    approved = [stakes(move.stakes) for move in moves if move.number == version.number and move.approved]
    if any(not is_higher(now, then) for then in approved) or _decision(case, model, version, alias).allowed:
        return
    where = f"at {now} stakes" if approved else f"({now} stakes)"
    message = f"{ref} was never approved for {alias} {where}."
    raise Refused(message, f"Choose one that was: %audit {model.name}; {_emergency(ref, alias)}")


def _decision(case: Case, model: ModelRow, version: VersionRow, alias: str) -> Decision:
    requirements = case.policy.requirements(model.name, model.stakes, alias)
    return decide(requirements, gather(case.facts, case.policy, requirements, model, version, alias), case.now)


def _emergency(ref: str, alias: str) -> str:
    return f'in an emergency: %promote {ref} --to {alias} --break-glass TICKET -m "…"'


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
