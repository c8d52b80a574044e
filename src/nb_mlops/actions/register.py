"""`register`: a fitted estimator becomes a version, with what it was made from.

What is ready is never lost: where the registry cannot take it, the package waits in the outbox and the error says so.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from nb_mlops.actions import outbox
from nb_mlops.actions.connect import current
from nb_mlops.actions.content import content_of
from nb_mlops.actions.find import as_version, find_model
from nb_mlops.actions.options import Options
from nb_mlops.actions.package import Package, pack
from nb_mlops.actions.registry import Registry
from nb_mlops.actions.session import Session, is_watched, session
from nb_mlops.core.errors import Ambiguous, BadInput, NbMlopsError, Unreachable, near
from nb_mlops.core.policy import lacking, team_of
from nb_mlops.core.policy import stakes as stakes_level
from nb_mlops.core.ref import model_name
from nb_mlops.core.rows import ModelRow, VersionRow
from nb_mlops.core.version import Version


def register(
    estimator: object,
    name: str,
    *,
    data: object = None,
    target: str | None = None,
    ignore: Sequence[str] = (),
    metrics: Mapping[str, Any] | None = None,
    params: Mapping[str, Any] | None = None,
    tags: Mapping[str, Any] | None = None,
    files: Mapping[str, str | os.PathLike[str]] | None = None,
    data_source: str | None = None,
    stakes: str | None = None,
    owner: str | None = None,
    purpose: str | None = None,
    format: str | None = None,
    parent: str | Version | None = None,
    examples: bool = True,
    again: bool = False,
    code: bool = True,
    local_modules: Sequence[str] = (),
    registry: Registry | str | None = None,
) -> Version:
    """The version that now holds `estimator`; the actor's last one, marked unchanged, when nothing is new.

    `data` is what the estimator was fitted on, `(X, y)` or a table with `target` in it; left out, what its `fit`
    was seen to be given. `metrics` takes numbers and `cross_validate`'s arrays. Classes and functions of the notebook
    travel with the version as source, those of `local_modules` (their names), too. Raises BadInput for what cannot be
    meant, Unsupported where no format holds the estimator, Refused where the model's stakes ask for more,
    and Parked when the registry could not take it: then it waits in the outbox.
    """
    place = current(registry)
    options = Options(
        data=data,
        target=target,
        ignore=ignore,
        metrics=metrics,
        params=params,
        tags=tags,
        files=files,
        data_source=data_source,
        stakes=stakes,
        owner=owner,
        purpose=purpose,
        format=format,
        parent=parent,
        examples=examples,
        again=again,
        code=code,
        local_modules=local_modules,
    )
    content = content_of(place, estimator, name, options)
    try:
        package = pack(content, place.blobs)
        version = send(package, place)
    except Unreachable as error:
        raise outbox.park(content, place, error) from error
    except NbMlopsError as error:
        if not is_watched() and not isinstance(error, BadInput):
            error.hint = f"{error.hint} {outbox.park(content, place, error).hint}".strip()
        raise
    session().remember(version)
    return version


def register_found(name: str, *, model: str | None = None, **options: Any) -> Version:
    """Registers the estimator that this notebook fitted since its last registration, or the one `model` names.

    `options` are those of `register`. Raises Ambiguous with a ready `--model` line for each where several are meant;
    where nobody is watching, they are parked in the outbox first.
    """
    try:
        estimator, about = find_fitted(name, model)
    except Ambiguous as error:
        if not is_watched():
            _park_all(error, name, options)
        raise
    version = register(estimator, name, **options)
    return replace(version, notes=(about, *version.notes))


def find_fitted(name: str, model: str | None = None) -> tuple[object, str]:
    """The estimator that `register_found` would register as `name`, and the note that says which one it is."""
    found = _found(name, model)
    about = f"{found.name}: {_described(found.estimator, found.fit)}"
    if found.beside:
        about += f"; beside it: {', '.join(found.beside)}"
    return found.estimator, about


def _park_all(error: Ambiguous, name: str, options: dict[str, Any]) -> None:
    """Puts every candidate into the outbox: nobody is there to answer, and the fits would be lost with the kernel."""
    place = current(options.pop("registry", None))
    for found in error.choices:
        outbox.park(content_of(place, found.estimator, name, Options(**options)), place, error, candidate=found.name)
    error.hint = f"{error.hint} Each of them waits in the outbox ({outbox.folder()}).".strip()


def _found(name: str, model: str | None) -> Any:
    """The estimator that is meant: of this cell, else of those since the last registration.

    Where the same line runs again and nothing was fitted since, the same as before.
    """
    from nb_mlops.capture.estimators import bound_since, find_estimator

    here = session()
    if model is not None:
        return find_estimator(here.namespace, None, here.fits, model)
    loops = _loop_names(here)
    for before in (here.at_cell_start, here.bound):  # the cell itself; where it fitted nothing, those before it
        try:
            names = bound_since(here.namespace, before, here.fits)
            return find_estimator(here.namespace, names, here.fits, loop_names=loops)
        except Ambiguous:
            raise
        except BadInput as nothing:
            error = nothing
    if here.last is None or here.last.name != name:
        raise error
    return find_estimator(here.namespace, None, here.fits)


def _loop_names(here: Session) -> frozenset[str] | None:
    """The variables of `for` statements in the cells that ran: they stand for no choice of a model."""
    from nb_mlops.capture.naming import loop_names

    if here.cells is None:
        return None
    return frozenset(name for cell in here.cells.cells() for name in loop_names(cell.source))


def _described(estimator: object, fit: Any) -> str:
    """Class and columns, as in `Pipeline fitted on 11 columns`."""
    shape = getattr(fit.X if fit is not None else None, "shape", None)
    columns = f" fitted on {shape[0]:,} rows × {shape[1]} columns" if shape and len(shape) == 2 else ""
    return f"{type(estimator).__name__}{columns}"


def send(package: Package, registry: Registry) -> Version:
    """Records a package whose blobs the registry holds already; sending it twice is harmless."""
    event = registry.catalog.event(package.draft_id)  # there when only the answer was lost, before it was parked
    if event is None:
        event = registry.append(
            "registered",
            package.name,
            package.body,
            texts=package.texts,
            people={"author": package.texts["author"]} if package.texts.get("author") else None,
            draft_id=package.draft_id,
        )
    model = find_model(registry, package.name)
    row = registry.catalog.get(VersionRow, model.id, event.body["number"])
    if row is None:
        raise Unreachable(f"{package.name} was registered but cannot be read back.", "Try again: it is harmless.")
    unchanged = event.id != package.draft_id
    if unchanged:
        model = _described_anew(registry, model, package)
    notes = package.notes if unchanged else (*package.notes, *_about_name(registry, model))
    return as_version(registry, model, row, *notes, unchanged=unchanged)


def _described_anew(registry: Registry, model: ModelRow, package: Package) -> ModelRow:
    """The model with what this registration says of it, where the artifact itself is nothing new."""
    level = package.body.get("stakes")
    body = {"stakes": level} if level and level != model.stakes else {}
    texts = {key: package.texts[key] for key in ("owner", "purpose") if package.texts.get(key)}
    if not body and not texts:
        return model
    registry.append("described", package.name, body, texts=texts)
    return find_model(registry, package.name)


def preflight(
    name: str,
    *,
    stakes: str | None = None,
    owner: str | None = None,
    purpose: str | None = None,
    registry: Registry | str | None = None,
) -> None:
    """What can be known before a long fit: that the name, the stakes and what they ask for are given, and the space.

    Raises BadInput for what would be refused later, and Unreachable where the registry could not be written.
    """
    model_name(name)
    place = current(registry)
    rows = place.catalog.find(ModelRow, name=name)
    level = stakes_level(stakes or (rows[0].stakes if rows else "low"))
    # Of a model that is there, nothing may change: then nothing is asked. Only the rule can tell, after the fit.
    asked = stakes is not None or not rows
    there = {"owner": owner or (rows and rows[0].owner), "purpose": purpose or (rows and rows[0].purpose)}
    lacks = place.catalog.policy().level(level, team_of(name)).lacks(**there) if asked else ()
    if lacks:
        raise BadInput(*lacking(name, level, lacks))
    place.check_room()


def _about_name(registry: Registry, model: ModelRow) -> tuple[str, ...]:
    """A new name says so and shows near ones: a typo would otherwise be a model of its own, silently."""
    if model.latest != 1:
        return ()
    others = [row.name for row in registry.catalog.models(limit=1000) if row.name != model.name]
    return (f"{model.name} is a new model. {near(model.name, others)}".strip(),)
