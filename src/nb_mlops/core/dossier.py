"""A dossier: all that stands on record about one version, as one zip whose bytes depend on that record alone.

No time of making, no address and no name of who made it goes in; members are sorted, stamped alike and stored as they
are (compressed bytes differ between versions of zlib).
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from nb_mlops.core.canonical import sha256
from nb_mlops.core.card import Card
from nb_mlops.core.decision import Decision
from nb_mlops.core.errors import BadInput
from nb_mlops.core.history import History
from nb_mlops.core.lineage import Lineage
from nb_mlops.core.printable import one_line
from nb_mlops.core.shown import Json, Shown
from nb_mlops.core.validation import ValidationReport

INDEX = "README.md"
PAGE = "dossier.html"
SUMS = "SHA256SUMS"
MOST_BYTES = 256 << 20  # of one dossier
_STAMP = (1980, 1, 1, 0, 0, 0)  # the first that a zip can hold
_PART = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """A slice of a model's history, each event as its hashed bytes; `state` names where it ends."""

    events: tuple[tuple[int, str, str, str], ...]  # (sequence, bytes as UTF-8, hash, hash of the one before)
    left_out: int = 0  # older events that did not fit
    checkpoint: dict[str, Json] | None = None  # the newest signed one that this registry knows of

    @property
    def head(self) -> tuple[int, str]:
        """The last event's sequence and hash."""
        return (self.events[-1][0], self.events[-1][2]) if self.events else (0, "0" * 64)

    @property
    def state(self) -> str:
        """What the dossier is a dossier of, in one line."""
        number, digest = self.head
        return f"event {number} of the model's history, sha256 {digest}"

    @property
    def signed(self) -> str:
        """What the newest checkpoint says of this history, in a sentence."""
        if self.checkpoint is None:
            return "No checkpoint of this registry is on record: only the chain itself speaks for it."
        known = f"The newest checkpoint (position {self.checkpoint['position']}, sha256 {self.checkpoint['digest']})"
        head = self.checkpoint.get("head")
        if not isinstance(head, dict):
            return f"{known} was made with the key {self.checkpoint['key']}; its file is not in this dossier."
        return f"{known} signs this history up to event {head['sequence']}: history/checkpoint.json."

    def to_dict(self) -> dict[str, Json]:
        """The proof as JSON: hash each `bytes` and compare."""
        events: list[Json] = [
            {"sequence": number, "hash": digest, "previous": previous, "bytes": data}
            for number, data, digest, previous in self.events
        ]
        return {"left_out": self.left_out, "checkpoint": self.checkpoint, "events": events}


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """One validation as it stands on record."""

    sequence: int
    by: str
    report: ValidationReport
    event: dict[str, Json]  # the body of the event, whole


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class DossierPage(Shown):
    """All of a dossier on one page that prints well: what is drawn as `dossier.html`."""

    kind: ClassVar[str] = "dossier-page"
    card: Card
    evidence: tuple[Evidence, ...]
    gates: tuple[Decision, ...]
    lineage: Lineage
    history: History
    policies: tuple[tuple[str, str], ...]  # (when it was in force, its text)
    proof: Proof
    files: tuple[tuple[str, str], ...]  # (name, what it is)
    notes: tuple[str, ...] = ()

    def to_text(self) -> str:
        """What it is of."""
        return f"dossier of {self.card.ref}: {self.proof.state}"

    def to_dict(self) -> dict[str, Json]:
        """What it is of, as JSON."""
        return {"ref": self.card.ref, "state": self.proof.state}


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Dossier(Shown):
    """A dossier that was written: where, its sha256, and its files by name and size in bytes."""

    kind: ClassVar[str] = "dossier"
    ref: str
    path: str
    sha256: str
    files: tuple[tuple[str, int], ...]
    state: str
    notes: tuple[str, ...] = ()

    @property
    def size_bytes(self) -> int:
        """What all its files have together."""
        return sum(size for _, size in self.files)

    def to_text(self) -> str:
        """Where it is, of what, and what is in it."""
        lines = [
            f"dossier of {self.ref}: {one_line(self.path, most=1_000)}",
            f"  sha256 {self.sha256}, {len(self.files)} files, {self.size_bytes / 1e3:,.0f} kB",
            f"  of {self.state}",
        ]
        return "\n".join([*lines, *(f"  {one_line(note, most=400)}" for note in self.notes)])

    def to_dict(self) -> dict[str, Json]:
        """The dossier as JSON."""
        return {
            "ref": self.ref,
            "path": self.path,
            "sha256": self.sha256,
            "files": dict(self.files),
            "state": self.state,
            "notes": list(self.notes),
        }


def pack(files: Mapping[str, bytes]) -> bytes:
    """The zip of these files, the same bytes each time; raises BadInput for an unsafe name and what is too much."""
    total = sum(map(len, files.values()))
    if total > MOST_BYTES:
        raise BadInput(
            f"This dossier would have {total >> 20} MB; {MOST_BYTES >> 20} MB fit.", "Report it: this is odd."
        )
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_STORED) as archive:
        for name in sorted(files):
            member = zipfile.ZipInfo(_safe(name), _STAMP)
            member.create_system, member.external_attr = 3, 0o100644 << 16  # else it differs by operating system
            archive.writestr(member, files[name])
    return made.getvalue()


def sums(files: Mapping[str, bytes]) -> bytes:
    """What `sha256sum -c` reads."""
    return "".join(f"{sha256(files[name])}  {name}\n" for name in sorted(files)).encode("ascii")


def safe_part(text: str) -> str:
    """Any text as one part of a member's name: ASCII letters, digits, `-`, `_`, `.`.

    >>> safe_part("../my notebook.ipynb")
    'my_notebook.ipynb'
    """
    made = re.sub(r"[^A-Za-z0-9._-]+", "_", text.replace("\\", "/").rpartition("/")[2]).strip("._-")
    return made[-80:].lstrip("._-") or "unnamed"


def _safe(name: str) -> str:
    if not all(_PART.fullmatch(part) for part in name.split("/")):
        raise BadInput(f"{name[:80]!r} is no safe name in a zip.", "Report it: this is a fault of nb_mlops.")
    return name
