"""Connections to one SQLite file, lent to one user at a time and kept for the next.

SQLAlchemy's pool would do the same, but its import takes 450 ms: half of what a first registration may cost.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager

_MOST_IDLE = 4  # connections kept: more users at once open more, which are closed after use


class SqlitePool:
    """Idle connections by process: one must not cross a fork, where closing it would free the parent's locks."""

    def __init__(self, connect: Callable[[], sqlite3.Connection]) -> None:
        self._connect = connect
        self._idle: dict[int, list[sqlite3.Connection]] = {}

    @contextmanager
    def lent(self, *, keep: bool = True) -> Iterator[sqlite3.Connection]:
        """A connection outside any transaction; what was begun and not committed is undone. `keep`: for the next."""
        idle = self._idle.setdefault(os.getpid(), [])
        try:
            connection = idle.pop()
        except IndexError:  # none, or another thread was quicker
            connection = self._connect()
        try:
            yield connection
        except BaseException:
            connection.close()  # whatever state it is in
            raise
        if connection.in_transaction:
            connection.rollback()
        if keep and len(idle) < _MOST_IDLE:
            idle.append(connection)
        else:
            connection.close()

    def close(self) -> None:
        """Closes this process's idle connections."""
        idle = self._idle.pop(os.getpid(), [])
        while idle:
            idle.pop().close()
