"""When an alias may move: forward by promotion through the gate, back by rollback."""

from __future__ import annotations

from typing import Any

from nb_mlops.core.decision import decide, gather
from nb_mlops.core.errors import Conflict, GateClosed, NotFound, Refused
from nb_mlops.core.rows import AliasRow, ModelRow, MoveRow, VersionRow
from nb_mlops.core.rules.ruling import Case, Ruling, one


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
    requirements = case.policy.level(model.stakes).for_alias(alias)
    decision = decide(requirements, gather(case.facts, model, version, alias, mover=case.actor), case.now)
    if not decision.allowed:
        first = decision.missing[0]
        more = f" (and {len(decision.missing) - 1} more)" if len(decision.missing) > 1 else ""
        reason = f"{first.requirement}: {first.detail}{more} (policy {model.stakes})"
        raise GateClosed(f"{decision.ref} not promoted to {alias}: {reason}.", f"See %gate {decision.ref}.", decision)
    body = _move(version, alias, current)
    body["decision"] = decision.to_dict()
    body["requirements"] = requirements.digest
    return one(model, "promoted", body, case.draft.texts)


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
    target = _before(moves, model, alias) if number is None else number
    if target not in {move.number for move in moves}:
        message = f"{model.name}@{target} has never been {alias}."
        raise Refused(message, f"To go there: %promote {model.name}@{target} --to {alias}")
    if target == current.number:
        return Ruling(existing=current.event)
    version = case.facts.get(VersionRow, model.id, target)
    if version is None or version.state != "live":
        raise Refused(f"{model.name}@{target} is not in use any more.", f"Choose another: %versions {model.name}")
    return one(model, "rolled_back", _move(version, alias, current), case.draft.texts)


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
