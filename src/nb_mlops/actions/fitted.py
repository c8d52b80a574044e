"""`fitted`: the estimators of this notebook that a registration could mean, for a form to choose from."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

from nb_mlops.actions.session import Session, session
from nb_mlops.core.errors import Ambiguous, BadInput

if TYPE_CHECKING:
    from nb_mlops.capture.estimators import Found


def fitted() -> dict[str, str]:
    """What `--model` may name -> the estimator's class and its fit, in words; the one fitted last comes first."""
    here = session()
    holders = [name for name, value in here.namespace.items() if type(value) in (dict, list, tuple) and name[0] != "_"]
    named = _found(here, None)
    held = [found for name in holders if name not in ("In", "Out") for found in _found(here, {name})]
    distinct: dict[int, Found] = {}
    for one in (*named, *held):
        distinct.setdefault(id(one.estimator), one)
    in_order = sorted(distinct.values(), key=lambda one: one.fit.serial if one.fit else 0, reverse=True)
    return {one.name: _described(one) for one in in_order}


def _found(here: Session, names: Collection[str] | None) -> list[Found]:
    """The final estimators that these names could mean; of all names, what a container holds comes by its own."""
    from nb_mlops.capture.estimators import find_estimator

    try:
        return [find_estimator(here.namespace, names, here.fits)]
    except Ambiguous as several:
        return list(several.choices)
    except BadInput:  # nothing is fitted there
        return []


def _described(one: Found) -> str:
    when = f", fitted {one.fit.at:%H:%M:%S} UTC" if one.fit is not None else ""
    return f"{type(one.estimator).__name__}{when}"
