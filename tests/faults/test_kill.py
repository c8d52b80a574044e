"""kill -9 at every mutating system call of `register` and `promote`: the registry is whole after each.

    zygote (everything imported) ──fork──> child waits ──strace attaches──> the verb runs ──> SIGKILL at call N
    then: every history verifies, every version has its bytes, a sweep leaves nothing that nobody names

The points come from a trace of the verb itself, so a new system call is a new point. Every second one is taken here,
all of them with NB_MLOPS_KILL_EVERY=1. Needs strace.
"""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from nb_mlops.core.rows import AliasRow, ModelRow, VersionRow
from nb_mlops.storage.blobs_local import LocalBlobs
from nb_mlops.storage.catalog_sql import SqlCatalog

MUTATING = (
    "write writev pwrite64 pwritev fsync fdatasync sync_file_range rename renameat renameat2 unlink unlinkat rmdir "
    "mkdir mkdirat ftruncate truncate fallocate link linkat symlink symlinkat chmod fchmod fchmodat chown fchown "
    "utimensat flock openat sendto sendmsg"
).split()
EVERY = int(os.environ.get("NB_MLOPS_KILL_EVERY", "2"))  # 1 kills at every point: before a release
_CALL = re.compile(r"(\d+) +([a-z0-9_]+)\((.*)")

Point = tuple[str, int]  # system call, and which one of its kind in a thread


class Zygote:
    """Children that run a verb, whole or up to a point."""

    def __init__(self, outbox: Path) -> None:
        self._errors = (outbox / "errors").open("w+b")
        self._process = subprocess.Popen(
            [sys.executable, Path(__file__).with_name("zygote.py")],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            text=True,
            env={**os.environ, "OPENBLAS_NUM_THREADS": "1", "NB_MLOPS_OUTBOX": str(outbox)},
        )
        assert self._answer() == "ready"

    def run(self, verb: str, place: Place, *strace: str) -> int:
        """The child's exit status, negative for a signal; `strace` are the options to watch it with."""
        assert self._process.stdin is not None
        print(verb, place.address, place.blobs.folder, file=self._process.stdin, flush=True)
        pid = int(self._answer())
        watcher = _attached(pid, strace) if strace else None
        os.kill(pid, signal.SIGUSR1)
        status = int(self._answer())
        if watcher is not None:
            watcher.communicate(timeout=30)
        return status

    def points(self, verb: str, place: Place, log: Path) -> list[Point]:
        """The mutating system calls of a whole run, each once, every EVERY-th of them."""
        assert self.run(verb, place, "-o", str(log), "-e", f"trace={','.join(MUTATING)}") == 0
        counted: Counter[tuple[str, str]] = Counter()
        found = {}
        for line in log.read_text().splitlines():
            call = _CALL.match(line)
            if call:
                thread, name, arguments = call.groups()
                counted[thread, name] += 1
                if name != "openat" or "O_CREAT" in arguments:
                    found[name, counted[thread, name]] = None
        return list(found)[::EVERY]

    def errors(self) -> str:
        self._errors.seek(0)
        return self._errors.read().decode()

    def close(self) -> None:
        self._process.communicate(timeout=30)
        self._errors.close()

    def _answer(self) -> str:
        assert self._process.stdout is not None
        line = self._process.stdout.readline().strip()
        assert line, self.errors()
        return line


class Place:
    """A registry that children write to and that is looked at after each kill."""

    def __init__(self, address: str, folder: Path) -> None:
        self.address = address
        self.blobs = LocalBlobs(folder / "blobs")
        is_database = address.startswith("postgresql://")
        path = Path(address) / "catalog.sqlite"
        self.catalog = SqlCatalog.postgresql(address) if is_database else SqlCatalog.sqlite(path)

    def latest(self) -> int:
        """The number of the newest version."""
        return max((row.latest for row in self.catalog.find(ModelRow)), default=0)

    def check(self) -> None:
        """Whole history, no version without bytes, nothing left over after a sweep."""
        verification = self.catalog.verify()
        assert verification.whole, verification.to_text()
        versions = self.catalog.find(VersionRow)
        assert [row.number for row in versions] == list(range(1, self.latest() + 1))
        named = {digest for row in versions for digest in _digests(row)}
        for digest in named:
            self.blobs.path(digest)
        self.blobs.sweep(keep=named, older_than_seconds=0)
        assert set(self.blobs.names()) == named
        left = {entry.name for entry in self.blobs.folder.iterdir()} if self.blobs.folder.exists() else set()
        assert left - named <= {".lock"}


def _digests(row: VersionRow) -> list[str]:
    parts = [part["sha256"] for part in row.files.values()]
    return parts + [one for one in (row.record, row.baseline, row.examples) if one]


def _attached(pid: int, options: tuple[str, ...]) -> subprocess.Popen[str]:
    command = ["strace", "-f", "-p", str(pid), *options]
    watcher = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    assert watcher.stderr is not None
    line = watcher.stderr.readline()
    assert "attached" in line, line
    return watcher


def _kill(point: Point) -> tuple[str, ...]:
    name, when = point
    return ("-o", os.devnull, "-e", f"trace={name}", "-e", f"inject={name}:signal=SIGKILL:when={when}")


@pytest.fixture(scope="module")
def zygote(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Zygote]:
    found = Zygote(tmp_path_factory.mktemp("outbox"))
    yield found
    found.close()


@pytest.fixture(scope="module")
def killed() -> Counter[str]:
    """How many kills hit, by series; printed and judged by the last test."""
    return Counter()


def test_killed_while_making_a_registry(zygote: Zygote, killed: Counter[str], tmp_path: Path) -> None:
    model = Place(str(tmp_path / "traced"), tmp_path / "traced")
    for number, point in enumerate(zygote.points("register", model, tmp_path / "log")):
        folder = tmp_path / str(number)
        place = Place(str(folder), folder)
        killed["new registry"] += zygote.run("register", place, *_kill(point)) == -signal.SIGKILL
        place.check()
        assert place.latest() <= 1
        place.catalog.close()
    assert zygote.run("register", place) == 0, zygote.errors()
    place.check()


@pytest.mark.parametrize("store", ["sqlite", "postgresql"])
def test_killed_while_registering(
    zygote: Zygote, killed: Counter[str], tmp_path: Path, store: str, request: pytest.FixtureRequest
) -> None:
    place = _place(store, tmp_path, request)
    assert zygote.run("register", place) == 0, zygote.errors()
    for point in zygote.points("register", place, tmp_path / "log"):
        before = place.latest()
        status = zygote.run("register", place, *_kill(point))
        killed[f"register on {store}"] += status == -signal.SIGKILL
        place.check()
        assert place.latest() - before in ((0, 1) if status else (1,))
    assert zygote.run("register", place) == 0, zygote.errors()
    place.catalog.close()


@pytest.mark.parametrize("store", ["sqlite", "postgresql"])
def test_killed_while_promoting(
    zygote: Zygote, killed: Counter[str], tmp_path: Path, store: str, request: pytest.FixtureRequest
) -> None:
    place = _place(store, tmp_path, request)
    assert zygote.run("register", place) == 0, zygote.errors()
    points = zygote.points("promote", place, tmp_path / "log")
    for point in points:
        aliases = place.catalog.find(AliasRow)
        if aliases and aliases[0].number == place.latest():
            assert zygote.run("register", place) == 0, zygote.errors()
        status = zygote.run("promote", place, *_kill(point))
        killed[f"promote on {store}"] += status == -signal.SIGKILL
        place.check()
    assert zygote.run("promote", place) == 0, zygote.errors()
    assert place.catalog.find(AliasRow)[0].number == place.latest()
    place.catalog.close()


def test_the_kills_were_many(killed: Counter[str], capsys: pytest.CaptureFixture[str]) -> None:
    with capsys.disabled():
        print(f"\nkilled at {killed.total()} points: {dict(killed)}")
    assert killed.total() >= 100


def _place(store: str, folder: Path, request: pytest.FixtureRequest) -> Place:
    if store == "sqlite":
        return Place(str(folder / "registry"), folder / "registry")
    new: Callable[[], str] = request.getfixturevalue("new_postgres_address")
    return Place(new(), folder / "registry")
