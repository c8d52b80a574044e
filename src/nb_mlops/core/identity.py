"""People behind opaque ids: which spellings of a name are one person, and how an event binds a name it does not hold.

An event holds the salted digest of a name; the name and its salt stand in the table of actors. So a name can be erased
with its salt, and the chain stays whole; a name that was replaced no longer fits the digest, and `verify` says so.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from typing import NamedTuple

from nb_mlops.core.event import SALT_BYTES, Event, salted

ACTING = "actor"  # among an event's digests: of the name of who acts
NAMED = "actor:"  # before an opaque id: of the name of somebody it speaks of


class Person(NamedTuple):
    """Who is behind an opaque id; without a name once it was erased, without a salt before an event binds the name."""

    id: str
    name: str | None
    source: str
    folded: str | None = None
    salt: bytes | None = None

    @property
    def digest(self) -> str | None:
        """What the binding event holds; None where there is nothing to make it of."""
        if self.name is None or self.salt is None or len(self.salt) != SALT_BYTES:
            return None
        return salted(f"{self.source}\n{self.name}", self.salt)  # a printable name has no line end


class Binding(NamedTuple):
    """An event's word for a name: whose, as which digest, and where it stands."""

    id: str
    digest: str
    position: int


def folded(name: str) -> str:
    """What all spellings of one person have in common: blanks, letter case and compatible characters aside."""
    plain = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).casefold())
    return " ".join(plain.split())


def bindings(event: Event) -> Iterable[Binding]:
    """The names that an event binds."""
    for key, digest in event.texts.items():
        if key == ACTING:
            yield Binding(event.actor, digest, event.position)
        elif key.startswith(NAMED):
            yield Binding(key.removeprefix(NAMED), digest, event.position)


def bound(person: Person, acting: str) -> tuple[str, str]:
    """The key and the digest with which an event binds a name; `acting` is who acts in it."""
    assert person.digest is not None, "salted by who calls"
    return ACTING if person.id == acting else f"{NAMED}{person.id}", person.digest


def problem_of(person: Person | None, digest: str) -> str:
    """Why a stored name is not the one that was bound; empty where it is, or where it was erased."""
    if person is None:
        return "is gone; an event binds a name"
    if person.name is None or person.digest == digest:
        return ""
    return f"is not what was bound: {person.name[:80]!r} stands there now"


def spelt_alike(people: Iterable[Person]) -> list[tuple[str, ...]]:
    """The names that are one person's in several spellings, each with an id: from before they were folded."""
    groups: dict[str, list[str]] = {}
    for person in people:
        if person.name is not None:
            groups.setdefault(folded(person.name), []).append(person.name)
    return [tuple(sorted(names)) for names in groups.values() if len(names) > 1]
