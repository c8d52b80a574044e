"""From what a person typed to what the registry holds: `churn@production` to a `Version`.

Every verb finds its version here, so a missing model, a bare name or a typo gets the same answer everywhere.
"""

from __future__ import annotations

from nb_mlops.actions.alerts import Alerts, alerts_of
from nb_mlops.actions.registry import Registry
from nb_mlops.actions.session import session
from nb_mlops.core.errors import BadInput, Conflict, NotFound, Refused, near
from nb_mlops.core.ref import Ref, model_name
from nb_mlops.core.rows import AliasNameRow, AliasRow, ModelRow, VersionRow
from nb_mlops.core.version import Version


def find_model(registry: Registry, name: str) -> ModelRow:
    """The model of this name; raises BadInput for what is no name, and NotFound with near names."""
    rows = registry.catalog.find(ModelRow, name=model_name(name))
    if rows:
        return rows[0]
    known = [row.name for row in registry.catalog.models(limit=1000)]
    listed = f"There are {', '.join(known[:5])}." if known else "The registry is empty: %%register makes the first one."
    raise NotFound(f"There is no model {name!r} in {registry.address}.", near(name, known) or listed)


def find_version(registry: Registry, ref: str | Version | Ref | None, *, writing: bool = False) -> Version:
    """The version that `ref` means; left out, this session's last registration.

    Raises BadInput for a bare name, NotFound for what is not there and, where something is about to be written,
    Conflict for a `@latest` that somebody else made after this session's own registration.
    """
    if ref is None:
        ref = _last()
    parsed = Ref.parse(ref.ref if isinstance(ref, Version) else str(ref))
    model = find_model(registry, parsed.name)
    if parsed.selector is None:
        raise BadInput(f"{parsed.name!r} names a model; which version?", _choices(registry, model))
    row = _row(registry, model, parsed)
    if writing and parsed.is_latest:
        _refuse_stranger(registry, model, row)
    return as_version(registry, model, row)


def as_version(
    registry: Registry,
    model: ModelRow,
    row: VersionRow,
    *notes: str,
    unchanged: bool = False,
    alerts: Alerts | None = None,
) -> Version:
    """The row as people hold it; who shows many of a model looks for its alerts once."""
    alerts = alerts_of(registry, model.id) if alerts is None else alerts
    pointing = registry.catalog.find(AliasRow, model=model.id)
    return Version(
        name=model.name,
        row=row,
        registry=registry.address,
        stakes=model.stakes,
        model_state=model.state,
        aliases=tuple(alias.alias for alias in pointing if alias.number == row.number),
        read_blob=registry.blobs.read,
        find_name=registry.find_name,
        notes=notes,
        alerts=alerts.get((model.id, row.number), ()),
        unchanged=unchanged,
    )


def _last() -> Version:
    found = session().last
    if found is None:
        raise BadInput("No ref was given, and nothing was registered in this session.", "Name a version: churn@3.")
    return found


def _refuse_stranger(registry: Registry, model: ModelRow, row: VersionRow) -> None:
    own = session().newest.get((registry.address, model.name))
    if own is not None and row.number > own and registry.find_name(row.actor) != registry.actor.name:
        message = f"{model.name}@latest is now {model.name}@{row.number}, which somebody else registered meanwhile."
        raise Conflict(message, f"Say which one you mean: {model.name}@{own} (yours) or {model.name}@{row.number}.")


def known_aliases(registry: Registry) -> list[str]:
    """Every alias of this registry: the policy's, and those people added."""
    added = {row.name for row in registry.catalog.find(AliasNameRow)}
    return sorted(registry.catalog.policy().aliases | added)


def check_alias(registry: Registry, alias: str) -> str:
    """`alias`, when there is one of this name; raises NotFound with the near name."""
    known = known_aliases(registry)
    if alias not in known:
        hint = near(alias, known) or f"There are {', '.join(known)}."
        raise NotFound(f"There is no alias {alias[:60]!r}.", f"{hint} A new one: %mlops alias add NAME.")
    return alias


def _row(registry: Registry, model: ModelRow, ref: Ref) -> VersionRow:
    catalog = registry.catalog
    if ref.is_latest:
        found = catalog.last(VersionRow, model=model.id, state="live")
        if found is None:
            raise NotFound(f"{model.name} has no version any more.", f"See %audit {model.name}.")
        return found
    number = ref.number
    if ref.alias is not None:
        pointing = catalog.get(AliasRow, model.id, ref.alias)
        if pointing is None:
            check_alias(registry, ref.alias)
            message = f"Nothing of {model.name} is {ref.alias} in {registry.address}."
            raise NotFound(message, f"Promote one: %promote {model.name}@{model.latest} --to {ref.alias}")
        number = pointing.number
    row = catalog.get(VersionRow, model.id, number)
    if row is None:
        raise NotFound(f"There is no {model.name}@{number}.", _choices(registry, model))
    if row.state == "discarded":
        raise Refused(f"{model.name}@{number} was discarded.", _choices(registry, model))
    return row


def _choices(registry: Registry, model: ModelRow) -> str:
    newest = registry.catalog.versions(model.id, limit=5)
    if not newest:
        return f"There is no version any more; see %audit {model.name}."
    numbers = ", ".join(f"{model.name}@{row.number}" for row in newest)
    aliases = ", ".join(f"{model.name}@{row.alias}" for row in registry.catalog.find(AliasRow, model=model.id))
    return f"There {'is' if len(newest) == 1 else 'are'} {numbers}" + (f"; {aliases}." if aliases else ".")
