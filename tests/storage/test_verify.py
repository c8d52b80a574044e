"""What `verify` finds when somebody changed the store behind our back: position and what differs."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from nb_mlops.core.event import Actor
from nb_mlops.storage.catalog_sql import SqlCatalog

if TYPE_CHECKING:
    from conftest import DraftOf


@pytest.fixture
def lived_in(sqlite: SqlCatalog, draft: DraftOf, registration: DraftOf) -> Iterator[SqlCatalog]:
    """A registry with a history: two versions, one promoted, one note."""
    sqlite.append(registration(1, metrics={"auc": 0.9}, tags={"team": "risk"}))
    sqlite.append(registration(2))
    sqlite.append(draft("promoted", number=1, alias="production", texts={"reason": "better"}))
    sqlite.append(draft("alias_added", None, name="canary"))
    assert sqlite.verify().whole
    return sqlite


def _forge(catalog: SqlCatalog, *statements: str) -> list[str]:
    """Changes the file as its owner could, triggers dropped; gives what verify then finds."""
    with closing(sqlite3.connect(catalog._store.path, isolation_level=None)) as connection:
        connection.execute("DROP TRIGGER events_are_not_changed")
        connection.execute("DROP TRIGGER events_are_not_deleted")
        for statement in statements:
            connection.execute(statement)
    verification = catalog.verify()
    assert not verification.whole
    return [f"{finding.where}: {finding.problem}" for finding in verification.findings]


def test_a_flipped_bit_in_an_event(lived_in: SqlCatalog) -> None:
    swap = "UPDATE events SET data = CAST(replace(CAST(data AS TEXT), '0.9', '0.8') AS BLOB) WHERE position = 3"
    found = _forge(lived_in, swap)
    assert any("at 2: its columns are not what its bytes say" in line for line in found)
    assert any("event 3 does not follow the event before it" in line for line in found)
    assert any(line.startswith("versions ") and line.endswith("in metrics") for line in found)


def test_bytes_that_are_no_event(lived_in: SqlCatalog) -> None:
    found = _forge(lived_in, "UPDATE events SET data = x'7b00' WHERE position = 4")
    assert any("at 3: The event at position 4 cannot be read" in line for line in found)


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        ("UPDATE versions SET digest = 'forged' WHERE number = 1", "differs from its history in digest"),
        ("UPDATE aliases SET number = 2", "differs from its history in number"),
        ("UPDATE models SET stakes = 'high', latest = 9", "differs from its history in stakes, latest"),
        ("DELETE FROM moves", "is missing; its history has it"),
        ("INSERT INTO alias_names VALUES ('forged', '2026-01-01T00:00:00.000000Z', 'x')", "is in no history"),
        ("UPDATE models SET id = 'other'", "is in no history"),
        ("UPDATE facets SET value = x'00'", "differ from the version"),
        ("INSERT INTO facets VALUES (999, 'x', 'y')", "1 belong to no version"),
        ("UPDATE versions SET position = 77 WHERE number = 2", "does not stand at its event's position"),
        ("UPDATE texts SET text = CAST('worse' AS BLOB)", "was edited"),
    ],
)
def test_an_edited_row(lived_in: SqlCatalog, statement: str, expected: str) -> None:
    assert any(line.endswith(expected) for line in _forge(lived_in, statement))


def test_a_deleted_event(lived_in: SqlCatalog) -> None:
    found = _forge(lived_in, "DELETE FROM events WHERE position = 3")
    assert any("expected event 2, found 3" in line for line in found)
    assert any("4 events" not in line and "some are missing" in line for line in found)


def test_reordered_events(lived_in: SqlCatalog) -> None:
    moved = ["UPDATE events SET sequence = -1 WHERE position = 3", "UPDATE events SET sequence = 2 WHERE position = 4"]
    found = _forge(lived_in, *moved, "UPDATE events SET sequence = 3 WHERE position = 3")
    assert any("its columns are not what its bytes say" in line for line in found)
    assert any("expected event" in line for line in found)


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        ("UPDATE actors SET name = 'eve', folded = 'eve'", "'eve' stands there now"),
        ("UPDATE actors SET name = 'eve', folded = 'eve', salt = NULL", "'eve' stands there now"),
        ("UPDATE actors SET source = 'a token'", "stands there now"),
        ("UPDATE actors SET folded = 'eve'", "is found by another name than its own"),
        ("DELETE FROM actors", "is gone; an event binds a name"),
    ],
)
def test_a_forged_name(lived_in: SqlCatalog, statement: str, expected: str) -> None:
    actor = next(lived_in.events("registry")).actor
    [found] = _forge(lived_in, statement)
    assert found.startswith(f"name of actor {actor}")
    assert found.endswith(expected)


def test_names_of_two_people_that_changed_places(lived_in: SqlCatalog, draft: DraftOf) -> None:
    lived_in.append(draft("noted", number=1, texts={"note": "I, too"}, by=Actor("ben@example.org")))
    aside = "UPDATE actors SET name = CASE name WHEN 'ann@example.org' THEN '1' ELSE '2' END"
    back = "UPDATE actors SET name = CASE name WHEN '1' THEN 'ben@example.org' ELSE 'ann@example.org' END"
    found = _forge(lived_in, aside, back, "UPDATE actors SET folded = name")
    assert [line.split(":")[0].rpartition(", ")[2] for line in found] == ["bound at position 1", "bound at position 7"]


def test_bytes_that_wander_from_a_text_into_its_salt(lived_in: SqlCatalog) -> None:
    wander = "UPDATE texts SET salt = CAST(salt || substr(text, 1, 3) AS BLOB), text = substr(text, 4)"
    assert [line.rpartition(": ")[2] for line in _forge(lived_in, wander)] == ["was edited"]


def test_who_left_before_names_were_bound_is_bound_by_the_next_checkpoint(lived_in: SqlCatalog, draft: DraftOf) -> None:
    with closing(sqlite3.connect(lived_in._store.path, isolation_level=None)) as connection:
        connection.execute("INSERT INTO actors (id, name, source, folded) VALUES ('old', 'Old', 'given', 'old')")
    assert "names not bound: 1 of 2" in lived_in.verify().to_text()
    made = draft("checkpointed", None, position=5, digest=f"{8:064x}", key=f"{9:064x}")
    assert "actor:old" in lived_in.append(made).texts
    assert "not bound" not in lived_in.verify().to_text()
    assert "bound at position" in _forge(lived_in, "UPDATE actors SET name = 'E', folded = 'e' WHERE id = 'old'")[0]


def test_an_erased_text_is_no_finding(lived_in: SqlCatalog) -> None:
    with closing(sqlite3.connect(lived_in._store.path, isolation_level=None)) as connection:
        connection.execute("DELETE FROM texts")
        connection.execute("UPDATE actors SET name = NULL")
    assert lived_in.verify().whole
    assert "names erased: 1 of 1" in lived_in.verify().to_text()
    [actor] = {event.actor for event in lived_in.events("registry")}
    assert lived_in.names([actor]) == {}
