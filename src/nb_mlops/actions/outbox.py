"""The outbox: finished packages that their registry could not take; a model that took hours to fit is never lost.

Each lies in a folder of its own with all its bytes, and is sent again by one command, in the order they came. One that
is damaged is listed as such and holds up no other.
"""

from __future__ import annotations

import json
import os
import shlex
import shutil
import tempfile
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, ClassVar

from nb_mlops.core.errors import BadInput, Damaged, NbMlopsError, NotFound, Parked, Refused
from nb_mlops.core.event import moment, stamp
from nb_mlops.core.listing import Listing
from nb_mlops.core.printable import printable
from nb_mlops.core.shown import Json, Shown

if TYPE_CHECKING:
    from nb_mlops.actions.content import Content
    from nb_mlops.actions.package import Package
    from nb_mlops.actions.registry import Registry
    from nb_mlops.core.version import Version
    from nb_mlops.storage.blobs_local import LocalBlobs

_FILE = "package.json"


@dataclass(frozen=True, slots=True, repr=False)
class Parcel(Shown):
    """One package that waits."""

    kind: ClassVar[str] = "parcel"
    id: str
    name: str
    registry: str
    parked_at: datetime
    reason: str
    folder: Path
    candidate: str = ""  # one of several that could have been meant: the variable that held it
    damaged: bool = False  # it cannot be read: `reason` says how to be rid of it

    def to_text(self) -> str:
        """One line."""
        if self.damaged:
            return f"{printable(self.id)}  {self.reason}"
        return f"{self.id[:8]}  {self.name}  for {self.registry}, since {self.parked_at:%Y-%m-%d %H:%M}: {self.reason}"

    def to_dict(self) -> dict[str, Json]:
        """The parcel as JSON."""
        return {
            "id": self.id,
            "name": self.name,
            "registry": self.registry,
            "parked_at": stamp(self.parked_at),
            "reason": self.reason,
            "folder": str(self.folder),
            "candidate": self.candidate,
            "damaged": self.damaged,
        }


def folder() -> Path:
    """Where packages wait: NB_MLOPS_OUTBOX, else in the user data folder."""
    given = os.environ.get("NB_MLOPS_OUTBOX")
    if given:
        return Path(given).expanduser().absolute()
    from nb_mlops.actions.connect import default_folder

    return default_folder().parent / "outbox"


def park(content: Content, registry: Registry, error: NbMlopsError, *, candidate: str = "") -> Parked:
    """Packs `content` into the outbox; gives the error to raise, which names the one command that sends it.

    A `candidate` is one of several that could have been meant, by its variable: it is sent only when it is chosen.
    """
    from nb_mlops.actions.package import pack
    from nb_mlops.storage import disk
    from nb_mlops.storage.blobs_local import LocalBlobs

    folder().mkdir(parents=True, exist_ok=True)
    scratch = Path(tempfile.mkdtemp(prefix=".unfinished-", dir=folder()))  # private, its name not to be foreseen
    package = pack(content, LocalBlobs(scratch / "blobs"))
    label = {
        "package": package.to_dict(),
        "registry": registry.address,
        "actor": registry.actor.name,
        "parked_at": stamp(registry.clock()),
        "reason": error.message,
        "candidate": candidate,
    }
    with disk.reported("parking", folder()):
        (scratch / _FILE).write_text(json.dumps(label), encoding="utf-8")
        disk.sync_path(scratch / _FILE)
        scratch.rename(folder() / package.draft_id)
        disk.sync_folder(folder())
    message = f"{content.name} was not registered: {error.message}"
    return Parked(message, f"It is safe in the outbox ({folder()}); send it with: {_command('push')}")


def _command(what: str) -> str:
    """What to type for what waits here: another shell does not know where this process was told to park."""
    if os.environ.get("NB_MLOPS_OUTBOX"):
        return f"NB_MLOPS_OUTBOX={shlex.quote(str(folder()))} nb-mlops outbox {what}"
    return f"%mlops outbox {what}"


def waiting() -> Listing[Parcel]:
    """What waits, oldest first."""
    parcels = [_parcel(path) for path in folder().glob(f"*/{_FILE}") if not path.parent.name.startswith(".")]
    parcels.sort(key=lambda parcel: parcel.parked_at)
    columns = ("id", "name", "candidate", "registry", "parked_at", "reason")
    return Listing(tuple(parcels), columns, title=f"outbox {folder()}", empty="empty")


def push(parcel_id: str | None = None) -> list[Version]:
    """Sends what waits (or one parcel, by the start of its id), oldest first, each to the registry it was meant for.

    A parcel leaves the outbox when its registry has recorded it. Of several candidates only one that is named by its id
    is sent. One that a rule refuses, or that is damaged, stays, and the others are sent
    first; a registry that cannot be reached stops at once. Raises the first error.
    """
    from nb_mlops.actions.connect import open_registry
    from nb_mlops.actions.register import send

    sent = []
    stayed: list[NbMlopsError] = []
    for parcel in _chosen(parcel_id):
        if parcel.damaged:
            stayed.append(_unreadable(parcel.folder))
            continue
        if parcel.candidate and parcel_id is None:
            message = f"{parcel.name} has several candidates in the outbox; which one is meant, nobody has said."
            stayed.append(Refused(message, f"Send one: %mlops outbox push {parcel.id[:8]} ({parcel.candidate})"))
            continue
        try:
            label = _label(parcel.folder / _FILE)
            registry = open_registry(label["registry"], label["actor"])
            sent.append(send(_carry(parcel, label, registry), registry))
        except (Refused, Damaged) as error:
            stayed.append(error)
            continue
        shutil.rmtree(parcel.folder)
    if stayed:
        raise stayed[0]
    return sent


def drop(parcel_id: str) -> Parcel:
    """Throws one parcel away, by the start of its id."""
    parcel = _chosen(parcel_id)[0]
    shutil.rmtree(parcel.folder)
    return parcel


def _chosen(parcel_id: str | None) -> list[Parcel]:
    parcels = list(waiting())
    if parcel_id is None:
        return parcels
    found = [parcel for parcel in parcels if parcel.id == parcel_id]
    found = found or [parcel for parcel in parcels if parcel.id.startswith(parcel_id)]
    if len(found) != 1:
        message = f"{len(found) or 'No'} parcels have an id that starts with {parcel_id[:40]!r}."
        raise NotFound(message, "See %mlops outbox.")
    return found


def _carry(parcel: Parcel, label: dict[str, Any], registry: Registry) -> Package:
    """Copies the parcel's blobs into the registry, each verified on the way."""
    from nb_mlops.actions.package import Package
    from nb_mlops.storage.blobs_local import LocalBlobs

    try:
        package = Package.from_dict(label["package"])
        digests = package.digests
    except (KeyError, TypeError, AttributeError) as error:
        raise _unreadable(parcel.folder) from error
    own = LocalBlobs(parcel.folder / "blobs")
    for sha256 in digests:
        if not registry.blobs.has(sha256):
            with _opened(own, sha256, parcel.folder) as source, registry.blobs.writer() as target:
                shutil.copyfileobj(source, target, 1024 * 1024)
    return package


def _opened(own: LocalBlobs, sha256: str, parcel: Path) -> BinaryIO:
    """A parcel's blob, verified; Damaged, with the way to be rid of the parcel, where it is not what it was."""
    try:
        return own.path(sha256).open("rb")
    except (Damaged, NotFound, BadInput) as error:
        raise _unreadable(parcel) from error


def _parcel(path: Path) -> Parcel:
    """The parcel of this label; one that cannot be read says so instead of holding up the others."""
    try:
        label = _label(path)
        return Parcel(
            id=path.parent.name,
            name=str(label["package"]["name"]),
            registry=str(label["registry"]),
            parked_at=moment(label["parked_at"]),
            reason=str(label["reason"]),
            folder=path.parent,
            candidate=str(label.get("candidate", "")),
        )
    except (Damaged, KeyError, TypeError, ValueError):
        since = datetime.fromtimestamp(path.lstat().st_mtime, UTC)
        reason = f"damaged: outbox drop {path.parent.name[:8]} drops it"  # 40 characters: more is cut in a table
        return Parcel(path.parent.name, "?", "?", since, reason, path.parent, damaged=True)


def _label(path: Path) -> dict[str, Any]:
    try:
        return dict(json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError, RecursionError) as error:
        raise _unreadable(path.parent) from error


def _unreadable(parcel: Path) -> Damaged:
    message = f"The parcel {printable(parcel.name)} in the outbox cannot be read."
    return Damaged(message, f"Throw it away: {_command(f'drop {printable(shlex.quote(parcel.name))}')}")
