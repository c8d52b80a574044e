"""A history before a checkpoint, changed at random in ten ways by who owns the file: each is found, and where it began.

The owner is a strong one: triggers are dropped, and where a way says so every later hash is made anew, so that each
link holds. Only the checkpoint, which left the machine, can tell.
"""

from __future__ import annotations

import json
import random
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from nb_mlops.core.canonical import canonical, sha256
from nb_mlops.core.checkpoint import Checkpoint
from nb_mlops.core.event import START
from nb_mlops.storage.catalog_sql import SqlCatalog

Row = list[Any]  # position, history, sequence, id, hash, draft, data
Way = Callable[[list[Row], random.Random], int]  # changes the rows, gives the first position that differs


class Signed(NamedTuple):
    """A registry's file, its rows, and a checkpoint of all of it."""

    path: Path
    rows: list[Row]
    checkpoint: Checkpoint


@pytest.fixture(scope="module")
def signed(tmp_path_factory: pytest.TempPathFactory, draft: Any, registration: Any) -> Signed:
    """Three models that lived for a while, then a checkpoint."""
    path = tmp_path_factory.mktemp("signed") / "catalog.sqlite"
    catalog = SqlCatalog.sqlite(path)
    for number in range(1, 9):
        for model in ("churn", "fraud", "risk/loss"):
            catalog.append(registration(number, model, metrics={"auc": 0.5 + number / 100}, tags={"ö": "“”"}))
            catalog.append(draft("noted", model, number=number, texts={"note": "seen"}))
            catalog.append(draft("promoted", model, number=number, alias="production"))
    chain = catalog.chain()
    checkpoint = Checkpoint(time=catalog.now(), position=chain.position, heads=chain.heads, trail=chain.trail)
    assert catalog.verify([checkpoint]).whole
    catalog.close()
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        rows = [list(row) for row in connection.execute("SELECT * FROM events ORDER BY position")]
    return Signed(path, rows, checkpoint)


def _a_byte_is_flipped(rows: list[Row], draw: random.Random) -> int:
    row = draw.choice(rows)
    data, at = bytearray(row[6]), draw.randrange(len(row[6]))
    data[at] ^= 1 << draw.randrange(8)
    row[6] = bytes(data)
    return row[0]


def _an_event_is_deleted(rows: list[Row], draw: random.Random) -> int:
    return rows.pop(draw.randrange(len(rows)))[0]


def _the_end_is_cut_off(rows: list[Row], draw: random.Random) -> int:
    kept = draw.randrange(len(rows))
    del rows[kept:]
    return kept + 1


def _two_events_change_places(rows: list[Row], draw: random.Random) -> int:
    one, other = sorted(draw.sample(range(len(rows)), 2))
    rows[one][0], rows[other][0] = rows[other][0], rows[one][0]
    return one + 1


def _an_event_is_put_in(rows: list[Row], draw: random.Random) -> int:
    """With its history chained anew from there, and every later event one position on."""
    at = draw.randrange(len(rows))
    made = [*rows[at][:3], f"{draw.getrandbits(128):032x}", *rows[at][4:]]
    rows.insert(at, made)
    for position, row in enumerate(rows, 1):
        row[0] = position
    chain_anew(rows, made[1], lambda place, raw: raw | {"id": made[3]} if place == at + 1 else raw)
    return at + 1


def _a_history_is_rewritten(rows: list[Row], draw: random.Random) -> int:
    """From one event on, with good hashes."""
    row = draw.choice(rows)
    chain_anew(rows, row[1], lambda place, raw: raw | {"kind": "forgotten"} if place == row[0] else raw)
    return row[0]


def _a_clock_is_set_back(rows: list[Row], draw: random.Random) -> int:
    """An event is dated years before, with good hashes from there."""
    row = draw.choice(rows)
    back = {"time": "2020-01-01T00:00:00.000000Z"}
    chain_anew(rows, row[1], lambda place, raw: raw | back if place == row[0] else raw)
    return row[0]


def _an_event_is_respelled(rows: list[Row], draw: random.Random) -> int:
    """One blank more, which means nothing to JSON, with good hashes from there."""
    row = draw.choice(rows)
    row[6] = row[6].replace(b'"body":', b'"body": ', 1)
    row[4] = sha256(row[6])
    chain_anew([other for other in rows if other[2] > row[2]], row[1], lambda place, raw: raw, after=row[4])
    return row[0]


def _a_history_is_taken_out(rows: list[Row], draw: random.Random) -> int:
    """And the others close up."""
    history = draw.choice(rows)[1]
    first = next(row[0] for row in rows if row[1] == history)
    rows[:] = [row for row in rows if row[1] != history]
    for position, row in enumerate(rows, 1):
        row[0] = position
    return first


def _a_column_is_changed(rows: list[Row], draw: random.Random) -> int:
    """What an event is found by, its bytes left alone."""
    row = draw.choice(rows)
    column = draw.choice([1, 2, 3, 4])
    row[column] = row[column] + 1_000 if column == 2 else f"{draw.getrandbits(128):032x}"
    return row[0]


def chain_anew(
    rows: list[Row], history: str, change: Callable[[int, dict[str, Any]], dict[str, Any]], after: str = START
) -> None:
    """Changes events of a history and makes sequences, links and hashes good again."""
    previous, sequence = after, None
    for row in rows:
        if row[1] == history:
            raw = change(row[0], json.loads(row[6]))
            sequence = row[2] if sequence is None else sequence + 1
            row[2], row[3] = sequence, raw["id"]
            row[6] = canonical({**raw, "seq": sequence, "prev": previous})
            row[4] = previous = sha256(row[6])


WAYS: tuple[Way, ...] = (
    *(_a_byte_is_flipped, _an_event_is_deleted, _the_end_is_cut_off, _two_events_change_places, _an_event_is_put_in),
    *(_a_history_is_rewritten, _a_clock_is_set_back, _an_event_is_respelled, _a_history_is_taken_out),
    _a_column_is_changed,
)


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__)
@pytest.mark.parametrize("seeds", [range(10), pytest.param(range(10, 110), marks=pytest.mark.slow)], ids=len)
def test_each_change_before_a_checkpoint_is_found_where_it_began(
    way: Way, seeds: range, signed: Signed, tmp_path: Path
) -> None:
    for seed in seeds:
        rows = [list(row) for row in signed.rows]
        began = way(rows, random.Random(f"{way.__name__} {seed}"))
        found = verified(signed, rows, tmp_path / f"{seed}.sqlite")
        assert not found.whole, seed
        assert found.first_position == began, (seed, found.to_text())


def test_what_came_after_the_checkpoint_can_be_rewritten_and_verify_says_so(
    signed: Signed, tmp_path: Path, draft: Any
) -> None:
    path = tmp_path / "later.sqlite"
    shutil.copy(signed.path, path)
    catalog = SqlCatalog.sqlite(path)
    before = catalog.append(draft("noted", number=1, texts={"note": "who was it?"})).hash
    catalog.close()
    with closing(sqlite3.connect(path)) as connection:
        rows = [list(row) for row in connection.execute("SELECT * FROM events ORDER BY position")]
    late = {"client_time": "2027-01-01T00:00:00.000000Z"}
    chain_anew(rows, rows[-1][1], lambda place, raw: raw | late if place == len(rows) else raw)
    found = verified(signed._replace(path=path), rows, tmp_path / "rewritten.sqlite")
    assert rows[-1][4] != before
    assert found.whole
    assert f"since the newest checkpoint (position {len(rows) - 1:,}) nothing is proven" in found.to_text()


def verified(signed: Signed, rows: list[Row], path: Path) -> Any:
    """What `verify` says of the file once its events are these."""
    shutil.copy(signed.path, path)
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("DROP TRIGGER events_are_not_changed")
        connection.execute("DROP TRIGGER events_are_not_deleted")
        connection.execute("PRAGMA synchronous = OFF")
        connection.execute("BEGIN")
        connection.execute("DELETE FROM events")
        connection.executemany("INSERT INTO events VALUES (?, ?, ?, ?, ?, ?, ?)", rows)
        connection.execute("COMMIT")
    catalog = SqlCatalog.sqlite(path)
    try:
        return catalog.verify([signed.checkpoint])
    finally:
        catalog.close()
        path.unlink()
