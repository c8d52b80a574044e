"""`pending`: what waits for me: approvals I may give, emergencies to review, notes that are due, findings I own."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from nb_mlops.actions.connect import current
from nb_mlops.actions.registry import Registry
from nb_mlops.core.gate import gather
from nb_mlops.core.gate.approvals import why_not
from nb_mlops.core.listing import Listing
from nb_mlops.core.policy import Policy
from nb_mlops.core.rows import (
    AliasRow,
    FindingRow,
    GlassRow,
    ModelRow,
    MoveRow,
    NoteRow,
    VersionRow,
    VoteRow,
)
from nb_mlops.core.waiting import Waiting

NOTE_DAYS = 7  # after a rollback where the policy asks for it


def pending(*, registry: Registry | str | None = None) -> Listing[Waiting]:
    """What waits for me, what is due first at the top."""
    place = current(registry)
    me = place.catalog.find_actor(place.actor.name)
    policy = place.catalog.policy()
    waiting = [
        one
        for model in place.catalog.find(ModelRow, state="live")
        for find in (_approvals, _reviews, _notes, _findings)
        for one in find(place, policy, model, me)
    ]
    waiting.sort(key=lambda one: (one.due is None, one.due or one.at))
    columns = ("what", "ref", "alias", "actor", "at", "due", "comment", "how")
    return Listing(tuple(waiting), columns, title="waiting for you", empty="nothing")


def _approvals(registry: Registry, policy: Policy, model: ModelRow, me: str | None) -> Iterator[Waiting]:
    """Requests of others that I may answer, have not answered since, and that have not gone live meanwhile."""
    votes = registry.catalog.find(VoteRow, model=model.id)
    live = {row.alias: row.number for row in registry.catalog.find(AliasRow, model=model.id)}
    given = [vote for vote in votes if vote.verdict != "requested" and vote.actor == me]
    answered = {(vote.number, vote.alias) for vote in given}
    for vote in votes:
        gone = live.get(vote.alias, 0) >= vote.number or (vote.number, vote.alias) in answered
        if vote.verdict != "requested" or vote.actor == me or gone:
            continue
        version = registry.catalog.get(VersionRow, model.id, vote.number)
        if (
            version is None
            or version.state != "live"
            or (me and _is_outsider(registry, policy, model, version, vote, me))
        ):
            continue
        ref = f"{model.name}@{vote.number}"
        yield Waiting(
            "approval",
            ref,
            registry.find_name(vote.actor),
            vote.at,
            f"%gate {ref} --to {vote.alias}, then %approve or %reject",
            alias=vote.alias,
            comment=registry.text(vote.comment),
        )


def _is_outsider(
    registry: Registry, policy: Policy, model: ModelRow, version: VersionRow, vote: VoteRow, me: str
) -> bool:
    """Whether my approval would not count: then it does not wait for me."""
    requirements = policy.requirements(model.name, model.stakes, vote.alias)
    evidence = gather(registry.catalog, policy, requirements, model, version, vote.alias)
    return bool(requirements.approvals and why_not(me, requirements, evidence))


def _reviews(registry: Registry, policy: Policy, model: ModelRow, me: str | None) -> Iterator[Waiting]:
    """Emergencies of others that nobody has looked at yet."""
    for glass in registry.catalog.find(GlassRow, model=model.id):
        if glass.reviewed_at is None and (me is None or policy.person(glass.actor) != policy.person(me)):
            yield Waiting(
                "review",
                f"{model.name}@{glass.number}",
                registry.find_name(glass.actor),
                glass.at,
                f'%mlops review {model.name} -m "…"',
                alias=glass.alias,
                comment=f"broken glass, {glass.told_ticket}: {registry.text(glass.reason)}",
                due=glass.expires_at,
            )


def _notes(registry: Registry, policy: Policy, model: ModelRow, me: str | None) -> Iterator[Waiting]:
    """The note that is due after a rollback where the policy asks for it: from anybody."""
    moves = [row for row in registry.catalog.find(MoveRow, model=model.id) if row.kind == "rolled_back"]
    due = [row for row in moves if policy.requirements(model.name, row.stakes, row.alias).rollback_to_approved]
    if not due:
        return
    last_note = max((row.sequence for row in registry.catalog.find(NoteRow, model=model.id)), default=0)
    for move in due:
        if move.sequence > last_note:
            ref = f"{model.name}@{move.previous}"
            yield Waiting(
                "note",
                ref,
                registry.find_name(move.actor),
                move.at,
                f'nb_mlops.note("{ref}", "why it was rolled back, and what was done about it")',
                alias=move.alias,
                comment=registry.text(move.reason),
                due=move.at + timedelta(days=NOTE_DAYS),
            )


def _findings(registry: Registry, policy: Policy, model: ModelRow, me: str | None) -> Iterator[Waiting]:
    """Open findings that I own."""
    for row in registry.catalog.find(FindingRow, model=model.id):
        if row.closed_at is None and row.owner is not None and me is not None and row.owner == me:
            yield Waiting(
                "finding",
                f"{model.name}@{row.number}",
                registry.find_name(row.actor),
                row.at,
                f'%mlops finding close {model.name} {row.sequence} -m "…"',
                comment=f"{row.severity}: {registry.text(row.title)}",
                due=row.due,
            )
