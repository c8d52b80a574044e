"""The second half of a long chain, followed by a second process: one core takes some microseconds an event.

    here: events up to the middle          there: python -m nb_mlops.storage.chain_apart, the events after it
                     └──────── joined ────────┘   it begins at the heads that the columns claim for the middle;
                                                  where those turn out wrong, its half is followed again, here

A fresh interpreter and no fork: a notebook's kernel has threads, and a script need not guard its main.
"""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
import threading
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from nb_mlops.core.chain import Chain, Head

LEAST_EVENTS = 200_000  # below, a second process takes longer to start than it saves


class Half(NamedTuple):
    """What the other process is to do, and where it begins."""

    path: Path
    after: int
    upto: int
    heads: Mapping[str, Head]
    marks: Mapping[int, datetime]


class Apart:
    """A chain that is being followed by another process."""

    def __init__(self, half: Half) -> None:
        self.half = half
        command = [sys.executable, "-m", "nb_mlops.storage.chain_apart"]
        pipe = subprocess.PIPE
        self._process = subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=subprocess.DEVNULL)
        self._written = b""
        self._talk = threading.Thread(target=self._communicate, name="nb-mlops-chain", daemon=True)
        self._talk.start()

    def result(self) -> Chain | None:
        """What it found; None where it failed, for whatever reason: then the work is done here."""
        self._talk.join()
        if self._process.returncode or not self._written:
            return None
        found = pickle.loads(self._written)  # noqa: S301  our own child wrote it, into a pipe that nobody else holds
        return found if isinstance(found, Chain) else None

    def stop(self) -> None:
        """Nobody wants the result any more."""
        self._process.kill()
        self._talk.join()

    def _communicate(self) -> None:
        with suppress(OSError):  # it died before it read what to do
            self._written = self._process.communicate(pickle.dumps(self.half))[0]


def has_second_core() -> bool:
    """Whether there is a core to spare."""
    return (len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1) > 1


def _follow_half() -> None:
    """What the other process does."""
    from nb_mlops.storage.catalog_sql import SqlCatalog

    half: Half = pickle.load(sys.stdin.buffer)  # noqa: S301  our parent wrote it
    chain = SqlCatalog.sqlite(half.path).second_half(half)
    sys.stdout.buffer.write(pickle.dumps(chain))


if __name__ == "__main__":
    _follow_half()
