"""`audit` tells a model's history as a story; `verify` replays everything and looks for the bytes it names."""

from __future__ import annotations

from dataclasses import replace

from nb_mlops.actions.connect import current
from nb_mlops.actions.find import find_model
from nb_mlops.actions.registry import Registry
from nb_mlops.core.event import Event, is_linked
from nb_mlops.core.history import Entry, History
from nb_mlops.core.ref import Ref
from nb_mlops.core.rows import VersionRow
from nb_mlops.core.sentences import tell
from nb_mlops.core.verification import Finding, Verification


def audit(ref: str, *, registry: Registry | str | None = None) -> History:
    """The history of a model, or of one version where `ref` names one; oldest first."""
    place = current(registry)
    parsed = Ref.parse(str(ref))
    model = find_model(place, parsed.name)
    events = list(place.catalog.events(model.id))
    whole = is_linked(events)
    if parsed.selector is not None:
        from nb_mlops.actions.find import find_version

        number = find_version(place, parsed).number
        events = [event for event in events if event.body.get("number") == number]
    names = place.catalog.names({event.actor for event in events})
    texts = place.catalog.texts({digest for event in events for digest in event.texts.values()})
    entries = tuple(_entry(model.name, event, names, texts) for event in events)
    return History(str(parsed), entries, whole)


def verify(*, registry: Registry | str | None = None) -> Verification:
    """Replays every history, compares it with what queries read, and re-hashes every blob a version names."""
    place = current(registry)
    found = place.catalog.verify()
    return replace(found, findings=(*found.findings, *_missing_blobs(place)))


def _entry(name: str, event: Event, names: dict[str, str], texts: dict[str, str]) -> Entry:
    said = "; ".join(texts[digest] for name, digest in event.texts.items() if name != "author" and digest in texts)
    return Entry(
        sequence=event.sequence,
        at=event.time,
        actor=names.get(event.actor, "erased"),
        act=event.kind,
        told=tell(name, event.kind, event.body),
        said=said,
        hash=event.hash,
    )


def _missing_blobs(registry: Registry) -> list[Finding]:
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
                findings.append(Finding(f"version {row.number} of model {row.model}, {what}", problem))
    return findings


def parts_of(row: VersionRow) -> dict[str, str]:
    """Every blob a version names, by what it is; without those whose bytes were let go."""
    parts = {f"file {name}": part["sha256"] for name, part in row.files.items() if "files" not in row.erased}
    optional = {"record": row.record, "baseline": row.baseline, "examples": row.examples}
    return parts | {what: sha256 for what, sha256 in optional.items() if sha256 and what not in row.erased}
