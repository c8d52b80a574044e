"""All that stands on record about one version, read once: what its card and its dossier are written from.

No clock is asked and no address is kept: the same registry state gives the same record on any machine.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import Any

from nb_mlops.actions.find import find_model, find_version
from nb_mlops.actions.registry import Registry
from nb_mlops.core.gate.evidence import card_of
from nb_mlops.core.rows import (
    CardTextRow,
    FindingRow,
    GlassRow,
    ModelRow,
    MoveRow,
    NoteRow,
    UseRow,
    ValidationRow,
    VoteRow,
    WindowRow,
)
from nb_mlops.core.version import Version

ERASED = "erased"


@dataclass(frozen=True)
class OnRecord:
    """One version and every row about it, oldest first; `who` and `said` open what the rows only name."""

    version: Version
    model: ModelRow
    validations: Sequence[ValidationRow]
    votes: Sequence[VoteRow]
    moves: Sequence[MoveRow]
    windows: Sequence[WindowRow]
    findings: Sequence[FindingRow]
    glasses: Sequence[GlassRow]
    notes: Sequence[NoteRow]
    uses: Sequence[UseRow]
    card: Mapping[str, CardTextRow]  # section -> what a person wrote, for this version or the newest before it
    names: Mapping[str, str] = field(repr=False)
    texts: Mapping[str, str] = field(repr=False)

    def who(self, actor: str | None) -> str:
        """The name behind an opaque id; `erased` where it was erased."""
        return self.names.get(actor or "", ERASED) if actor else ""

    def said(self, digest: str | None) -> str:
        """What a person typed; `erased` where it was erased, empty where nothing was."""
        return self.texts.get(digest, ERASED) if digest else ""

    def latest_validations(self) -> list[ValidationRow]:
        """The latest validation of each data set that measured these very bytes, newest first."""
        latest = {row.data: row for row in self.validations if row.digest == self.version.digest}
        return sorted(latest.values(), key=lambda row: -row.sequence)

    def open_findings(self) -> list[FindingRow]:
        """The findings that nobody has closed."""
        return [row for row in self.findings if row.closed_at is None]


def on_record(registry: Registry, ref: str | Version | None) -> OnRecord:
    """What stands on record about the version that `ref` means."""
    version = find_version(registry, ref)
    model = find_model(registry, version.name)
    catalog = registry.catalog
    of_this = {"model": model.id, "number": version.number}
    rows: dict[str, Any] = {
        "validations": catalog.find(ValidationRow, **of_this),
        "votes": catalog.find(VoteRow, **of_this),
        "moves": [row for row in catalog.find(MoveRow, model=model.id) if version.number in (row.number, row.previous)],
        "windows": catalog.find(WindowRow, **of_this),
        "findings": catalog.find(FindingRow, **of_this),
        "glasses": catalog.find(GlassRow, **of_this),
        "notes": catalog.find(NoteRow, **of_this),
        "uses": catalog.find(UseRow, **of_this),
    }
    card = card_of(catalog, model.id, version.number)
    every = [model, version.row, *card.values(), *(row for found in rows.values() for row in found)]
    names = catalog.names(_named(every, _ACTORS))
    texts = catalog.texts(_named(every, _TEXTS))
    return OnRecord(version=version, model=model, card=card, names=names, texts=texts, **rows)


_ACTORS = {"actor", "author", "owner", "closed_by", "reviewed_by", "created_by", "stakes_by"}
_TEXTS = {"reason", "comment", "review", "title", "answer", "text", "path", "purpose", "owner"}


def _named(rows: Iterable[object], kinds: set[str]) -> set[str]:
    """What these columns of the rows name: actors or texts (an owner is a text of a model, an actor of a finding)."""
    found: set[str] = set()
    for row in rows:
        own = kinds - {"owner"} if _owner_is_other(row, kinds) else kinds
        columns = {one.name for one in fields(row)} & own  # type: ignore[arg-type]  # rows are dataclasses
        found |= {value for name in columns if (value := getattr(row, name))}
    return found


def _owner_is_other(row: object, kinds: set[str]) -> bool:
    return isinstance(row, ModelRow) == (kinds is _ACTORS)
