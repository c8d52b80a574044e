"""A file that hashes what is written to it, and hands itself over only when everything went well.

Big writes are hashed in a thread beside the write to disk (hashlib and os.write both release the interpreter's lock),
so that a 500 MB model costs the slower of the two and not their sum; its first parts travel to the disk while the last
are still hashed. What is likely to be stored already is compared instead of written (`twin`). Nothing big is copied:
`bytes` cannot change and wait in a short queue; a view of memory that could change is hashed before `write` returns.
"""

from __future__ import annotations

import hashlib
import os
import secrets
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType

from nb_mlops.storage import disk
from nb_mlops.storage.twin import Twin

TEMPORARY = ".tmp-"  # how names of unfinished files begin: a sweep knows them by it

_GATHERED = 256 * 1024  # bytes: smaller writes are put together, a pickle makes thousands of them
_BESIDE = 1024 * 1024  # bytes from which a thread is worth its start
_QUEUED = 16 * 1024 * 1024  # bytes that may wait to be hashed: bounds the extra memory
_BEGUN = 8 * 1024 * 1024  # bytes after which the disk is told to begin with them

Keep = Callable[[Path, str, int], None]


class BlobWriter:
    """One blob being written: `with blobs.writer() as out: joblib.dump(model, out)`, then `.sha256` and `.size`."""

    def __init__(self, folder: Path, keep: Keep, *, find_twin: Callable[[], Twin | None] = lambda: None) -> None:
        """Writes to a temporary file in `folder`; `keep(file, sha256, size)` then gives it its name.

        A twin is a stored blob that may have the same bytes: as far as it has, nothing is written.
        """
        self._folder = folder
        self._keep = keep
        self._find_twin = find_twin
        self._twin: Twin | None = None
        self._hasher = _Hasher()
        self._written = self._begun = 0
        self._gathered = bytearray()
        self._file = -1
        self._path = temporary(folder)
        self.sha256 = ""
        self.size = 0

    def __enter__(self) -> BlobWriter:
        with disk.reported("storing a blob", self._folder):
            disk.make_folder(self._folder)
            self._file = disk.create_file(self._path)
            self._twin = self._find_twin()
        return self

    def write(self, data: bytes | bytearray | memoryview) -> int:
        """How many bytes were taken: all of them. Unreachable when the disk is full."""
        view = memoryview(data)
        if not view.c_contiguous:
            data = view.tobytes()
        size = view.nbytes
        self.size += size
        if size < _GATHERED:
            self._gathered += data
            if len(self._gathered) >= _GATHERED:
                self._flush_gathered()
            return size
        self._flush_gathered()
        self._write_through(data)
        return size

    def flush(self) -> None:
        """Nothing: what is written becomes visible and durable at the end, all at once."""

    def tell(self) -> int:
        """The number of bytes written so far; joblib aligns arrays for mmap by it."""
        return self.size

    def seekable(self) -> bool:
        """False: what was hashed cannot be written again."""
        return False

    def readable(self) -> bool:
        """False."""
        return False

    def writable(self) -> bool:
        """True while it is open."""
        return not self.closed

    @property
    def closed(self) -> bool:
        """Whether the file is finished; also true before it was entered."""
        return self._file < 0

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if kind is None:
                self._finish()
        finally:
            self._clean_up()

    def _finish(self) -> None:
        self._flush_gathered()
        self.sha256 = self._hasher.hexdigest()
        with disk.reported("storing a blob", self._folder):
            if self._twin is not None:
                if self._twin.is_still_there(self.sha256, self.size):
                    return
                self._part_from_twin()
            self._close()  # before it gets its name: Windows renames no open file
            self._keep(self._path, self.sha256, self.size)

    def _clean_up(self) -> None:
        """Leaves no file, whatever happened; after `keep` the temporary name is gone already."""
        self._gathered.clear()
        with disk.reported("storing a blob", self._folder):
            try:
                self._hasher.close()
            finally:
                self._close()
                disk.remove(self._path)

    def _close(self) -> None:
        if self._file >= 0:
            file, self._file = self._file, -1
            os.close(file)
        if self._twin is not None:
            self._twin.close()

    def _flush_gathered(self) -> None:
        if self._gathered:
            gathered, self._gathered = bytes(self._gathered), bytearray()
            self._write_through(gathered)

    def _write_through(self, data: bytes | bytearray | memoryview) -> None:
        view = memoryview(data).cast("B")
        with disk.reported("storing a blob", self._folder):
            if self._twin is not None and not self._twin.goes_on_with(view):
                self._part_from_twin()
            with self._hasher.beside(data, view):
                if self._twin is None:
                    self._write_down(view)

    def _write_down(self, view: memoryview) -> None:
        disk.write_all(self._file, view)
        self._written += view.nbytes
        if self._written - self._begun >= _BEGUN:
            disk.begin_sync(self._file, self._begun, self._written - self._begun)
            self._begun = self._written

    def _part_from_twin(self) -> None:
        """What was the same so far is written after all: the bytes go on in another way, or the twin is gone."""
        twin, self._twin = self._twin, None
        if twin is not None:
            try:
                self._written = twin.copy_to(self._file, self._hasher.hexdigest())
            finally:
                twin.close()


class _Hasher:
    """A sha256 that works in a thread of its own once there is enough to do."""

    def __init__(self) -> None:
        self._hash = hashlib.sha256()
        self._thread: ThreadPoolExecutor | None = None
        self._waiting: deque[tuple[Future[None], int]] = deque()
        self._waiting_bytes = 0
        self._seen_bytes = 0

    @contextmanager
    def beside(self, data: bytes | bytearray | memoryview, view: memoryview) -> Iterator[None]:
        """Hashes `view` while the body runs; returns early only if the memory behind it cannot change."""
        self._seen_bytes += view.nbytes
        if self._seen_bytes < _BESIDE:
            self._hash.update(view)
            yield
            return
        hashed = self._submit(view)
        yield
        if not isinstance(data, bytes):
            hashed.result()

    def hexdigest(self) -> str:
        """The digest of all that was given, once the thread has caught up."""
        while self._waiting:
            self._wait_for_oldest()
        return self._hash.hexdigest()

    def close(self) -> None:
        """Returns when the thread has ended: no view of the caller's memory is held any more."""
        if self._thread is not None:
            self._thread.shutdown(cancel_futures=True)
        self._waiting.clear()

    def _submit(self, view: memoryview) -> Future[None]:
        if self._thread is None:
            self._thread = ThreadPoolExecutor(1, thread_name_prefix="nb-mlops-sha256")
        while self._waiting and self._waiting_bytes + view.nbytes > _QUEUED:
            self._wait_for_oldest()
        hashed = self._thread.submit(self._hash.update, view)
        self._waiting.append((hashed, view.nbytes))
        self._waiting_bytes += view.nbytes
        return hashed

    def _wait_for_oldest(self) -> None:
        hashed, size = self._waiting.popleft()
        self._waiting_bytes -= size
        hashed.result()


def temporary(folder: Path) -> Path:
    """A name in `folder` that nobody can guess, for a file that is not finished."""
    return folder / f"{TEMPORARY}{secrets.token_hex(16)}"
