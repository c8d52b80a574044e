"""Blobs in a folder of this machine (or a mounted one): one private file each, named by its sha256, all side by side.

A file gets its name only when its bytes are on stable storage, so a name that can be seen is a blob that is whole.
The store reads no symlink, so a link planted in the folder leads nowhere.
"""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Container, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path

from nb_mlops.storage import disk
from nb_mlops.storage.blob_writer import TEMPORARY, BlobWriter, temporary
from nb_mlops.storage.blobs import damaged, digest_name, is_digest_name, missing
from nb_mlops.storage.twin import Twin

_LOCK = ".lock"


class LocalBlobs:
    """The blobs in `folder`, which is made when the first one is written."""

    def __init__(self, folder: Path) -> None:
        self.folder = Path(folder)

    def writer(self, *, like: str | None = None) -> BlobWriter:
        """A file to write one blob to; as long as its bytes are those of the blob `like`, nothing is written."""
        if like is None:
            return BlobWriter(self.folder, self._keep)
        path = self._file(like)
        return BlobWriter(self.folder, self._keep, find_twin=lambda: Twin.find(path, self._renewed_for_good))

    def put(self, data: bytes) -> str:
        """The sha256 under which `data` is now durable."""
        return self.put_all([data])[0]

    def put_all(self, many: Sequence[bytes]) -> list[str]:
        """The sha256 of each; their fsyncs overlap, and the folder's is shared."""
        digests = [hashlib.sha256(data).hexdigest() for data in many]
        with disk.reported("storing blobs", self.folder):
            disk.make_folder(self.folder)
            new = {name: data for name, data in zip(digests, many, strict=True) if not self._renewed(name, len(data))}
            self._put_new(new)
            disk.sync_folder(self.folder)
        return digests

    def read(self, sha256: str) -> bytes:
        """The bytes, verified."""
        path = self._file(sha256)
        with disk.reported("reading a blob", self.folder), os.fdopen(self._open(sha256), "rb") as file:
            data = file.read()
        if hashlib.sha256(data).hexdigest() != sha256:
            raise damaged(sha256, path)
        return data

    def path(self, sha256: str) -> Path:
        """The blob's own file, its bytes verified now."""
        path = self._file(sha256)
        with disk.reported("reading a blob", self.folder), os.fdopen(self._open(sha256), "rb") as file:
            found = hashlib.file_digest(file, "sha256").hexdigest()
        if found != sha256:
            raise damaged(sha256, path)
        return path

    def has(self, sha256: str) -> bool:
        """Whether there is a blob of this name."""
        with disk.reported("reading a blob", self.folder):
            return disk.size_of(self._file(sha256)) is not None

    def names(self) -> Iterator[str]:
        """The sha256 of every blob."""
        for entry in self._entries():
            if is_digest_name(entry.name) and entry.is_file(follow_symlinks=False):
                yield entry.name

    def sweep(self, *, keep: Container[str], older_than_seconds: float) -> int:
        """How many unfinished files and blobs not in `keep` were removed."""
        oldest_kept = time.time() - older_than_seconds
        with disk.reported("sweeping blobs", self.folder):
            return sum(
                self._remove_if_older(Path(entry.path), oldest_kept)
                for entry in self._entries()
                if entry.name.startswith(TEMPORARY) or (is_digest_name(entry.name) and entry.name not in keep)
            )

    def _file(self, sha256: str) -> Path:
        return self.folder / digest_name(sha256)

    def _open(self, sha256: str) -> int:
        try:
            return disk.open_file(self._file(sha256))
        except FileNotFoundError:
            raise missing(sha256, self.folder) from None

    def _entries(self) -> list[os.DirEntry[str]]:
        try:
            with os.scandir(self.folder) as entries:
                return list(entries)
        except FileNotFoundError:
            return []  # nothing was ever stored

    def _renewed_for_good(self, sha256: str, size: int) -> bool:
        """As `_renewed`, and the name durable: who stored it may not have got this far."""
        renewed = self._renewed(sha256, size)
        if renewed:
            disk.sync_folder(self.folder)
        return renewed

    def _keep(self, written: Path, sha256: str, size: int) -> None:
        """Gives a written file its name, or lets it go where the same bytes are there."""
        if not self._renewed_for_good(sha256, size):
            disk.sync_path(written)
            disk.move(written, self._file(sha256))
            disk.sync_folder(self.folder)

    def _put_new(self, new: dict[str, bytes]) -> None:
        written = {name: temporary(self.folder) for name in new}
        try:
            for name, path in written.items():
                _write(path, new[name])
            _sync_all(list(written.values()))
            for name, path in written.items():
                disk.move(path, self._file(name))
        finally:
            for path in written.values():
                disk.remove(path)

    def _renewed(self, sha256: str, size: int) -> bool:
        """Whether the blob is there; its grace period begins anew, so that no sweep takes it from its new user."""
        path = self._file(sha256)
        if disk.size_of(path) != size:
            return False
        with disk.lock(self.folder / _LOCK):  # or a sweep could look, wait for us, and remove
            try:
                os.utime(path)
            except FileNotFoundError:
                return False
        return True

    def _remove_if_older(self, path: Path, oldest_kept: float) -> bool:
        with disk.lock(self.folder / _LOCK):
            try:
                is_older = os.lstat(path).st_mtime <= oldest_kept
            except FileNotFoundError:
                return False  # it got its name, or another sweep was first
            return is_older and disk.remove(path)


def _write(path: Path, data: bytes) -> None:
    file = disk.create_file(path)
    try:
        disk.write_all(file, memoryview(data))
    finally:
        os.close(file)


def _sync_all(paths: list[Path]) -> None:
    """One fsync after the other waits for the disk each time; together, the file system commits them as one."""
    if len(paths) == 1:
        disk.sync_path(paths[0])
    else:
        list(_threads().map(disk.sync_path, paths))


@cache
def _threads() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(4, thread_name_prefix="nb-mlops-fsync")


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_threads.cache_clear)  # a child inherits the pool, but not its threads
