"""The catalog in a file: made late and private, plain about disks, honest about network file systems."""

from __future__ import annotations

import multiprocessing
import os
import sqlite3
import stat
import subprocess
import sys
import warnings
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from pathlib import Path
from tempfile import gettempdir
from typing import TYPE_CHECKING

import pytest

from nb_mlops.core.errors import Damaged, Unreachable, Unsupported
from nb_mlops.core.rows import ROWS, ModelRow, VersionRow
from nb_mlops.storage.catalog_sql import SqlCatalog
from nb_mlops.storage.sql.rows import _codecs

if TYPE_CHECKING:
    from conftest import DraftOf


def _file(catalog: SqlCatalog) -> Path:
    return catalog._store.path


def test_looking_makes_no_file(sqlite: SqlCatalog) -> None:
    assert sqlite.models() == []
    assert sqlite.verify().whole
    assert not _file(sqlite).parent.exists()


def test_what_is_made_is_private(sqlite: SqlCatalog, registration: DraftOf) -> None:
    sqlite.append(registration(1))
    folder = _file(sqlite).parent
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE(file.stat().st_mode) for file in folder.iterdir()} == {0o600}


def test_commits_are_durable_and_readers_do_not_wait(sqlite: SqlCatalog, registration: DraftOf) -> None:
    sqlite.append(registration(1))
    with sqlite._store.writing() as session:
        assert session.one("PRAGMA synchronous") == (2,)
        assert session.one("PRAGMA journal_mode") == ("wal",)
        assert sqlite.position() == 3


def test_an_unfinished_file_is_an_empty_registry(sqlite: SqlCatalog, registration: DraftOf) -> None:
    _file(sqlite).parent.mkdir()
    _file(sqlite).touch()
    assert sqlite.models() == []
    assert sqlite.append(registration(1)).position == 3


@pytest.mark.parametrize("statement", ["UPDATE events SET data = x'00'", "DELETE FROM events WHERE position = 2"])
def test_the_database_itself_refuses_to_change_events(
    sqlite: SqlCatalog, registration: DraftOf, statement: str
) -> None:
    sqlite.append(registration(1))
    with sqlite3.connect(_file(sqlite)) as connection, pytest.raises(sqlite3.IntegrityError, match="never"):
        connection.execute(statement)
    connection.close()


def test_a_newer_programs_registry_is_not_written(sqlite: SqlCatalog, registration: DraftOf) -> None:
    sqlite.append(registration(1))
    with sqlite3.connect(_file(sqlite)) as connection:
        connection.execute("INSERT INTO migrations VALUES (9999, 'future', '')")
    connection.close()
    with pytest.raises(Unsupported, match="newer nb_mlops"):
        sqlite.append(registration(2))
    with pytest.raises(Unsupported, match="newer nb_mlops"):
        SqlCatalog.sqlite(_file(sqlite)).models()


def test_a_file_that_is_no_database_is_called_damaged(sqlite: SqlCatalog, registration: DraftOf) -> None:
    _file(sqlite).parent.mkdir()
    _file(sqlite).write_bytes(b"no database at all" * 100)
    for use in (sqlite.models, lambda: sqlite.append(registration(1))):
        with pytest.raises(Damaged, match="is damaged"):
            use()


def test_a_full_disk_gives_two_lines_and_loses_nothing(sqlite: SqlCatalog, registration: DraftOf) -> None:
    first = sqlite.append(registration(1))
    with sqlite._store.reading() as session:
        pages = session.one("PRAGMA page_count")[0]
        session.run(f"PRAGMA max_page_count = {pages}")
    drafts = [registration(content, params={"text": "x" * 2_000}) for content in range(2, 60)]
    with pytest.raises(Unreachable, match=r"full[^\n]*\n[^\n]*free some space") as caught:
        list(map(sqlite.append, drafts))
    assert str(caught.value).count("\n") == 1
    assert sqlite.event(first.id) == first
    assert sqlite.verify().whole


@pytest.mark.parametrize("closed", ["", ".close()"])
def test_a_read_only_registry_is_read_and_not_written(tmp_path: Path, closed: str) -> None:
    program = """
import os, sys; from pathlib import Path; from datetime import datetime, UTC
from nb_mlops.core.errors import Unreachable; from nb_mlops.core.event import Actor, Draft
from nb_mlops.storage.catalog_sql import SqlCatalog
folder = Path(sys.argv[1])
def write(path):
    catalog = SqlCatalog.sqlite(path)
    catalog.append(Draft("alias_added", None, Actor("a"), datetime.now(UTC), {"name": "canary"}))
    return catalog
kept = write(folder / "there" / "catalog.sqlite")CLOSED
for path in (folder, folder / "there", *(folder / "there").iterdir()): path.chmod(0o555 if path.is_dir() else 0o444)
if os.getuid() == 0: os.chown(folder, 0, 0); os.setuid(65534)
assert SqlCatalog.sqlite(folder / "there" / "catalog.sqlite").position() == 1
for path in (folder / "there" / "catalog.sqlite", folder / "new" / "catalog.sqlite"):
    try: write(path)
    except Unreachable as error: print(str(error).count(chr(10)), str(path.parent) in error.message)
"""
    folder = tmp_path / "readonly"
    folder.mkdir()
    temporary = Path(gettempdir()).resolve()
    for above in (tmp_path, *tmp_path.parents):  # a person without rights must be able to walk down to it
        if temporary in above.parents:
            above.chmod(0o755)
    done = subprocess.run(
        [sys.executable, "-c", program.replace("CLOSED", closed), folder], capture_output=True, text=True, check=False
    )
    assert (done.stdout, done.stderr) == ("1 True\n1 True\n", "")


def test_a_network_file_system_is_noticed(tmp_path: Path, registration: DraftOf) -> None:
    catalog = SqlCatalog.sqlite(tmp_path / "catalog.sqlite", mount_type=lambda _: "nfs4")
    with pytest.warns(UserWarning, match=r"network file system \(nfs4\)"):
        catalog.append(registration(1))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        catalog.append(registration(2))
    with catalog._store.reading() as session:
        assert session.one("PRAGMA journal_mode") == ("delete",)
    assert not [file for file in tmp_path.iterdir() if file.suffix in ("-wal", "-shm")]
    catalog.close()


@pytest.mark.parametrize("kind", ROWS)
def test_the_columns_of_a_table_are_the_fields_of_its_row(
    sqlite: SqlCatalog, registration: DraftOf, kind: type
) -> None:
    sqlite.append(registration(1))
    with sqlite._store.reading() as session:
        columns = {row[1] for row in session.run(f"PRAGMA table_info({kind.TABLE})")}
    assert columns - {"position"} == set(_codecs(kind.TABLE))


def test_threads_share_a_catalog(sqlite: SqlCatalog, registration: DraftOf) -> None:
    with ThreadPoolExecutor(8) as threads:
        events = list(threads.map(lambda content: sqlite.append(registration(content)), range(40)))
    assert sorted(event.body["number"] for event in events) == list(range(1, 41))


def test_the_embedded_catalog_needs_no_sqlalchemy(tmp_path: Path) -> None:
    program = """
import sys; from pathlib import Path; from datetime import datetime, UTC
from nb_mlops.core.event import Actor, Draft; from nb_mlops.storage.catalog_sql import SqlCatalog
SqlCatalog.sqlite(Path(sys.argv[1])).append(Draft("alias_added", None, Actor("a"), datetime.now(UTC), {"name": "a"}))
print(sorted({"sqlalchemy", "pandas", "numpy", "fsspec", "psycopg"} & set(sys.modules)))
"""
    done = subprocess.run([sys.executable, "-c", program, tmp_path / "c"], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def test_a_forked_child_opens_connections_of_its_own(sqlite: SqlCatalog, registration: DraftOf) -> None:
    sqlite.append(registration(1))
    child = os.fork()
    if child == 0:
        done = False
        try:
            done = sqlite.append(registration(2)).body["number"] == 2 and len(sqlite._store._pool._idle) == 2
        finally:
            os._exit(0 if done else 1)
    assert os.waitpid(child, 0)[1] == 0
    assert sqlite.append(registration(3)).body["number"] == 3


def _append_many(path: Path, drafts: list[object]) -> list[int]:
    catalog = SqlCatalog.sqlite(path)
    return [catalog.append(draft).body["number"] for draft in drafts]


def test_eight_processes_lose_and_double_nothing(sqlite: SqlCatalog, registration: DraftOf) -> None:
    many = [[registration(100 * process + content) for content in range(25)] for process in range(8)]
    with ProcessPoolExecutor(8, mp_context=multiprocessing.get_context("forkserver")) as processes:
        numbers = list(processes.map(_append_many, [_file(sqlite)] * 8, many))
    assert sorted(number for some in numbers for number in some) == list(range(1, 201))
    assert all(some == sorted(some) for some in numbers)
    [model] = sqlite.find(ModelRow)
    assert model.latest == len(sqlite.find(VersionRow)) == 200
    assert sqlite.position() == 202
    assert sqlite.verify().whole
