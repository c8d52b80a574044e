"""What a registration is about, before anything is stored: the estimator, its data, and what surrounds it."""

from __future__ import annotations

import os
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from nb_mlops.actions.find import find_version
from nb_mlops.actions.options import Options
from nb_mlops.actions.registry import Registry
from nb_mlops.actions.session import session
from nb_mlops.core import reported
from nb_mlops.core.errors import BadInput, Unreachable, Unsafe
from nb_mlops.core.lineage import Lineage
from nb_mlops.core.policy import stakes as stakes_level
from nb_mlops.core.ref import Ref, model_name
from nb_mlops.core.rows import ModelRow, VersionRow
from nb_mlops.core.version import Version

BIG = 1 << 20  # bytes of a file from which it is worth a look whether the same one is stored already


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """What is to be packed, as the verb understood it."""

    name: str
    estimator: object
    X: object = None
    y: object = None
    lineage: Lineage
    format: str | None = None
    files: Mapping[str, Path] = field(default_factory=dict)
    local_modules: Sequence[str] = ()
    metrics: Mapping[str, Any] = field(default_factory=dict)
    params: Mapping[str, Any] = field(default_factory=dict)
    tags: Mapping[str, Any] = field(default_factory=dict)
    texts: Mapping[str, str] = field(default_factory=dict)
    stakes: str | None = None
    parent: int | None = None
    examples: bool = True
    again: bool = False
    notes: tuple[str, ...] = ()
    before: Mapping[str, str] = field(default_factory=dict)  # big files of the model's newest version: name -> sha256
    # of the event it becomes, however often it is packed
    event_id: str = field(default_factory=lambda: str(uuid.uuid4()))


def content_of(registry: Registry, estimator: object, name: str, options: Options) -> Content:
    """The content of a registration; raises BadInput for what is wrong.

    A registry that cannot be read now is no error here: the content must come to be, so that it can be parked.
    """
    from nb_mlops.capture.hyperparameters import chosen_parameters

    X, y, notes = fitted_data(estimator, options.data, target=options.target, ignore=options.ignore)
    parent, more = _found_parent(registry, options.parent)
    stated, before = _known(registry, model_name(name))
    texts = {"owner": options.owner or "", "purpose": options.purpose or ""}
    return Content(
        name=name,
        estimator=estimator,
        X=X,
        y=y,
        lineage=captured(estimator, data_source=options.data_source, code=options.code),
        format=options.format,
        files=_checked(options.files or {}),
        local_modules=options.local_modules,
        metrics=reported.metrics(options.metrics or {}),
        params=chosen_parameters(estimator) | reported.values(options.params or {}, "parameter"),
        tags=reported.values(options.tags or {}, "tag"),
        texts={key: text for key, text in texts.items() if text and text != stated.get(key)},
        stakes=stakes_level(options.stakes) if options.stakes else None,
        parent=parent,
        examples=options.examples,
        again=options.again,
        notes=(*notes, *more),
        before=before,
    )


def _known(registry: Registry, name: str) -> tuple[dict[str, str], dict[str, str]]:
    """What the registry has already, none where it cannot be read: owner and purpose, so that they are not said twice;
    and the newest version's big files, so that equal ones are not written twice."""
    try:
        rows = registry.catalog.find(ModelRow, name=name)
        if not rows:
            return {}, {}
        stated = {"owner": registry.text(rows[0].owner), "purpose": registry.text(rows[0].purpose)}
        newest = registry.catalog.last(VersionRow, model=rows[0].id, state="live")
    except (Unreachable, Unsafe):  # the append will say so, where what was fitted can still be parked
        return {}, {}
    files = newest.files if newest is not None else {}
    return stated, {file: part["sha256"] for file, part in files.items() if part["size"] >= BIG}


def _found_parent(registry: Registry, parent: str | Version | None) -> tuple[int | None, tuple[str, ...]]:
    """The number of the parent version, with a note where only the registry could tell it and cannot be read."""
    if not parent:
        return None, ()
    try:
        return find_version(registry, parent).number, ()
    except (Unreachable, Unsafe) as error:  # as in `_known`; a number that was given needs no registry
        number = Ref.parse(str(parent)).number
        return number, () if number else (f"its parent {parent} could not be looked up: {error.message}",)


def _checked(files: Mapping[str, str | os.PathLike[str]]) -> dict[str, Path]:
    """Files that travel with the version: regular ones only, so no link, pipe or device is followed."""
    checked = {}
    for name, given in files.items():
        path = Path(given)
        if path.is_symlink() or not path.is_file():
            raise BadInput(f"{str(path)[:100]!r} is not a regular file.", "Give files, not folders, links or devices.")
        checked[name] = path
    return checked


def fitted_data(
    estimator: object, data: object, *, target: str | None, ignore: Sequence[str]
) -> tuple[object, object, tuple[str, ...]]:
    """The X and y the estimator was fitted on, and what is to be said about them.

    Given data is believed, with a note where `fit` was seen to get other data; no data is said, never silent.
    """
    fits = session().fits
    fit = fits.fit_of(estimator) if fits is not None else None
    if data is not None:
        from nb_mlops.capture.data import split_xy

        X, y = split_xy(data, target=target, ignore=ignore, estimator=estimator)
        differs = fit is not None and _shape(fit.X) not in (None, _shape(X))
        return X, y, (f"fit saw {_words(fit.X)}, data= has {_words(X)}",) if differs and fit else ()
    if fit is None:
        return None, None, ("no baseline: drift needs data=",)
    if fit.X is None:
        return None, None, ("no baseline: the data of the fit is gone from memory; give it with data=",)
    if fit.changed():
        return None, None, ("no baseline: the data was changed after the fit; give it with data=",)
    return fit.X, fit.y, ("that the data is as fitted was judged by a sample",) if fit.sampled else ()


def captured(estimator: object, *, data_source: str | None, code: bool) -> Lineage:
    """Notebook, cells that made the estimator, parameters, environment and commit, as far as they can be known."""
    from nb_mlops.capture.surroundings import surroundings

    here = session()
    log = here.cells
    cells = log.cells() if log is not None else ()
    targets = [name for name, value in here.namespace.items() if value is estimator and not name.startswith("_")]
    return surroundings(here.shell, targets=targets, cells=cells, data_source=data_source, code=code)


def _shape(table: object) -> tuple[int, ...] | None:
    shape = getattr(table, "shape", None)
    return tuple(shape) if isinstance(shape, tuple) else None


def _words(table: object) -> str:
    shape = _shape(table)
    return f"{shape[0]:,} rows × {shape[1] if len(shape) > 1 else 1} columns" if shape else type(table).__name__
