"""The rows that an event is about: they are there, since its rule looked before it was recorded."""

from __future__ import annotations

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
