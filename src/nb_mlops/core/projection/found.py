"""What the rows of an event have in common, and the rows that it is about: its rule looked for them before."""

from __future__ import annotations

from typing import Any

from nb_mlops.core.event import Event
from nb_mlops.core.rows import Facts, ModelRow, VersionRow


def model_of(event: Event, facts: Facts) -> ModelRow:
    """The model whose history the event is in."""
    row = facts.get(ModelRow, event.history)
    assert row is not None, "a model's first event creates it"
    return row


def version_of(event: Event, facts: Facts) -> VersionRow:
    """The version that the event names."""
    row = facts.get(VersionRow, event.history, event.body["number"])
    assert row is not None, "a version is registered before anything happens to it"
    return row


def at_model(event: Event) -> dict[str, Any]:
    """The columns of every row that says who did something about a model, and when."""
    return {
        "model": event.history,
        "sequence": event.sequence,
        "event": event.id,
        "actor": event.actor,
        "at": event.time,
    }


def at_version(event: Event) -> dict[str, Any]:
    """The same, about one version."""
    return {**at_model(event), "number": event.body["number"]}
