"""Blobs in any store that fsspec reaches (S3, GCS, Azure, sftp, memory), read and written through a local cache.

What is written is hashed in the cache first, so that only what the store lacks is sent. What is read is verified in
the cache each time; a damaged entry is fetched again. Two processes that fetch the same blob write two temporary
files and the last rename wins with equal bytes: fsspec's own caches share one file and race.
"""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Container, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from nb_mlops.core.errors import NbMlopsError, Unreachable
from nb_mlops.storage import disk
from nb_mlops.storage.blob_writer import TEMPORARY, BlobWriter, temporary
from nb_mlops.storage.blobs import damaged, digest_name, is_digest_name, missing
from nb_mlops.storage.twin import Twin

# Stores in which an object appears whole or not at all; elsewhere an upload gets its name by a move at the end.
_ATOMIC = frozenset({"memory", "s3", "s3a", "gs", "gcs", "abfs", "abfss", "az", "adl", "oci", "oss"})
_RENEW_SECONDS = 3600.0  # an older object is sent again, so that a sweep's grace period begins anew for its new user
_TIMES = ("LastModified", "last_modified", "mtime", "updated", "created")  # what file systems call the time of writing


class FsspecBlobs:
    """The blobs below `root` of `filesystem`, with a read cache in the local folder `cache`."""

    def __init__(self, filesystem: Any, root: str, *, cache: Path) -> None:
        """`filesystem` is an `fsspec.AbstractFileSystem`; `Any` because fsspec ships no types."""
        self._files = filesystem
        self._root = root.rstrip("/")
        self._cache = Path(cache)

    @classmethod
    def at(cls, address: str, *, cache: Path, **options: Any) -> FsspecBlobs:
        """The store at an address such as `s3://bucket/folder`; `options` go to its file system."""
        from fsspec.core import url_to_fs

        filesystem, root = url_to_fs(address, **options)
        return cls(filesystem, root, cache=cache)

    def writer(self, *, like: str | None = None) -> BlobWriter:
        """A file to write one blob to; as long as its bytes are those of `like` in the cache, nothing is written."""
        if like is None:
            return BlobWriter(self._cache, self._keep)
        path = self._cache / digest_name(like)
        return BlobWriter(self._cache, self._keep, find_twin=lambda: Twin.find(path, self._is_stored_still))

    def put(self, data: bytes) -> str:
        """The sha256 under which the store now has `data`."""
        sha256 = hashlib.sha256(data).hexdigest()
        with self._reported("storing a blob"):
            if not self._is_stored(sha256, len(data)):
                self._send(sha256, data)
        return sha256

    def put_all(self, many: Sequence[bytes]) -> list[str]:
        """The sha256 of each."""
        return [self.put(data) for data in many]

    def read(self, sha256: str) -> bytes:
        """The bytes, verified."""
        with self._reported("reading a blob", sha256):
            data: bytes = self._files.cat_file(self._key(sha256))
        if hashlib.sha256(data).hexdigest() != sha256:
            raise damaged(sha256, self._key(sha256))
        return data

    def path(self, sha256: str) -> Path:
        """A file of the local cache, its bytes verified now."""
        cached = self._cache / digest_name(sha256)
        with disk.reported("caching a blob", self._cache):
            if disk.size_of(cached) is None or _sha256_of(cached) != sha256:
                self._fetch(sha256, cached)
        return cached

    def has(self, sha256: str) -> bool:
        """Whether the store has a blob of this name."""
        key = self._key(sha256)
        with self._reported("reading a blob"):
            return bool(self._files.isfile(key))

    def names(self) -> Iterator[str]:
        """The sha256 of every blob."""
        for info in self._listed():
            name = _last_part(info)
            if is_digest_name(name):
                yield name

    def sweep(self, *, keep: Container[str], older_than_seconds: float) -> int:
        """How many unfinished uploads and blobs not in `keep` were removed; one of unknown age stays.

        While others write, a grace period below two hours is not safe: see `_RENEW_SECONDS`.
        """
        oldest_kept = time.time() - older_than_seconds
        leftovers = [info["name"] for info in self._listed() if _is_leftover(_last_part(info), keep)]
        with self._reported("sweeping blobs"):
            return sum(self._remove_if_older(key, oldest_kept) for key in leftovers)

    def _key(self, sha256: str) -> str:
        return f"{self._root}/{digest_name(sha256)}"

    def _keep(self, written: Path, sha256: str, size: int) -> None:
        """Sends a finished file where the store lacks it; the file itself becomes the cache's entry."""
        with self._reported("storing a blob"):
            if not self._is_stored(sha256, size):
                self._send(sha256, written)
        disk.move(written, self._cache / sha256)

    def _is_stored_still(self, sha256: str, size: int) -> bool:
        with self._reported("storing a blob"):
            return self._is_stored(sha256, size)

    def _is_stored(self, sha256: str, size: int) -> bool:
        try:
            info = self._files.info(self._key(sha256))
        except FileNotFoundError:
            return False
        written_at = _written_at(info)
        is_fresh = written_at is not None and time.time() - written_at < _RENEW_SECONDS
        return info["type"] == "file" and info["size"] == size and is_fresh

    def _send(self, sha256: str, what: bytes | Path) -> None:
        key = self._key(sha256)
        if _protocols(self._files) & _ATOMIC:
            self._upload(what, key)
            return
        unfinished = f"{self._root}/{temporary(Path()).name}"
        self._files.makedirs(self._root, exist_ok=True)
        self._upload(what, unfinished)
        self._files.mv(unfinished, key)

    def _remove_if_older(self, key: str, oldest_kept: float) -> bool:
        """Looks again just before: somebody may have stored the same bytes since the listing."""
        try:
            written_at = _written_at(self._files.info(key))
            if written_at is None or written_at > oldest_kept:
                return False
            self._files.rm_file(key)
        except FileNotFoundError:
            return False  # another sweep was first
        return True

    def _upload(self, what: bytes | Path, key: str) -> None:
        if isinstance(what, Path):
            self._files.put_file(str(what), key)
        else:
            self._files.pipe_file(key, what)

    def _fetch(self, sha256: str, cached: Path) -> None:
        disk.make_folder(self._cache)
        fetched = temporary(self._cache)
        os.close(disk.create_file(fetched))
        try:
            with self._reported("reading a blob", sha256):
                self._files.get_file(self._key(sha256), str(fetched))
            if _sha256_of(fetched) != sha256:
                raise damaged(sha256, self._key(sha256))
            disk.move(fetched, cached)
        finally:
            disk.remove(fetched)

    def _listed(self) -> list[dict[str, Any]]:
        with self._reported("listing blobs"):
            self._files.invalidate_cache(self._root)
            try:
                return [info for info in self._files.ls(self._root, detail=True) if info["type"] == "file"]
            except FileNotFoundError:
                return []  # nothing was ever stored

    @contextmanager
    def _reported(self, what: str, sha256: str | None = None) -> Iterator[None]:
        """Turns what a file system raises into our words, without its text: that may show an address with a secret."""
        try:
            yield
        except NbMlopsError:
            raise
        except FileNotFoundError as error:
            if sha256 is not None:
                raise missing(sha256, self._root) from None
            raise self._unreachable(what, error) from None
        except Exception as error:  # noqa: BLE001  every library behind fsspec has errors of its own, with no class in common
            raise self._unreachable(what, error) from None

    def _unreachable(self, what: str, error: Exception) -> Unreachable:
        message = f"{what} in {self._root} failed ({type(error).__name__})."
        return Unreachable(message, "Check the network, the address and your rights there, then run it again.")


def _protocols(filesystem: Any) -> frozenset[str]:
    protocol = filesystem.protocol
    return frozenset([protocol] if isinstance(protocol, str) else protocol)


def _sha256_of(path: Path) -> str:
    with os.fdopen(disk.open_file(path), "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _last_part(info: dict[str, Any]) -> str:
    return str(info["name"]).rstrip("/").rpartition("/")[2]


def _is_leftover(name: str, keep: Container[str]) -> bool:
    return name.startswith(TEMPORARY) or (is_digest_name(name) and name not in keep)


def _written_at(info: dict[str, Any]) -> float | None:
    """When an object was written, in seconds since 1970; None where its store does not say."""
    found = next((info[name] for name in _TIMES if info.get(name) is not None), None)
    if isinstance(found, str):
        found = datetime.fromisoformat(found)
    if isinstance(found, datetime):
        return found.timestamp()
    return float(found) if isinstance(found, int | float) else None
