"""Refuses archives that are built to harm, before anything unpacks them: bombs, duplicates, names that climb out."""

from __future__ import annotations

import re
from pathlib import Path
from typing import IO
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile

from nb_mlops.core.errors import Damaged

MOST_MEMBERS = 2_000_000
MOST_UNPACKED = 64 << 20  # bytes that any archive may unpack to; above, MOST_RATIO times its own size
MOST_RATIO = 20
_NAME = re.compile(r"schema\.json|[0-9a-f-]{1,64}\.(npy|npz|bin)", re.ASCII)
_ARRAY_NAME = re.compile(r"[a-z_]{1,40}\.npy", re.ASCII)  # in a sparse matrix
_ENCRYPTED = 0x1


def checked(file: IO[bytes], name: str, *, largest_schema: int) -> ZipFile:
    """The archive, opened; raises Damaged for one that skops should not see. `name` is for the message."""
    size = file.seek(0, 2)
    try:
        archive = ZipFile(file)
        _check(archive, name, size, largest_schema)
    except (BadZipFile, NotImplementedError, ValueError, OSError, EOFError) as error:
        raise Damaged(f"{name} is no skops file: {error}.", _HINT) from error
    return archive


def refuse(name: str, why: str) -> Damaged:
    """The error for an archive that looks built to harm."""
    return Damaged(f"{name} is not loaded: {why}.", _HINT)


def _check(archive: ZipFile, name: str, size: int, largest_schema: int) -> None:
    members = _plain_members(archive, name, _NAME)
    if "schema.json" not in members:
        raise refuse(name, "it has no schema.json")
    if members["schema.json"] > largest_schema:
        raise refuse(name, f"its schema has {members['schema.json']} bytes, above {largest_schema}")
    unpacked = sum(members.values())
    for member in members:
        if member.endswith(".npz"):
            with archive.open(member) as stream, ZipFile(stream) as inner:
                unpacked += sum(_plain_members(inner, f"{member} in {name}", _ARRAY_NAME).values())
    if unpacked > max(MOST_UNPACKED, MOST_RATIO * size):
        raise refuse(name, f"{size} bytes would unpack to {unpacked}")


def _plain_members(archive: ZipFile, name: str, pattern: re.Pattern[str]) -> dict[str, int]:
    """Member names and their unpacked sizes; refuses what an honest writer never makes."""
    infos = archive.infolist()
    if len(infos) > MOST_MEMBERS:
        raise refuse(name, f"it has {len(infos)} members")
    found: dict[str, int] = {}
    for info in infos:
        if info.filename in found:
            raise refuse(name, f"it has two members called {ascii(info.filename)[:60]}")
        if not pattern.fullmatch(info.filename) or info.orig_filename != info.filename:
            raise refuse(name, f"it has a member called {ascii(info.orig_filename)[:60]}")
        if info.flag_bits & _ENCRYPTED or info.compress_type not in (ZIP_STORED, ZIP_DEFLATED):
            raise refuse(name, f"its member {info.filename} is encrypted or packed in an unusual way")
        if info.compress_type == ZIP_STORED and info.compress_size != info.file_size:
            raise refuse(name, f"the sizes of its member {info.filename} disagree")
        found[info.filename] = info.file_size
    return found


_HINT = "It was changed, or is no file that this registry wrote. Ask whoever sent it; %audit shows where it came from."


def archive_path(path: Path) -> str:
    """What messages call the file."""
    return ascii(path.name)[1:-1][:60]
