"""What queries read: rows projected from events, each found by its key. They can always be made again.

`projection.project` makes them, the catalogs keep one table per class with the same name and columns,
and `verify` replays the histories and compares.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar, Protocol, TypeVar


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A projected row: `TABLE` names its table, `KEY` the columns that find it."""

    TABLE: ClassVar[str]
    KEY: ClassVar[tuple[str, ...]]

    @property
    def key(self) -> tuple[Any, ...]:
        """The values of the key columns."""
        return tuple(getattr(self, name) for name in self.KEY)


R = TypeVar("R", bound=Row)


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelRow(Row):
    """A named line of versions."""

    TABLE: ClassVar[str] = "models"
    KEY: ClassVar[tuple[str, ...]] = ("id",)
    id: str
    name: str  # unique among live models
    stakes: str
    stakes_by: str  # the actor who set them
    stakes_at: datetime
    owner: str | None = None  # digest of a text
    purpose: str | None = None  # digest of a text
    created_at: datetime
    created_by: str
    latest: int = 0  # the highest number given so far; numbers are dense and never reused


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionRow(Row):
    """One immutable registered artifact of a model."""

    TABLE: ClassVar[str] = "versions"
    KEY: ClassVar[tuple[str, ...]] = ("model", "number")
    model: str
    number: int
    event: str
    created_at: datetime
    actor: str
    digest: str  # of the artifact: all its files
    identity: str  # of artifact, data and code together: equal means "nothing changed"
    format: str
    size_bytes: int
    files: dict[str, Any] = field(default_factory=dict)  # name -> {"sha256", "size"}
    record: str  # blob: signature, lineage, what is known beside the artifact
    baseline: str | None = None  # blob: profile of the training data
    examples: str | None = None  # blob: a few rows with the model's answers
    trained_on: list[Any] = field(default_factory=list)  # fingerprints of the training data
    metrics: dict[str, Any] = field(default_factory=dict)
    params: dict[str, Any] = field(default_factory=dict)
    tags: dict[str, Any] = field(default_factory=dict)
    runs_code: bool = False  # loading runs code that came with it (a pickle, or source)
    parent: int | None = None
    state: str = "live"  # live, discarded


@dataclass(frozen=True, slots=True, kw_only=True)
class AliasNameRow(Row):
    """An alias that people added to those of the policy."""

    TABLE: ClassVar[str] = "alias_names"
    KEY: ClassVar[tuple[str, ...]] = ("name",)
    name: str
    created_at: datetime
    actor: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AliasRow(Row):
    """Where an alias of a model points now."""

    TABLE: ClassVar[str] = "aliases"
    KEY: ClassVar[tuple[str, ...]] = ("model", "alias")
    model: str
    alias: str
    number: int
    moved_at: datetime
    actor: str
    event: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MoveRow(Row):
    """One promotion or rollback."""

    TABLE: ClassVar[str] = "moves"
    KEY: ClassVar[tuple[str, ...]] = ("model", "sequence")
    model: str
    sequence: int
    event: str
    alias: str
    kind: str  # promoted, rolled_back
    number: int
    previous: int | None
    actor: str
    at: datetime
    reason: str | None = None  # digest of a text


@dataclass(frozen=True, slots=True, kw_only=True)
class ValidationRow(Row):
    """One run of checks on given data: evidence."""

    TABLE: ClassVar[str] = "validations"
    KEY: ClassVar[tuple[str, ...]] = ("model", "sequence")
    model: str
    sequence: int
    event: str
    number: int
    digest: str  # of the artifact that was measured
    passed: bool
    data: str  # fingerprint of the held-out data
    data_name: str | None = None
    rows: int = 0
    attempt: int = 1
    at: datetime
    actor: str
    results: list[Any] = field(default_factory=list)
    metrics: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class VoteRow(Row):
    """One request, approval or rejection."""

    TABLE: ClassVar[str] = "votes"
    KEY: ClassVar[tuple[str, ...]] = ("model", "sequence")
    model: str
    sequence: int
    event: str
    number: int
    alias: str
    verdict: str  # requested, approved, rejected
    actor: str
    at: datetime
    digest: str  # of the artifact that was signed
    evidence: str | None = None  # the event of the validation that was signed
    requirements: str = ""  # digest of what the policy asked when it was signed
    comment: str | None = None  # digest of a text


@dataclass(frozen=True, slots=True, kw_only=True)
class WindowRow(Row):
    """One look at drift that counts."""

    TABLE: ClassVar[str] = "windows"
    KEY: ClassVar[tuple[str, ...]] = ("model", "sequence")
    model: str
    sequence: int
    event: str
    number: int
    look: int  # 1, 2, 3 ... of this version: how much of the error budget is spent
    data: str  # fingerprint of what was looked at: the same rows are one look
    rows: int
    alarm: bool
    at: datetime
    actor: str
    report: dict[str, Any] = field(default_factory=dict)


ROWS: tuple[type[Row], ...] = (
    ModelRow,
    VersionRow,
    AliasNameRow,
    AliasRow,
    MoveRow,
    ValidationRow,
    VoteRow,
    WindowRow,
)


class Facts(Protocol):
    """What rules may look at: rows by key, or all rows with the given values, in key order."""

    def get(self, kind: type[R], *key: Any) -> R | None:
        """The row of this key, or None."""
        ...

    def find(self, kind: type[R], **equal: Any) -> list[R]:
        """All rows whose columns equal the given values, ordered by key."""
        ...

    def last(self, kind: type[R], **equal: Any) -> R | None:
        """The last of the rows that `find` would give, without reading the others."""
        ...
