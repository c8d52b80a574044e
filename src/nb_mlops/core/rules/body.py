"""What a client may say in the body of a draft: only what the rule knows is recorded, and only in its shape."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from nb_mlops.core.canonical import is_whole
from nb_mlops.core.errors import BadInput

MOST = 2**53  # beyond it JSON loses digits, and a database its integers
NEWER = "Is this client newer than the registry?"
_NOT_FINITE = {"nan", "inf", "-inf", "NaN", "Infinity", "-Infinity"}


def kept(body: Mapping[str, Any], names: Iterable[str]) -> dict[str, Any]:
    """What a body says under these names: whatever else a client sends does not enter the record."""
    return {name: body[name] for name in names if name in body}


def is_count(value: object) -> bool:
    """Whether this is a whole number that is not negative (a bool is no number)."""
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value < MOST


def check_count(body: Mapping[str, Any], name: str, what: str) -> None:
    """Raises BadInput where there is something else than a count under `name`."""
    if not is_count(body.get(name, 0)):
        raise BadInput(f"{what} is a whole number, 0 or more.", NEWER)


def is_number(value: object) -> bool:
    """Whether this is a number, or how JSON spells one that is not finite."""
    if isinstance(value, str):
        return value in _NOT_FINITE
    return isinstance(value, float) or (isinstance(value, int) and not isinstance(value, bool) and abs(value) < MOST)


def is_text(value: object, most: int) -> bool:
    """Whether this is a text that can be stored: of so many characters at most, none of them half of one."""
    return isinstance(value, str) and len(value) <= most and is_whole(value)


def is_plain(value: object) -> bool:
    """Whether this is a number, a yes or no, a text, or nothing."""
    return value is None or isinstance(value, str | bool | int | float)
