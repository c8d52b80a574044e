"""Which notebook this kernel runs, and in what: a chain of probes, each of which may know nothing.

A kernel is not told its notebook's path. JupyterLab and Notebook put it into the environment at start (a later rename
cannot reach the kernel; what the notebook starts inherits it, and is another one), VS Code into the namespace,
`nb-mlops run` into the environment, papermill into the namespace when asked (`--inject-paths`); Colab tells nobody.
"""

from __future__ import annotations

import hashlib
import os
import stat
import sys
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

from nb_mlops.capture.cells import SavedCell, saved_cells
from nb_mlops.capture.front_end import is_spoken_to
from nb_mlops.core.lineage import Notebook

OUR_RUNNER = "NB_MLOPS_NOTEBOOK"
_LARGEST = 64 * 1024 * 1024  # bytes: reading a notebook must not be felt
_SUFFIX = ".ipynb"


class Saved(NamedTuple):
    """A notebook file as it is on disk now."""

    sha256: str
    cells: tuple[SavedCell, ...]


def notebook_of(shell: Any | None, environ: Mapping[str, str] | None = None) -> Notebook:
    """The notebook this shell runs, and the digest of its file; what cannot be known is None."""
    path, where = _located(shell, os.environ if environ is None else environ)
    if path is None:
        return Notebook(None, None, where)
    absolute = str(Path(path).absolute())  # not resolved: the name people know, symbolic links included
    saved = saved_notebook(absolute)
    return Notebook(absolute, saved.sha256 if saved else None, where)


def saved_notebook(path: str | None) -> Saved | None:
    """The notebook file's digest and code cells; None when it is not a readable, regular file of reasonable size."""
    if path is None:
        return None
    try:
        found = Path(path).stat()
    except (OSError, ValueError):
        return None  # never saved, renamed since, or on another machine than the kernel
    if not stat.S_ISREG(found.st_mode) or found.st_size > _LARGEST:
        return None
    return _read(path, found.st_mtime_ns, found.st_size, found.st_ino)


@lru_cache(maxsize=8)
def _read(path: str, mtime_ns: int, size: int, inode: int) -> Saved | None:
    """The file, once for each state it is in: the arguments after the path are that state."""
    # Non-blocking: what was a file a moment ago could be a pipe now, and nobody may hold up a registration.
    flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0) | getattr(os, "O_CLOEXEC", 0)
    try:
        handle = os.open(path, flags)
    except OSError:
        return None  # unreadable for this user: unknown
    if not stat.S_ISREG(os.fstat(handle).st_mode):  # asked of the handle: `fdopen` raises for a folder
        os.close(handle)
        return None
    with os.fdopen(handle, "rb") as file:
        text = file.read(_LARGEST + 1)
    return Saved(hashlib.sha256(text).hexdigest(), saved_cells(text))


def _located(shell: Any | None, environ: Mapping[str, str]) -> tuple[str | None, str]:
    if path := environ.get(OUR_RUNNER):
        return path, "papermill"
    if shell is None:
        return None, "python"
    names = getattr(shell, "user_ns", {})
    for name, where in (("PAPERMILL_INPUT_PATH", "papermill"), ("__vsc_ipynb_file__", "vscode")):
        path = names.get(name)
        if isinstance(path, str) and path.endswith(_SUFFIX):
            return path, where
    if "google.colab" in sys.modules:
        return None, "colab"
    session = environ.get("JPY_SESSION_NAME", "") if is_spoken_to(shell) or not _is_kernel(shell) else ""
    if session.endswith(_SUFFIX):  # a console's session is named otherwise, and early ones are a UUID
        return session, "jupyterlab"
    return None, "jupyter" if _is_kernel(shell) else "ipython"


def _is_kernel(shell: Any) -> bool:
    return type(shell).__name__ == "ZMQInteractiveShell"
