"""A file that hashes what is written to it, and hands itself over only when everything went well.

Big writes are hashed in a thread beside the write to disk (hashlib and os.write both release the interpreter's lock),
so that a 500 MB model costs the slower of the two and not their sum; its first parts travel to the disk while the last
are still hashed. Nothing big is copied: `bytes` cannot change
and wait in a short queue; a view of memory that could change is hashed before `write` returns.
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

TEMPORARY = ".tmp-"  # how names of unfinished files begin: a sweep knows them by it

_GATHERED = 256 * 1024  # bytes: smaller writes are put together, a pickle makes thousands of them
_BESIDE = 1024 * 1024  # bytes from which a thread is worth its start
_QUEUED = 32 * 1024 * 1024  # bytes that may wait to be hashed: bounds the extra memory
_SYNCED = 64 * 1024 * 1024  # bytes after which the disk is told to begin

Keep = Callable[[Path, str, int], None]


class BlobWriter:
    """One blob being written: `with blobs.writer() as out: joblib.dump(model, out)`, then `.sha256` and `.size`."""

    def __init__(self, folder: Path, keep: Keep) -> None:
        """Writes to a temporary file in `folder`; `keep(file, sha256, size)` then gives it its name."""
        self._folder = folder
        self._keep = keep
        self._hasher = _Hasher()
        self._syncer = _Syncer()
        self._gathered = bytearray()
        self._file = -1
        self._path = temporary(folder)
        self.sha256 = ""
        self.size = 0

    def __enter__(self) -> BlobWriter:
        with disk.reported("storing a blob", self._folder):
            disk.make_folder(self._folder)
            self._file = disk.create_file(self._path)
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
            self._syncer.close()
            self._close()  # before it gets its name: Windows renames no open file
            self._keep(self._path, self.sha256, self.size)

    def _clean_up(self) -> None:
        """Leaves no file, whatever happened; after `keep` the temporary name is gone already."""
        self._gathered.clear()
        with disk.reported("storing a blob", self._folder):
            try:
                self._hasher.close()
                self._syncer.close()
            finally:
                self._close()
                disk.remove(self._path)

    def _close(self) -> None:
        if self._file >= 0:
            file, self._file = self._file, -1
            os.close(file)

    def _flush_gathered(self) -> None:
        if self._gathered:
            gathered, self._gathered = bytes(self._gathered), bytearray()
            self._write_through(gathered)

    def _write_through(self, data: bytes | bytearray | memoryview) -> None:
        view = memoryview(data).cast("B")
        with disk.reported("storing a blob", self._folder), self._hasher.beside(data, view):
            disk.write_all(self._file, view)
            self._syncer.wrote(self._file, view.nbytes)


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


class _Syncer:
    """Has what is written travel to the disk beside the writing, so that little is left for the fsync at the end."""

    def __init__(self) -> None:
        self._thread: ThreadPoolExecutor | None = None
        self._syncing: Future[None] | None = None
        self._unsynced_bytes = 0

    def wrote(self, file: int, size: int) -> None:
        """Begins to sync once enough was written; what goes wrong is raised at the next call or at the end."""
        self._unsynced_bytes += size
        if self._unsynced_bytes < _SYNCED or (self._syncing and not self._syncing.done()):
            return
        self._raise_failure()
        if self._thread is None:
            self._thread = ThreadPoolExecutor(1, thread_name_prefix="nb-mlops-sync")
        self._unsynced_bytes = 0
        self._syncing = self._thread.submit(disk.sync_file, file)

    def close(self) -> None:
        """Returns when no sync is under way."""
        if self._thread is not None:
            self._thread.shutdown()
            self._thread = None
            self._raise_failure()

    def _raise_failure(self) -> None:
        """The kernel may report a failed write-back once only: a later fsync would call the file whole."""
        if self._syncing is not None:
            syncing, self._syncing = self._syncing, None
            syncing.result()


def temporary(folder: Path) -> Path:
    """A name in `folder` that nobody can guess, for a file that is not finished."""
    return folder / f"{TEMPORARY}{secrets.token_hex(16)}"
