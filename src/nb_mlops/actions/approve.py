"""`request`, `approve`, `reject`: a person's word on a version for an alias, and what it binds."""

from __future__ import annotations

from nb_mlops.actions.connect import current
from nb_mlops.actions.find import check_alias, find_version
from nb_mlops.actions.registry import Registry
from nb_mlops.core.gate import current_evidence
from nb_mlops.core.promotion import Approval
from nb_mlops.core.rows import AliasRow, ValidationRow, VersionRow
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
    seen = _newest(place, version)
    body = {"number": version.number, "alias": to, "digest": version.digest, "evidence": seen.event if seen else None}
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
        signed=_signed(place, version, to, seen),
    )


def _newest(registry: Registry, version: Version) -> ValidationRow | None:
    """The evidence as it is now: what is signed, and refused where a newer one came meanwhile."""
    rows = registry.catalog.find(ValidationRow, model=version.row.model, number=version.number)
    current = current_evidence(version.row, rows)
    return current[-1] if current else None


def _signed(registry: Registry, version: Version, alias: str, evidence: ValidationRow | None) -> tuple[str, ...]:
    """What the signature is bound to, and what would change, in words."""
    lines = [f"artifact  sha256 {version.digest[:16]}… ({version.format})"]
    if evidence is None:
        lines.append("evidence  none yet: the first validation lapses this")
    else:
        passed = sum(bool(result.get("passed")) for result in evidence.results)
        told = f"{passed} of {len(evidence.results)} checks passed on {evidence.rows:,} rows"
        lines.append(f"evidence  {told}, attempt {evidence.attempt}, {evidence.at:%Y-%m-%d}")
    lines.append(f"policy    what {version.stakes} stakes ask before {alias}")
    live = registry.catalog.get(AliasRow, version.row.model, alias)
    there = registry.catalog.get(VersionRow, version.row.model, live.number) if live else None
    if live is not None and there is not None and live.number != version.number:
        lines.append(f"instead of  {version.name}@{live.number}{_changes(there, version.row)}")
    return tuple(lines)


def _changes(there: VersionRow, new: VersionRow) -> str:
    """What is other than in the version that is there now; `compare` tells it whole."""
    names = ("digest", "trained_on", "params", "format")
    words = {"digest": "artifact", "trained_on": "training data", "params": "parameters"}
    other = [words.get(name, name) for name in names if getattr(there, name) != getattr(new, name)]
    return f": other {', '.join(other)}" if other else ": the same artifact"
