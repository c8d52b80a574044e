"""`card`: the model card of a version, written from the registry's own records."""

from __future__ import annotations

from nb_mlops.actions.connect import current
from nb_mlops.actions.find import find_model, find_version
from nb_mlops.actions.registry import Registry
from nb_mlops.core.card import Card, Section
from nb_mlops.core.rows import MoveRow, ValidationRow, VoteRow, WindowRow
from nb_mlops.core.version import Version, short

_A_PERSON = "only a person can say this, and nobody has"


def card(ref: str | Version | None = None, *, registry: Registry | str | None = None) -> Card:
    """The card: what the registry knows by itself, section by section."""
    place = current(registry)
    version = find_version(place, ref)
    purpose = place.text(find_model(place, version.name).purpose)
    sections = (
        _details(place, version),
        Section("Intended use", (("purpose", purpose),) if purpose else (), "" if purpose else _A_PERSON),
        Section("Factors", _factors(version)),
        Section("Metrics", tuple((f"{name} (reported)", short(value)) for name, value in version.metrics.items())),
        Section(
            "Evaluation data", _evaluated(place, version), "" if _evaluated(place, version) else "no validation yet"
        ),
        Section("Training data", _trained(version), "" if version.lineage.data else "the training data is not known"),
        Section("Quantitative analyses", _analyses(place, version)),
        Section("Ethical considerations", missing=_A_PERSON),
        Section("Caveats and recommendations", tuple(("note", text) for text in version.lineage.warnings)),
    )
    return Card(version.ref, sections)


def _details(registry: Registry, version: Version) -> Section:
    owner = registry.text(find_model(registry, version.name).owner)
    lines = [
        ("estimator", str(version.record.get("estimator") or "unknown")),
        ("format", f"{version.format}, {version.size_bytes / 1e3:.1f} kB, sha256 {version.digest[:16]}…"),
        ("registered", f"{version.created_at:%Y-%m-%d %H:%M} UTC by {version.actor}"),
        ("stakes", version.stakes),
        ("owner", owner or "nobody named"),
        *[("is", alias) for alias in version.aliases],
        *[(f"parameter {name}", short(value)) for name, value in list(version.params.items())[:20]],
    ]
    return Section("Model details", tuple(lines))


def _factors(version: Version) -> tuple[tuple[str, str], ...]:
    if version.signature is None:
        return ()
    names = [column.name for column in version.signature.columns]
    shown = ", ".join(names[:30]) + (f" and {len(names) - 30} more" if len(names) > 30 else "")
    return ((f"{len(names)} input columns", shown),)


def _trained(version: Version) -> tuple[tuple[str, str], ...]:
    lines = [(f"table {place}", str(table)) for place, table in enumerate(version.lineage.data, start=1)]
    source = version.lineage.data_source
    return (*lines, ("source", source)) if source else tuple(lines)


def _validations(registry: Registry, version: Version) -> list[ValidationRow]:
    return registry.catalog.find(ValidationRow, model=version.row.model, number=version.number)


def _evaluated(registry: Registry, version: Version) -> tuple[tuple[str, str], ...]:
    return tuple(
        (
            f"{row.at:%Y-%m-%d} {'passed' if row.passed else 'failed'}",
            f"{row.rows:,} rows {row.data_name or row.data[:12]}, attempt {row.attempt}",
        )
        for row in _validations(registry, version)
    )


def _analyses(registry: Registry, version: Version) -> tuple[tuple[str, str], ...]:
    measured = [
        (f"{name} (measured {row.at:%Y-%m-%d})", short(value))
        for row in _validations(registry, version)[-1:]
        for name, value in row.metrics.items()
    ]
    windows = registry.catalog.find(WindowRow, model=version.row.model, number=version.number)
    watched = [("drift", f"{len(windows)} looks, {sum(row.alarm for row in windows)} alarms")] if windows else []
    votes = registry.catalog.find(VoteRow, model=version.row.model, number=version.number)
    signed = [(f"{vote.verdict} for {vote.alias}", registry.find_name(vote.actor)) for vote in votes]
    moves = [row for row in registry.catalog.find(MoveRow, model=version.row.model) if row.number == version.number]
    moved = [(f"{row.kind.replace('_', ' ')} {row.at:%Y-%m-%d}", row.alias) for row in moves]
    return (*measured, *watched, *signed, *moved)
