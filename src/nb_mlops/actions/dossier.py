"""`dossier`: all that stands on record about one version, as one zip that is the same bytes each time.

read the record ──> is it still the same? ──no──> read again
                          │yes
                          v
write each part ──> index, page, sums ──> one zip, put in place at once
"""

from __future__ import annotations

import os
import stat
import zipfile
from pathlib import Path

from nb_mlops.actions.connect import current
from nb_mlops.actions.dossier_parts import files_of
from nb_mlops.actions.dossier_record import DossierRecord, dossier_record
from nb_mlops.actions.registry import Registry
from nb_mlops.core.canonical import sha256
from nb_mlops.core.dossier import INDEX, PAGE, Dossier, pack, safe_part
from nb_mlops.core.errors import BadInput, Conflict, Unreachable
from nb_mlops.core.version import Version

_TRIES = 3


def dossier(
    ref: str | Version | None = None,
    to: str | os.PathLike[str] | None = None,
    *,
    registry: Registry | str | None = None,
) -> Dossier:
    """The dossier of a version, written to `to`: a file, or a folder (left out: the working folder).

    The same state of the registry gives the same bytes on any machine; only the notebook depends on where it is made,
    since it is taken from its recorded path, where it is still there and unchanged. An earlier dossier of that name is
    replaced; anything else there is a Conflict. Raises Unreachable where it cannot be written.
    """
    place = current(registry)
    known = _settled(place, ref)
    files = files_of(known)
    data = pack(files)
    path = _target(to, known.known.version)
    _put(path, data)
    sizes = tuple((name, len(files[name])) for name in sorted(files))
    return Dossier(
        ref=known.known.version.ref,
        path=str(path),
        sha256=sha256(data),
        files=sizes,
        state=known.proof.state,
        notes=known.notes,
    )


def _settled(registry: Registry, ref: str | Version | None) -> DossierRecord:
    """The record, read while nobody wrote; raises Conflict where somebody always did."""
    for _ in range(_TRIES):
        policy = registry.catalog.policy().digest
        known = dossier_record(registry, ref)
        later = registry.catalog.events(known.known.model.id, after=known.proof.head[0])
        if next(iter(later), None) is None and registry.catalog.policy().digest == policy:
            return known
    message = f"{known.known.version.ref} is being written to: its dossier would be of no one state."
    raise Conflict(message, "Run it again in a moment.")


def _target(to: str | os.PathLike[str] | None, version: Version) -> Path:
    name = f"dossier-{safe_part(version.name.replace('/', '-'))}-{version.number}.zip"
    path = Path(os.fspath(to)).expanduser() if to is not None else Path(name)
    path = (path / name if path.is_dir() else path).absolute()
    if not path.parent.is_dir():
        raise BadInput(f"There is no folder {str(path.parent)[:200]!r}.", "Make it, or name another file.")
    if path.exists() and not _is_dossier(path):
        raise Conflict(f"{str(path)[:200]!r} is there, and is no dossier.", "Name another file: --to FILE.zip")
    return path


def _is_dossier(path: Path) -> bool:
    """Whether a file is a dossier that an earlier call wrote: only that is replaced."""
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            return False
        with zipfile.ZipFile(path) as archive:
            return {INDEX, PAGE} <= set(archive.namelist())
    except (OSError, zipfile.BadZipFile):
        return False


def _put(path: Path, data: bytes) -> None:
    """The file in place, whole or not at all."""
    part = path.with_name(f".{path.name[:100]}-{os.getpid()}-{os.urandom(4).hex()}.part")
    try:
        with part.open("xb") as file:
            file.write(data)
        part.replace(path)
    except OSError as error:
        part.unlink(missing_ok=True)
        message = f"{str(path)[:200]!r} cannot be written: {error.strerror}."
        raise Unreachable(message, "Name another place: --to FILE.zip") from error
