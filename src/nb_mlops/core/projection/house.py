"""What the registry decides for all models: aliases, policies, named data."""

from __future__ import annotations

from nb_mlops.core.event import Event
from nb_mlops.core.rows import AliasNameRow, DataNameRow, Facts, PolicyRow, PolicyWishRow, Row


def alias_added(event: Event, facts: Facts) -> list[Row]:
    """A further alias."""
    return [AliasNameRow(name=event.body["name"], created_at=event.time, actor=event.actor)]


def policy_applied(event: Event, facts: Facts) -> list[Row]:
    """A policy that is in force from now on."""
    row = PolicyRow(
        sequence=event.sequence,
        event=event.id,
        digest=event.body["digest"],
        policy=event.body["policy"],
        actor=event.actor,
        at=event.time,
        reason=event.texts.get("reason"),
    )
    return [row]


def policy_proposed(event: Event, facts: Facts) -> list[Row]:
    """One more who wants this policy."""
    row = PolicyWishRow(
        sequence=event.sequence, event=event.id, digest=event.body["digest"], actor=event.actor, at=event.time
    )
    return [row]


def data_named(event: Event, facts: Facts) -> list[Row]:
    """A data set under its name."""
    body = event.body
    row = DataNameRow(
        name=body["name"],
        event=event.id,
        data=body["data"],
        rows=body["rows"],
        actor=event.actor,
        at=event.time,
        about=event.texts.get("about"),
    )
    return [row]
