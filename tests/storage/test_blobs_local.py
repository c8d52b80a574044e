"""The folder of blobs: private, durable, deaf to links, plain when the disk says no."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest

from nb_mlops.core.errors import BadInput, Damaged, Unreachable
from nb_mlops.storage import disk
from nb_mlops.storage.blobs_local import LocalBlobs


@pytest.fixture
def blobs(tmp_path: Path) -> LocalBlobs:
    return LocalBlobs(tmp_path / "registry" / "blobs")


def test_files_and_folders_are_private(blobs: LocalBlobs) -> None:
    blobs.put(b"secret")
    with blobs.writer() as out:
        out.write(b"large secret")
    modes = {stat.S_IMODE(entry.stat().st_mode) for entry in blobs.folder.iterdir()}
    assert modes == {0o600}
    assert stat.S_IMODE(blobs.folder.stat().st_mode) == 0o700
    assert stat.S_IMODE(blobs.folder.parent.stat().st_mode) == 0o700


@pytest.mark.parametrize("bit", [0, 7, 100])
def test_a_flipped_bit_is_refused(blobs: LocalBlobs, bit: int) -> None:
    name = blobs.put(b"a fitted model")
    file = blobs.folder / name
    data = bytearray(file.read_bytes())
    data[bit // 8] ^= 1 << (bit % 8)
    file.write_bytes(data)
    for look in (blobs.read, blobs.path):
        with pytest.raises(Damaged, match=r"was changed[^\n]*\n.*register the same model again"):
            look(name)


def test_a_truncated_blob_is_written_again(blobs: LocalBlobs) -> None:
    name = blobs.put(b"a fitted model")
    (blobs.folder / name).write_bytes(b"")
    blobs.put(b"a fitted model")
    assert blobs.read(name) == b"a fitted model"


def test_links_in_the_store_lead_nowhere(blobs: LocalBlobs, tmp_path: Path) -> None:
    name = blobs.put(b"model")
    (tmp_path / "elsewhere").write_bytes(b"model")
    (blobs.folder / name).unlink()
    (blobs.folder / name).symlink_to(tmp_path / "elsewhere")
    for look in (blobs.read, blobs.path):
        with pytest.raises(BadInput, match="not a regular file"):
            look(name)
    assert not blobs.has(name)
    assert [*blobs.names()] == []
    blobs.put(b"model")
    assert not (blobs.folder / name).is_symlink()
    assert blobs.read(name) == b"model"


@pytest.mark.parametrize("plant", [os.mkfifo, os.mkdir])
def test_a_pipe_or_folder_in_a_blobs_place_does_not_hang(blobs: LocalBlobs, plant: object) -> None:
    name = blobs.put(b"model")
    (blobs.folder / name).unlink()
    plant(blobs.folder / name)
    with pytest.raises(BadInput, match="not a regular file"):
        blobs.read(name)


def test_the_same_content_again_costs_no_fsync_of_it(blobs: LocalBlobs, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("content was synced again")

    blobs.put(b"model")
    monkeypatch.setattr(disk, "sync_file", refuse)
    blobs.put(b"model")
    with blobs.writer() as out:
        out.write(b"model")
    assert [*blobs.names()] == [out.sha256]


def test_a_blob_used_again_gets_a_new_grace_period(blobs: LocalBlobs) -> None:
    name = blobs.put(b"model")
    long_ago = time.time() - 9_000
    os.utime(blobs.folder / name, (long_ago, long_ago))
    blobs.put(b"model")
    assert blobs.sweep(keep=(), older_than_seconds=3600) == 0
    assert blobs.has(name)


def test_a_sweep_takes_unfinished_files_and_nothing_of_others(blobs: LocalBlobs) -> None:
    name = blobs.put(b"model")
    unfinished = blobs.folder / ".tmp-0123"
    unfinished.write_bytes(b"half a mod")
    foreign = blobs.folder / "README"
    foreign.write_text("mine")
    assert blobs.sweep(keep={name}, older_than_seconds=3600) == 0
    assert blobs.sweep(keep={name}, older_than_seconds=0) == 1
    assert not unfinished.exists()
    assert foreign.exists()


def test_a_full_disk_gives_two_lines_and_leaves_nothing(blobs: LocalBlobs, monkeypatch: pytest.MonkeyPatch) -> None:
    blobs.put(b"there before")
    before = sorted(blobs.folder.iterdir())
    limit = "import resource, signal; signal.signal(signal.SIGXFSZ, signal.SIG_IGN); "
    limit += "resource.setrlimit(resource.RLIMIT_FSIZE, (1_000_000, 1_000_000))"
    program = f"""
import sys; from pathlib import Path; from nb_mlops.storage.blobs_local import LocalBlobs
from nb_mlops.core.errors import Unreachable
{limit}
for write in ("put", "writer"):
    try:
        blobs = LocalBlobs(Path({str(blobs.folder)!r}))
        if write == "put":
            blobs.put_all([b"small", b"x" * 2_000_000])
        else:
            with blobs.writer() as out:
                for _ in range(40): out.write(b"x" * 50_000)
    except Unreachable as error:
        assert str(error).count(chr(10)) == 1, error
        print("two lines", error.__cause__.errno)
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout == "two lines 27\ntwo lines 27\n"
    assert sorted(blobs.folder.iterdir()) == before


@pytest.mark.parametrize("number", [28, 30, 13, 122])
def test_each_refusal_of_the_disk_says_what_to_do(
    blobs: LocalBlobs, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    def refuse(*_: object) -> None:
        raise OSError(number, "no")

    monkeypatch.setattr(disk, "write_all", refuse)
    with pytest.raises(Unreachable) as caught:
        blobs.put(b"model")
    assert str(blobs.folder) in caught.value.message
    assert caught.value.hint == disk._HINTS[number]
    assert [file for file in blobs.folder.iterdir() if file.name != ".lock"] == []


def test_a_file_in_the_folders_place_is_said_plainly(tmp_path: Path) -> None:
    (tmp_path / "registry").write_text("not a folder")
    with pytest.raises(Unreachable, match="A file stands where a folder is needed"):
        LocalBlobs(tmp_path / "registry" / "blobs").put(b"model")


def test_a_forked_child_stores_blobs_too(blobs: LocalBlobs) -> None:
    blobs.put_all([b"one", b"two"])  # now there is a pool of threads
    child = os.fork()
    if child == 0:
        done = False
        try:
            done = len(blobs.put_all([b"three", b"four"])) == 2
        finally:
            os._exit(0 if done else 1)
    assert os.waitpid(child, 0)[1] == 0
    assert len([*blobs.names()]) == 4
