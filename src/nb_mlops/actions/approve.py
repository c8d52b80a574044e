"""`request`, `approve`, `reject`: a person's word on a version for an alias, and what it binds."""

from __future__ import annotations

from nb_mlops.actions.connect import current
from nb_mlops.actions.find import check_alias, find_version
from nb_mlops.actions.registry import Registry
from nb_mlops.actions.signing import signing
from nb_mlops.core.promotion import Approval
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

    Raises Refused where it would not count: one's own version, no evidence yet, no role, no reason where one is asked;
    and Conflict where newer evidence came while one was looking.
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


def _vote(verdict: str, ref: str | Version | None, to: str, comment: str, registry: Registry | str | None) -> Approval:
    place = current(registry)
    check_alias(place, to)
    version = find_version(place, ref, writing=True)
    looked = signing(version, to, registry=place)
    evidence = looked.evidence[-1].event if looked.evidence else None
    body = {"number": version.number, "alias": to, "digest": version.digest, "evidence": evidence}
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
        signed=looked.facts,
    )
