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
    """A projected row: `TABLE` names its table, `KEY` the columns that find it, `OWNER` the one that says whose it is.

    The owner is the history that made the row: a model's id, or None for rows of the registry's own history.
    """

    OWNER: ClassVar[str | None] = "model"
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

    OWNER: ClassVar[str | None] = "id"
    TABLE: ClassVar[str] = "models"
    KEY: ClassVar[tuple[str, ...]] = ("id",)
    id: str
    name: str  # unique among live models
    stakes: str
    stakes_by: str  # the actor who set them
    stakes_at: datetime
    stakes_since: int = 1  # the event that set them: what came before it decided under others
    stakes_floor: str = "low"  # how far who set them may take them back alone: what they were before
    owner: str | None = None  # digest of a text
    purpose: str | None = None  # digest of a text
    created_at: datetime
    created_by: str
    latest: int = 0  # the highest number given so far; numbers are dense and never reused
    assessment: dict[str, Any] = field(default_factory=dict)  # answers of the questionnaire, and what it suggested
    state: str = "live"  # live, retired
    ended_at: datetime | None = None  # when it was retired


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
    state: str = "live"  # live, discarded, retired
    author: str | None = None  # who wrote the notebook, as git says: an actor
    ended_at: datetime | None = None  # when it was discarded or retired
    erased: list[Any] = field(default_factory=list)  # parts whose bytes are gone: files, baseline, examples


@dataclass(frozen=True, slots=True, kw_only=True)
class AliasNameRow(Row):
    """An alias that people added to those of the policy."""

    OWNER: ClassVar[str | None] = None
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
    stakes: str = "low"  # the model's, when it moved
    approved: bool = False  # through a gate that asked for approvals, and had them
    glass: str | None = None  # the event that broke the glass for it


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
    code: str | None = None  # digest of what measured: check lines, scorers, versions of packages
    claimed_ci: dict[str, Any] = field(default_factory=dict)  # what CI says about itself: claimed, never proven
    importance: dict[str, Any] = field(default_factory=dict)  # column -> loss of the metric when it is shuffled


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
    card: str | None = None  # digest of what people had written into the card when it was signed


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


@dataclass(frozen=True, slots=True, kw_only=True)
class StakesWishRow(Row):
    """Somebody's wish to lower a model's stakes: it takes as many as the higher level's approvals."""

    TABLE: ClassVar[str] = "stakes_wishes"
    KEY: ClassVar[tuple[str, ...]] = ("model", "sequence")
    model: str
    sequence: int
    event: str
    wanted: str
    actor: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class GlassRow(Row):
    """A gate that was passed in an emergency: open until somebody else reviewed it."""

    TABLE: ClassVar[str] = "glasses"
    KEY: ClassVar[tuple[str, ...]] = ("model", "sequence")
    model: str
    sequence: int
    event: str
    number: int
    alias: str
    ticket: str  # empty: the policy asked for none
    actor: str
    at: datetime
    expires_at: datetime  # reviewed by then, or nothing more goes through this gate
    reason: str | None = None  # digest of a text
    reviewed_by: str | None = None
    reviewed_at: datetime | None = None
    review: str | None = None  # digest of a text

    @property
    def told_ticket(self) -> str:
        """The ticket, in words."""
        return f"ticket {self.ticket}" if self.ticket else "no ticket"


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingRow(Row):
    """An open question on a version, until it is closed."""

    TABLE: ClassVar[str] = "findings"
    KEY: ClassVar[tuple[str, ...]] = ("model", "sequence")
    model: str
    sequence: int
    event: str
    number: int
    severity: str  # minor, major, critical
    title: str | None = None  # digest of a text
    owner: str | None = None  # an actor
    due: datetime | None = None
    actor: str
    at: datetime
    closed_by: str | None = None
    closed_at: datetime | None = None
    answer: str | None = None  # digest of a text


@dataclass(frozen=True, slots=True, kw_only=True)
class CardTextRow(Row):
    """What a person wrote into one section of a version's card."""

    TABLE: ClassVar[str] = "card_texts"
    KEY: ClassVar[tuple[str, ...]] = ("model", "number", "section")
    model: str
    number: int
    section: str
    event: str
    filled: bool  # it says something: a placeholder does not
    actor: str
    at: datetime
    text: str | None = None  # digest of a text


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteRow(Row):
    """A note on a version."""

    TABLE: ClassVar[str] = "notes"
    KEY: ClassVar[tuple[str, ...]] = ("model", "sequence")
    model: str
    sequence: int
    event: str
    number: int
    actor: str
    at: datetime
    text: str | None = None  # digest of a text


@dataclass(frozen=True, slots=True, kw_only=True)
class UseRow(Row):
    """Where a version was loaded, and when last."""

    TABLE: ClassVar[str] = "uses"
    KEY: ClassVar[tuple[str, ...]] = ("model", "number", "place", "actor")
    model: str
    number: int
    place: str  # notebook, server, program: with a digest of its path
    actor: str
    first_at: datetime
    last_at: datetime
    path: str | None = None  # digest of a text


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyRow(Row):
    """A policy that was applied; the last one is in force."""

    OWNER: ClassVar[str | None] = None
    TABLE: ClassVar[str] = "policies"
    KEY: ClassVar[tuple[str, ...]] = ("sequence",)
    sequence: int  # in the registry's own history
    event: str
    digest: str
    policy: dict[str, Any]
    actor: str
    at: datetime
    reason: str | None = None  # digest of a text


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyWishRow(Row):
    """Somebody's wish to apply a policy that asks less: it takes as many as the approvals it would do without."""

    OWNER: ClassVar[str | None] = None
    TABLE: ClassVar[str] = "policy_wishes"
    KEY: ClassVar[tuple[str, ...]] = ("sequence",)
    sequence: int
    event: str
    digest: str
    actor: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class DataNameRow(Row):
    """A named data set, pinned by its fingerprint."""

    OWNER: ClassVar[str | None] = None
    TABLE: ClassVar[str] = "data_names"
    KEY: ClassVar[tuple[str, ...]] = ("name",)
    name: str
    event: str
    data: str  # fingerprint
    rows: int
    actor: str
    at: datetime
    about: str | None = None  # digest of a text


ROWS: tuple[type[Row], ...] = (
    ModelRow,
    VersionRow,
    AliasNameRow,
    AliasRow,
    MoveRow,
    ValidationRow,
    VoteRow,
    WindowRow,
    StakesWishRow,
    GlassRow,
    FindingRow,
    CardTextRow,
    NoteRow,
    UseRow,
    PolicyRow,
    PolicyWishRow,
    DataNameRow,
)


class Facts(Protocol):
    """What rules may look at: rows by key, or all rows with the given values, in key order."""

    def get(self, kind: type[R], *key: Any) -> R | None:
        """The row of this key, or None."""
        ...

    def find(self, kind: type[R], /, **equal: Any) -> list[R]:
        """All rows whose columns equal the given values, ordered by key."""
        ...

    def how_many(self, kind: type[Row], distinct: str = "", **equal: Any) -> int:
        """How many rows `find` would give, or how many values they have in the column `distinct`; none is read."""
        ...

    def last(self, kind: type[R], **equal: Any) -> R | None:
        """The last of the rows that `find` would give, without reading the others."""
        ...
