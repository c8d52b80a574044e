"""What a model and its versions go through: made, described, tagged, noted, moved, used, retired."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from nb_mlops.core.event import Event
from nb_mlops.core.projection.found import at_model, at_version, model_of, version_of
from nb_mlops.core.rows import AliasRow, Facts, ModelRow, MoveRow, NoteRow, Row, StakesWishRow, UseRow, VersionRow


def created(event: Event, facts: Facts) -> list[Row]:
    """A new model."""
    row = ModelRow(
        id=event.history,
        name=event.body["name"],
        stakes=event.body["stakes"],
        stakes_by=event.actor,
        stakes_at=event.time,
        stakes_since=event.sequence,
        owner=event.texts.get("owner"),
        purpose=event.texts.get("purpose"),
        created_at=event.time,
        created_by=event.actor,
    )
    return [row]


def described(event: Event, facts: Facts) -> list[Row]:
    """The model with other stakes, owner or purpose."""
    changes: dict[str, Any] = {key: event.texts[key] for key in ("owner", "purpose") if key in event.texts}
    model = model_of(event, facts)
    if "stakes" in event.body:
        changes |= {"stakes": event.body["stakes"], "stakes_by": event.actor, "stakes_at": event.time}
        changes |= {"stakes_since": event.sequence, "stakes_floor": min(model.stakes, event.body["stakes"], key=_level)}
    return [replace(model, **changes)]


def _level(stakes: str) -> int:
    return ("low", "medium", "high").index(stakes)


def assessed(event: Event, facts: Facts) -> list[Row]:
    """The model with the answers of the questionnaire."""
    assessment = {key: event.body[key] for key in ("answers", "suggested")}
    return [replace(model_of(event, facts), assessment=assessment)]


def lowering_asked(event: Event, facts: Facts) -> list[Row]:
    """One more who wants lower stakes."""
    row = StakesWishRow(
        **at_model(event),
        wanted=event.body["wanted"],
    )
    return [row]


def registered(event: Event, facts: Facts) -> list[Row]:
    """A new version, and the model's newest number."""
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
        author=body.get("author"),
    )
    return [version, replace(model_of(event, facts), latest=version.number)]


def discarded(event: Event, facts: Facts) -> list[Row]:
    """The version, taken back."""
    return [replace(version_of(event, facts), state="discarded", ended_at=event.time)]


def retired(event: Event, facts: Facts) -> list[Row]:
    """A version, or the model itself where no number is named."""
    if event.body.get("number") is None:
        return [replace(model_of(event, facts), state="retired", ended_at=event.time)]
    return [replace(version_of(event, facts), state="retired", ended_at=event.time)]


def erased(event: Event, facts: Facts) -> list[Row]:
    """The version without the bytes of some of its parts."""
    version = version_of(event, facts)
    return [replace(version, erased=[*version.erased, *event.body["parts"]])]


def tagged(event: Event, facts: Facts) -> list[Row]:
    """The version with other tags."""
    version = version_of(event, facts)
    tags = {**version.tags, **event.body["tags"]}
    return [replace(version, tags={name: value for name, value in tags.items() if value is not None})]


def noted(event: Event, facts: Facts) -> list[Row]:
    """A note."""
    row = NoteRow(
        **at_version(event),
        text=event.texts.get("note"),
    )
    return [row]


def moved(event: Event, facts: Facts) -> list[Row]:
    """Where the alias points now, and how it came there."""
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
        **at_version(event),
        alias=body["alias"],
        kind=event.kind,
        previous=body["previous"],
        reason=event.texts.get("reason"),
        stakes=_stakes_then(body),
        approved=body.get("approved", _asked_for_approvals(body)),
        glass=body.get("glass"),
    )
    return [alias, move]


def _stakes_then(body: Mapping[str, Any]) -> str:
    """The model's stakes when it moved; the first release kept them in the decision alone."""
    return str(body.get("stakes") or (body.get("decision") or {}).get("stakes") or "low")


def _asked_for_approvals(body: Mapping[str, Any]) -> bool:
    """Whether the gate that a promotion passed asked for approvals; the first release did not say so apart."""
    reasons = (body.get("decision") or {}).get("reasons", ())
    return any("approval" in str(reason.get("requirement")) for reason in reasons)


def loaded(event: Event, facts: Facts) -> list[Row]:
    """Who uses the version where, first and last."""
    key = (event.history, event.body["number"], event.body["place"], event.actor)
    known = facts.get(UseRow, *key)
    if known is not None:
        return [replace(known, last_at=event.time, path=event.texts.get("path"))]
    row = UseRow(
        model=key[0],
        number=key[1],
        place=key[2],
        actor=key[3],
        first_at=event.time,
        last_at=event.time,
        path=event.texts.get("path"),
    )
    return [row]
