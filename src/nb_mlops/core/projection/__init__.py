"""From an event to the rows it changes: the same function after an append and when histories are replayed.

It uses what was recorded and asks no rule again. A kind it does not know changes nothing: old programs stay readable.
"""

from __future__ import annotations

from collections.abc import Callable

from nb_mlops.core.event import Event
from nb_mlops.core.projection import house, judgement, life
from nb_mlops.core.rows import Facts, Row


def project(event: Event, facts: Facts) -> list[Row]:
    """The rows that `event` adds or replaces, given the rows before it."""
    change = _CHANGES.get(event.kind)
    return change(event, facts) if change else []


_CHANGES: dict[str, Callable[[Event, Facts], list[Row]]] = {
    "created": life.created,
    "described": life.described,
    "registered": life.registered,
    "discarded": life.discarded,
    "tagged": life.tagged,
    "alias_added": house.alias_added,
    "promoted": life.moved,
    "rolled_back": life.moved,
    "validated": judgement.validated,
    "approved": judgement.voted,
    "rejected": judgement.voted,
    "requested": judgement.voted,
    "observed": judgement.observed,
    "assessed": life.assessed,
    "lowering_asked": life.lowering_asked,
    "glass_broken": judgement.glass_broken,
    "reviewed": judgement.reviewed,
    "finding_opened": judgement.finding_opened,
    "finding_closed": judgement.finding_closed,
    "card_edited": judgement.card_edited,
    "noted": life.noted,
    "loaded": life.loaded,
    "retired": life.retired,
    "erased": life.erased,
    "policy_applied": house.policy_applied,
    "policy_proposed": house.policy_proposed,
    "data_named": house.data_named,
}
