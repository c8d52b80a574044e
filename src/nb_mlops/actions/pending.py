"""`pending`: what waits for me: approvals, reviews, notes that are due, findings I own, wishes that need others."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol, TypeVar

from nb_mlops.actions.connect import current
from nb_mlops.actions.registry import Registry
from nb_mlops.core.gate import Evidence, gather
from nb_mlops.core.gate.approvals import sorted_votes, why_not
from nb_mlops.core.listing import Listing
from nb_mlops.core.policy import Policy, Requirements
from nb_mlops.core.rows import (
    AliasRow,
    FindingRow,
    GlassRow,
    ModelRow,
    MoveRow,
    NoteRow,
    PolicyRow,
    PolicyWishRow,
    Row,
    StakesWishRow,
    VersionRow,
    VoteRow,
)
from nb_mlops.core.spelling import is_respelled
from nb_mlops.core.waiting import Waiting

NOTE_DAYS = 7  # after a rollback where the policy asks for it
R = TypeVar("R", bound=Row)


class _Asking(Protocol):
    """The row because of which something waits."""

    @property
    def actor(self) -> str: ...
    @property
    def at(self) -> datetime: ...


@dataclass(frozen=True)
class _Me:
    """Who asks what waits, and under which policy."""

    registry: Registry
    policy: Policy
    actor: str | None  # None: this registry has not met this person yet

    def is_among(self, *actors: str | None) -> bool:
        """Whether one of these identities is this person."""
        if self.actor is None:
            return False
        return self.policy.person(self.actor) in {self.policy.person(one) for one in actors if one}

    def may_agree(self, model: str) -> bool:
        """Whether this person's word counts where another one is asked for; of a new person nobody knows yet."""
        return self.actor is None or self.policy.may_approve(self.actor, model)

    def find(self, kind: type[R], /, **equal: Any) -> list[R]:
        """The rows of a kind."""
        return self.registry.catalog.find(kind, **equal)

    def waits(self, what: str, ref: str, row: _Asking, how: str, said: str, **more: Any) -> Waiting:
        """What waits because of a row."""
        return Waiting(what, ref, self.registry.find_name(row.actor), row.at, how, comment=said, **more)


def pending(*, registry: Registry | str | None = None) -> Listing[Waiting]:
    """What waits for me, what is due first at the top: each thing once, with what to run about it."""
    place = current(registry)
    me = _Me(place, place.catalog.policy(), place.catalog.find_actor(place.actor.name))
    waiting = [
        one
        for model in _concerned(me)
        for find in (_approvals, _reviews, _notes, _findings, _stakes)
        for one in find(me, model)
    ]
    waiting += _policies(me)
    waiting.sort(key=lambda one: (one.due is None, one.due or one.at))
    columns = (
        "what",
        "ref",
        "alias",
        "actor",
        "at",
        "due",
        "severity",
        "comment",
        "shell" if is_respelled() else "how",
    )
    return Listing(tuple(waiting), columns, title="waiting for you", empty="nothing")


def _concerned(me: _Me) -> list[ModelRow]:
    """The live models of which anything can wait: most models have nothing of the kind, and are not looked at."""
    rows: list[VoteRow | GlassRow | MoveRow | FindingRow | StakesWishRow] = [
        *me.find(VoteRow),
        *me.find(GlassRow, reviewed_at=None),
        *me.find(MoveRow, kind="rolled_back"),
        *me.find(FindingRow, closed_at=None),
        *me.find(StakesWishRow),
    ]
    found = (me.registry.catalog.get(ModelRow, one) for one in sorted({row.model for row in rows}))
    return [model for model in found if model is not None and model.state == "live"]


def _approvals(me: _Me, model: ModelRow) -> Iterator[Waiting]:
    """What I was asked to approve where my word is missing or has lapsed: once for each version and alias."""
    votes: dict[tuple[int, str], list[VoteRow]] = {}
    for vote in me.find(VoteRow, model=model.id):
        votes.setdefault((vote.number, vote.alias), []).append(vote)
    live = {row.alias: row.number for row in me.find(AliasRow, model=model.id)}
    for (number, alias), given in votes.items():
        version = me.registry.catalog.get(VersionRow, model.id, number)
        if version is None or version.state != "live" or live.get(alias, 0) >= number:
            continue
        requirements = me.policy.requirements(model.name, model.stakes, alias)
        evidence = gather(me.registry.catalog, me.policy, requirements, model, version, alias)
        asking, said = _asking(me, given, requirements, evidence)
        if asking is not None:
            how = f"%approve {evidence.ref} --to {alias}" + (' -m "…"' if requirements.comment else "")
            yield me.waits("approval", evidence.ref, asking, how, said, alias=alias)


def _asking(
    me: _Me, given: Sequence[VoteRow], requirements: Requirements, evidence: Evidence
) -> tuple[VoteRow | None, str]:
    """The vote because of which a version waits for my word, and what is said about it; None where it does not."""
    wanted = requirements.approvals
    counted, lapsed, _ = sorted_votes(requirements, evidence, me.registry.clock())
    if wanted and (len(counted) >= wanted or (me.actor and why_not(me.actor, requirements, evidence))):
        return None, ""
    asked = [vote for vote in given if vote.verdict == "requested" and not me.is_among(vote.actor)]
    said = me.registry.text(asked[-1].comment) if asked else ""
    if mine := [vote for vote in lapsed if me.is_among(vote.actor)]:
        told = "your approval lapsed, since what it was given to has changed or it is too old"
        return (asked or mine)[-1], f"{told}; {said}" if said else told
    answered = any(vote.verdict != "requested" and me.is_among(vote.actor) for vote in given)
    return (asked[-1], said) if asked and not answered else (None, "")


def _reviews(me: _Me, model: ModelRow) -> Iterator[Waiting]:
    """Emergencies of others that nobody has looked at yet."""
    for row in me.find(GlassRow, model=model.id, reviewed_at=None):
        if not me.is_among(row.actor):
            ref, how = f"{model.name}@{row.number}", f'%mlops review {model.name} -m "…"'
            said = f"broken glass, {row.told_ticket}: {me.registry.text(row.reason)}"
            yield me.waits("review", ref, row, how, said, alias=row.alias, due=row.expires_at, severity="critical")


def _notes(me: _Me, model: ModelRow) -> Iterator[Waiting]:
    """The note that is due after a rollback where the policy asks for it: from anybody."""
    moves = [row for row in me.find(MoveRow, model=model.id) if row.kind == "rolled_back"]
    due = [row for row in moves if me.policy.requirements(model.name, row.stakes, row.alias).rollback_to_approved]
    last_note = max((row.sequence for row in me.find(NoteRow, model=model.id)), default=0) if due else 0
    for row in due:
        if row.sequence > last_note:
            ref = f"{model.name}@{row.previous}"
            how, until = f'nb_mlops.note("{ref}", "…")', row.at + timedelta(days=NOTE_DAYS)
            yield me.waits("note", ref, row, how, me.registry.text(row.reason), alias=row.alias, due=until)


def _findings(me: _Me, model: ModelRow) -> Iterator[Waiting]:
    """Open findings that I own."""
    for row in me.find(FindingRow, model=model.id, closed_at=None):
        if me.is_among(row.owner):
            how = f'%mlops finding close {model.name} {row.sequence} -m "…"'
            said = f"{row.severity}: {me.registry.text(row.title)}"
            more = {"due": row.due, "severity": row.severity}
            yield me.waits("finding", f"{model.name}@{row.number}", row, how, said, **more)


def _stakes(me: _Me, model: ModelRow) -> Iterator[Waiting]:
    """Lower stakes that others asked for and that I may agree to: once for each level."""
    asked = [row for row in me.find(StakesWishRow, model=model.id) if row.sequence > model.stakes_since]
    for wanted in dict.fromkeys(row.wanted for row in asked):
        rows = [row for row in asked if row.wanted == wanted]
        if me.may_agree(model.name) and not me.is_among(*(row.actor for row in rows)):
            said = f"asks to lower the stakes from {model.stakes} to {wanted}"
            yield me.waits("stakes", model.name, rows[0], f"%mlops stakes {model.name} {wanted}", said)


def _policies(me: _Me) -> Iterator[Waiting]:
    """Policies that ask less, proposed since one was applied, and that I may agree to: each once."""
    last = me.registry.catalog.last(PolicyRow)
    asked = [row for row in me.find(PolicyWishRow) if last is None or row.sequence > last.sequence]
    for digest in dict.fromkeys(row.digest for row in asked):
        rows = [row for row in asked if row.digest == digest]
        if me.may_agree("") and not me.is_among(*(row.actor for row in rows)):
            said = f"proposes a policy that asks less ({digest[:12]}); who agrees applies the same file"
            yield me.waits("policy", "registry", rows[0], "%mlops policy apply FILE", said)
