"""Where the parts of versions are kept: bytes named by their own sha256.

A name is a proof: who reads a blob compares its bytes with its name before anything else sees them. The same bytes
have the same name, so storing them again costs nothing. Order matters to who writes: blob first, then the event that
names it.
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterator, Sequence
from pathlib import Path
from typing import Protocol

from nb_mlops.core.errors import BadInput, Damaged, NotFound
from nb_mlops.storage.blob_writer import BlobWriter

__all__ = ["BlobWriter", "Blobs", "damaged", "digest_name", "is_digest_name", "missing"]

_DIGEST = re.compile(r"[0-9a-f]{64}")


class Blobs(Protocol):
    """A store of blobs; Unreachable when it cannot be read or written now."""

    def writer(self, *, like: str | None = None) -> BlobWriter:
        """A file to write one blob to; on a clean exit it is durable, on an exception nothing remains.

        `like` names a blob that may well have the same bytes: then the store need not write them to find that out.
        """
        ...

    def put(self, data: bytes) -> str:
        """The sha256 under which `data` is now durable."""
        ...

    def put_all(self, many: Sequence[bytes]) -> list[str]:
        """The sha256 of each of several small blobs, all durable now; cheaper than one by one."""
        ...

    def read(self, sha256: str) -> bytes:
        """The bytes, verified; NotFound, or Damaged when they do not match their name."""
        ...

    def path(self, sha256: str) -> Path:
        """A local file that holds the bytes, verified now; NotFound or Damaged. Not to be written to."""
        ...

    def has(self, sha256: str) -> bool:
        """Whether a blob of this name is stored; its bytes are not looked at."""
        ...

    def names(self) -> Iterator[str]:
        """The sha256 of every blob, in no order."""
        ...

    def sweep(self, *, keep: Container[str], older_than_seconds: float) -> int:
        """How many leftovers were removed: unfinished files, and blobs not in `keep`, older than the grace period.

        The grace period must be longer than the longest time between a blob and the event that names it.
        """
        ...


def digest_name(sha256: str) -> str:
    """The sha256 itself when it is one (64 lower-case hex digits); raises BadInput, before any path is made of it."""
    if not isinstance(sha256, str) or not _DIGEST.fullmatch(sha256):
        raise BadInput(f"{ascii(sha256)[:80]} is not a sha256.", "A sha256 is 64 lower-case hex digits.")
    return sha256


def is_digest_name(name: str) -> bool:
    """Whether a stored file's name is that of a blob."""
    return bool(_DIGEST.fullmatch(name))


def missing(sha256: str, where: object) -> NotFound:
    """The error for a blob that is not there."""
    return NotFound(
        f"blob {sha256[:12]}… is not in {where}.", "It was erased, or never arrived: run `nb-mlops verify`."
    )


def damaged(sha256: str, where: object) -> Damaged:
    """The error for bytes that do not match their name."""
    return Damaged(
        f"blob {sha256[:12]}… was changed: its bytes do not have that sha256.",
        f"Restore {where} from a backup, or delete it and register the same model again.",
    )
