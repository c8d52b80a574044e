"""`verify`: every history replayed, and what is stored compared with what should be.

It holds one history at a time. What it can find without a signed checkpoint: an event changed, reordered, inserted
or missing inside a history, a row that no event made, an edited text. What it cannot: the newest events cut off
together with their rows, or a history rewritten with fresh hashes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import fields
from typing import Any, NamedTuple, Protocol

from nb_mlops.core.errors import Damaged
from nb_mlops.core.event import REGISTRY, Event, broken_link, salted
from nb_mlops.core.projection import project
from nb_mlops.core.rows import ROWS, R, Row
from nb_mlops.core.verification import Finding, Verification
from nb_mlops.storage.recording import Text

_MOST_FINDINGS = 100  # one broken table would fill a screen; the first ones tell the story


class Stored(NamedTuple):
    """An event as it lies in the store: its bytes, and the columns it is found by."""

    position: int
    history: str
    sequence: int
    id: str
    hash: str
    data: bytes


class Histories(Protocol):
    """What a store shows to be verified, all of one moment."""

    def positions(self) -> tuple[int, int]:
        """How many events there are, and the highest position."""
        ...

    def owners(self) -> set[str]:
        """Every history that an event belongs to, and every model that a row belongs to."""
        ...

    def stored(self, history: str) -> Iterator[Stored]:
        """The events of one history by sequence."""
        ...

    def rows(self, kind: type[R], history: str) -> list[R]:
        """The rows of one kind that belong to a history."""
        ...

    def all_texts(self) -> Iterator[Text]:
        """Every text that was not erased."""
        ...

    def more_findings(self) -> Iterator[Finding]:
        """What else does not agree in this kind of store."""
        ...


def verify(histories: Histories) -> Verification:
    """How far everything holds; no findings means all of it."""
    found: list[Finding] = []
    events = rows = 0
    owners = sorted(histories.owners())
    for owner in owners:
        replayed = _Replay(owner)
        found += replayed.run(histories.stored(owner))
        found += _compared(replayed, histories)
        events += replayed.events
        rows += len(replayed.rows)
    found += _gaps(histories)
    found += [Finding(f"text {text.digest[:12]}", "was edited") for text in histories.all_texts() if _is_edited(text)]
    found += histories.more_findings()
    return Verification(len(owners), events, rows, tuple(found[:_MOST_FINDINGS]))


def owner_column(kind: type[Row]) -> str | None:
    """The column that says which history a row belongs to; None for rows of the registry's own."""
    return kind.OWNER


class _Replay:
    """The rows of one history, made again from its events; also the facts that projecting asks for."""

    def __init__(self, history: str) -> None:
        self.history = history
        self.events = 0
        self.rows: dict[tuple[str, tuple[Any, ...]], Row] = {}

    def get(self, kind: type[R], *key: Any) -> R | None:
        row = self.rows.get((kind.TABLE, key))
        return row if isinstance(row, kind) else None

    def find(self, kind: type[R], **equal: Any) -> list[R]:
        rows = [row for (table, _), row in sorted(self.rows.items()) if table == kind.TABLE]
        return [row for row in rows if isinstance(row, kind) and all(getattr(row, k) == v for k, v in equal.items())]

    def last(self, kind: type[R], **equal: Any) -> R | None:
        found = self.find(kind, **equal)
        return found[-1] if found else None

    def run(self, stored: Iterator[Stored]) -> list[Finding]:
        """What does not hold in the chain; the rows are made as far as the events can be read."""
        found: list[Finding] = []
        pairs = self._pairs(stored, found)
        broken = broken_link(pairs)
        if broken is not None:
            found.append(Finding(self._at(broken[0]), broken[1]))
        for _ in pairs:  # what comes after a broken link still makes rows
            pass
        return found

    def _pairs(self, stored: Iterable[Stored], found: list[Finding]) -> Iterator[tuple[Event, bytes]]:
        for one in stored:
            self.events += 1
            try:
                event = Event.from_bytes(one.data, position=one.position)
            except Damaged as error:
                found.append(Finding(self._at(one.sequence), error.message))
                continue
            columns = (event.history, event.sequence, event.id, event.hash)
            if columns != (one.history, one.sequence, one.id, one.hash):
                found.append(Finding(self._at(one.sequence), "its columns are not what its bytes say"))
            yield event, one.data
            found += self._projected(event)

    def _projected(self, event: Event) -> list[Finding]:
        try:
            rows = project(event, self)
        except (AssertionError, KeyError, TypeError, ValueError) as error:  # a forged event can lack anything
            return [Finding(self._at(event.sequence), f"cannot be replayed ({type(error).__name__})")]
        self.rows |= {(row.TABLE, row.key): row for row in rows}
        return []

    def _at(self, sequence: int) -> str:
        return f"history {self.history} at {sequence}"


def _compared(replayed: _Replay, histories: Histories) -> list[Finding]:
    """Where stored rows and replayed rows differ."""
    found: list[Finding] = []
    for kind in ROWS:
        if (owner_column(kind) is None) != (replayed.history == REGISTRY):
            continue
        stored = {row.key: row for row in histories.rows(kind, replayed.history)}
        made = {key: row for (table, key), row in replayed.rows.items() if table == kind.TABLE}
        for key in sorted(stored.keys() | made.keys()):
            problem = _difference(stored.get(key), made.get(key))
            if problem:
                found.append(Finding(f"{kind.TABLE} {'/'.join(map(str, key))}", problem))
    return found


def _difference(stored: Row | None, made: Row | None) -> str:
    if stored is None:
        return "is missing; its history has it"
    if made is None:
        return "is in no history"
    names = [one.name for one in fields(stored) if getattr(stored, one.name) != getattr(made, one.name)]
    return f"differs from its history in {', '.join(names)}" if names else ""


def _gaps(histories: Histories) -> list[Finding]:
    count, highest = histories.positions()
    if count == highest:
        return []
    return [Finding("positions", f"{count:,} events stand at positions up to {highest:,}: some are missing")]


def _is_edited(text: Text) -> bool:
    return salted(text.text, text.salt) != text.digest
