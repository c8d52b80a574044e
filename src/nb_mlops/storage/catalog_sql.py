"""The catalog in SQL, on SQLite or PostgreSQL: the same story as in memory, with the database's lock around it."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from nb_mlops.core.chain import Chain, Stored
from nb_mlops.core.checkpoint import Checkpoint
from nb_mlops.core.event import REGISTRY, Actor, Draft, Event
from nb_mlops.core.identity import Person, folded
from nb_mlops.core.policy import Policy
from nb_mlops.core.policy.in_force import in_force
from nb_mlops.core.rows import ROWS, ModelRow, R, Row, VersionRow
from nb_mlops.core.verification import Mismatch, Verification
from nb_mlops.storage import chain_apart
from nb_mlops.storage.catalog_memory import MemoryCatalog
from nb_mlops.storage.chain_apart import Apart, Half
from nb_mlops.storage.recording import Recorded, Text, digest_of, record_draft
from nb_mlops.storage.replay import follow, owner_column, verify
from nb_mlops.storage.sql import facets, queries, rows
from nb_mlops.storage.sql.session import Session

if TYPE_CHECKING:
    from nb_mlops.core.filters import Filter, Sort
    from nb_mlops.storage.mounts import MountType


class Store(Protocol):
    """A database that lends sessions."""

    def reading(self, *, snapshot: bool = False) -> AbstractContextManager[Session | None]:
        """A session to read with, or None where no registry was made yet."""
        ...

    def writing(self) -> AbstractContextManager[Session]:
        """A session that holds the one write lock; commits at the end, or undoes everything."""
        ...

    def close(self) -> None:
        """Closes connections."""
        ...


class SqlCatalog:
    """Histories and rows in a database, which is made when something is first written."""

    def __init__(self, store: Store, *, clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._store = store
        self._file: Path | None = getattr(store, "path", None)  # of an embedded one
        self._clock = clock

    @classmethod
    def sqlite(cls, path: Path, *, mount_type: MountType | None = None, **options: Any) -> SqlCatalog:
        """The catalog in a file of this machine; `mount_type` tells the type of its file system, for tests."""
        from nb_mlops.storage.sql.sqlite import SqliteStore

        return cls(SqliteStore(path, **({"mount_type": mount_type} if mount_type else {})), **options)

    @classmethod
    def postgresql(cls, address: str, **options: Any) -> SqlCatalog:
        """The catalog in a database: `postgresql://user:password@host/database`."""
        from nb_mlops.storage.sql.postgresql import PostgresStore

        return cls(PostgresStore(address), **options)

    def append(self, draft: Draft) -> Event:
        """Decides and records, in one transaction."""
        digest = digest_of(draft)
        with self._store.writing() as session:
            return record_draft(draft, digest, _Transaction(session), now=self._clock())

    def policy(self) -> Policy:
        """The policy in force."""
        return in_force(self)

    def get(self, kind: type[R], *key: Any) -> R | None:
        """The row of this key, or None."""
        with self._store.reading() as session:
            return rows.fetch(session, kind, key) if session else None

    def find(self, kind: type[R], /, **equal: Any) -> list[R]:
        """All rows whose columns equal the given values, ordered by key."""
        with self._store.reading() as session:
            return rows.find(session, kind, equal) if session else []

    def how_many(self, kind: type[Row], distinct: str = "", **equal: Any) -> int:
        """How many rows `find` would give, or values of a column."""
        with self._store.reading() as session:
            return rows.count(session, kind, distinct, equal) if session else 0

    def last(self, kind: type[R], **equal: Any) -> R | None:
        """The last of the rows that `find` would give."""
        with self._store.reading() as session:
            found = rows.find(session, kind, equal, last_only=True) if session else []
        return found[0] if found else None

    def event(self, id: str) -> Event | None:
        """The event of this id, or None."""
        with self._store.reading() as session:
            found = queries.event(session, id) if session else None
        return Event.from_bytes(found.data, position=found.position) if found else None

    def events(self, history: str, *, after: int = 0) -> Iterator[Event]:
        """The events of one history in order; no connection is held between two pages."""
        while True:
            with self._store.reading() as session:
                page = queries.events(session, history, after=after) if session else []
            if not page:
                return
            for one in page:
                yield Event.from_bytes(one.data, position=one.position)
            after = page[-1].sequence

    def models(self, query: str | None = None, *, after: str = "", limit: int = 100) -> list[ModelRow]:
        """Models by name."""
        with self._store.reading() as session:
            return rows.models_by_name(session, query or "", after, limit) if session else []

    def versions(
        self, model: str | None, *, where: Filter | None = None, sort: Sort | None = None, limit: int = 100
    ) -> list[VersionRow]:
        """Versions that are not discarded, newest first unless sorted."""
        from nb_mlops.storage.sql.search import search

        with self._store.reading() as session:
            return search(session, model, where, sort, limit) if session else []

    def names(self, actors: Iterable[str]) -> dict[str, str]:
        """The names of actors by their opaque ids."""
        with self._store.reading() as session:
            return queries.names(session, actors) if session else {}

    def find_actor(self, name: str) -> str | None:
        """The opaque id of the person of this name."""
        with self._store.reading() as session:
            found = queries.person(session, name) if session else None
        return found.id if found else None

    def texts(self, digests: Iterable[str]) -> dict[str, str]:
        """What people typed, by the salted digests that events hold."""
        with self._store.reading() as session:
            return {text.digest: text.text for text in queries.texts(session, digests)} if session else {}

    def position(self) -> int:
        """The registry-wide position of the newest event."""
        with self._store.reading() as session:
            return queries.last_position(session) if session else 0

    def chain(self) -> Chain:
        """The chain of all events, of one moment."""
        with self._store.reading(snapshot=True) as session:
            return follow(_Snapshot(session, self._file)) if session else Chain()

    def second_half(self, half: Half) -> Chain:
        """The events that another process was asked to follow: it is that process that calls this."""
        chain = Chain(half.marks)
        chain.begin(half.after, half.heads)
        with self._store.reading(snapshot=True) as session:
            assert session is not None, "who asked has seen it"
            for page in queries.events_by_position(session, after=half.after, upto=half.upto):
                chain.follow(page)
        return chain

    def now(self) -> datetime:
        """The catalog's clock."""
        return self._clock()

    def verify(self, checkpoints: Sequence[Checkpoint] = ()) -> Verification:
        """Replays every history and compares, all of one moment."""
        with self._store.reading(snapshot=True) as session:
            histories = _Snapshot(session, self._file) if session else MemoryCatalog()
            return verify(histories, checkpoints)

    def close(self) -> None:
        """Closes connections."""
        self._store.close()


class _Transaction:
    """What `record_draft` needs, on a session that holds the lock."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._position = queries.last_position(session)

    def get(self, kind: type[R], *key: Any) -> R | None:
        return rows.fetch(self._session, kind, key)

    def find(self, kind: type[R], /, **equal: Any) -> list[R]:
        return rows.find(self._session, kind, equal)

    def how_many(self, kind: type[Row], distinct: str = "", **equal: Any) -> int:
        return rows.count(self._session, kind, distinct, equal)

    def last(self, kind: type[R], **equal: Any) -> R | None:
        found = rows.find(self._session, kind, equal, last_only=True)
        return found[0] if found else None

    def recorded(self, id: str) -> Recorded | None:
        found = queries.event(self._session, id)
        return Recorded(Event.from_bytes(found.data, position=found.position), found.draft) if found else None

    def actor(self, actor: Actor) -> Person:
        known = queries.person(self._session, actor.name)
        if known is None:
            known = Person(str(uuid.uuid4()), actor.name, actor.source, folded(actor.name))
            queries.add_person(self._session, known)
        return known

    def unbound(self, limit: int) -> list[Person]:
        return queries.unbound(self._session, limit)

    def bind(self, person: Person) -> None:
        queries.bind(self._session, person)

    def head(self, history: str) -> tuple[int, str]:
        return queries.head(self._session, history)

    def text(self, digest: str) -> Text | None:
        found = queries.texts(self._session, [digest])
        return found[0] if found else None

    def add_text(self, text: Text) -> None:
        queries.add_text(self._session, text)

    def add_event(self, event: Event, data: bytes, draft: str) -> int:
        self._position += 1
        stored = Stored(self._position, event.history, event.sequence, event.id, event.hash, data)
        queries.add_event(self._session, stored, draft)
        return self._position

    def put(self, row: Row, position: int) -> None:
        if not isinstance(row, VersionRow):
            rows.put(self._session, row, {})
            return
        known = rows.position_of(self._session, row)
        rows.put(self._session, row, {"position": known or position})
        facets.replace_facets(self._session, known or position, row, is_new=known is None)


class _Snapshot:
    """What `verify` looks at."""

    def __init__(self, session: Session, file: Path | None) -> None:
        """`file`: where another process finds the same events, if it can."""
        self._session = session
        self._file = file

    def pages(self, *, after: int = 0, upto: int | None = None) -> Iterator[Sequence[Stored]]:
        return queries.events_by_position(self._session, after=after, upto=upto)

    def apart(self, marks: Mapping[int, datetime]) -> Apart | None:
        last = queries.last_position(self._session)
        if self._file is None or last < chain_apart.LEAST_EVENTS or not chain_apart.has_second_core():
            return None
        middle = last // 2
        later = {at: time for at, time in marks.items() if at > middle}
        return Apart(Half(self._file, middle, last, queries.heads(self._session, middle), later))

    def owners(self) -> set[str]:
        found = {REGISTRY} | queries.histories(self._session)
        for kind in ROWS:
            column = owner_column(kind)
            found |= queries.owners(self._session, kind.TABLE, column) if column else set()
        return found

    def stored(self, history: str) -> Iterator[Stored]:
        return queries.all_events(self._session, history)

    def rows(self, kind: type[R], history: str) -> list[R]:
        column = owner_column(kind)
        return rows.find(self._session, kind, {column: history} if column else {})

    def all_texts(self) -> Iterator[Text]:
        return queries.all_texts(self._session)

    def people(self) -> Iterator[Person]:
        return queries.people(self._session)

    def more_findings(self) -> Iterator[Mismatch]:
        """Facets that do not say what their version says, and versions out of their place."""
        for page in rows.all_versions(self._session):
            stored = facets.stored_facets(self._session, page)
            for position, row in page.items():
                if stored[position] != facets.facets(row):
                    yield Mismatch(f"facets of version {row.model}/{row.number}", "differ from the version")
                found = queries.event(self._session, row.event)
                if found is None or found.position != position:
                    yield Mismatch(f"versions {row.model}/{row.number}", "does not stand at its event's position")
        orphans = facets.orphans(self._session)
        if orphans:
            yield Mismatch("facets", f"{orphans:,} belong to no version")
