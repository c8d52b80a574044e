"""All that a decision may look at, as the facts have it now: in the transaction that moves, or to show the gate."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from nb_mlops.core.policy import DEFAULT, Policy, Requirements
from nb_mlops.core.rows import (
    AliasRow,
    CardTextRow,
    DataNameRow,
    Facts,
    FindingRow,
    GlassRow,
    ModelRow,
    ValidationRow,
    VersionRow,
    VoteRow,
    WindowRow,
)

_SKEW = timedelta(hours=1)  # of the clocks of several hosts that write to one database


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What there is for and against one version at one alias."""

    name: str  # the model's
    stakes: str
    alias: str
    version: VersionRow
    validations: Sequence[ValidationRow] = ()
    votes: Sequence[VoteRow] = ()
    policy: Policy = DEFAULT
    trained_by: frozenset[str] = frozenset()  # who else registered these very bytes
    pinned: DataNameRow | None = None  # the data set that the policy demands
    card: Mapping[str, CardTextRow] = field(default_factory=dict)  # section -> what a person wrote, newest up to here
    purpose: bool = False  # the model's purpose stands: it is the intended use where the card says none
    live: int | None = None  # what the alias points to now
    window: WindowRow | None = None  # the last window of record of what the alias points to now
    findings: Sequence[FindingRow] = ()  # open ones on this version
    retired: str = ""  # what is at its end: the model, or this version
    glass: GlassRow | None = None  # broken for this alias, and not reviewed yet

    @property
    def ref(self) -> str:
        """The version's ref."""
        return f"{self.name}@{self.version.number}"


def gather(
    facts: Facts, policy: Policy, requirements: Requirements, model: ModelRow, version: VersionRow, alias: str
) -> Evidence:
    """All that `decide` may look at; what the requirements do not ask for is not read."""
    live = facts.get(AliasRow, model.id, alias)
    return Evidence(
        name=model.name,
        stakes=model.stakes,
        alias=alias,
        version=version,
        validations=facts.find(ValidationRow, model=model.id, number=version.number),
        votes=facts.find(VoteRow, model=model.id, number=version.number, alias=alias),
        policy=policy,
        trained_by=_trained_by(facts, version) if requirements.independent else frozenset(),
        pinned=facts.get(DataNameRow, requirements.data) if requirements.data else None,
        card=card_of(facts, model.id, version.number) if requirements.card else {},
        purpose=bool(model.purpose),
        live=live.number if live else None,
        window=_last_window(facts, model, live) if requirements.monitor_days else None,
        findings=open_findings(facts, model.id, version.number),
        retired=_retired(model, version),
        glass=open_glass(facts, model.id, alias),
    )


def current_evidence(version: VersionRow, validations: Sequence[ValidationRow]) -> list[ValidationRow]:
    """The latest validation of each data set that measured these very bytes."""
    latest = {row.data: row for row in validations if row.digest == version.digest}
    return sorted(latest.values(), key=lambda row: row.sequence)


def is_fresh(at: datetime, days: int, now: datetime) -> bool:
    """Whether something is no older than so many days; what lies ahead of the clock, which was set back, is not."""
    return at - now <= _SKEW and (now - at).days <= days


def told_age(at: datetime, days: int, now: datetime) -> str:
    """An age in words, beside the days that are allowed."""
    if at - now > _SKEW:
        return "its time lies ahead of the clock, which was set back: nobody can tell its age"
    age = max(0, (now - at).days)
    return f"{age} days old, at most {days}" if age <= days else f"{age} days old, more than {days}"


def card_of(facts: Facts, model: str, number: int) -> dict[str, CardTextRow]:
    """What people wrote for this version; a section they did not touch is the one of the newest version before it."""
    written = [row for row in facts.find(CardTextRow, model=model) if row.number <= number]
    return {row.section: row for row in sorted(written, key=lambda row: row.number)}


def open_findings(facts: Facts, model: str, number: int) -> list[FindingRow]:
    """The findings on a version that nobody has closed."""
    return [row for row in facts.find(FindingRow, model=model, number=number) if row.closed_at is None]


def open_glass(facts: Facts, model: str, alias: str) -> GlassRow | None:
    """The glass that was broken for an alias and that nobody has reviewed."""
    broken = [row for row in facts.find(GlassRow, model=model, alias=alias) if row.reviewed_at is None]
    return broken[-1] if broken else None


def _retired(model: ModelRow, version: VersionRow) -> str:
    if model.state == "retired":
        return model.name
    return f"{model.name}@{version.number}" if version.state == "retired" else ""


def _trained_by(facts: Facts, version: VersionRow) -> frozenset[str]:
    same = facts.find(VersionRow, model=version.model, digest=version.digest)
    return frozenset(row.actor for row in same)


def _last_window(facts: Facts, model: ModelRow, live: AliasRow | None) -> WindowRow | None:
    return facts.last(WindowRow, model=model.id, number=live.number) if live else None
