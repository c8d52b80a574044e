"""`signing`: what an approval would be bound to, gathered for the person who is about to give it."""

from __future__ import annotations

from nb_mlops.actions.compare import compare
from nb_mlops.actions.connect import current
from nb_mlops.actions.find import find_version
from nb_mlops.actions.gate import gate
from nb_mlops.actions.registry import Registry
from nb_mlops.core.comparison import Comparison
from nb_mlops.core.errors import NbMlopsError, NotFound
from nb_mlops.core.gate import current_evidence
from nb_mlops.core.gate.evidence import card_of
from nb_mlops.core.held_out import why_not_held_out
from nb_mlops.core.rows import ValidationRow, VoteRow
from nb_mlops.core.signing import Evidence, Signing
from nb_mlops.core.version import Version


def signing(
    ref: str | Version | None = None, to: str = "production", *, registry: Registry | str | None = None
) -> Signing:
    """What `approve` and `reject` would sign now; looking signs nothing."""
    place = current(registry)
    version = find_version(place, ref)
    differences, why_none = _differences(place, version, to)
    return Signing(
        ref=version.ref,
        decision=gate(version, to, registry=place),
        artifact=version.digest,
        form=f"{version.format}, {version.size_bytes / 1e3:.1f} kB",
        made_by=f"registered {version.created_at:%Y-%m-%d %H:%M} UTC by {version.actor}",
        evidence=_evidence(place, version),
        requirements=place.catalog.policy().requirements(version.name, version.stakes, to).digest,
        differences=differences,
        about_differences=why_none,
        card=_card(place, version, to),
    )


def _card(registry: Registry, version: Version, alias: str) -> tuple[str, ...]:
    """Each section that the policy asks for and somebody wrote: by whom, when, and after whose signature."""
    catalog = registry.catalog
    asked = catalog.policy().requirements(version.name, version.stakes, alias).card
    written = card_of(catalog, version.row.model, version.number) if asked else {}
    votes = catalog.find(VoteRow, model=version.row.model, number=version.number, alias=alias, verdict="approved")
    told = []
    for section, row in written.items():
        before = [vote for vote in votes if vote.card is not None and vote.at <= row.at]
        who = ", ".join(dict.fromkeys(registry.find_name(vote.actor) for vote in before))
        after = f", after {who} signed" if who else ""
        told.append(f"{section} by {registry.find_name(row.actor)}, {row.at:%Y-%m-%d %H:%M}{after}")
    return tuple(told)


def _evidence(registry: Registry, version: Version) -> tuple[Evidence, ...]:
    """The validations that an approval looks at; it is bound to the last of them."""
    rows = registry.catalog.find(ValidationRow, model=version.row.model, number=version.number)
    return tuple(
        Evidence(
            event=row.event,
            passed=row.passed,
            rows=row.rows,
            data=row.data_name or f"data {row.data[:12]}",
            attempt=row.attempt,
            actor=registry.find_name(row.actor),
            at=row.at,
            not_held_out=why_not_held_out(row.data, row.metrics, version.row.trained_on),
        )
        for row in current_evidence(version.row, rows)
    )


def _differences(registry: Registry, version: Version, alias: str) -> tuple[Comparison | None, str]:
    """How it differs from what the alias points to now, or why that cannot be told."""
    try:
        there = find_version(registry, f"{version.name}@{alias}")
    except NotFound:
        return None, f"nothing is {alias} yet"
    if there.number == version.number:
        return None, f"it is {alias} already"
    try:
        return compare(there, version, registry=registry), ""
    except NbMlopsError as error:  # an old version's damaged record must not keep a new one from being signed
        return None, f"{there.ref} cannot be compared: {error.message}"
