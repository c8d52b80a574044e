"""A stored blob that what is being written may turn out to be: as long as the bytes are the same, none is written.

The same model registered again is the same bytes. To write them, only to find that they are there, would cost the disk
twice (once to store them, once to free them), so they are compared with the stored file as they come. At the first
difference the writer takes over: it gets what was the same so far as a copy, hashed on the way.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from io import FileIO
from pathlib import Path

from nb_mlops.core.errors import BadInput, Damaged
from nb_mlops.storage import disk

_AT_ONCE = 1024 * 1024  # bytes that are read and compared at a time: they stay in the processor's cache

Renew = Callable[[str, int], bool]


class Twin:
    """An open stored file and how much of it has been met again."""

    def __init__(self, path: Path, file: int, renew: Renew) -> None:
        """`renew(sha256, size)` says whether the store still has it, and begins its grace period anew."""
        self._path = path
        self._file = FileIO(file)
        self._renew = renew
        self._buffer = bytearray(_AT_ONCE)
        self._same_bytes = 0

    @classmethod
    def find(cls, path: Path, renew: Renew) -> Twin | None:
        """The twin at `path`; None where no regular file is, which is no error: then all is written."""
        try:
            return cls(path, disk.open_file(path), renew)
        except (OSError, BadInput):
            return None

    def goes_on_with(self, view: memoryview) -> bool:
        """Whether the stored file's next bytes are these."""
        for start in range(0, view.nbytes, _AT_ONCE):
            wanted = view[start : start + _AT_ONCE]
            read = self._read(wanted.nbytes)
            if read != wanted:  # a bytearray compares with any buffer as memcmp does; a memoryview byte by byte
                return False
        self._same_bytes += view.nbytes
        return True

    def is_still_there(self, sha256: str, size: int) -> bool:
        """Whether the store holds what was met, whole, under this name."""
        return self._path.name == sha256 and self._renew(sha256, size)

    def copy_to(self, file: int, sha256: str) -> int:
        """Writes what was the same so far to `file`, gives its size; Damaged where it has another `sha256` by now."""
        self._file.seek(0)
        hasher = hashlib.sha256()
        left = self._same_bytes
        while left and (read := self._read(min(left, _AT_ONCE))):
            hasher.update(read)
            disk.write_all(file, memoryview(read))
            left -= len(read)
        if hasher.hexdigest() != sha256:
            raise Damaged(f"{self._path} changed while it was read.", "Run `nb-mlops verify`, then register again.")
        return self._same_bytes

    def close(self) -> None:
        """Lets the file go."""
        self._file.close()

    def _read(self, size: int) -> bytearray:
        """The next `size` bytes, fewer at the end of the file."""
        buffer = self._buffer if size == _AT_ONCE else bytearray(size)
        filled = 0
        while filled < size and (count := self._file.readinto(memoryview(buffer)[filled:])):
            filled += count
        return buffer if filled == size else buffer[:filled]
