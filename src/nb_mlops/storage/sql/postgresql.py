"""The PostgreSQL store: one database, many hosts. One advisory lock makes every append a turn, in commit order.

The address may hold a password: it lives in SQLAlchemy's URL, whose repr masks it, and in no text of ours.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING

from nb_mlops.core.errors import BadInput, NbMlopsError, Unreachable, Unsupported
from nb_mlops.storage.sql.migrate import check_not_newer, migrate, newest
from nb_mlops.storage.sql.session import Session

if TYPE_CHECKING:
    from sqlalchemy import URL, Engine

DIALECT = "postgresql"
_LOCK = 0x6E625F6D6C6F7073  # 'nb_mlops': one number for all programs that append
_WAIT = "60s"


class PostgresStore:
    """The catalog's database; its tables are made when something is first written."""

    percent = True

    def __init__(self, address: str) -> None:
        self._url = _url(address)
        self._applied = 0
        self._engines: dict[int, Engine] = {}  # by process: a connection must not cross a fork

    def __repr__(self) -> str:
        return f"PostgresStore({self.shown!r})"

    @property
    def shown(self) -> str:
        """The address as it may be printed."""
        return f"postgresql://{self._url.host or 'local'}/{self._url.database or ''}"

    @contextmanager
    def reading(self, *, snapshot: bool = False) -> Iterator[Session | None]:
        """A session to read with, or None where no registry was made yet; `snapshot`: all of one moment."""
        with self._reported("reading"), self._connected() as session:
            if self._is_made(session) and self._applied < newest(DIALECT):
                self._upgrade(session)
            if snapshot:
                session.run("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
            if not self._is_made(session):
                yield None
                return
            yield session

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """A session that holds the registry's one write lock; commits at the end, or undoes everything."""
        with self._reported("writing"), self._connected() as session:
            session.run("BEGIN")
            session.run("SELECT pg_advisory_xact_lock(:lock)", {"lock": _LOCK})
            if not self._is_made(session):
                migrate(session, DIALECT, 0)
            elif self._applied < newest(DIALECT):
                migrate(session, DIALECT, _applied(session))  # another process may have been here since
            check_not_newer(_applied(session), DIALECT)
            yield session
            session.run("COMMIT")
            self._applied = newest(DIALECT)

    def _upgrade(self, session: Session) -> None:
        """Brings the tables of an older program up to date, before they are first read."""
        session.run("BEGIN")
        session.run("SELECT pg_advisory_xact_lock(:lock)", {"lock": _LOCK})
        migrate(session, DIALECT, _applied(session))
        session.run("COMMIT")
        self._applied = newest(DIALECT)

    def close(self) -> None:
        """Closes this process's connections."""
        engine = self._engines.pop(os.getpid(), None)
        if engine is not None:
            engine.dispose()

    def _is_made(self, session: Session) -> bool:
        if not self._applied:
            made = session.one("SELECT to_regclass('migrations') IS NOT NULL")
            applied = _applied(session) if made and made[0] else 0
            check_not_newer(applied, DIALECT)
            self._applied = applied
        return bool(self._applied)

    @contextmanager
    def _connected(self) -> Iterator[Session]:
        connection = self._engine().raw_connection()
        try:
            cursor = connection.cursor()
            with closing(cursor):
                yield Session(cursor, percent=self.percent)
        finally:
            connection.close()

    def _engine(self) -> Engine:
        engine = self._engines.get(os.getpid())
        if engine is None:
            from sqlalchemy import create_engine

            engine = create_engine(
                self._url,
                isolation_level="AUTOCOMMIT",  # we begin transactions ourselves
                pool_pre_ping=True,  # a connection that the server closed over night is replaced
                pool_size=4,
                max_overflow=32,
                hide_parameters=True,
                connect_args={"connect_timeout": 10, "options": f"{_options(self._url)} -c lock_timeout={_WAIT}"},
            )
            self._engines[os.getpid()] = engine
        return engine

    @contextmanager
    def _reported(self, act: str) -> Iterator[None]:
        """Turns the driver's errors into two lines of ours, without its text: that may repeat the address."""
        import psycopg
        import sqlalchemy.exc

        try:
            yield
        except NbMlopsError:
            raise
        except (psycopg.OperationalError, psycopg.InterfaceError, sqlalchemy.exc.DBAPIError) as error:
            raise self._unreachable(act, error) from None
        except (psycopg.errors.InsufficientPrivilege, psycopg.errors.ReadOnlySqlTransaction) as error:
            message = f"{act} the registry {self.shown} was refused ({type(error).__name__})."
            raise Unreachable(message, "Ask its owner for the right to do that.") from None
        except psycopg.DataError as error:
            raise BadInput(f"The database cannot hold this: {error}.", "Take unprintable characters out.") from None

    def _unreachable(self, act: str, error: Exception) -> Unreachable:
        cause = getattr(error, "orig", None) or error
        state = getattr(cause, "sqlstate", None)
        detail = f"{type(cause).__name__}{f' {state}' if state else ''}"
        hint = "Check that the database runs, the address and your rights, then run it again."
        return Unreachable(f"{act} the registry {self.shown} failed ({detail}).", hint)


def _url(address: str) -> URL:
    """The address for SQLAlchemy, with the one driver we know."""
    from sqlalchemy import make_url
    from sqlalchemy.exc import ArgumentError

    try:
        url = make_url(address)
    except (ArgumentError, ValueError):
        raise BadInput("That is not the address of a database.", "Like postgresql://user@host/database.") from None
    if url.get_backend_name() not in ("postgresql", "postgres"):
        raise Unsupported(f"A {url.get_backend_name()} database holds no registry.", "Use postgresql:// or a folder.")
    return url.set(drivername="postgresql+psycopg")


def _options(url: URL) -> str:
    """What the address itself sets, such as a search_path."""
    given = url.query.get("options", "")
    return given if isinstance(given, str) else " ".join(given)


def _applied(session: Session) -> int:
    row = session.one("SELECT max(number) FROM migrations")
    return int(row[0]) if row and row[0] is not None else 0
