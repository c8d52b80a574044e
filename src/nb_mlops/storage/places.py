"""Small files at any place that fsspec reaches: a folder here, s3://…, memory://…; written once, never replaced."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from nb_mlops.core.errors import BadInput, Conflict, NbMlopsError, NotFound, Unreachable
from nb_mlops.storage import disk

MOST_BYTES = 1_000_000_000  # no checkpoint is larger


def joined(place: str, name: str) -> str:
    """The address of `name` in the folder `place`."""
    return f"{place.rstrip('/')}/{name}" if _is_remote(place) else str(Path(place).expanduser() / name)


def names(folder: str, ending: str) -> list[str]:
    """The addresses of the files in a folder that end so, by name; raises NotFound where there is no such folder."""
    if not _is_remote(folder):
        path = Path(folder).expanduser().absolute()
        if not path.is_dir():
            raise NotFound(f"There is no folder {path}.", "Look for its name.")
        return sorted(str(one) for one in path.glob(f"*{ending}"))
    filesystem, path_there = _found(folder)
    with _reported("listing", folder):
        filesystem.invalidate_cache()
        listed = sorted(str(name) for name in filesystem.ls(path_there, detail=False))
    return [joined(folder, name.rpartition("/")[2]) for name in listed if name.endswith(ending)]


def last_part(address: str) -> str:
    """The name at the end of an address."""
    return address.rpartition("/")[2] if _is_remote(address) else Path(address).name


def write_new(address: str, data: bytes) -> None:
    """Writes a file that was not there, its folder too; raises Conflict where something is there already."""
    if _is_remote(address):
        _send_new(address, data)
        return
    path = Path(address).expanduser().absolute()
    with disk.reported("writing", path.parent):
        disk.make_folder(path.parent)
        try:
            descriptor = disk.create_file(path)
        except FileExistsError:
            raise _is_there(address) from None
        try:
            disk.write_all(descriptor, memoryview(data))
            disk.sync_file(descriptor)
        finally:
            os.close(descriptor)
        disk.sync_folder(path.parent)


def read(address: str) -> bytes:
    """The bytes of a file; raises NotFound."""
    if not _is_remote(address):
        path = Path(address).expanduser().absolute()
        try:
            with disk.reported("reading", path.parent), os.fdopen(disk.open_file(path), "rb") as file:
                return file.read(MOST_BYTES)
        except Unreachable as error:
            if isinstance(error.__cause__, FileNotFoundError | NotADirectoryError):
                raise NotFound(f"There is no file {path}.", "Look for its name.") from None
            raise
    filesystem, path_there = _found(address)
    with _reported("reading", address):
        found: bytes = filesystem.cat_file(path_there)
    return found


def _send_new(address: str, data: bytes) -> None:
    filesystem, path = _found(address)
    with _reported("writing", address):
        filesystem.invalidate_cache()
        if filesystem.exists(path):
            raise _is_there(address)
        filesystem.makedirs(path.rpartition("/")[0], exist_ok=True)
        filesystem.pipe_file(path, data)


def _is_remote(address: str) -> bool:
    return "://" in address


def _is_there(address: str) -> Conflict:
    return Conflict(f"{_shown(address)} is there already; it is not replaced.", "Name another place.")


def _found(address: str) -> tuple[Any, str]:
    """The file system and the path in it; `Any` because fsspec ships no types."""
    from fsspec.core import url_to_fs

    try:
        filesystem, path = url_to_fs(address)
    except (ValueError, ImportError) as error:
        message = f"{_shown(address)} cannot be opened ({type(error).__name__})."
        raise BadInput(message, "Check the address, and that the package for it is installed.") from None
    return filesystem, str(path)


@contextmanager
def _reported(act: str, address: str) -> Iterator[None]:
    """Our words for what a file system raises, without its text: that may show an address with a secret."""
    try:
        yield
    except NbMlopsError:
        raise
    except FileNotFoundError:
        raise NotFound(f"There is no {_shown(address)}.", "Look for its name.") from None
    except Exception as error:  # noqa: BLE001  every library behind fsspec has errors of its own, with no class in common
        message = f"{act} {_shown(address)} failed ({type(error).__name__})."
        raise Unreachable(message, "Check the network, the address and your rights there, then run it again.") from None


def _shown(address: str) -> str:
    """An address without what may be a password: only its last part and its kind."""
    return f"{address.partition('://')[0]}://…/{address.rpartition('/')[2]}" if _is_remote(address) else address
