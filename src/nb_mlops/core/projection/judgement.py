"""What people and measurements say of a version: validations, votes, windows, findings, card texts, broken glass."""

from __future__ import annotations

from dataclasses import replace

from nb_mlops.core.event import Event, moment
from nb_mlops.core.projection.found import at_version, version_of
from nb_mlops.core.rows import CardTextRow, Facts, FindingRow, GlassRow, Row, ValidationRow, VoteRow, WindowRow


def validated(event: Event, facts: Facts) -> list[Row]:
    """A run of checks."""
    body = event.body
    row = ValidationRow(
        **at_version(event),
        digest=body.get("digest") or version_of(event, facts).digest,
        passed=body["passed"],
        data=body["data"],
        data_name=body.get("data_name"),
        rows=body.get("rows", 0),
        attempt=body["attempt"],
        results=body["results"],
        metrics=body.get("metrics", {}),
        code=body.get("code"),
        claimed_ci=body.get("claimed_ci") or {},
        importance=body.get("importance") or {},
    )
    return [row]


def voted(event: Event, facts: Facts) -> list[Row]:
    """A request, an approval or a rejection."""
    body = event.body
    row = VoteRow(
        **at_version(event),
        alias=body["alias"],
        verdict=event.kind,
        digest=body["digest"],
        evidence=body.get("evidence"),
        requirements=body["requirements"],
        comment=event.texts.get("comment"),
        card=body.get("card"),
    )
    return [row]


def observed(event: Event, facts: Facts) -> list[Row]:
    """A window of record."""
    body = event.body
    row = WindowRow(
        **at_version(event),
        look=body["look"],
        data=body["data"],
        rows=body.get("rows", 0),
        alarm=body["alarm"],
        report=body.get("report", {}),
    )
    return [row]


def glass_broken(event: Event, facts: Facts) -> list[Row]:
    """A gate passed in an emergency, not reviewed yet."""
    body = event.body
    row = GlassRow(
        **at_version(event),
        alias=body["alias"],
        ticket=body["ticket"],
        expires_at=moment(body["expires_at"]),
        reason=event.texts.get("reason"),
    )
    return [row]


def reviewed(event: Event, facts: Facts) -> list[Row]:
    """The broken glass, looked at by somebody else."""
    row = facts.get(GlassRow, event.history, event.body["glass"])
    assert row is not None, "a glass is broken before it is reviewed"
    review = event.texts.get("review")
    return [replace(row, reviewed_by=event.actor, reviewed_at=event.time, review=review)]


def finding_opened(event: Event, facts: Facts) -> list[Row]:
    """An open question."""
    body = event.body
    row = FindingRow(
        **at_version(event),
        severity=body["severity"],
        title=event.texts.get("title"),
        owner=body.get("owner"),
        due=moment(body["due"]) if body.get("due") else None,
    )
    return [row]


def finding_closed(event: Event, facts: Facts) -> list[Row]:
    """The question, answered."""
    row = facts.get(FindingRow, event.history, event.body["finding"])
    assert row is not None, "a finding is opened before it is closed"
    return [replace(row, closed_by=event.actor, closed_at=event.time, answer=event.texts.get("answer"))]


def card_edited(event: Event, facts: Facts) -> list[Row]:
    """A section of the card, as a person wrote it."""
    body = event.body
    row = CardTextRow(
        model=event.history,
        number=body["number"],
        section=body["section"],
        event=event.id,
        filled=body["filled"],
        actor=event.actor,
        at=event.time,
        text=event.texts.get("text"),
    )
    return [row]
