"""Reading numbers and names back from stored JSON, with an error of ours for what cannot be one."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from nb_mlops.core.errors import BadInput

if TYPE_CHECKING:
    from collections.abc import Mapping

_NOT_FINITE = {"NaN": math.nan, "Infinity": math.inf, "-Infinity": -math.inf}


def object_of(given: object, what: str) -> dict[str, object]:
    """A JSON object; raises BadInput."""
    if not isinstance(given, dict) or not all(isinstance(key, str) for key in given):
        raise BadInput(f"{what} is not a JSON object.", _HINT)
    return given


def count_of(given: Mapping[str, object], key: str) -> int:
    """A whole number that is not negative; raises BadInput."""
    value = given.get(key)
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < 2**53:
        raise BadInput(f"{key!r} is not a count.", _HINT)
    return value


def number_of(given: Mapping[str, object], key: str) -> float:
    """A float, NaN and infinities written as text included; raises BadInput."""
    value = given.get(key)
    if isinstance(value, str) and value in _NOT_FINITE:
        return _NOT_FINITE[value]
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise BadInput(f"{key!r} is not a number.", _HINT)
    return float(value)


def text_of(given: Mapping[str, object], key: str, *, most: int = 500) -> str:
    """A text of bounded length; raises BadInput."""
    value = given.get(key)
    if not isinstance(value, str) or len(value) > most:
        raise BadInput(f"{key!r} is not a text of at most {most} characters.", _HINT)
    return value


def texts_of(given: Mapping[str, object], key: str, *, most: int = 500) -> tuple[str, ...]:
    """A list of texts; raises BadInput."""
    value = given.get(key, [])
    if not isinstance(value, list) or not all(isinstance(each, str) and len(each) <= most for each in value):
        raise BadInput(f"{key!r} is not a list of texts.", _HINT)
    return tuple(value)


def counts_of(given: Mapping[str, object], key: str, *, lengths: tuple[int, ...]) -> tuple[int, ...]:
    """A list of counts of one of the given lengths; raises BadInput."""
    value = given.get(key)
    if not isinstance(value, list) or len(value) not in lengths:
        raise BadInput(f"{key!r} is not a list of {' or '.join(map(str, lengths))} counts.", _HINT)
    if not all(isinstance(each, int) and not isinstance(each, bool) and 0 <= each < 2**53 for each in value):
        raise BadInput(f"{key!r} holds something that is not a count.", _HINT)
    return tuple(value)


_HINT = "It was not written by nb_mlops, or was changed since."
