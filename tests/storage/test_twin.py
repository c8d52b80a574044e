"""What is likely to be stored already is compared with it instead of written; at the first difference it is written."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import pytest

from nb_mlops.core.errors import BadInput, Damaged
from nb_mlops.storage import disk
from nb_mlops.storage.blobs import Blobs
from nb_mlops.storage.blobs_fsspec import FsspecBlobs
from nb_mlops.storage.blobs_local import LocalBlobs
from nb_mlops.storage.twin import Twin

STORED = os.urandom(3_300_000)
PIECE = 700_000


@pytest.fixture(params=["local", "mounted"])
def blobs(request: pytest.FixtureRequest, tmp_path: Path) -> Blobs:
    """A store that has `STORED`, in its cache too where it has one."""
    if request.param == "local":
        found: Blobs = LocalBlobs(tmp_path / "blobs")
    else:
        found = FsspecBlobs.at(f"file://{tmp_path}/blobs", cache=tmp_path / "cache")
    assert written(found, STORED, like=None) == sha256(STORED)
    return found


def written(blobs: Blobs, data: bytes, *, like: str | None) -> str:
    with blobs.writer(like=like) as out:
        for start in range(0, len(data), PIECE):
            out.write(data[start : start + PIECE])
    return out.sha256


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def test_the_same_bytes_are_not_written(blobs: Blobs, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("bytes that were there were written again")

    monkeypatch.setattr(disk, "write_all", refuse)
    assert written(blobs, STORED, like=sha256(STORED)) == sha256(STORED)
    assert [*blobs.names()] == [sha256(STORED)]


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"x" + STORED[1:],
        STORED[:2_000_000] + b"x" + STORED[2_000_001:],
        STORED[:-1] + bytes([STORED[-1] ^ 1]),
        STORED[: 2 * PIECE],
        STORED[:-1],
        STORED + b"x",
        STORED + STORED,
        b"small",
    ],
    ids=["nothing", "first", "middle", "last", "half", "shorter", "longer", "twice", "small"],
)
def test_what_goes_another_way_is_stored_whole(blobs: Blobs, data: bytes, tmp_path: Path) -> None:
    assert written(blobs, data, like=sha256(STORED)) == sha256(data)
    assert blobs.read(sha256(data)) == data
    assert blobs.read(sha256(STORED)) == STORED
    assert list(tmp_path.rglob(".tmp-*")) == []


def test_views_of_memory_that_changes_are_compared_as_they_were(blobs: Blobs) -> None:
    memory = bytearray(STORED)
    with blobs.writer(like=sha256(STORED)) as out:
        out.write(memoryview(memory))
        memory[:] = bytes(len(memory))
    assert out.sha256 == sha256(STORED)


def test_one_that_is_not_there_costs_nothing(blobs: Blobs) -> None:
    assert written(blobs, b"new" * 200_000, like="0" * 64) == sha256(b"new" * 200_000)


def test_a_twin_must_be_named_by_a_sha256(blobs: Blobs) -> None:
    with pytest.raises(BadInput, match="is not a sha256"):
        blobs.writer(like="../catalog.sqlite")


def test_one_that_a_sweep_takes_meanwhile_is_written_after_all(tmp_path: Path) -> None:
    blobs = LocalBlobs(tmp_path)
    name = written(blobs, STORED, like=None)
    with blobs.writer(like=name) as out:
        out.write(STORED)
        (tmp_path / name).unlink()
    assert blobs.read(name) == STORED


def test_bytes_that_change_while_they_are_met_are_not_stored_under_a_false_name(tmp_path: Path) -> None:
    blobs = LocalBlobs(tmp_path)
    name = written(blobs, STORED, like=None)
    with pytest.raises(Damaged, match="changed while it was read"), blobs.writer(like=name) as out:  # noqa: PT012
        out.write(STORED[:PIECE])
        (tmp_path / name).write_bytes(b"y" + STORED[1:])
        out.write(b"another way" * 50_000)
    assert [*blobs.names()] == [name]


def test_an_exception_leaves_the_stored_blob_and_nothing_else(blobs: Blobs, tmp_path: Path) -> None:
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises(ZeroDivisionError), blobs.writer(like=sha256(STORED)) as out:  # noqa: PT012
        out.write(STORED[:PIECE])
        out.write(b"x" * (1 // 0))
    assert sorted(tmp_path.rglob("*")) == before


def test_a_link_is_no_twin(tmp_path: Path) -> None:
    (tmp_path / "real").write_bytes(STORED)
    (tmp_path / sha256(STORED)).symlink_to(tmp_path / "real")
    assert Twin.find(tmp_path / sha256(STORED), lambda sha256, size: True) is None
