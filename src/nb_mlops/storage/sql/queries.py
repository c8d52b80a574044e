"""Each query of histories, actors and texts: one function, one sentence. Rows have `rows`, searching has `search`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple, cast

from nb_mlops.core.chain import Head, Stored
from nb_mlops.core.event import START
from nb_mlops.core.identity import Person, folded
from nb_mlops.storage.recording import Text
from nb_mlops.storage.sql.session import Session

_PAGE = 500
_LAST = 2**62  # beyond any position


class Found(NamedTuple):
    """An event's bytes, where it stands, and the digest of its draft."""

    data: bytes
    position: int
    draft: str


def event(session: Session, id: str) -> Found | None:
    """The event of this id."""
    row = session.one("SELECT data, position, draft FROM events WHERE id = :id", {"id": id})
    return Found(_bytes(row[0]), row[1], row[2]) if row else None


def head(session: Session, history: str) -> tuple[int, str]:
    """Sequence and hash of a history's last event."""
    sql = "SELECT sequence, hash FROM events WHERE history = :history ORDER BY sequence DESC LIMIT 1"
    row = session.one(sql, {"history": history})
    return (row[0], row[1]) if row else (0, START)


def last_position(session: Session) -> int:
    """The position of the newest event of the registry; 0 when there is none."""
    row = session.one("SELECT max(position) FROM events")
    return int(row[0]) if row and row[0] is not None else 0


def add_event(session: Session, stored: Stored, draft: str) -> None:
    """Stores an event's bytes."""
    session.run(
        "INSERT INTO events (position, history, sequence, id, hash, draft, data) "
        "VALUES (:position, :history, :sequence, :id, :hash, :draft, :data)",
        {**stored._asdict(), "draft": draft},
    )


def events(session: Session, history: str, *, after: int, limit: int = _PAGE) -> list[Stored]:
    """The next events of a history."""
    sql = (
        "SELECT position, history, sequence, id, hash, data FROM events "
        "WHERE history = :history AND sequence > :after ORDER BY sequence LIMIT :limit"
    )
    found = session.run(sql, {"history": history, "after": after, "limit": limit})
    return [Stored._make((*row[:5], _bytes(row[5]))) for row in found]


def all_events(session: Session, history: str) -> Iterator[Stored]:
    """Every event of a history, a page at a time; one whose sequence was forged to stand still ends it."""
    after = -(2**62)
    while page := events(session, history, after=after):
        yield from page
        after = page[-1].sequence


def events_by_position(session: Session, *, after: int = 0, upto: int | None = None) -> Iterator[Sequence[Stored]]:
    """Every event in commit order, some hundred at a time: plain tuples, which are quicker to make."""
    sql = (
        "SELECT position, history, sequence, id, hash, data FROM events "
        "WHERE position > :after AND position <= :upto ORDER BY position LIMIT :limit"
    )
    upto = _LAST if upto is None else upto
    while page := session.run(sql, {"after": after, "upto": upto, "limit": _PAGE}):
        yield cast("Sequence[Stored]", page if _are_bytes(page) else [(*row[:5], _bytes(row[5])) for row in page])
        after = page[-1][0]


def heads(session: Session, position: int) -> dict[str, Head]:
    """What the columns say of the last event of each history, as of a position."""
    sql = (
        "SELECT e.history, e.sequence, e.hash FROM events e JOIN "
        "(SELECT max(position) AS last FROM events WHERE position <= :position GROUP BY history) l "
        "ON e.position = l.last"
    )
    return {row[0]: Head(row[1], row[2]) for row in session.run(sql, {"position": position})}


def histories(session: Session) -> set[str]:
    """The histories that have an event."""
    return {row[0] for row in session.run("SELECT DISTINCT history FROM events")}


def owners(session: Session, table: str, column: str) -> set[str]:
    """The models that a table has rows of."""
    return {row[0] for row in session.run(f"SELECT DISTINCT {column} FROM {table}")}  # noqa: S608  names are ours


def person(session: Session, name: str) -> Person | None:
    """The person of this name: spelt just so, else in another way."""
    sql = (
        "SELECT id, name, source, folded, salt FROM actors "
        "WHERE name = :name OR (folded = :folded AND name IS NOT NULL) ORDER BY name = :name DESC, id LIMIT 1"
    )
    row = session.one(sql, {"name": name, "folded": folded(name)})
    return _person(row) if row else None


def add_person(session: Session, one: Person) -> None:
    """Stores who is behind an opaque id."""
    sql = "INSERT INTO actors (id, name, source, folded, salt) VALUES (:id, :name, :source, :folded, :salt)"
    session.run(sql, one._asdict())


def bind(session: Session, one: Person) -> None:
    """Keeps the salt of a name that an event binds."""
    session.run("UPDATE actors SET salt = :salt, folded = :folded WHERE id = :id", one._asdict())


def people(session: Session) -> Iterator[Person]:
    """Everybody who is behind an opaque id, those without a name too."""
    after = ""
    sql = "SELECT id, name, source, folded, salt FROM actors WHERE id > :after ORDER BY id LIMIT :limit"
    while page := session.run(sql, {"after": after, "limit": _PAGE}):
        yield from map(_person, page)
        after = page[-1][0]


def unbound(session: Session, limit: int) -> list[Person]:
    """People whose names no event binds yet."""
    sql = "SELECT id, name, source, folded, salt FROM actors WHERE salt IS NULL AND name IS NOT NULL LIMIT :limit"
    return [_person(row) for row in session.run(sql, {"limit": limit})]


def _person(row: tuple[Any, ...]) -> Person:
    id, name, source, spelt, salt = row  # noqa: A001  the column
    return Person(id, name, source, spelt, None if salt is None else _bytes(salt))


def names(session: Session, actors: Iterable[str]) -> dict[str, str]:
    """The names behind opaque ids; an erased one is missing."""
    return {row[0]: row[1] for row in _in(session, "SELECT id, name FROM actors WHERE name IS NOT NULL AND id", actors)}


def texts(session: Session, digests: Iterable[str]) -> list[Text]:
    """The texts of these salted digests; an erased one is missing."""
    return [_text(row) for row in _in(session, "SELECT digest, salt, text FROM texts WHERE digest", digests)]


def all_texts(session: Session) -> Iterator[Text]:
    """Every text that was not erased."""
    after = ""
    sql = "SELECT digest, salt, text FROM texts WHERE digest > :after ORDER BY digest LIMIT :limit"
    while page := session.run(sql, {"after": after, "limit": _PAGE}):
        yield from map(_text, page)
        after = page[-1][0]


def add_text(session: Session, text: Text) -> None:
    """Stores what a person typed, as bytes: they may hold what a database's text type refuses."""
    sql = "INSERT INTO texts (digest, salt, text) VALUES (:digest, :salt, :text)"
    session.run(sql, {**text._asdict(), "text": text.text.encode("utf-8", "surrogatepass")})


def _text(row: tuple[Any, ...]) -> Text:
    return Text(row[0], _bytes(row[1]), _bytes(row[2]).decode("utf-8", "surrogatepass"))


def _in(session: Session, sql: str, values: Iterable[str]) -> Iterator[tuple[Any, ...]]:
    """The rows of a query that ends before `IN`, some hundred values at a time."""
    wanted = sorted(set(values))
    for start in range(0, len(wanted), _PAGE):
        named = {f"v{index}": value for index, value in enumerate(wanted[start : start + _PAGE])}
        yield from session.run(f"{sql} IN ({', '.join(f':{name}' for name in named)})", named)


def _are_bytes(page: Sequence[tuple[Any, ...]]) -> bool:
    return {type(row[5]) for row in page} == {bytes}


def _bytes(stored: Any) -> bytes:
    """The bytes of a column. SQLite keeps text in any of them, where somebody put it there by hand."""
    return stored.encode("utf-8", "surrogateescape") if isinstance(stored, str) else bytes(stored)
