"""What is written: a person drafts, the rules decide, the catalog records an event; nothing else is ever stored.

A `Draft` is a wish. An `Event` is a fact with its place in a history, bound to the event before it by a hash.
Reading an old event never depends on today's code: unknown kinds verify, they are just not interpreted.
"""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from nb_mlops.core.canonical import canonical, is_whole, sha256
from nb_mlops.core.errors import BadInput, Damaged

REGISTRY = "registry"  # the history of the registry itself: policies, aliases, new and renamed models
START = "0" * 64  # what the first event of a history names as the one before it
ENVELOPE = 1
MAX_PEOPLE = 2_000
SALT_BYTES = 16  # another length would let a byte wander between salt and text
MAX_BYTES = 256 * 1024  # larger things are blobs, which an event names by sha256
_decoded = json.JSONDecoder().decode  # what `json.loads` does for text, without asking what text it is
_STAMP_LENGTH = len("2026-11-25T03:00:00.000000Z")
_ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts, as far as this place can know: `source` says how (advisory unless a server says so)."""

    name: str
    source: str = "given"

    def __post_init__(self) -> None:
        object.__setattr__(self, "name", self.name.strip(" "))
        if not self.name or len(self.name) > 200 or not self.name.isprintable():
            raise BadInput("An actor needs a printable name of at most 200 characters.", "Set NB_MLOPS_ACTOR.")

    def __str__(self) -> str:
        return self.name


@dataclass(frozen=True, slots=True)
class Draft:
    """A wish to write one event: what a verb hands to `Catalog.append`."""

    kind: str
    model: str | None  # a model's name; None for the registry's own history
    actor: Actor
    time: datetime  # the client's clock, aware; shown, never decided on
    body: Mapping[str, Any] = field(default_factory=dict)
    texts: Mapping[str, str] = field(default_factory=dict)  # what people typed: stored apart, erasable
    people: Mapping[str, str] = field(default_factory=dict)  # others it speaks of, by role: the body gets opaque ids
    id: str = field(default_factory=lambda: str(uuid.uuid4()))  # the same id again is harmless

    def __post_init__(self) -> None:
        if not _ID.fullmatch(self.id):
            raise BadInput("An event id is a lower-case UUID.", "Leave it out: one is made.")
        if len(self.people) > MAX_PEOPLE:
            raise BadInput(f"{len(self.people):,} people in one event; {MAX_PEOPLE:,} fit.", "Leave some out.")
        for name, text in self.texts.items():
            if not isinstance(text, str) or not is_whole(text):
                raise BadInput(f"The {name} holds half a character (a lone surrogate).", "Re-type it.")
            if len(text) > 20_000:
                raise BadInput(f"The {name} is {len(text):,} characters long; 20,000 fit.", "Shorten it.")


@dataclass(frozen=True, slots=True)
class Event:
    """One entry of a history, exactly as it was hashed."""

    history: str  # a model's UUID, or REGISTRY
    sequence: int  # 1, 2, 3 ... within the history
    id: str
    kind: str
    body_version: int
    time: datetime  # the catalog's clock: the one decisions use
    client_time: datetime
    actor: str  # an opaque id; the name stands in the table of actors
    body: Mapping[str, Any]
    texts: Mapping[str, str]  # name -> salted digest; the text stands in the table of texts
    previous: str
    hash: str = ""
    position: int = 0  # registry-wide, in commit order; not part of the hashed bytes

    def to_bytes(self) -> bytes:
        """The canonical bytes that are hashed and stored."""
        return canonical(
            {
                "v": ENVELOPE,
                "history": self.history,
                "seq": self.sequence,
                "id": self.id,
                "kind": self.kind,
                "bv": self.body_version,
                "time": stamp(self.time),
                "client_time": stamp(self.client_time),
                "actor": self.actor,
                "body": self.body,
                "texts": self.texts,
                "prev": self.previous,
            }
        )

    @classmethod
    def from_bytes(cls, data: bytes, *, position: int = 0) -> Event:
        """The event that `data` records; raises Damaged when it is not one."""
        try:
            raw = _decoded(data.decode("utf-8"))
            return cls(
                history=raw["history"],
                sequence=raw["seq"],
                id=raw["id"],
                kind=raw["kind"],
                body_version=raw["bv"],
                time=moment(raw["time"]),
                client_time=moment(raw["client_time"]),
                actor=raw["actor"],
                body=raw["body"],
                texts=raw["texts"],
                previous=raw["prev"],
                hash=sha256(data),
                position=position,
            )
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            raise Damaged(f"The event at position {position} cannot be read: {error}.", _VERIFY) from error


def record(
    kind: str,
    *,
    history: str,
    sequence: int,
    id: str,
    time: datetime,
    client_time: datetime,
    actor: str,
    body: Mapping[str, Any],
    texts: Mapping[str, str],
    previous: str,
) -> tuple[Event, bytes]:
    """A new event and its bytes, hashed onto `previous`; raises BadInput when it is too large to be an event."""
    draft = Event(history, sequence, id, kind, 1, time, client_time, actor, body, texts, previous)
    data = draft.to_bytes()
    if len(data) > MAX_BYTES:
        raise BadInput(f"A {kind} event of {len(data):,} bytes is too large ({MAX_BYTES:,} fit).", "Use fewer values.")
    return Event.from_bytes(data), data


def is_linked(events: Iterable[Event]) -> bool:
    """Whether a history, given in order and whole, holds together: each event names the hash of the bytes before it."""
    previous, expected = START, 1
    for event in events:
        if event.sequence != expected or event.previous != previous:
            return False
        previous, expected = event.hash, expected + 1
    return True


def is_salted(digest: str, text: str, salt: bytes) -> bool:
    """Whether a digest was made of this text and salt: a salt of another length could have taken some of the text."""
    return len(salt) == SALT_BYTES and salted(text, salt) == digest


def salted(text: str, salt: bytes) -> str:
    """What an event holds in place of a person's text: nobody finds the text again once salt and text are erased."""
    return sha256(salt + text.encode("utf-8", "surrogatepass"))


def stamp(time: datetime) -> str:
    """A moment as stored: UTC, microseconds, `Z`."""
    return time.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def moment(text: str) -> datetime:
    """The moment that `stamp` wrote; raises ValueError for another text."""
    if len(text) != _STAMP_LENGTH or text[-1] != "Z":
        raise ValueError(f"{text[:40]!r} is not a moment")
    return datetime.fromisoformat(text)


_VERIFY = "Run `nb-mlops verify` to see how far the history holds."
