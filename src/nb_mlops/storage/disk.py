"""The one seam between storage and the operating system: private files, fsync, locks, and errors in our words.

Linux, macOS and Windows differ in how bytes become durable, how a file is locked and what a symlink may do.
Everything that depends on it stands here, so that the stores read the same everywhere.
"""

from __future__ import annotations

import errno
import os
import random
import stat
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path
from typing import cast

from nb_mlops.core.errors import BadInput, Unreachable

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl

_BINARY = getattr(os, "O_BINARY", 0)  # Windows translates line ends without it
_NO_FOLLOW = getattr(os, "O_NOFOLLOW", 0)  # absent on Windows, where making a symlink needs a privilege
_NO_BLOCK = getattr(os, "O_NONBLOCK", 0)  # a FIFO in a file's place must not hang the reader

_HINTS = {
    errno.ENOSPC: "The disk is full: free some space, then run it again.",
    errno.EDQUOT: "Your disk quota is used up: free some space, then run it again.",
    errno.EROFS: "The file system is read-only: choose a registry you may write to, or have it mounted for writing.",
    errno.EACCES: "You may not use it: check who owns the folder, or choose another registry.",
    errno.EPERM: "You may not use it: check who owns the folder, or choose another registry.",
    errno.ENOTDIR: "A file stands where a folder is needed: choose another place.",
    errno.EEXIST: "A file stands where a folder is needed: choose another place.",
}


def make_folder(path: Path) -> None:
    """Makes `path` and what is missing above it, for this user only, durably; a folder that is there stays as it is."""
    if path.is_dir():
        return
    make_folder(path.parent)
    with suppress(FileExistsError):  # another process was first; a file in its place fails at the next step
        path.mkdir(mode=0o700)
        sync_folder(path.parent)
    if not path.is_dir():
        raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR), str(path))


def create_file(path: Path) -> int:
    """A descriptor open for writing to a new file that only this user can read; FileExistsError if it is there."""
    return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | _BINARY | _NO_FOLLOW, 0o600)


def open_file(path: Path) -> int:
    """A descriptor open for reading a regular file; a symlink, FIFO, device or folder is BadInput."""
    try:
        descriptor = os.open(path, os.O_RDONLY | _BINARY | _NO_FOLLOW | _NO_BLOCK)
    except OSError as error:
        if error.errno in (errno.ELOOP, errno.EMLINK):  # what O_NOFOLLOW says of a symlink (Linux and macOS; BSD)
            raise _not_a_file(path) from None
        raise
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise _not_a_file(path)
    return descriptor


def size_of(path: Path) -> int | None:
    """The size in bytes of a regular file, None where there is none (a symlink is none)."""
    try:
        found = os.lstat(path)
    except (FileNotFoundError, NotADirectoryError):
        return None
    return found.st_size if stat.S_ISREG(found.st_mode) else None


def write_all(descriptor: int, data: memoryview) -> None:
    """Writes every byte; one call of the system may take fewer (2 GiB at most on Linux, less when space runs out)."""
    while data:
        data = data[os.write(descriptor, data[: 1 << 30]) :]


def sync_file(descriptor: int) -> None:
    """Returns when the file's bytes are on stable storage."""
    if sys.platform == "darwin":
        with suppress(OSError):  # F_FULLFSYNC is refused by some file systems: then fsync is all there is
            fcntl.fcntl(descriptor, fcntl.F_FULLFSYNC)
            return
    os.fsync(descriptor)


def begin_sync(descriptor: int, start: int, size: int) -> None:
    """Has these bytes travel to the disk while others are written; no promise: `sync_file` waits and tells errors.

    Only Linux has a call that does not wait (sync_file_range); elsewhere the last sync takes that much longer.
    """
    if sys.platform == "linux" and (call := _sync_file_range()) is not None:
        call(descriptor, start, size, 2)  # SYNC_FILE_RANGE_WRITE; one that is refused does no harm


@cache
def _sync_file_range() -> Callable[[int, int, int, int], int] | None:
    import ctypes

    try:
        call = ctypes.CDLL(None).sync_file_range
    except (AttributeError, OSError):  # a C library without it, or a program that is linked statically
        return None
    call.argtypes = [ctypes.c_int, ctypes.c_int64, ctypes.c_int64, ctypes.c_uint]
    return cast("Callable[[int, int, int, int], int]", call)


def sync_path(path: Path) -> None:
    """Returns when the closed file's bytes are on stable storage."""
    descriptor = os.open(path, os.O_RDWR | _BINARY | _NO_FOLLOW)  # Windows flushes only what is open for writing
    try:
        sync_file(descriptor)
    finally:
        os.close(descriptor)


def sync_folder(path: Path) -> None:
    """Returns when the folder's names are on stable storage (Windows has no such call: NTFS journals its names)."""
    if sys.platform == "win32":
        return
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    except OSError as error:
        if error.errno not in (errno.EINVAL, errno.ENOTSUP):  # some network file systems cannot sync a folder
            raise
    finally:
        os.close(descriptor)


def move(source: Path, target: Path) -> None:
    """Gives the file its final name in one step; what bore the name is replaced."""
    source.replace(target)


def remove(path: Path) -> bool:
    """Whether the file was there and is gone; one that Windows holds open stays for the next sweep."""
    try:
        path.unlink()
    except FileNotFoundError:
        return False
    except PermissionError:
        if sys.platform == "win32":
            return False
        raise
    return True


@contextmanager
def lock(path: Path, *, wait_seconds: float = 30.0) -> Iterator[None]:
    """Holds the one lock that `path` stands for; the system frees it when a process dies.

    Raises Unreachable when another process holds it longer than `wait_seconds`.
    """
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | _BINARY | _NO_FOLLOW, 0o600)
    try:
        _take(descriptor, path, wait_seconds)
        try:
            yield
        finally:
            _free(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def reported(what: str, where: Path) -> Iterator[None]:
    """Turns an error of the system into Unreachable: `what` could not be done, and what to do next.

    >>> with reported("storing a blob", Path("/registry")):
    ...     raise OSError(errno.ENOSPC, "No space left on device")
    Traceback (most recent call last):
    nb_mlops.core.errors.Unreachable: storing a blob in /registry failed: No space left on device.
    The disk is full: free some space, then run it again.
    """
    try:
        yield
    except Unreachable:
        raise
    except OSError as error:
        raise unreachable(error, what, where) from error


def unreachable(error: OSError, what: str, where: Path) -> Unreachable:
    """The error a person sees for `error`."""
    reason = os.strerror(error.errno) if error.errno else type(error).__name__
    hint = _HINTS.get(error.errno or 0, "Check that the folder is there and its disk is well, then run it again.")
    return Unreachable(f"{what} in {where} failed: {reason}.", hint)


def _not_a_file(path: Path) -> BadInput:
    return BadInput(
        f"{path} is not a regular file.", "Links, pipes and devices are not read: put the file itself there."
    )


def _take(descriptor: int, path: Path, wait_seconds: float) -> None:
    """Returns with the lock held; Unreachable when that takes longer than `wait_seconds`."""
    if _try_lock(descriptor):
        return
    waited = _poll if sys.platform == "win32" else _queue
    if not waited(descriptor, wait_seconds):
        raise Unreachable(f"{path} is locked by another process.", "Wait until it has finished, then run it again.")


def _queue(descriptor: int, wait_seconds: float) -> bool:
    """Stands in the kernel's queue, which is fair; in a thread, because that call takes no deadline.

    A thread that is left behind waits on a descriptor that its caller closes: the lock is free again once it gets it.
    """
    assert sys.platform != "win32", "which has no such queue"
    failed: list[OSError] = []

    def stand() -> None:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        except OSError as error:
            failed.append(error)

    waiter = threading.Thread(target=stand, name="nb-mlops-lock", daemon=True)
    waiter.start()
    waiter.join(wait_seconds)
    if failed:
        raise failed[0]
    return not waiter.is_alive()


def _poll(descriptor: int, wait_seconds: float) -> bool:
    """Looks again and again: Windows has no queue to stand in."""
    deadline = time.monotonic() + wait_seconds
    while not _try_lock(descriptor):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.002 * random.random())  # noqa: S311  so that waiters do not march in step
    return True


def _try_lock(descriptor: int) -> bool:
    try:
        if sys.platform == "win32":
            os.lseek(descriptor, 0, os.SEEK_SET)
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        else:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        if error.errno in (errno.EACCES, errno.EAGAIN, errno.EDEADLK, errno.EWOULDBLOCK):
            return False
        raise
    return True


def _free(descriptor: int) -> None:
    if sys.platform == "win32":
        os.lseek(descriptor, 0, os.SEEK_SET)
        msvcrt.locking(descriptor, msvcrt.LK_UNLCK, 1)
    else:
        fcntl.flock(descriptor, fcntl.LOCK_UN)
