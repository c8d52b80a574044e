"""What goes into a dossier, read from the registry: evidence, gates, policies, history and proof beside the record."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from nb_mlops.actions.audit import audit
from nb_mlops.actions.card import card_from
from nb_mlops.actions.card_figures import numbers_of, results_of, weights_of
from nb_mlops.actions.card_sections import day
from nb_mlops.actions.find import find_version
from nb_mlops.actions.on_record import OnRecord, on_record
from nb_mlops.actions.registry import Registry
from nb_mlops.core.card import Card
from nb_mlops.core.decision import Decision
from nb_mlops.core.dossier import Evidence, Proof
from nb_mlops.core.event import Event
from nb_mlops.core.gate import decide, gather
from nb_mlops.core.history import History
from nb_mlops.core.policy import DEFAULT, Policy
from nb_mlops.core.policy.book import stored_policy
from nb_mlops.core.policy.file import write_policy
from nb_mlops.core.rows import PolicyRow, ValidationRow
from nb_mlops.core.shown import Json
from nb_mlops.core.validation import ValidationReport
from nb_mlops.core.version import Version

MOST_EVENTS = 20_000
MOST_EVENT_BYTES = 64 << 20


@dataclass(frozen=True)
class DossierRecord:
    """All that a dossier is written from."""

    known: OnRecord
    card: Card
    evidence: tuple[Evidence, ...]
    gates: tuple[Decision, ...]  # as they stood at the time of the last event
    policies: tuple[tuple[str, str, str], ...]  # (digest, when it was in force, its text)
    history: History
    proof: Proof
    notebook: tuple[str, bytes] | None  # (name, the scrubbed bytes)
    checkpoint: bytes | None  # the newest signed one, where the registry keeps it
    notes: tuple[str, ...]


def dossier_record(registry: Registry, ref: str | Version | None) -> DossierRecord:
    """What stands on record now."""
    from nb_mlops.actions.dossier_checkpoint import newest_checkpoint
    from nb_mlops.actions.dossier_notebook import notebook_of

    version = find_version(registry, ref)
    events = list(registry.catalog.events(version.row.model))  # before the rows: who asks looks for later ones after
    known = on_record(registry, version.ref)
    signed, file = newest_checkpoint(registry, known.model.id)
    proof = _proof(events, signed)
    notebook, note = notebook_of(registry, known.version)
    omitted = f"{proof.left_out:,} older events did not fit: the chain begins after them"
    return DossierRecord(
        known=known,
        card=card_from(known),
        evidence=tuple(_evidence(known, row, events) for row in known.validations),
        gates=_gates(registry, known, events[-1].time),
        policies=_policies(registry, known),
        history=audit(known.model.name, registry=registry),
        proof=proof,
        notebook=notebook,
        checkpoint=file,
        notes=(note, omitted) if proof.left_out else (note,),
    )


def _proof(events: Sequence[Event], checkpoint: dict[str, Json] | None) -> Proof:
    """The newest events that fit, with their bytes."""
    kept: list[tuple[int, str, str, str]] = []
    size = 0
    for event in reversed(events[-MOST_EVENTS:]):
        data = event.to_bytes().decode()
        size += len(data)
        if size > MOST_EVENT_BYTES:
            break
        kept.append((event.sequence, data, event.hash, event.previous))
    return Proof(events=tuple(reversed(kept)), left_out=len(events) - len(kept), checkpoint=checkpoint)


def _evidence(known: OnRecord, row: ValidationRow, events: Sequence[Event]) -> Evidence:
    body: dict[str, Any] = next((dict(event.body) for event in events if event.sequence == row.sequence), {})
    report = ValidationReport(
        ref=known.version.ref,
        results=results_of(row),
        rows=row.rows,
        data={"sha256": row.data},
        data_name=row.data_name,
        metrics=numbers_of(row),
        attempt=row.attempt,
        attempts_in_all=body.get("attempts_in_all"),
        data_sets=body.get("data_sets"),
        notes=tuple(str(note) for note in body.get("notes") or ()),
        importance=weights_of(row),
        code=row.code,
        claimed_ci={name: str(said) for name, said in row.claimed_ci.items()} or None,
        measured_at=row.at,
        on_training_data=row.data in known.version.row.trained_on,
    )
    return Evidence(sequence=row.sequence, by=known.who(row.actor), report=report, event=body)


def _gates(registry: Registry, known: OnRecord, at: datetime) -> tuple[Decision, ...]:
    """The gate of each alias that it has, was asked for or moved to, as it stood at the last event."""
    version, model, catalog = known.version, known.model, registry.catalog
    aliases = {*version.aliases, *(vote.alias for vote in known.votes), *(move.alias for move in known.moves)}
    policy = catalog.policy()
    made = []
    for alias in sorted(aliases or {"production"}):
        asks = policy.requirements(model.name, model.stakes, alias)
        made.append(decide(asks, gather(catalog, policy, asks, model, version.row, alias), at))
    return tuple(made)


def _policies(registry: Registry, known: OnRecord) -> tuple[tuple[str, str, str], ...]:
    """The policy in force now, and those that were when this version moved, each once."""
    rows = registry.catalog.find(PolicyRow)
    moments = [(f"when {move.kind.replace('_', ' ')} {day(move.at)}", _at(rows, move.at)) for move in known.moves]
    when: dict[int, list[str]] = {}
    for said, place in [("in force", len(rows)), *moments]:
        when.setdefault(place, []).append(said)
    return tuple(
        (policy.digest, "; ".join(said), write_policy(_named(registry, policy)))
        for place, said in when.items()
        for policy in [stored_policy(rows[place - 1]) if place else DEFAULT]
    )


def _at(rows: Sequence[PolicyRow], at: datetime) -> int:
    """How many policies had been applied by then."""
    return sum(row.at <= at for row in rows)


def _named(registry: Registry, policy: Policy) -> Policy:
    """The policy with names in place of opaque ids, `erased 1`, `erased 2` … where they were erased."""
    known: Mapping[str, str] = registry.catalog.names(policy.identities())
    gone = [one for one in policy.identities() if one not in known]
    return policy.renamed({**known, **{one: f"erased {place}" for place, one in enumerate(gone, start=1)}})
