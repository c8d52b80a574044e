"""How a draft becomes events: the one story behind `append`, told once for every store.

    draft ──> already recorded? ──yes──> that event (or Conflict: the id came with another draft)
                    │no
                    v
              rule(draft, facts) ──> error of ours: nothing is written
                    │
                    v
              for each entry: chain onto the head of its history, store the bytes, update the rows
              (the first one binds the names of those who are new here, by salted digests)

A store gives the transaction: it holds the lock before this begins, and commits or undoes all of it afterwards.
"""

from __future__ import annotations

import os
from dataclasses import replace
from datetime import datetime
from typing import NamedTuple, Protocol

from nb_mlops.core.canonical import digest
from nb_mlops.core.errors import BadInput, Conflict
from nb_mlops.core.event import SALT_BYTES, Actor, Draft, Event, record, salted
from nb_mlops.core.identity import ACTING, NAMED, Person, bound
from nb_mlops.core.projection import project
from nb_mlops.core.rows import Facts, Row
from nb_mlops.core.rules import Case, Entry, rule

_MOST_BOUND = 1_000  # names that one event binds: 115 bytes each


class Recorded(NamedTuple):
    """An event that is there, and the digest of the draft it came from ('' for one that went before it)."""

    event: Event
    draft: str


class Text(NamedTuple):
    """What a person typed, with the salt that its digest was made with."""

    digest: str
    salt: bytes
    text: str


class Transaction(Facts, Protocol):
    """What a store lends while it holds its lock."""

    def recorded(self, id: str) -> Recorded | None:
        """The event of this id, or None."""
        ...

    def actor(self, actor: Actor) -> Person:
        """The person of this name, however it is spelt; made when they are new here."""
        ...

    def unbound(self, limit: int) -> list[Person]:
        """People whose names no event binds yet."""
        ...

    def bind(self, person: Person) -> None:
        """Keeps the salt with which an event is about to bind the name."""
        ...

    def head(self, history: str) -> tuple[int, str]:
        """Sequence and hash of the last event of a history: (0, START) when there is none."""
        ...

    def text(self, digest: str) -> Text | None:
        """A stored text, or None when it was erased."""
        ...

    def add_text(self, text: Text) -> None:
        """Stores what a person typed."""
        ...

    def add_event(self, event: Event, data: bytes, draft: str) -> int:
        """Stores an event's exact bytes; gives its registry-wide position."""
        ...

    def put(self, row: Row, position: int) -> None:
        """Adds a row or replaces the one of its key; `position` is that of the event that did it."""
        ...


def digest_of(draft: Draft) -> str:
    """What tells two drafts of one id apart, without what may be erased: names and texts stand beside it."""
    told = {"kind": draft.kind, "model": draft.model, "body": draft.body, "texts": sorted(draft.texts)}
    return digest({**told, "people": sorted(draft.people)} if draft.people else told)


def record_draft(draft: Draft, draft_digest: str, transaction: Transaction, *, now: datetime) -> Event:
    """The event that bears the draft's id, recorded now or before, or the one that already says it."""
    person = transaction.actor(draft.actor)
    actor = person.id
    known = transaction.recorded(draft.id)
    if known is not None:
        return _repeated(draft, draft_digest, known, actor, transaction)
    _refuse_reserved(draft)
    named = {role: transaction.actor(Actor(name, "named by another")) for role, name in draft.people.items()}
    ruling = rule(Case(draft, actor, transaction, now, {role: other.id for role, other in named.items()}))
    if ruling.existing is not None:
        return _existing(ruling.existing, transaction)
    names = _bind(draft, [person, *named.values()], transaction)
    for entry, event_id in zip(ruling.entries, ruling.ids(draft), strict=True):
        own = draft_digest if event_id == draft.id else ""
        written, names = _record(entry, event_id, draft, own, actor, now, names, transaction), {}
    return written


def _bind(draft: Draft, people: list[Person], transaction: Transaction) -> dict[str, str]:
    """Digests of names that no event binds yet: of those it is about; where a checkpoint is recorded, of all."""
    wanted = {one.id: one for one in people if one.salt is None}
    if draft.kind == "checkpointed":
        wanted |= {one.id: one for one in transaction.unbound(_MOST_BOUND)}
    salted_now = [one._replace(salt=os.urandom(SALT_BYTES)) for one in list(wanted.values())[:_MOST_BOUND]]
    for one in salted_now:
        transaction.bind(one)
    return dict(bound(one, people[0].id) for one in salted_now)


def _refuse_reserved(draft: Draft) -> None:
    """Raises BadInput for a text that would pass as a bound name."""
    if any(name == ACTING or name.startswith(NAMED) for name in draft.texts):
        raise BadInput(f"No text of an event may be called {ACTING!r}.", "Call it something else.")


def _record(
    entry: Entry,
    id: str,
    draft: Draft,
    draft_digest: str,
    actor: str,
    now: datetime,
    names: dict[str, str],
    transaction: Transaction,
) -> Event:
    """Chains one entry onto its history."""
    sequence, previous = transaction.head(entry.history)
    texts = {name: _salted(draft.texts[name]) for name in entry.texts}
    event, data = record(
        entry.kind,
        history=entry.history,
        sequence=sequence + 1,
        id=id,
        time=now,
        client_time=draft.time,
        actor=actor,
        body=entry.body,
        texts={name: text.digest for name, text in texts.items()} | names,
        previous=previous,
    )
    for text in texts.values():
        transaction.add_text(text)
    position = transaction.add_event(event, data, draft_digest)
    for row in project(event, transaction):
        transaction.put(row, position)
    return replace(event, position=position)


def _salted(text: str) -> Text:
    salt = os.urandom(SALT_BYTES)
    return Text(salted(text, salt), salt, text)


def _existing(id: str, transaction: Transaction) -> Event:
    known = transaction.recorded(id)
    assert known is not None, "a ruling names an event that a row came from"
    return known.event


def _repeated(draft: Draft, draft_digest: str, known: Recorded, actor: str, transaction: Transaction) -> Event:
    """The event of a draft that was sent twice; raises Conflict when it is another draft under the same id."""
    if known.draft != draft_digest or known.event.actor != actor or not _same_texts(draft, known.event, transaction):
        raise Conflict(f"Event {draft.id} is recorded already, with other content.", "Leave the id out: one is made.")
    return known.event


def _same_texts(draft: Draft, event: Event, transaction: Transaction) -> bool:
    """Whether the texts that are still there are the draft's; an erased one cannot be compared."""
    stored = {name: transaction.text(digest) for name, digest in event.texts.items()}
    return all(text is None or draft.texts.get(name) == text.text for name, text in stored.items())
