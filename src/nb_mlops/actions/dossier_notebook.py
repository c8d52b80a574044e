"""The notebook of a version with its secrets scrubbed: stored with it, or still at its recorded path and unchanged."""

from __future__ import annotations

import hashlib
import os
import stat
from pathlib import Path

from nb_mlops.actions.registry import Registry
from nb_mlops.capture.scrub import scrubbed
from nb_mlops.core.dossier import safe_part
from nb_mlops.core.errors import NbMlopsError
from nb_mlops.core.printable import one_line
from nb_mlops.core.version import Version

_LARGEST = 20 << 20  # bytes
Found = tuple[tuple[str, bytes] | None, str]  # (name and bytes, or None; what to say of it)


def notebook_of(registry: Registry, version: Version) -> Found:
    """The notebook and what to say of it; where there is none, why."""
    name, data, why = _stored(registry, version) or _at_its_path(version)
    cells = "; the cells that made the version are: lineage/code.py" if version.lineage.slice else ""
    if data is None:
        return None, f"the notebook is not in it: {why}{cells}"
    made = scrubbed(data)
    if made is None:
        return None, f"the notebook is not in it: it cannot be read as one{cells}"
    text, count = made
    masked = f"{count} secret{'' if count == 1 else 's'} masked" if count else "nothing in it looked like a secret"
    return (safe_part(name), text), f"the notebook is in it, {why}; {masked}"


def _stored(registry: Registry, version: Version) -> tuple[str, bytes | None, str] | None:
    """A notebook among the files that were registered with the version."""
    names = sorted(name for name in version.files if name.lower().endswith(".ipynb"))
    if not names:
        return None
    try:
        return names[0], registry.blobs.read(version.files[names[0]]["sha256"]), "as it was registered with the version"
    except NbMlopsError as error:
        return names[0], None, one_line(error.message)


def _at_its_path(version: Version) -> tuple[str, bytes | None, str]:
    there = version.lineage.notebook
    if there is None or there.path is None or there.sha256 is None:
        return "", None, "its path or its sha256 was not known at registration"
    data = _read(there.path)
    if data is None:
        return there.path, None, "it is not at its recorded path on this machine"
    if hashlib.sha256(data).hexdigest() != there.sha256:
        return there.path, None, "it was changed after the registration"
    return there.path, data, "unchanged since the registration"


def _read(path: str) -> bytes | None:
    """A regular file's bytes; None for what is none, is gone, too large or not ours to read. Never waits on a pipe."""
    if not path.lower().endswith(".ipynb") or not Path(path).is_absolute():
        return None
    try:
        handle = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    except (OSError, ValueError):
        return None
    if not stat.S_ISREG(os.fstat(handle).st_mode):
        os.close(handle)
        return None
    with os.fdopen(handle, "rb") as file:
        data = file.read(_LARGEST + 1)
    return data if len(data) <= _LARGEST else None
