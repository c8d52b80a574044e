"""`request`, `approve`, `reject` and `pending`: a person's word on a version for an alias."""

from __future__ import annotations

from nb_mlops.actions.connect import current
from nb_mlops.actions.find import check_alias, find_version
from nb_mlops.actions.registry import Registry
from nb_mlops.core.listing import Listing
from nb_mlops.core.promotion import Approval
from nb_mlops.core.rows import AliasRow, ModelRow, VersionRow, VoteRow
from nb_mlops.core.version import Version


def request(
    ref: str | Version | None = None,
    to: str = "production",
    *,
    comment: str = "",
    registry: Registry | str | None = None,
) -> Approval:
    """Asks others to approve; gives what was asked."""
    return _vote("requested", ref, to, comment, registry)


def approve(
    ref: str | Version | None = None,
    to: str = "production",
    *,
    comment: str = "",
    registry: Registry | str | None = None,
) -> Approval:
    """Signs a yes on the artifact, its latest evidence and what the policy asks now.

    Raises Refused for one's own version where the policy asks for another person.
    """
    return _vote("approved", ref, to, comment, registry)


def reject(
    ref: str | Version | None = None,
    to: str = "production",
    *,
    comment: str = "",
    registry: Registry | str | None = None,
) -> Approval:
    """Signs a no, which closes the gate until the same person approves; also withdraws one's own approval."""
    return _vote("rejected", ref, to, comment, registry)


def pending(*, registry: Registry | str | None = None) -> Listing[Approval]:
    """What waits for me: requests of others that I have not answered and that have not gone live meanwhile."""
    place = current(registry)
    waiting = [
        approval
        for model in place.catalog.models(limit=10_000)
        for approval in _waiting(place, model)
        if approval.actor != place.actor.name
    ]
    columns = ("ref", "alias", "actor", "at", "comment")
    return Listing(tuple(waiting), columns, title="waiting for you", empty="nothing")


def _vote(verdict: str, ref: str | Version | None, to: str, comment: str, registry: Registry | str | None) -> Approval:
    place = current(registry)
    check_alias(place, to)
    version = find_version(place, ref, writing=True)
    body = {"number": version.number, "alias": to, "digest": version.digest}
    event = place.append(verdict, version.name, body, texts={"comment": comment})
    return Approval(
        ref=version.ref,
        alias=to,
        verdict=verdict,
        actor=place.find_name(event.actor),
        at=event.time,
        artifact=event.body["digest"],
        evidence=event.body["evidence"],
        registry=place.address,
        comment=comment,
        advisory=not place.enforced,
    )


def _waiting(registry: Registry, model: ModelRow) -> list[Approval]:
    votes = registry.catalog.find(VoteRow, model=model.id)
    live = {row.alias: row.number for row in registry.catalog.find(AliasRow, model=model.id)}
    names = registry.catalog.names({vote.actor for vote in votes})
    given = [vote for vote in votes if vote.verdict != "requested" and names.get(vote.actor) == registry.actor.name]
    answered = {(vote.number, vote.alias) for vote in given}
    found = []
    for vote in votes:
        if vote.verdict != "requested" or (vote.number, vote.alias) in answered:
            continue
        version = registry.catalog.get(VersionRow, model.id, vote.number)
        gone = version is None or version.state != "live" or live.get(vote.alias, 0) >= vote.number
        if not gone:
            found.append(_as_approval(registry, model, vote))
    return found


def _as_approval(registry: Registry, model: ModelRow, vote: VoteRow) -> Approval:
    return Approval(
        ref=f"{model.name}@{vote.number}",
        alias=vote.alias,
        verdict=vote.verdict,
        actor=registry.find_name(vote.actor),
        at=vote.at,
        artifact=vote.digest,
        evidence=vote.evidence,
        registry=registry.address,
        comment=registry.text(vote.comment),
        advisory=not registry.enforced,
    )
