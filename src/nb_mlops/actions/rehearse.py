"""`rehearse`: a registration into a registry that is thrown away, to see what would be stored, and where."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from nb_mlops.actions.connect import current
from nb_mlops.actions.content import content_of
from nb_mlops.actions.find import find_version
from nb_mlops.actions.options import Options
from nb_mlops.actions.package import pack
from nb_mlops.actions.register import find_fitted, preflight, send
from nb_mlops.actions.registry import Registry
from nb_mlops.core.rehearsal import Rehearsal
from nb_mlops.core.rows import ModelRow, VersionRow
from nb_mlops.core.version import Version


def rehearse(
    name: str, *, model: str | None = None, registry: Registry | str | None = None, **options: Any
) -> Rehearsal:
    """What registering would store, and where; `options` are those of `register`, and so is what it raises."""
    from nb_mlops.storage.blobs_local import LocalBlobs
    from nb_mlops.storage.catalog_memory import MemoryCatalog

    place = current(registry)
    preflight(name, **{key: options.get(key) for key in ("stakes", "owner", "purpose")}, registry=place)
    parent = options.pop("parent", None)
    if parent is not None:
        find_version(place, parent)  # it must be there; the throw-away registry does not know it
    with TemporaryDirectory(prefix="nb_mlops-") as folder:
        scratch = Registry(MemoryCatalog(), LocalBlobs(Path(folder)), place.actor, place.address, place.clock)
        options = {**options, **_stated(place, name, options)}
        estimator, about = find_fitted(name, model)
        # Not by `register`, which would park what it cannot send: a rehearsal leaves nothing behind.
        version = send(pack(content_of(scratch, estimator, name, Options(**options)), scratch.blobs), scratch)
        return _told(place, replace(version, notes=(about, *version.notes)), scratch)


def _stated(place: Registry, name: str, options: dict[str, Any]) -> dict[str, Any]:
    """What the model says already and the throw-away registry does not know: stakes, owner, purpose."""
    rows = place.catalog.find(ModelRow, name=name)
    if not rows:
        return {}
    known = {"stakes": rows[0].stakes, "owner": place.text(rows[0].owner), "purpose": place.text(rows[0].purpose)}
    return {key: value for key, value in known.items() if value and not options.get(key)}


def _told(place: Registry, version: Version, scratch: Registry) -> Rehearsal:
    rows = place.catalog.find(ModelRow, name=version.name)
    newest = place.catalog.last(VersionRow, model=rows[0].id, state="live") if rows else None
    unchanged = newest is not None and newest.identity == version.row.identity
    number = newest.number if newest is not None and unchanged else (rows[0].latest if rows else 0) + 1
    signature, record = version.signature, version.record
    return Rehearsal(
        ref=f"{version.name}@{number}",
        registry=place.address,
        estimator=str(record.get("estimator") or "unknown"),
        format=version.format,
        unchanged=unchanged,
        stored=_stored(version.row, scratch),
        columns=tuple(column.name for column in signature.columns) if signature else (),
        cells=len(version.lineage.slice.cells) if version.lineage.slice else 0,
        metrics=version.metrics,
        params=version.params,
        tags=version.tags,
        # A new name is told by the throw-away registry too, where every name is new.
        notes=tuple(note for note in version.notes if not rows or "is a new model" not in note),
    )


def _stored(row: VersionRow, scratch: Registry) -> dict[str, int]:
    files = {name: int(part["size"]) for name, part in row.files.items()}
    beside = {"record": row.record, "baseline": row.baseline, "example rows": row.examples}
    return files | {what: scratch.blobs.path(sha256).stat().st_size for what, sha256 in beside.items() if sha256}
