"""Whether an object is an estimator, what is inside it, and whether it is fitted; asked without importing anything.

Every question goes to the class and to the instance's own attributes first, so that lazy modules, remote proxies and
other strangers among a notebook's variables run no code.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from nb_mlops.capture.fits import Fit

_ANSWERS = ("predict", "transform")
_MOST_ELEMENTS = 1_000
_MOST_PARTS = 10_000


def is_estimator(value: object) -> bool:
    """Whether its class has `fit` and it answers with `predict` or `transform`."""
    if isinstance(value, type) or not any("fit" in owner.__dict__ for owner in type(value).__mro__):
        return False
    return any(has(value, name) for name in _ANSWERS)


def has(value: object, name: str) -> bool:
    """Whether it has this method now: a search without a model has no `predict`."""
    try:
        return callable(getattr(value, name, None))
    except Exception:  # noqa: BLE001 - a foreign class's property; it does not answer then
        return False


def parts(estimator: object) -> Iterator[Any]:
    """Every estimator inside this one, through lists, dicts and other estimators, each once."""
    seen = {id(estimator)}
    waiting = list(_own(estimator).values())
    while waiting and len(seen) < _MOST_PARTS:
        value = waiting.pop()
        if isinstance(value, list | tuple):
            waiting.extend(value[:_MOST_ELEMENTS])
        elif isinstance(value, dict):
            waiting.extend(list(value.values())[:_MOST_ELEMENTS])
        elif id(value) not in seen and is_estimator(value):
            seen.add(id(value))
            waiting.extend(_own(value).values())
            yield value


def is_fitted(value: Any, fit: Fit | None) -> bool:
    """scikit-learn's own test: a fit that was seen, what the class says of itself, or attributes like `coef_`.

    A transformer that learns nothing (FunctionTransformer) always calls itself fitted; that alone does not count, nor
    does a search with refit=False, which has no model. A plain class is fitted when a part of it is.
    """
    own = _own(value)
    if is_search_without_model(value):
        return False
    if fit is not None:
        return True
    learned = any(name.endswith("_") and not name.startswith("_") and not name.endswith("__") for name in own)
    says = _says_fitted(value)
    if says is not None:
        return says and (learned or has(value, "predict") or next(parts(value), None) is not None)
    return learned or (not has(value, "get_params") and any(is_fitted(part, None) for part in parts(value)))


def is_search_without_model(value: object) -> bool:
    """Whether it is a search that ran with refit=False: it has results, and nothing that predicts."""
    own = _own(value)
    return "cv_results_" in own and "best_estimator_" not in own


def _says_fitted(value: Any) -> bool | None:
    """What the object says of itself, by scikit-learn's protocol or catboost's; None where it says nothing."""
    for name in ("__sklearn_is_fitted__", "is_fitted"):
        if not hasattr(type(value), name):
            continue
        try:
            asked = getattr(value, name)
            return bool(asked() if callable(asked) else asked)
        except Exception:  # noqa: BLE001 - foreign code that cannot tell before a fit
            return False
    return None


def _own(value: object) -> dict[str, Any]:
    found = getattr(value, "__dict__", None)
    return found if isinstance(found, dict) else {}
