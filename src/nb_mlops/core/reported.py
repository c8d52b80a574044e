"""What an author reports beside a model, made storable: metrics, parameters, tags.

They are *reported*; what a check computes is *measured* and stands in validations.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from nb_mlops.core.errors import BadInput

MAX_NAMES = 500
MAX_FOLDS = 1_000
MAX_TEXT = 1_000


def metrics(given: Mapping[str, Any]) -> dict[str, Any]:
    """Each metric as a number, or as mean, sd and folds where `cross_validate` gave an array.

    Raises BadInput for a name or a value that is neither.

    >>> metrics({"auc": [0.8, 0.9]})["auc"]["folds"]
    [0.8, 0.9]
    """
    flat = _flat(given)
    _few(flat, "metrics")
    return {_name(name, "metric"): _metric(name, value) for name, value in flat.items()}


def _flat(given: Mapping[str, Any]) -> Mapping[str, Any]:
    """`{"cv": {"auc": 0.8}}` as `{"cv.auc": 0.8}`, one level deep; what is no mapping is refused later."""
    if not isinstance(given, Mapping):
        return given
    flat: dict[str, Any] = {}
    for name, value in given.items():
        inner = value.items() if isinstance(value, Mapping) else None
        flat |= {name: value} if inner is None else {f"{name}.{key}": item for key, item in inner}
    return flat


def values(given: Mapping[str, Any], what: str) -> dict[str, Any]:
    """Each parameter or tag as a number, a yes or no, or a short text; raises BadInput for a bad name."""
    _few(given, what)
    return {_name(name, what): _value(value) for name, value in given.items()}


def _metric(name: str, value: Any) -> Any:
    number = _number(value)
    if number is not None:
        return number
    folds = _folds(value)
    if folds is None:
        raise BadInput(
            f"The metric {name!r} is a {type(value).__name__}, not a number.", "Give numbers or arrays of them."
        )
    mean = math.fsum(folds) / len(folds)
    squares = math.fsum((fold - mean) ** 2 for fold in folds)
    sd = math.sqrt(squares / (len(folds) - 1)) if len(folds) > 1 else 0.0
    return {"mean": mean, "sd": sd, "folds": folds}


def _folds(value: Any) -> list[float] | None:
    if hasattr(value, "tolist"):
        value = value.tolist()
    if not isinstance(value, Sequence) or isinstance(value, str | bytes) or not 0 < len(value) <= MAX_FOLDS:
        return None
    numbers = [_number(item) for item in value]
    return None if None in numbers else [float(number) for number in numbers if number is not None]


def _number(value: Any) -> float | int | None:
    if isinstance(value, bool | int | float):
        return value
    if hasattr(value, "item") and getattr(value, "ndim", 1) == 0:  # a NumPy scalar
        item = value.item()
        return item if isinstance(item, bool | int | float) else None
    return None


def _value(value: Any) -> Any:
    number = _number(value)
    if number is not None:
        return number if not isinstance(number, int) or abs(number) < 2**53 else str(number)
    return None if value is None else str(value)[:MAX_TEXT]


def _name(name: Any, what: str) -> str:
    if not isinstance(name, str) or not name or len(name) > 200 or not name.isprintable():
        raise BadInput(
            f"{ascii(name)[:60]} is not the name of a {what}.", "Give printable text of at most 200 characters."
        )
    return name


def _few(given: Mapping[str, Any], what: str) -> None:
    if not isinstance(given, Mapping):
        raise BadInput(f"{what} must be names with values, not a {type(given).__name__}.", "Give a dict.")
    if len(given) > MAX_NAMES:
        raise BadInput(f"{len(given):,} {what} are too many; {MAX_NAMES} fit.", "Give the ones people will ask for.")
