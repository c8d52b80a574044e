"""`audit` tells a model's history as a story; `verify` replays everything and looks for the bytes it names."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from dataclasses import replace

from nb_mlops.actions.connect import current
from nb_mlops.actions.find import find_model, find_version
from nb_mlops.actions.registry import Registry
from nb_mlops.core.checkpoint import Proof
from nb_mlops.core.event import REGISTRY, Event, is_linked
from nb_mlops.core.event_filter import EventFilter
from nb_mlops.core.history import Entry, History
from nb_mlops.core.moments import When
from nb_mlops.core.printable import one_line
from nb_mlops.core.ref import Ref
from nb_mlops.core.rows import ModelRow, VersionRow
from nb_mlops.core.sentences import tell
from nb_mlops.core.verification import Mismatch, Verification

ERASED = "erased"


def audit(
    ref: str,
    *,
    since: When | None = None,
    until: When | None = None,
    who: str | None = None,
    kind: str | Sequence[str] | None = None,
    registry: Registry | str | None = None,
) -> History:
    """The history of a model, or of one version where `ref` names one; oldest first.

    `since` and `until` are days or moments (UTC unless said, both included), `who` is a part of a person's name, `kind`
    one or more kinds of events ("promoted,discarded"). "registry" is the registry's own history: policies, checkpoints.
    """
    place = current(registry)
    title, name, events = _history(place, str(ref))
    whole = is_linked(events)
    asked = EventFilter.of(since, until, who, kind)
    if "@" in title:
        number = find_version(place, title).number
        events = [event for event in events if event.body.get("number") == number]
    names = place.catalog.names({event.actor for event in events})
    asked.check_kinds(events)
    kept = [event for event in events if asked.keeps(event, names.get(event.actor, ERASED))]
    texts = place.catalog.texts({digest for event in kept for digest in event.texts.values()})
    trained_on = {event.body["number"]: event.body.get("trained_on", ()) for event in events if _registers(event)}
    entries = tuple(_entry(name, event, names, texts, trained_on) for event in kept)
    return History(title, entries, whole, asked=str(asked), events=len(events))


def _history(registry: Registry, ref: str) -> tuple[str, str, list[Event]]:
    """The ref as it is shown, the model's name, and all events of its history."""
    if ref == REGISTRY:
        return ref, ref, list(registry.catalog.events(REGISTRY))
    parsed = Ref.parse(ref)
    model = find_model(registry, parsed.name)
    return str(parsed), model.name, list(registry.catalog.events(model.id))


def verify(
    *,
    checkpoint: str | os.PathLike[str] | Iterable[str | os.PathLike[str]] = (),
    key: str | None = None,
    registry: Registry | str | None = None,
) -> Verification:
    """Replays every history, compares it with what queries read, and re-hashes every blob a version names.

    Each `checkpoint` (a .json file at any place that fsspec reaches, or a folder: its newest) proves that nothing
    before it changed, or names the first event that did; `key` is the public key that must have signed it (64 hex
    digits, or a .pub file).
    """
    place = current(registry)
    given = [checkpoint] if isinstance(checkpoint, str | os.PathLike) else list(checkpoint)
    read = [_signed(address, key) for address in given]
    signed, unsigned = [proof for proof in read if proof.holds], [proof for proof in read if not proof.holds]
    found = place.catalog.verify([proof.checkpoint for proof in signed])
    held = [replace(one, key_is_known=was.key_is_known) for one, was in zip(found.proofs, signed, strict=True)]
    refused = [Mismatch(proof.where, proof.problem) for proof in unsigned]
    findings = (*refused, *found.findings, *_missing_blobs(place))
    return replace(found, findings=findings, proofs=(*held, *unsigned))


def _signed(address: str | os.PathLike[str], key: str | None) -> Proof:
    """A checkpoint as it was read, with what is wrong with its signature."""
    from nb_mlops.actions.checkpoint import read_checkpoint, read_key
    from nb_mlops.storage import signing

    read = read_checkpoint(address)
    wanted = read_key(key) if key else signing.own_public_key()
    if key and read.key != wanted:
        return Proof(read, f"{read.place} was signed by the key {read.key[:16]}…, not by {str(wanted)[:16]}…")
    if not signing.is_signed(read.signed_bytes(), read.key, read.signature):
        return Proof(read, f"{read.place} does not bear the signature of its key: it was changed")
    return Proof(read, key_is_known=read.key == wanted)


def _registers(event: Event) -> bool:
    return event.kind == "registered"


def _entry(
    name: str, event: Event, names: dict[str, str], texts: dict[str, str], trained_on: dict[int, Sequence[object]]
) -> Entry:
    said = "; ".join(texts[digest] for name, digest in event.texts.items() if name != "author" and digest in texts)
    return Entry(
        sequence=event.sequence,
        at=event.time,
        actor=names.get(event.actor, ERASED),
        act=event.kind,
        told=tell(name, event.kind, event.body, trained_on.get(event.body.get("number", 0), ())),
        said=said,
        hash=event.hash,
    )


def _missing_blobs(registry: Registry) -> list[Mismatch]:
    from nb_mlops.core.errors import NotFound, Unsafe

    findings = []
    checked: dict[str, str | None] = {}
    for row in registry.catalog.find(VersionRow):
        for what, sha256 in parts_of(row).items():
            if sha256 not in checked:
                try:
                    registry.blobs.path(sha256)
                    checked[sha256] = None
                except (NotFound, Unsafe) as error:
                    checked[sha256] = error.message
            problem = checked[sha256]
            if problem:
                model = registry.catalog.get(ModelRow, row.model)
                ref = f"{one_line(model.name)}@{row.number}" if model else f"version {row.number} of model {row.model}"
                findings.append(Mismatch(f"{ref}, {what}", problem))
    return findings


def parts_of(row: VersionRow) -> dict[str, str]:
    """Every blob a version names, by what it is; without those whose bytes were let go."""
    parts = {f"file {name}": part["sha256"] for name, part in row.files.items() if "files" not in row.erased}
    optional = {"record": row.record, "baseline": row.baseline, "examples": row.examples}
    return parts | {what: sha256 for what, sha256 in optional.items() if sha256 and what not in row.erased}
