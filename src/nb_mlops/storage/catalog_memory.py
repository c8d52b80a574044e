"""The catalog in this process's memory: the in-memory twin for tests and `memory://`, with the same rules."""

from __future__ import annotations

import threading
import uuid
from bisect import bisect_left, insort
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, TypeVar

from nb_mlops.core.chain import Chain, Stored
from nb_mlops.core.checkpoint import Checkpoint
from nb_mlops.core.event import REGISTRY, START, Actor, Draft, Event
from nb_mlops.core.identity import Person, folded
from nb_mlops.core.policy import Policy
from nb_mlops.core.policy.in_force import in_force
from nb_mlops.core.rows import ROWS, ModelRow, R, Row, VersionRow
from nb_mlops.core.verification import Mismatch, Verification
from nb_mlops.storage.recording import Recorded, Text, digest_of, record_draft
from nb_mlops.storage.replay import follow, owner_column, verify
from nb_mlops.storage.selection import select

if TYPE_CHECKING:
    from nb_mlops.core.filters import Filter, Sort

_PAGE = 1_000  # events looked at together
K = TypeVar("K")
T = TypeVar("T")


class MemoryCatalog:
    """Histories in dicts and lists; one lock makes each `append` a transaction."""

    def __init__(self, *, clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._clock = clock
        self._lock = threading.RLock()
        self.log: list[tuple[Stored, str]] = []  # by position, with the draft's digest
        self.by_id: dict[str, int] = {}
        self.histories: dict[str, list[int]] = {}
        self.tables: dict[str, dict[tuple[Any, ...], Row]] = {kind.TABLE: {} for kind in ROWS}
        self.keys: dict[str, list[tuple[Any, ...]]] = {kind.TABLE: [] for kind in ROWS}
        self.registered: dict[tuple[Any, ...], int] = {}  # key of a version -> position
        self.actors: dict[str, Person] = {}  # by opaque id
        self.actor_ids: dict[str, str] = {}  # by folded name
        self.stored_texts: dict[str, Text] = {}

    def append(self, draft: Draft) -> Event:
        """Decides and records, in one transaction."""
        digest = digest_of(draft)
        with self._lock, _Transaction(self) as transaction:
            return record_draft(draft, digest, transaction, now=self._clock())

    def policy(self) -> Policy:
        """The policy in force."""
        return in_force(self)

    def get(self, kind: type[R], *key: Any) -> R | None:
        """The row of this key, or None."""
        row = self.tables[kind.TABLE].get(key)
        return row if isinstance(row, kind) else None

    def find(self, kind: type[R], /, **equal: Any) -> list[R]:
        """All rows whose columns equal the given values, ordered by key."""
        with self._lock:
            return [row for key in self.keys[kind.TABLE] if (row := self._match(kind, key, equal))]

    def how_many(self, kind: type[Row], distinct: str = "", **equal: Any) -> int:
        """How many rows `find` would give, or values of a column."""
        found = self.find(kind, **equal)
        return len({getattr(row, distinct) for row in found}) if distinct else len(found)

    def last(self, kind: type[R], **equal: Any) -> R | None:
        """The last of the rows that `find` would give."""
        with self._lock:
            keys = reversed(self.keys[kind.TABLE])
            return next((row for key in keys if (row := self._match(kind, key, equal))), None)

    def event(self, id: str) -> Event | None:
        """The event of this id, or None."""
        known = self.recorded(id)
        return known.event if known else None

    def events(self, history: str, *, after: int = 0) -> Iterator[Event]:
        """The events of one history in order."""
        for position in self.histories.get(history, [])[after:]:
            yield self._event(position)

    def models(self, query: str | None = None, *, after: str = "", limit: int = 100) -> list[ModelRow]:
        """Models by name."""
        wanted = (query or "").lower()
        found = [row for row in self.find(ModelRow) if row.name > after and wanted in row.name]
        return sorted(found, key=lambda row: row.name)[:limit]

    def versions(
        self, model: str | None, *, where: Filter | None = None, sort: Sort | None = None, limit: int = 100
    ) -> list[VersionRow]:
        """Versions that are not discarded, newest first unless sorted."""
        equal = {} if model is None else {"model": model}
        rows = sorted(self.find(VersionRow, **equal), key=lambda row: -self.registered[row.key])
        return select(rows, where=where, sort=sort, limit=limit)

    def names(self, actors: Iterable[str]) -> dict[str, str]:
        """The names of actors by their opaque ids."""
        known = (self.actors[actor] for actor in actors if actor in self.actors)
        return {one.id: one.name for one in known if one.name is not None}

    def find_actor(self, name: str) -> str | None:
        """The opaque id of the person of this name."""
        return self.actor_ids.get(folded(name))

    def texts(self, digests: Iterable[str]) -> dict[str, str]:
        """What people typed, by the salted digests that events hold."""
        return {digest: self.stored_texts[digest].text for digest in digests if digest in self.stored_texts}

    def position(self) -> int:
        """The registry-wide position of the newest event."""
        return len(self.log)

    def chain(self) -> Chain:
        """The chain of all events, of one moment."""
        with self._lock:
            return follow(self)

    def now(self) -> datetime:
        """The catalog's clock."""
        return self._clock()

    def verify(self, checkpoints: Sequence[Checkpoint] = ()) -> Verification:
        """Replays every history and compares."""
        with self._lock:
            return verify(self, checkpoints)

    def close(self) -> None:
        """Nothing: what is here lives as long as the object."""

    # what `record_draft` and `verify` look at

    def recorded(self, id: str) -> Recorded | None:
        """The event of this id with its draft's digest."""
        position = self.by_id.get(id)
        return None if position is None else Recorded(self._event(position), self.log[position - 1][1])

    def head(self, history: str) -> tuple[int, str]:
        """Sequence and hash of a history's last event."""
        positions = self.histories.get(history)
        if not positions:
            return 0, START
        return len(positions), self.log[positions[-1] - 1][0].hash

    def pages(self, *, after: int = 0, upto: int | None = None) -> Iterator[Sequence[Stored]]:
        """All events by position, some hundred at a time."""
        for begin in range(after, len(self.log) if upto is None else upto, _PAGE):
            yield [stored for stored, _ in self.log[begin : begin + _PAGE]]

    def apart(self, marks: Mapping[int, datetime]) -> None:
        """No other process sees this memory."""

    def owners(self) -> set[str]:
        """Every history, and every model that a row belongs to."""
        return {REGISTRY} | set(self.histories) | {row.id for row in self.find(ModelRow)}

    def stored(self, history: str) -> Iterator[Stored]:
        """The events of one history by sequence."""
        return (self.log[position - 1][0] for position in self.histories.get(history, []))

    def rows(self, kind: type[R], history: str) -> list[R]:
        """The rows of one kind that belong to a history."""
        column = owner_column(kind)
        return self.find(kind, **({column: history} if column else {}))

    def all_texts(self) -> Iterator[Text]:
        """Every text."""
        return iter(self.stored_texts.values())

    def people(self) -> Iterator[Person]:
        """Everybody."""
        return iter(self.actors.values())

    def more_findings(self) -> Iterator[Mismatch]:
        """Nothing more is kept here."""
        return iter(())

    def _event(self, position: int) -> Event:
        return Event.from_bytes(self.log[position - 1][0].data, position=position)

    def _match(self, kind: type[R], key: tuple[Any, ...], equal: dict[str, Any]) -> R | None:
        row = self.tables[kind.TABLE][key]
        wanted = isinstance(row, kind) and all(getattr(row, name) == value for name, value in equal.items())
        return row if wanted and isinstance(row, kind) else None


class _Transaction:
    """Writes through, and remembers how to undo it."""

    def __init__(self, catalog: MemoryCatalog) -> None:
        self._catalog = catalog
        self._undo: list[Callable[[], object]] = []
        self.get = catalog.get
        self.find = catalog.find
        self.how_many = catalog.how_many
        self.last = catalog.last
        self.recorded = catalog.recorded
        self.head = catalog.head

    def __enter__(self) -> _Transaction:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: object, trace: object) -> None:
        if kind is not None:
            for undo in reversed(self._undo):
                undo()

    def actor(self, actor: Actor) -> Person:
        """The person of this name, however it is spelt."""
        spelt = folded(actor.name)
        known = self._catalog.actor_ids.get(spelt)
        if known is None:
            known = str(uuid.uuid4())
            self._set(self._catalog.actor_ids, spelt, known)
            self._set(self._catalog.actors, known, Person(known, actor.name, actor.source, spelt))
        return self._catalog.actors[known]

    def unbound(self, limit: int) -> list[Person]:
        """People whose names no event binds yet."""
        return [one for one in self._catalog.actors.values() if one.salt is None][:limit]

    def bind(self, person: Person) -> None:
        """Keeps the salt of a name that an event binds."""
        self._set(self._catalog.actors, person.id, person)

    def text(self, digest: str) -> Text | None:
        """A stored text."""
        return self._catalog.stored_texts.get(digest)

    def add_text(self, text: Text) -> None:
        """Stores what a person typed."""
        self._set(self._catalog.stored_texts, text.digest, text)

    def add_event(self, event: Event, data: bytes, draft: str) -> int:
        """Stores an event's bytes."""
        catalog = self._catalog
        position = len(catalog.log) + 1
        stored = Stored(position, event.history, event.sequence, event.id, event.hash, data)
        self._add(catalog.log, (stored, draft))
        self._set(catalog.by_id, event.id, position)
        self._add(catalog.histories.setdefault(event.history, []), position)
        return position

    def put(self, row: Row, position: int) -> None:
        """Adds or replaces a row."""
        rows, keys = self._catalog.tables[row.TABLE], self._catalog.keys[row.TABLE]
        if row.key not in rows:
            insort(keys, row.key)
            self._undo.append(lambda: keys.pop(bisect_left(keys, row.key)))
            if isinstance(row, VersionRow):
                self._set(self._catalog.registered, row.key, position)
        self._set(rows, row.key, row)

    def _add(self, items: list[T], item: T) -> None:
        items.append(item)
        self._undo.append(items.pop)

    def _set(self, items: dict[K, T], key: K, item: T) -> None:
        before = items.get(key)
        if before is None:
            self._undo.append(lambda: items.pop(key))
        else:
            self._undo.append(lambda: items.__setitem__(key, before))
        items[key] = item
