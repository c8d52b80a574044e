"""An estimator's parameters that differ from their defaults: what somebody chose, not what scikit-learn fills in."""

from __future__ import annotations

import inspect
from functools import lru_cache
from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    from collections.abc import Hashable

_MOST = 200
_NO_DEFAULT = object()


def chosen_parameters(estimator: object) -> dict[str, Any]:
    """Simple parameters of the estimator and of those inside it, by `get_params`' names, where they were set.

    Estimators without `get_params` and parameters that are not numbers or text give nothing.
    """
    try:
        found = estimator.get_params(deep=True)  # type: ignore[attr-defined]
        every = dict(found)
    except Exception:  # noqa: BLE001 (a look-alike's own code: what it cannot tell is unknown, never a failure)
        return {}
    owners = {name: value for name, value in every.items() if hasattr(value, "get_params")}
    chosen: dict[str, Any] = {}
    for name, value in every.items():
        prefix, _, short = name.rpartition("__")
        owner = owners.get(prefix) if prefix else estimator
        if owner is None or not isinstance(value, bool | int | float | str):
            continue
        default = _defaults(cast("Hashable", type(owner))).get(short, _NO_DEFAULT)
        if default != value and not (value != value and default != default):  # NaN is a default, too
            chosen[name] = value
    return dict(sorted(chosen.items())[:_MOST])


@lru_cache(maxsize=512)
def _defaults(kind: Any) -> dict[str, Any]:
    try:
        parameters = inspect.signature(kind).parameters.values()
    except (TypeError, ValueError):  # a class written in C
        return {}
    return {one.name: one.default for one in parameters if isinstance(one.default, bool | int | float | str)}
