"""`get`, `models`, `versions`, `lineage`: look at what there is; nothing is changed by looking."""

from __future__ import annotations

from collections.abc import Sequence

from nb_mlops.actions.alerts import Alerts, alerts_of
from nb_mlops.actions.connect import current
from nb_mlops.actions.find import as_version, find_model, find_version
from nb_mlops.actions.registry import Registry
from nb_mlops.core.errors import BadInput, near
from nb_mlops.core.lineage import Lineage
from nb_mlops.core.listing import Listing
from nb_mlops.core.model import Model
from nb_mlops.core.printable import one_line
from nb_mlops.core.ref import MAX_LENGTH
from nb_mlops.core.rows import AliasRow, ModelRow, ValidationRow
from nb_mlops.core.spelling import spelled
from nb_mlops.core.version import Version

_VERSION_COLUMNS = ("ref", "created_at", "actor", "format", "metrics", "aliases")
MOST = 10_000  # versions looked through for the names of metrics


def get(ref: str | Version | None = None, *, registry: Registry | str | None = None) -> Version:
    """The version that `ref` means."""
    return find_version(current(registry), ref)


def model(name: str, *, registry: Registry | str | None = None) -> Model:
    """The model of this name."""
    place = current(registry)
    row = find_model(place, name)
    return _as_model(place, row, alerts_of(place, row.id))


def models(
    query: str | None = None, *, after: str = "", limit: int = 100, registry: Registry | str | None = None
) -> Listing[Model]:
    """The models whose name contains `query`, by name; at most `limit`, those after the name `after`."""
    _check_query(query)
    place = current(registry)
    rows = place.catalog.models(query, after=after, limit=limit)
    alerts = alerts_of(place)
    found = tuple(_as_model(place, row, alerts) for row in rows)
    columns = _with_state(("name", "stakes", "latest", "production", "owner", "alerts"), found)
    return Listing(found, columns, title=f"models in {place.address}", empty=_why_none(query, after))


def versions(
    name: str,
    *,
    where: str | None = None,
    sort: str | None = None,
    top: int | None = None,
    registry: Registry | str | None = None,
) -> Listing[Version]:
    """The versions of a model, newest first.

    `where` compares `metrics.x`, `params.x`, `tags.x`, `created_at`, joined by and/or; `sort` is a metric's name,
    with `-` for the largest first; `top` is how many (100). Raises BadInput for what it cannot read, and for a metric
    that no version reports.
    """
    from nb_mlops.core.filters import Filter, Sort

    if top is not None and top < 1:
        raise BadInput(f"There is no list of {top} versions.", "Give top=1 or more.")
    place = current(registry)
    row = find_model(place, name)
    kept, order = Filter.parse(where) if where else None, Sort.parse(sort) if sort else None
    rows = place.catalog.versions(row.id, where=kept, sort=order, limit=top or 100)
    asked = kept.fields() if kept and not rows else ()
    if order and not any(order.field.name in version.metrics for version in rows):
        asked = (*asked, order.field)
    _refuse_unreported(place, row, [field.name for field in asked if field.kind == "metrics"])
    alerts = alerts_of(place, row.id)
    found = tuple(as_version(place, row, version, alerts=alerts) for version in rows)
    gone = spelled(f"none any more; %audit {name} tells why")  # a model begins with a version
    empty = "none match" if where else gone
    columns = _with_state(_VERSION_COLUMNS, found)
    return Listing(found, columns, title=f"versions of {name} in {place.address}", empty=empty)


def _with_state(columns: tuple[str, ...], found: Sequence[Model] | Sequence[Version]) -> tuple[str, ...]:
    """The columns, and the state beside the name where something is at its end."""
    return (columns[0], "state", *columns[1:]) if any(one.state != "live" for one in found) else columns


def _why_none(query: str | None, after: str) -> str:
    """What stands in place of an empty list of models."""
    if after:
        return "no more"
    return f"no name holds {query!r}" if query else spelled("none yet: %%register makes the first")


def _refuse_unreported(registry: Registry, model: ModelRow, names: Sequence[str]) -> None:
    """Raises BadInput for the first of these metrics that no version of the model reports (where there are any)."""
    if not names:
        return
    rows = registry.catalog.versions(model.id, limit=MOST)
    reported = {metric for row in rows for metric in row.metrics}
    unknown = [name for name in names if name not in reported]
    if not rows or not unknown:
        return
    name = unknown[0]
    measured = {metric for row in registry.catalog.find(ValidationRow, model=model.id) for metric in row.metrics}
    if name in measured:
        hint = "It was measured by a validation, not reported: register with --metrics."
    else:
        all_of_them = ", ".join(one_line(each, most=60) for each in sorted(reported)[:10])
        hint = near(name, sorted(reported)) or f"Reported: {all_of_them or 'none; register with --metrics'}."
    raise BadInput(f"No version of {model.name} reports {one_line(name, most=60)}.", hint)


def _check_query(query: str | None) -> None:
    if query is not None and (len(query) > MAX_LENGTH or not query.isprintable()):
        raise BadInput("That is no part of a model's name.", f"Give printable text of up to {MAX_LENGTH} characters.")


def lineage(ref: str | Version | None = None, *, registry: Registry | str | None = None) -> Lineage:
    """What produced a version."""
    return find_version(current(registry), ref).lineage


def _as_model(registry: Registry, row: ModelRow, alerts: Alerts) -> Model:
    texts = registry.catalog.texts([digest for digest in (row.owner, row.purpose) if digest])
    pointing = registry.catalog.find(AliasRow, model=row.id)
    return Model(
        name=row.name,
        stakes=row.stakes,
        owner=texts.get(row.owner or "", ""),
        purpose=texts.get(row.purpose or "", ""),
        latest=row.latest,
        aliases={alias.alias: alias.number for alias in pointing},
        created_at=row.created_at,
        state=row.state,
        alerts=tuple(f"@{number}: {one}" for (of, number), told in alerts.items() if of == row.id for one in told),
    )
