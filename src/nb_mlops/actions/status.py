"""`status`: which registry, who acts, and how far its governance can be trusted."""

from __future__ import annotations

import os

from nb_mlops.actions import outbox
from nb_mlops.actions.alerts import alerts_of
from nb_mlops.actions.connect import current, is_connected
from nb_mlops.actions.project import trusted_address, untrusted_address
from nb_mlops.actions.registry import Registry
from nb_mlops.actions.session import session
from nb_mlops.core.rows import ModelRow
from nb_mlops.core.spelling import spelled
from nb_mlops.core.status import Status

_ADVISORY = "advisory: whoever can write the files can rewrite them; `nb-mlops verify` shows an inconsistent change"


def status(*, registry: Registry | str | None = None) -> Status:
    """Where we are; looking makes no files."""
    place = current(registry)
    here = session()
    parcels = outbox.waiting()
    return Status(
        registry=place.address,
        chosen_by=_chosen_by(given=registry is not None),
        actor=place.actor.name,
        actor_source=place.actor.source,
        governance="enforced by the registry server" if place.enforced else _ADVISORY,
        models=len(place.catalog.models(limit=100_000)),
        parcels=len(parcels),
        last=str(here.last) if here.last else None,
        watching=here.fits is not None,
        hints=(*_emergencies(place), *_hints(sum(parcel.damaged for parcel in parcels))),
    )


def _chosen_by(*, given: bool) -> str:
    if given or is_connected():
        return "connect"
    if os.environ.get("NB_MLOPS_REGISTRY"):
        return "NB_MLOPS_REGISTRY"
    return "the project's nb_mlops.toml" if trusted_address() else "the default"


def _emergencies(registry: Registry) -> tuple[str, ...]:
    """What must not be overlooked, in any model."""
    told = []
    for (model, number), lines in alerts_of(registry).items():
        row = registry.catalog.get(ModelRow, model)
        told += [f"✗ {row.name if row else 'a model'}@{number}: {line}" for line in lines]
    return tuple(told)


def _hints(damaged: int) -> tuple[str, ...]:
    hints = []
    if address := untrusted_address():
        uses = spelled("`%mlops trust-project` uses it from now on.")
        hints.append(f"This project names the registry {address}; {uses}")
    if damaged:
        hints.append(spelled(f"{damaged} of what waits in the outbox is damaged; `%mlops outbox` says how to drop it."))
    return tuple(hints)
