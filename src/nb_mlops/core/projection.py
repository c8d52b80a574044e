"""From an event to the rows it changes: the same function after an append and when histories are replayed.

It uses what was recorded and asks no rule again. A kind it does not know changes nothing: old programs stay readable.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from nb_mlops.core.event import Event
from nb_mlops.core.rows import (
    AliasNameRow,
    AliasRow,
    Facts,
    ModelRow,
    MoveRow,
    Row,
    ValidationRow,
    VersionRow,
    VoteRow,
    WindowRow,
)


def project(event: Event, facts: Facts) -> list[Row]:
    """The rows that `event` adds or replaces, given the rows before it."""
    change = _CHANGES.get(event.kind)
    return change(event, facts) if change else []


def _created(event: Event, facts: Facts) -> list[Row]:
    row = ModelRow(
        id=event.history,
        name=event.body["name"],
        stakes=event.body["stakes"],
        stakes_by=event.actor,
        stakes_at=event.time,
        owner=event.texts.get("owner"),
        purpose=event.texts.get("purpose"),
        created_at=event.time,
        created_by=event.actor,
    )
    return [row]


def _described(event: Event, facts: Facts) -> list[Row]:
    changes: dict[str, Any] = {key: event.texts[key] for key in ("owner", "purpose") if key in event.texts}
    if "stakes" in event.body:
        changes |= {"stakes": event.body["stakes"], "stakes_by": event.actor, "stakes_at": event.time}
    return [replace(_model(event, facts), **changes)]


def _registered(event: Event, facts: Facts) -> list[Row]:
    body = event.body
    version = VersionRow(
        model=event.history,
        number=body["number"],
        event=event.id,
        created_at=event.time,
        actor=event.actor,
        digest=body["digest"],
        identity=body["identity"],
        format=body["format"],
        size_bytes=body["size_bytes"],
        files=body["files"],
        record=body["record"],
        baseline=body.get("baseline"),
        examples=body.get("examples"),
        trained_on=body.get("trained_on", []),
        metrics=body.get("metrics", {}),
        params=body.get("params", {}),
        tags=body.get("tags", {}),
        runs_code=body.get("runs_code", False),
        parent=body.get("parent"),
    )
    return [version, replace(_model(event, facts), latest=version.number)]


def _discarded(event: Event, facts: Facts) -> list[Row]:
    return [replace(_version(event, facts), state="discarded")]


def _tagged(event: Event, facts: Facts) -> list[Row]:
    version = _version(event, facts)
    tags = {**version.tags, **event.body["tags"]}
    return [replace(version, tags={name: value for name, value in tags.items() if value is not None})]


def _alias_added(event: Event, facts: Facts) -> list[Row]:
    return [AliasNameRow(name=event.body["name"], created_at=event.time, actor=event.actor)]


def _moved(event: Event, facts: Facts) -> list[Row]:
    body = event.body
    alias = AliasRow(
        model=event.history,
        alias=body["alias"],
        number=body["number"],
        moved_at=event.time,
        actor=event.actor,
        event=event.id,
    )
    move = MoveRow(
        model=event.history,
        sequence=event.sequence,
        event=event.id,
        alias=body["alias"],
        kind=event.kind,
        number=body["number"],
        previous=body["previous"],
        actor=event.actor,
        at=event.time,
        reason=event.texts.get("reason"),
    )
    return [alias, move]


def _validated(event: Event, facts: Facts) -> list[Row]:
    body = event.body
    row = ValidationRow(
        model=event.history,
        sequence=event.sequence,
        event=event.id,
        number=body["number"],
        digest=body.get("digest") or _version(event, facts).digest,
        passed=body["passed"],
        data=body["data"],
        data_name=body.get("data_name"),
        rows=body.get("rows", 0),
        attempt=body["attempt"],
        at=event.time,
        actor=event.actor,
        results=body["results"],
        metrics=body.get("metrics", {}),
    )
    return [row]


def _voted(event: Event, facts: Facts) -> list[Row]:
    body = event.body
    row = VoteRow(
        model=event.history,
        sequence=event.sequence,
        event=event.id,
        number=body["number"],
        alias=body["alias"],
        verdict=event.kind,
        actor=event.actor,
        at=event.time,
        digest=body["digest"],
        evidence=body.get("evidence"),
        requirements=body["requirements"],
        comment=event.texts.get("comment"),
    )
    return [row]


def _observed(event: Event, facts: Facts) -> list[Row]:
    body = event.body
    row = WindowRow(
        model=event.history,
        sequence=event.sequence,
        event=event.id,
        number=body["number"],
        look=body["look"],
        data=body["data"],
        rows=body.get("rows", 0),
        alarm=body["alarm"],
        at=event.time,
        actor=event.actor,
        report=body.get("report", {}),
    )
    return [row]


def _model(event: Event, facts: Facts) -> ModelRow:
    row = facts.get(ModelRow, event.history)
    assert row is not None, "a model's first event creates it"
    return row


def _version(event: Event, facts: Facts) -> VersionRow:
    row = facts.get(VersionRow, event.history, event.body["number"])
    assert row is not None, "a version is registered before anything happens to it"
    return row


_CHANGES: dict[str, Callable[[Event, Facts], list[Row]]] = {
    "created": _created,
    "described": _described,
    "registered": _registered,
    "discarded": _discarded,
    "tagged": _tagged,
    "alias_added": _alias_added,
    "promoted": _moved,
    "rolled_back": _moved,
    "validated": _validated,
    "approved": _voted,
    "rejected": _voted,
    "requested": _voted,
    "observed": _observed,
}
