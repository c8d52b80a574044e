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
    MoveRow,
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
    votes: Sequence[VoteRow] = ()  # on these very bytes, under whatever number
    policy: Policy = DEFAULT
    made_by: frozenset[str] = frozenset()  # who registered or wrote these very bytes, as whatever model's version
    pinned: DataNameRow | None = None  # the data set that the policy demands
    card: Mapping[str, CardTextRow] = field(default_factory=dict)  # section -> what a person wrote, newest up to here
    purpose: bool = False  # the model's purpose stands: it is the intended use where the card says none
    live: int | None = None  # what the alias points to now
    first_moves: Mapping[str, int] = field(default_factory=dict)  # alias -> since when there is another to compare with
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
    same = same_bytes(facts, version)
    return Evidence(
        name=model.name,
        stakes=model.stakes,
        alias=alias,
        version=version,
        validations=facts.find(ValidationRow, model=model.id, number=version.number),
        votes=_votes(facts, version, same, alias),
        policy=policy,
        made_by=frozenset(who for row in same for who in (row.actor, row.author) if who),
        pinned=facts.get(DataNameRow, requirements.data) if requirements.data else None,
        card=card_of(facts, model.id, version.number) if requirements.card else {},
        purpose=bool(model.purpose),
        live=live.number if live else None,
        first_moves=_first_moves(facts, version, requirements),
        window=_last_window(facts, model, live) if requirements.monitor_days else None,
        findings=_open_findings(facts, version, same),
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


def same_bytes(facts: Facts, version: VersionRow) -> list[VersionRow]:
    """Every version of the registry that is this very artifact, this one among them."""
    return facts.find(VersionRow, digest=version.digest)


def open_findings(facts: Facts, version: VersionRow) -> list[FindingRow]:
    """What nobody has answered of these bytes: a question is not shed by registering them once more."""
    return _open_findings(facts, version, same_bytes(facts, version))


def rejections(facts: Facts, version: VersionRow, alias: str) -> list[VoteRow]:
    """Who said no to these bytes for an alias, and has not taken it back."""
    return standing_rejections(_votes(facts, version, same_bytes(facts, version), alias))


def standing_rejections(votes: Sequence[VoteRow]) -> list[VoteRow]:
    """The no of each identity whose last word it is: calling two identities one person takes no word back."""
    last = {vote.actor: vote for vote in sorted(votes, key=_order) if vote.verdict != "requested"}
    return [vote for vote in last.values() if vote.verdict == "rejected"]


def open_glass(facts: Facts, model: str, alias: str) -> GlassRow | None:
    """The glass that was broken for an alias and that nobody has reviewed."""
    broken = [row for row in facts.find(GlassRow, model=model, alias=alias) if row.reviewed_at is None]
    return broken[-1] if broken else None


def _retired(model: ModelRow, version: VersionRow) -> str:
    if model.state == "retired":
        return model.name
    return f"{model.name}@{version.number}" if version.state == "retired" else ""


def compared_with(line: str) -> frozenset[str]:
    """The aliases that a check line holds the version against: `production` of `f1 >= production.f1`."""
    from nb_mlops.core.checks import Check
    from nb_mlops.core.errors import BadInput

    try:
        return frozenset(measure.source for measure in Check.parse(line).needs() if measure.source)
    except BadInput:  # recorded by a program that knows more checks than this one
        return frozenset()


def _open_findings(facts: Facts, version: VersionRow, same: Sequence[VersionRow]) -> list[FindingRow]:
    numbers = [row.number for row in same if row.model == version.model]
    return [row for n in numbers for row in facts.find(FindingRow, model=version.model, number=n, closed_at=None)]


def _votes(facts: Facts, version: VersionRow, same: Sequence[VersionRow], alias: str) -> list[VoteRow]:
    numbers = [row.number for row in same if row.model == version.model]
    return [vote for number in numbers for vote in facts.find(VoteRow, model=version.model, number=number, alias=alias)]


def _first_moves(facts: Facts, version: VersionRow, requirements: Requirements) -> dict[str, int]:
    """Since when another version stands at the aliases that the policy compares with."""
    found = {}
    for alias in {alias for line in requirements.checks for alias in compared_with(line)}:
        there = facts.get(AliasRow, version.model, alias)
        if there is not None and there.number != version.number:
            found[alias] = facts.find(MoveRow, model=version.model, alias=alias)[0].sequence
    return found


def _order(row: VoteRow) -> int:
    return row.sequence


def _last_window(facts: Facts, model: ModelRow, live: AliasRow | None) -> WindowRow | None:
    return facts.last(WindowRow, model=model.id, number=live.number) if live else None
