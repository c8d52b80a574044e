"""A long chain followed in two halves is the chain followed in one, whatever was done to it."""

from __future__ import annotations

import sqlite3
import sys
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from nb_mlops.core.chain import Chain
from nb_mlops.core.checkpoint import Checkpoint
from nb_mlops.storage import chain_apart
from nb_mlops.storage.catalog_sql import SqlCatalog

if TYPE_CHECKING:
    from conftest import DraftOf

FORGED = [
    "UPDATE events SET data = x'00' WHERE position = 3",
    "UPDATE events SET data = x'00' WHERE position = 9",
    "UPDATE events SET hash = 'x' WHERE position = (SELECT max(position) / 2 FROM events)",
    "DELETE FROM events WHERE position = 4",
    "DELETE FROM events WHERE position = 11",
    "DELETE FROM events WHERE position > 7",
]


@pytest.fixture
def catalog(sqlite: SqlCatalog, draft: DraftOf, registration: DraftOf) -> Iterator[SqlCatalog]:
    """Two models, fourteen events."""
    for number in range(1, 4):
        for model in ("churn", "fraud"):
            sqlite.append(registration(number, model))
    for number in range(1, 5):
        sqlite.append(draft("noted", "churn", number=min(number, 3), texts={"note": "seen"}))
    assert sqlite.position() == 14
    yield sqlite
    sqlite.close()


def told(chain: Chain) -> tuple[object, ...]:
    return chain.heads, chain.breaks, chain.events, chain.position, chain.trail, chain.heads_at, chain.first_gap


def forge(catalog: SqlCatalog, statement: str) -> None:
    with closing(sqlite3.connect(catalog._store.path, isolation_level=None)) as connection:  # type: ignore[attr-defined]
        connection.execute("DROP TRIGGER events_are_not_changed")
        connection.execute("DROP TRIGGER events_are_not_deleted")
        connection.execute(statement)


@pytest.mark.parametrize("statement", ["", *FORGED])
def test_two_halves_tell_what_one_pass_tells(
    statement: str, catalog: SqlCatalog, monkeypatch: pytest.MonkeyPatch
) -> None:
    signed = catalog.chain()
    checkpoint = Checkpoint(time=catalog.now(), position=14, heads=signed.heads, trail=signed.trail)
    if statement:
        forge(catalog, statement)
    whole, verified = told(catalog.chain()), catalog.verify([checkpoint])
    monkeypatch.setattr(chain_apart, "LEAST_EVENTS", 5)
    monkeypatch.setattr(chain_apart, "has_second_core", lambda: True)
    assert told(catalog.chain()) == whole
    assert catalog.verify([checkpoint]) == verified
    assert verified.whole == (not statement)


def test_where_no_second_process_can_run_the_work_is_done_here(
    catalog: SqlCatalog, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = told(catalog.chain())
    monkeypatch.setattr(chain_apart, "LEAST_EVENTS", 5)
    monkeypatch.setattr(chain_apart, "has_second_core", lambda: True)
    monkeypatch.setattr(sys, "executable", "/bin/false")
    assert told(catalog.chain()) == whole


def test_a_clock_set_back_across_the_middle_is_noticed() -> None:
    from tests.core.test_chain import NOON, chain

    early, late = chain(1, at=NOON), chain(1, history="g", start=2, at=NOON - timedelta(days=1))
    first, second = Chain(), Chain()
    first.follow(early)
    second.begin(1, first.heads)
    second.follow(late)
    first.join(second)
    assert [one.position for one in first.set_back] == [2]
