"""A registry of the first release, opened by today's program: its tables grow, its histories stay what they were.

`tests/golden/first_release.sqlite` was written by the first release's own code.
"""

from __future__ import annotations

import os
import shutil
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from tempfile import gettempdir
from typing import TYPE_CHECKING, Any

import psycopg
import pytest

from nb_mlops.core.policy import Requirements
from nb_mlops.core.rows import AliasRow, ModelRow, MoveRow, NoteRow, ValidationRow, VersionRow, VoteRow
from nb_mlops.storage.catalog import Catalog
from nb_mlops.storage.catalog_sql import SqlCatalog
from nb_mlops.storage.sql.migrate import migrations, newest
from nb_mlops.storage.sql.session import Session

if TYPE_CHECKING:
    from conftest import DraftOf

OLD = Path(__file__).parent.parent / "golden" / "first_release.sqlite"


@pytest.fixture
def old(tmp_path: Path) -> Path:
    """The first release's file, in a folder of its own."""
    path = tmp_path / "registry" / "catalog.sqlite"
    path.parent.mkdir()
    shutil.copyfile(OLD, path)
    return path


@pytest.fixture
def old_database(new_postgres_address: Callable[[], str]) -> str:
    """The same registry as the first release kept it in PostgreSQL."""
    address = new_postgres_address()
    with psycopg.connect(address) as database, closing(sqlite3.connect(OLD)) as file:
        for statement in migrations("postgresql")[0].statements:
            database.execute(statement)
        tables = [row[0] for row in file.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        for table in tables:
            rows = file.execute(f"SELECT * FROM {table}").fetchall()
            marks = ", ".join(["%s"] * len(rows[0])) if rows else ""
            for row in rows:
                database.execute(f"INSERT INTO {table} VALUES ({marks})", row)
    return address


def applied(path: Path) -> int:
    with closing(sqlite3.connect(path)) as connection:
        return int(connection.execute("SELECT max(number) FROM migrations").fetchone()[0])


def means_what_it_meant(catalog: Catalog, draft: DraftOf, registration: DraftOf) -> None:
    """Chain and rows hold; moves know their stakes and approvals, notes are rows, what was signed is what it was."""
    verification = catalog.verify()
    assert [str(finding) for finding in verification.findings] == []
    assert verification.events == 29
    churn, toy = (catalog.find(ModelRow, name=name)[0] for name in ("churn", "risk/toy"))
    assert (churn.stakes, churn.stakes_since, churn.stakes_floor, churn.state) == ("medium", 3, "low", "live")
    assert (toy.stakes, toy.latest) == ("low", 2)
    moves = catalog.find(MoveRow, model=churn.id)
    assert [(row.kind, row.alias, row.number, row.stakes, row.approved, row.glass) for row in moves] == [
        ("promoted", "production", 1, "medium", True, None),
        ("promoted", "canary", 2, "medium", False, None),
        ("promoted", "production", 2, "medium", True, None),
        ("rolled_back", "production", 1, "low", False, None),
    ]
    assert catalog.get(AliasRow, churn.id, "production").number == 1
    assert catalog.get(VersionRow, churn.id, 3).state == "discarded"
    [note] = catalog.find(NoteRow)
    assert "winter" in catalog.texts([note.text])[note.text]
    first = Requirements(validation=True, held_out=True, evidence_days=180, approvals=1)
    approvals = catalog.find(VoteRow, verdict="approved")
    assert [row.requirements for row in approvals] == [first.digest] * 2  # today's default asks for the card, too
    assert [row.evidence for row in approvals] == [row.event for row in catalog.find(ValidationRow, passed=True)]
    assert [row.attempt for row in catalog.find(ValidationRow)] == [1, 2, 1]
    assert "names not bound: 4 of 4" in verification.to_text()
    assert catalog.append(draft("described", stakes="low")).kind == "lowering_asked"
    assert "names not bound: 3 of 4" in catalog.verify().to_text()
    assert catalog.find_actor(" Dan@Example.org") == catalog.find_actor("dan@example.org") is not None
    assert catalog.append(registration(9, owner="x")).body["number"] == 4
    assert catalog.verify().whole


def test_a_file_of_the_first_release_is_upgraded_when_it_is_read(
    old: Path, draft: DraftOf, registration: DraftOf
) -> None:
    catalog = SqlCatalog.sqlite(old)
    assert len(catalog.models()) == 2
    assert applied(old) == newest("sqlite")
    means_what_it_meant(catalog, draft, registration)
    catalog.close()


def test_a_file_of_the_first_release_is_upgraded_when_it_is_written(
    old: Path, draft: DraftOf, registration: DraftOf
) -> None:
    catalog = SqlCatalog.sqlite(old)
    catalog.append(registration(8, "other"))
    assert applied(old) == newest("sqlite")
    assert catalog.verify().whole
    catalog.close()


def test_a_database_of_the_first_release_is_upgraded(old_database: str, draft: DraftOf, registration: DraftOf) -> None:
    catalog = SqlCatalog.postgresql(old_database)
    means_what_it_meant(catalog, draft, registration)
    catalog.close()


@pytest.mark.parametrize("act", ["read", "write"])
def test_programs_that_open_an_old_database_at_once_upgrade_it_once(
    old_database: str, registration: DraftOf, act: str
) -> None:
    from concurrent.futures import ThreadPoolExecutor

    catalogs = [SqlCatalog.postgresql(old_database) for _ in range(4)]

    def use(number: int) -> None:
        if act == "write":
            catalogs[number].append(registration(number, "other"))
        assert len(catalogs[number].models()) >= 2

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(use, range(4)))
    assert catalogs[0].verify().whole
    with psycopg.connect(old_database) as database:
        steps = database.execute("SELECT number FROM migrations ORDER BY number").fetchall()
        assert steps == [(number,) for number in range(1, newest("postgresql") + 1)]
    for catalog in catalogs:
        catalog.close()


def in_a_child(act: Callable[[], object]) -> int:
    """The exit status of a process of its own that did it; negative for a signal."""
    child = os.fork()
    if child == 0:
        status = 1
        try:
            act()
            status = 0
        finally:
            os._exit(status)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def killed_at(path: Path, point: int) -> int:
    """Opens the file in a child that is killed before its `point`-th statement."""
    left = [point]
    original = Session.run, Session.script

    def count(session: Session, one: Callable[..., Any], *given: Any) -> Any:
        left[0] -= 1
        if left[0] <= 0:
            os.kill(os.getpid(), signal.SIGKILL)
        return one(session, *given)

    def run(session: Session, sql: str, values: Any = None) -> Any:
        return count(session, original[0], sql, values)

    def script(session: Session, statements: Any) -> None:
        for statement in statements:
            count(session, original[1], [statement])

    def look() -> None:
        Session.run, Session.script = run, script  # type: ignore[method-assign, assignment]
        SqlCatalog.sqlite(path).models()

    return in_a_child(look)


def test_an_upgrade_that_was_killed_anywhere_is_finished_by_the_next_program(tmp_path: Path) -> None:
    point = 0
    status = -signal.SIGKILL
    while status != 0:
        point += 1
        folder = tmp_path / str(point)
        folder.mkdir()
        path = folder / "catalog.sqlite"
        shutil.copyfile(OLD, path)
        status = killed_at(path, point)
        assert status in (0, -signal.SIGKILL)
        assert applied(path) in (1, newest("sqlite"))
        catalog = SqlCatalog.sqlite(path)
        assert catalog.verify().whole
        assert applied(path) == newest("sqlite")
        catalog.close()
        shutil.rmtree(folder)
    assert point > 50  # statements of the migration, and of the rows made again


def test_two_processes_that_open_an_old_file_at_once_upgrade_it_once(old: Path, registration: DraftOf) -> None:
    children = []
    for number in range(4):
        child = os.fork()
        if child == 0:
            status = 1
            try:
                catalog = SqlCatalog.sqlite(old)
                assert len(catalog.models()) >= 2
                catalog.append(registration(20 + number, "other"))
                status = 0
            finally:
                os._exit(status)
        children.append(child)
    assert [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children] == [0] * 4
    catalog = SqlCatalog.sqlite(old)
    assert catalog.find(ModelRow, name="other")[0].latest == 4
    assert catalog.verify().whole
    catalog.close()


def test_an_old_registry_in_a_read_only_folder_says_what_it_needs(old: Path, tmp_path: Path) -> None:
    program = """
import os, sys; from pathlib import Path
from nb_mlops.core.errors import Unreachable; from nb_mlops.storage.catalog_sql import SqlCatalog
path = Path(sys.argv[1])
warm = SqlCatalog.sqlite(Path(sys.argv[2])); warm.models(); warm.close()  # what is imported late lies in a venv of root
for one in (path, path.parent): one.chmod(0o444 if one is path else 0o555)
if os.getuid() == 0: os.chown(path.parent, 0, 0); os.setuid(65534)
try: print(len(SqlCatalog.sqlite(path).models()))
except Unreachable as error: print(error)
"""
    other = tmp_path / "other.sqlite"
    shutil.copyfile(OLD, other)
    temporary = Path(gettempdir()).resolve()
    for above in (tmp_path, *tmp_path.parents):  # a person without rights must be able to walk down to it
        if temporary in above.parents:
            above.chmod(0o755)
    done = subprocess.run([sys.executable, "-c", program, old, other], capture_output=True, text=True, check=False)
    assert done.stderr == ""
    first, second = done.stdout.splitlines()
    assert "older nb_mlops" in first
    assert "may write" in second
    assert applied(old) == 1


def test_a_model_that_an_older_program_retired_has_its_end_after_the_upgrade(
    tmp_path: Path, draft: DraftOf, registration: DraftOf
) -> None:
    path = tmp_path / "registry" / "catalog.sqlite"
    catalog = SqlCatalog.sqlite(path)
    catalog.append(registration(1))
    end = catalog.append(replace(draft("retired"), texts={"reason": "replaced"}))
    catalog.close()
    with closing(sqlite3.connect(path)) as connection, connection:  # as the second migration left it
        connection.execute("ALTER TABLE models DROP COLUMN ended_at")
        connection.execute("ALTER TABLE votes DROP COLUMN card")
        for index in ("actors_by_folded", "actors_unbound"):
            connection.execute(f"DROP INDEX {index}")
        salts = connection.execute("SELECT salt, id FROM actors").fetchall()
        for column in ("salt", "folded"):
            connection.execute(f"ALTER TABLE actors DROP COLUMN {column}")
        connection.execute("DELETE FROM migrations WHERE number = 3")
    again = SqlCatalog.sqlite(path)
    assert [row.ended_at for row in again.find(ModelRow)] == [end.time]
    with closing(sqlite3.connect(path)) as connection, connection:  # these events, of this program, do bind the names
        connection.executemany("UPDATE actors SET salt = ? WHERE id = ?", salts)
    assert again.verify().whole
    again.close()
