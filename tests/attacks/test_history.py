"""A registry's file edited by its owner, who can do anything to it: what `nb-mlops verify` finds, and what it cannot.

Without a checkpoint that left the machine, two things cannot be found: the end of a history cut off with the rows it
made, and a history rewritten with fresh hashes. With one they are, and where they begin. (Triggers taken away and put
back change nothing that could be found.)
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner

import nb_mlops
from nb_mlops.actions.registry import Registry
from nb_mlops.cli import main
from nb_mlops.core.canonical import canonical, sha256
from nb_mlops.core.errors import NbMlopsError
from tests.actions.conftest import fitted, table
from tests.attacks.conftest import as_ben

Edit = Callable[[sqlite3.Connection], object]

TRIGGERS = ("events_are_not_changed", "events_are_not_deleted")


@pytest.fixture
def lived(own: Registry) -> Registry:
    """Two versions, one promoted and rolled back, with words said, by two people."""
    for seed in range(2):
        nb_mlops.register(fitted(seed), "churn", data=table(seed=seed), purpose="say who leaves")
        nb_mlops.promote(f"churn@{seed + 1}", reason=f"reason {seed}")
    nb_mlops.note("churn@1", "ben saw it", registry=as_ben(own))
    nb_mlops.rollback("churn", expect="churn@2", reason="drifts")
    assert nb_mlops.verify().whole
    return own


def edit(place: Registry, *statements: str | Edit, triggers: bool = False) -> None:
    """Changes the catalog's file; the triggers are away meanwhile, and stay away unless said."""
    place.catalog.close()
    with closing(sqlite3.connect(Path(place.address) / "catalog.sqlite", isolation_level=None)) as connection:
        kept = [row[0] for row in connection.execute("SELECT sql FROM sqlite_master WHERE type = 'trigger'")]
        for name in TRIGGERS:
            connection.execute(f"DROP TRIGGER {name}")
        for statement in statements:
            if callable(statement):
                statement(connection)
            else:
                assert connection.execute(statement).rowcount != 0, statement
        if triggers:
            for sql in kept:
                connection.execute(sql)


def found(place: Registry) -> bool:
    """Whether both faces of `verify` find it: the value says so, and the command exits with 1."""
    try:
        whole = nb_mlops.verify().whole
    except NbMlopsError:
        whole = False
    done = CliRunner().invoke(main, ["verify"])
    assert done.exit_code in ((0,) if whole else (1, 4)), done.output
    assert isinstance(done.exception, SystemExit | None)
    return not whole


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE events SET data = CAST(replace(CAST(data AS TEXT), 'churn', 'chorn') AS BLOB) WHERE position = 2",
        "UPDATE events SET data = CAST(replace(CAST(data AS TEXT), 'production', 'prodiction') AS BLOB)",
        "UPDATE events SET data = x'00' WHERE position = 3",
        "UPDATE events SET data = CAST(data AS TEXT) || ' ' WHERE position = 3",
        "UPDATE events SET hash = (SELECT hash FROM events WHERE position = 1) WHERE position = 3",
        "DELETE FROM events WHERE position = 3",
        "DELETE FROM events WHERE position = (SELECT max(position) FROM events)",
        "DELETE FROM events WHERE position > 3",
        "DELETE FROM events",
        "DELETE FROM versions WHERE number = 1",
        "DELETE FROM moves",
        "UPDATE versions SET digest = (SELECT digest FROM versions WHERE number = 1) WHERE number = 2",
        "UPDATE versions SET actor = (SELECT actor FROM versions LIMIT 1) || 'x'",
        "UPDATE versions SET runs_code = 1 - runs_code",
        "UPDATE versions SET metrics = '{\"auc\": 1}'",
        "UPDATE versions SET number = 7 WHERE number = 2",
        "UPDATE aliases SET number = 2",
        "UPDATE models SET stakes = 'medium'",
        "UPDATE texts SET text = CAST('somebody else said it' AS BLOB)",
        "UPDATE texts SET salt = x'00'",
        "UPDATE versions SET files = 'no json'",
        "UPDATE versions SET tags = '['",
        "UPDATE versions SET created_at = 'yesterday'",
        "UPDATE moves SET at = 5",
    ],
    ids=lambda text: text[:70],
)
def test_a_changed_or_deleted_row_is_found(statement: str, lived: Registry) -> None:
    edit(lived, statement)
    assert found(lived)


def test_reordered_events_are_found(lived: Registry) -> None:
    def swap(connection: sqlite3.Connection) -> None:
        (first, second) = connection.execute("SELECT position, sequence FROM events ORDER BY position DESC LIMIT 2")
        connection.execute("UPDATE events SET sequence = -1 WHERE position = ?", first[:1])
        connection.execute("UPDATE events SET sequence = ? WHERE position = ?", (first[1], second[0]))
        connection.execute("UPDATE events SET sequence = ? WHERE position = ?", (second[1], first[0]))

    edit(lived, swap)
    assert found(lived)


def test_an_event_put_in_between_is_found(lived: Registry) -> None:
    """An approval that nobody gave, with a good hash of its own, chained onto the event before it."""

    def insert(connection: sqlite3.Connection) -> None:
        _rewrite(
            connection, lambda body, raw: raw | {"kind": "approved"} if raw["kind"] == "noted" else raw, chain=False
        )

    edit(lived, insert)
    assert found(lived)


def test_the_triggers_are_back_after_the_next_look_or_missed(lived: Registry) -> None:
    """Triggers alone prove nothing: taken away and nothing else changed, the history still holds."""
    edit(lived, triggers=False)
    assert not found(lived)
    edit_again = "UPDATE aliases SET number = 2"
    lived.catalog.close()
    with closing(sqlite3.connect(Path(lived.address) / "catalog.sqlite", isolation_level=None)) as connection:
        connection.execute(edit_again)
    assert found(lived)


def test_a_name_that_was_changed_is_found_where_an_event_bound_it(lived: Registry) -> None:
    """People's names lie outside the chain, so that they can be erased; the event holds a salted digest of each."""
    edit(lived, "UPDATE actors SET name = 'mallory', folded = 'mallory' WHERE name = 'ben@example.org'", triggers=True)
    assert "is not what was bound: 'mallory' stands there now" in nb_mlops.verify().to_text()


def test_an_end_cut_off_with_its_rows_is_found_only_with_a_checkpoint(lived: Registry, tmp_path: Path) -> None:
    """The rollback is cut off: the event, its move, and the alias as it was before."""
    signed = nb_mlops.checkpoint(tmp_path / "away").place

    def cut(connection: sqlite3.Connection) -> None:
        kind = 'CAST(data AS TEXT) LIKE \'%"kind":"rolled_back"%\''
        (event,) = connection.execute(f"SELECT id FROM events WHERE {kind}").fetchone()
        connection.execute("DELETE FROM events WHERE id = ?", (event,))
        connection.execute(
            "UPDATE events SET position = position - 1 WHERE position = (SELECT max(position) FROM events)"
        )
        connection.execute("DELETE FROM moves WHERE event = ?", (event,))
        connection.execute(
            "UPDATE aliases SET number = 2, event = (SELECT event FROM moves WHERE number = 2), "
            "moved_at = (SELECT at FROM moves WHERE number = 2)"
        )

    edit(lived, cut, triggers=True)
    assert nb_mlops.verify().findings == ()
    assert nb_mlops.get("churn@production").number == 2
    found = nb_mlops.verify(checkpoint=signed)
    assert found.first_position == lived.catalog.position()
    assert "another event stands here than was signed" in found.to_text()


def test_a_history_rewritten_with_fresh_hashes_is_found_only_with_a_checkpoint(lived: Registry, tmp_path: Path) -> None:
    """From one event on, all hashes made anew: every link holds, and only what was signed can tell."""
    signed = nb_mlops.checkpoint(tmp_path / "away").place
    edit(lived, lambda connection: _rewrite(connection, _earlier, chain=True), triggers=True)
    assert nb_mlops.verify().findings == ()
    found = nb_mlops.verify(checkpoint=signed)
    assert found.first_position == 1
    assert "another event stands here than was signed" in found.to_text()


def _earlier(history: str, raw: dict[str, object]) -> dict[str, object]:
    """The client's clock of every event, an hour back: no row holds it."""
    return raw | {"client_time": "2026-01-01T00:00:00.000000Z"}


def _rewrite(
    connection: sqlite3.Connection, change: Callable[[str, dict[str, object]], dict[str, object]], *, chain: bool
) -> None:
    heads: dict[str, str] = {}
    rows = connection.execute("SELECT position, history, data FROM events ORDER BY history, sequence").fetchall()
    for position, history, data in rows:
        raw = json.loads(data)
        made = change(history, raw)
        if chain and history in heads:
            made = {**made, "prev": heads[history]}
        if made != raw:
            fresh = canonical(made)
            connection.execute(
                "UPDATE events SET data = ?, hash = ? WHERE position = ?", (fresh, sha256(fresh), position)
            )
            heads[history] = sha256(fresh)


def test_a_clock_set_back_decides_nothing_by_itself(lived: Registry) -> None:
    """The client's clock is only shown: the catalog's own time stands in the history beside it."""
    from dataclasses import replace

    long_ago = replace(lived, clock=lambda: datetime(1999, 1, 1, tzinfo=UTC))
    nb_mlops.note("churn@1", "from the past", registry=long_ago)
    entries = nb_mlops.audit("churn").entries
    assert datetime.now(UTC) - entries[-1].at < timedelta(minutes=5)
    assert not found(lived)


def test_a_file_cut_short_or_overwritten_is_damaged_on_every_face(lived: Registry) -> None:
    lived.catalog.close()
    path = Path(lived.address) / "catalog.sqlite"
    for log in Path(lived.address).glob("catalog.sqlite-*"):
        log.unlink()
    path.write_bytes(path.read_bytes()[:5_000] + b"\xff" * 5_000)
    assert found(lived)
    for words in (["models"], ["audit", "churn"], ["promote", "churn@1"]):
        done = CliRunner().invoke(main, words)
        assert (done.exit_code, len(done.stderr.splitlines())) in ((4, 2), (3, 2))


def test_blobs_that_were_swapped_are_found(lived: Registry) -> None:
    (first,) = nb_mlops.get("churn@1").files.values()
    (second,) = nb_mlops.get("churn@2").files.values()
    folder = Path(lived.address) / "blobs"
    one, other = folder / first["sha256"], folder / second["sha256"]
    data = one.read_bytes()
    for path, bytes_ in ((one, other.read_bytes()), (other, data)):
        path.chmod(0o600)
        path.unlink()
        path.write_bytes(bytes_)
    assert found(lived)
