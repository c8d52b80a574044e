"""The SQLite store: one file, many processes. How it is opened, locked and made, and what its errors mean.

Writers take turns by a lock file: SQLite's own waiting sleeps up to 100 ms between two looks, which starves eight
writers (measured: 18 commits/s with it, hundreds without). On a local disk it is WAL, where readers and the writer do
not wait for each other. On a network file system WAL cannot be, as it needs shared memory: a warning says so.
"""

from __future__ import annotations

import os
import sqlite3
import threading
import warnings
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from nb_mlops.core.errors import Damaged, Unreachable
from nb_mlops.storage import disk, mounts
from nb_mlops.storage.sql.migrate import check_not_newer, migrate, newest
from nb_mlops.storage.sql.session import Session
from nb_mlops.storage.sql.sqlite_pool import SqlitePool

DIALECT = "sqlite"
_WAIT_SECONDS = 60.0  # for a lock: long enough for a queue of writers, short enough to say that one hangs

_FULL = "PRAGMA synchronous = FULL"  # a commit is on stable storage when it returns
_DAMAGED = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}
_HINTS = {
    sqlite3.SQLITE_FULL: "The disk is full: free some space, then run it again.",
    sqlite3.SQLITE_READONLY: "You may only read it: choose a registry you may write to.",
    sqlite3.SQLITE_PERM: "You may not use it: check who owns the folder, or choose another registry.",
    sqlite3.SQLITE_CANTOPEN: "Check that its folder is there and that you may write to it, or choose another registry.",
    sqlite3.SQLITE_BUSY: "Another process holds it: wait until that has finished, then run it again.",
    sqlite3.SQLITE_IOERR: "The disk refused: check its space and its health, then run it again.",
}


class SqliteStore:
    """The catalog's file; nothing is made until something is written."""

    percent = False

    def __init__(self, path: Path, *, mount_type: mounts.MountType = mounts.mount_type) -> None:
        self.path = Path(path)
        self._mount_type = mount_type
        self._lock_path = self.path.with_name(self.path.name + ".lock")
        self._making = threading.Lock()
        self._applied = 0  # migrations known to be in the file
        self._is_network: bool | None = None
        self._pool = SqlitePool(self._connect)

    @contextmanager
    def reading(self, *, snapshot: bool = False) -> Iterator[Session | None]:
        """A session to read with, or None where no registry was made yet; `snapshot`: all of one moment."""
        with self._reported("reading"):
            if not self.path.is_file():
                yield None
                return
            with self._connected() as session:
                made = self._is_made(session)
                if made and self._applied < newest(DIALECT):
                    self._refuse_old_read_only()
                    self._make()
                if not made:
                    yield None
                    return
                if snapshot:
                    session.run("BEGIN")
                yield session

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """A session that holds the registry's one write lock; commits at the end, or undoes everything."""
        with self._reported("writing"):
            if self._applied < newest(DIALECT) or not self.path.is_file():
                self._make()
            with disk.lock(self._lock_path, wait_seconds=_WAIT_SECONDS), self._connected() as session:
                session.run("BEGIN IMMEDIATE")
                check_not_newer(_applied(session), DIALECT)
                yield session
                session.run("COMMIT")

    def close(self) -> None:
        """Closes this process's connections."""
        self._pool.close()

    def _is_made(self, session: Session) -> bool:
        if not self._applied:
            made = session.one("SELECT 1 FROM sqlite_master WHERE name = 'migrations'")
            self._applied = _applied(session) if made else 0
            check_not_newer(self._applied, DIALECT)
        return bool(self._applied)

    def _refuse_old_read_only(self) -> None:
        """Raises Unreachable where the tables of an older program lack columns and may not be given them."""
        if not os.access(self.path.parent, os.W_OK):
            message = f"The registry {self.path.parent} was made by an older nb_mlops; its tables must grow to be read."
            raise Unreachable(message, "Open it once as somebody who may write there, or open a copy of the folder.")

    def _make(self) -> None:
        """Makes the file, or brings its tables up to date; several processes may come here at once."""
        with self._making:
            disk.make_folder(self.path.parent)
            with disk.lock(self._lock_path):
                if disk.size_of(self.path):
                    self._upgrade()
                else:
                    self._make_new()
            self._applied = newest(DIALECT)

    def _make_new(self) -> None:
        """A private file that gets its name once it is whole and on stable storage: one fsync in place of many."""
        new = self.path.with_name(self.path.name + ".new")
        for end in ("", "-wal", "-shm", "-journal"):
            disk.remove(new.with_name(new.name + end))  # what a killed maker left behind
        os.close(disk.create_file(new))
        with closing(self._connect(new)) as connection, closing(connection.cursor()) as cursor:
            session = Session(cursor, percent=self.percent)
            session.run("PRAGMA synchronous = OFF")
            session.run(f"PRAGMA journal_mode = {'DELETE' if self._network() else 'WAL'}")
            session.run("BEGIN")
            migrate(session, DIALECT, 0)
            session.run("COMMIT")
        disk.sync_path(new)
        disk.move(new, self.path)
        disk.sync_folder(self.path.parent)
        self.close()  # a connection to what stood there before would not see it

    def _upgrade(self) -> None:
        with self._connected() as session:
            if self._network():
                session.run("PRAGMA journal_mode = DELETE")
            session.run("BEGIN IMMEDIATE")
            made = session.one("SELECT 1 FROM sqlite_master WHERE name = 'migrations'")
            applied = _applied(session) if made else 0
            check_not_newer(applied, DIALECT)
            migrate(session, DIALECT, applied)
            session.run("COMMIT")

    def _network(self) -> bool:
        """Whether the file lies on a network file system; warns the first time."""
        if self._is_network is None:
            kind = self._mount_type(self.path)
            self._is_network = mounts.is_network(kind)
            if self._is_network:
                message = f"The registry {self.path.parent} lies on a network file system ({kind})"
                hint = "one process writes at a time, and slowly. For a team, use a shared registry."
                warnings.warn(f"{message}: {hint}", UserWarning, stacklevel=2)
        return self._is_network

    @contextmanager
    def _connected(self) -> Iterator[Session]:
        """A connection; one to a read-only folder is not kept: what `_query` saw may not hold at the next read."""
        may_write = os.access(self.path.parent, os.W_OK)
        with self._pool.lent(keep=may_write) as connection, closing(connection.cursor()) as cursor:
            yield Session(cursor, percent=self.percent)

    def _connect(self, path: Path | None = None) -> sqlite3.Connection:
        """Opens what is there: `mode=rw` makes no file."""
        connection = sqlite3.connect(
            f"{(path or self.path).absolute().as_uri()}?{self._query()}",
            uri=True,
            timeout=_WAIT_SECONDS,
            isolation_level=None,  # we begin transactions ourselves
            check_same_thread=False,  # it is lent to one thread at a time
            cached_statements=256,
        )
        connection.execute(_FULL)
        connection.execute("PRAGMA cache_size = -16000")  # kB; the default of 2 MB is small for 100,000 versions
        connection.execute("PRAGMA trusted_schema = OFF")  # a forged file must not run functions
        return connection

    def _query(self) -> str:
        """How to open it: WAL wants to make a file beside it even to read, which a read-only folder forbids."""
        is_closed = not self.path.with_name(self.path.name + "-wal").exists()
        return "mode=ro&immutable=1" if is_closed and not os.access(self.path.parent, os.W_OK) else "mode=rw"

    @contextmanager
    def _reported(self, act: str) -> Iterator[None]:
        """Turns the driver's errors into two lines of ours."""
        with disk.reported(f"{act} the registry", self.path.parent):
            try:
                yield
            except sqlite3.Error as error:
                raise self._in_our_words(error, act) from error

    def _in_our_words(self, error: sqlite3.Error, act: str) -> Exception:
        code = getattr(error, "sqlite_errorcode", 0) & 0xFF
        if code in _DAMAGED:
            message = f"{self.path} is damaged: {error}."
            return Damaged(message, "Restore it from a backup; `nb-mlops verify` tells how far it holds.")
        if isinstance(error, sqlite3.OperationalError):
            hint = _HINTS.get(code, "Check the folder and its disk, then run it again.")
            return Unreachable(f"{act} the registry {self.path.parent} failed: {error}.", hint)
        return error  # a constraint or a wrong statement: a bug, left to crash


def _applied(session: Session) -> int:
    row = session.one("SELECT max(number) FROM migrations")
    return int(row[0]) if row and row[0] is not None else 0
