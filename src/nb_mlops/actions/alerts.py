"""What every face shows in red: emergencies that nobody has reviewed, and open critical findings."""

from __future__ import annotations

from nb_mlops.actions.registry import Registry
from nb_mlops.core.rows import FindingRow, GlassRow

Alerts = dict[tuple[str, int], tuple[str, ...]]  # (model's id, version's number) -> what to show


def alerts_of(registry: Registry, model: str | None = None) -> Alerts:
    """What there is to show of a model's versions, or of all models': two queries, whatever their number."""
    of = {} if model is None else {"model": model}
    found: Alerts = {}
    for glass in registry.catalog.find(GlassRow, reviewed_at=None, **of):
        over = "overdue since" if registry.clock() > glass.expires_at else "due"
        told = f"{glass.alias} by BROKEN GLASS ({glass.told_ticket}): review {over} {glass.expires_at:%Y-%m-%d %H:%M}"
        _add(found, glass.model, glass.number, told)
    for row in registry.catalog.find(FindingRow, closed_at=None, severity="critical", **of):
        _add(found, row.model, row.number, f"critical finding #{row.sequence} is open")
    return found


def _add(found: Alerts, model: str, number: int, told: str) -> None:
    found[(model, number)] = (*found.get((model, number), ()), told)
