"""What every blob store keeps to: one suite over the folder and over fsspec."""

from __future__ import annotations

import hashlib
import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from uuid import uuid4

import numpy as np
import pytest

from nb_mlops.core.errors import BadInput, Damaged, NotFound
from nb_mlops.storage.blobs import Blobs
from nb_mlops.storage.blobs_fsspec import FsspecBlobs
from nb_mlops.storage.blobs_local import LocalBlobs

ABSENT = "0" * 64


@pytest.fixture(params=["local", "memory", "mounted"])
def blobs(request: pytest.FixtureRequest, tmp_path: Path) -> Blobs:
    if request.param == "local":
        return LocalBlobs(tmp_path / "blobs")
    address = f"memory://{uuid4().hex}/blobs" if request.param == "memory" else f"file://{tmp_path}/blobs"
    return FsspecBlobs.at(address, cache=tmp_path / "cache")


def test_what_was_put_is_read_back_under_its_sha256(blobs: Blobs) -> None:
    name = blobs.put(b"model")
    assert name == hashlib.sha256(b"model").hexdigest()
    assert blobs.read(name) == b"model"
    assert blobs.path(name).read_bytes() == b"model"
    assert blobs.has(name)
    assert list(blobs.names()) == [name]


def test_a_store_never_written_to_is_empty(blobs: Blobs) -> None:
    assert list(blobs.names()) == []
    assert not blobs.has(ABSENT)
    assert blobs.sweep(keep=(), older_than_seconds=0) == 0
    for look in (blobs.read, blobs.path):
        with pytest.raises(NotFound, match="blob 000000000000"):
            look(ABSENT)


def test_several_are_put_at_once_in_their_order(blobs: Blobs) -> None:
    many = [b"", b"one", b"two", b"one"]
    assert [blobs.read(name) for name in blobs.put_all(many)] == many
    assert len(list(blobs.names())) == 3


@pytest.mark.parametrize("size", [0, 1, 300_000, 5_000_000])
def test_the_writer_stores_what_was_written_in_pieces(blobs: Blobs, size: int) -> None:
    data = os.urandom(size)
    with blobs.writer() as out:
        for start in range(0, size, 70_000):
            out.write(data[start : start + 70_000])
    assert (out.sha256, out.size, out.closed) == (hashlib.sha256(data).hexdigest(), size, True)
    assert blobs.read(out.sha256) == data


def test_memory_that_changes_after_a_write_does_not_change_the_blob(blobs: Blobs) -> None:
    array = np.arange(1_000_000)
    expected = array.tobytes()
    with blobs.writer() as out:
        for row in array.reshape(4, -1):
            out.write(memoryview(row))
            row[:] = 0
    assert blobs.read(out.sha256) == expected


def test_a_view_with_gaps_is_written_as_its_values(blobs: Blobs) -> None:
    every_other = np.arange(200_000, dtype="u1")[::2]
    with blobs.writer() as out:
        out.write(memoryview(every_other))
        out.write(memoryview(np.zeros(600_000)[::2]))
    assert blobs.read(out.sha256) == every_other.tobytes() + bytes(2_400_000)


@pytest.mark.parametrize("size", [10, 3_000_000])
def test_an_exception_while_writing_leaves_nothing(blobs: Blobs, size: int, tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError), blobs.writer() as out:  # noqa: PT012
        out.write(b"x" * size)
        out.write(b"x" * (1 // 0))
    assert out.sha256 == ""
    assert list(blobs.names()) == []
    assert [file for file in tmp_path.rglob("*") if file.is_file()] == []


def test_the_same_content_again_adds_nothing(blobs: Blobs, tmp_path: Path) -> None:
    blobs.put(b"same")
    with blobs.writer() as out:
        out.write(b"same")
    blobs.path(out.sha256)
    before = sorted(tmp_path.rglob("*"))
    blobs.put_all([b"same", b"same"])
    assert [*blobs.names()] == [out.sha256]
    assert sorted(tmp_path.rglob("*")) == before


def test_one_name_written_by_many_threads_is_one_blob(blobs: Blobs) -> None:
    with ThreadPoolExecutor(8) as threads:
        names = set(threads.map(lambda _: blobs.put(b"shared"), range(40)))
    assert [*blobs.names()] == [*names]
    assert blobs.read(names.pop()) == b"shared"


@pytest.mark.parametrize(
    "name", ["", "..", "../" + "a" * 61, "A" * 64, "a" * 63, "a" * 64 + "\n", "/" + "a" * 63, "\uff10" * 64, None]
)
def test_what_is_not_a_sha256_never_becomes_a_path(blobs: Blobs, name: str) -> None:
    for use in (blobs.read, blobs.path, blobs.has):
        with pytest.raises(BadInput, match="is not a sha256"):
            use(name)


def test_a_sweep_removes_what_nobody_names(blobs: Blobs) -> None:
    kept, lost = blobs.put_all([b"kept", b"lost"])
    assert blobs.sweep(keep={kept}, older_than_seconds=3600) == 0
    assert blobs.has(lost)
    assert blobs.sweep(keep={kept}, older_than_seconds=0) == 1
    assert [*blobs.names()] == [kept]


def test_remote_bytes_that_were_changed_are_refused(tmp_path: Path) -> None:
    blobs = FsspecBlobs.at(f"file://{tmp_path}/store", cache=tmp_path / "cache")
    name = blobs.put(b"honest")
    (tmp_path / "store" / name).write_bytes(b"forged")
    for look in (blobs.read, blobs.path):
        with pytest.raises(Damaged, match="was changed"):
            look(name)
    assert not (tmp_path / "cache" / name).exists()


def test_a_damaged_cache_entry_is_fetched_again(tmp_path: Path) -> None:
    blobs = FsspecBlobs.at(f"memory://{uuid4().hex}", cache=tmp_path)
    name = blobs.put(b"honest")
    blobs.path(name).write_bytes(b"forged")
    assert blobs.path(name).read_bytes() == b"honest"
    assert [*tmp_path.iterdir()] == [tmp_path / name]


def test_an_error_of_a_remote_store_shows_no_secret(tmp_path: Path) -> None:
    class Failing:
        protocol = "s3"

        def cat_file(self, key: str) -> bytes:
            raise RuntimeError("https://user:canary@host refused")

    with pytest.raises(OSError, match=r"RuntimeError") as caught:
        FsspecBlobs(Failing(), "bucket", cache=tmp_path).read(ABSENT)
    assert "canary" not in str(caught.value)
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__
