"""What this process remembers between acts: cells run, fits seen, the last registration, what it trusts.

In a notebook `%load_ext nb_mlops` starts it; without that it begins with the first verb and reads IPython's history.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from nb_mlops.capture.cells import CellLog
    from nb_mlops.capture.fits import FitWatch
    from nb_mlops.core.version import Version


@dataclass
class Session:
    """One process's memory; a notebook kernel has one."""

    shell: Any = None  # IPython's shell, which ships no types
    fits: FitWatch | None = None
    last: Version | None = None  # what `ref` means when it is left out
    bound: dict[str, int] = field(default_factory=dict)  # names and ids at the last registration
    at_cell_start: dict[str, int] = field(default_factory=dict)  # the same, when the running cell began
    made: set[str] = field(default_factory=set)  # digests of artifacts made here: trusted by this session
    newest: dict[tuple[str, str], int] = field(default_factory=dict)  # (registry, model) -> own newest number

    @property
    def cells(self) -> CellLog | None:
        """The cells that ran in this shell; None outside IPython."""
        from nb_mlops.capture.cells import attach, log_of

        if self.shell is None:
            return None
        return log_of(self.shell) or attach(self.shell)

    @property
    def namespace(self) -> Mapping[str, object]:
        """The user's top-level names; empty outside IPython."""
        return self.shell.user_ns if self.shell is not None else {}

    def cell_starts(self, info: object = None) -> None:
        """Watches classes that the notebook defined since the last cell, and remembers what its names hold now."""
        from nb_mlops.capture.estimators import snapshot
        from nb_mlops.capture.front_end import is_spoken_to

        is_spoken_to(self.shell)  # it is remembered for clicks between cells
        if self.fits is not None:
            self.fits.notice(self.namespace)
        self.at_cell_start = snapshot(self.namespace, self.fits)

    def remember(self, version: Version) -> None:
        """Makes `version` the last registration of this session."""
        from nb_mlops.capture.estimators import snapshot

        self.last = version
        self.bound = snapshot(self.namespace, self.fits)
        self.made.add(version.digest)
        self.newest[(version.registry, version.name)] = version.number


_session: list[Session] = []


def session() -> Session:
    """This process's session, begun now where none was started."""
    if not _session:
        _session.append(Session(shell=_running_shell()))
    return _session[0]


def start(shell: Any) -> Session:
    """Starts watching cells and fits of an IPython shell; harmless when started already."""
    from nb_mlops.capture.cells import attach
    from nb_mlops.capture.fits import watch

    stop()
    attach(shell)
    found = Session(shell=shell, fits=watch(shell.user_ns))
    shell.events.register("pre_run_cell", found.cell_starts)
    _session[:] = [found]
    return found


def stop() -> None:
    """Stops watching and forgets; classes that were watched are as they were before."""
    if not _session:
        return
    found = _session.pop()
    if found.fits is not None:
        found.fits.stop()
    if found.shell is not None:
        from nb_mlops.capture.cells import detach

        detach(found.shell)
        with suppress(ValueError):  # a session that was not started by `start` listens to nothing
            found.shell.events.unregister("pre_run_cell", found.cell_starts)


def is_watched() -> bool:
    """Whether a person sits before this process: not under papermill (`nb-mlops run`), not in CI, not in a pipe."""
    if os.environ.get("CI") or os.environ.get("NB_MLOPS_UNATTENDED"):
        return False
    if "ipykernel" in sys.modules:
        from nb_mlops.capture.front_end import is_spoken_to

        now = session()
        return is_spoken_to(now.shell) or "__vsc_ipynb_file__" in now.namespace or "COLAB_RELEASE_TAG" in os.environ
    return sys.stdin is not None and sys.stdin.isatty()


def _running_shell() -> Any:
    """IPython's shell where one runs; IPython is not imported to find out."""
    module = sys.modules.get("IPython")
    return module.get_ipython() if module is not None else None
