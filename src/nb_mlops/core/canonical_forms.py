"""Canonical bytes recognised at sight: an event of a form seen before is checked by a pattern, twenty times quicker.

The first event of each form goes the long way, parsed and written again. From what that gave a pattern is made: the
same keys in the same order, any plain text between quotes, any canonical integer; a fraction is captured and written
again, since only that tells whether it is the shortest. What no pattern knows goes the long way: so a pattern can
only save time, never let a byte pass.
"""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import Any, NamedTuple

from nb_mlops.core.canonical import MAX_SAFE_INTEGER, number
from nb_mlops.core.errors import BadInput
from nb_mlops.core.event import ENVELOPE, Event

_MOST_FORMS = 400  # a registry has some dozens; beyond, making patterns would cost more than it saves
_LONGEST = 6_000  # bytes of an event that is worth a pattern
_TEXT = '"[^"]*"'
_INTEGER = "(?:0|-?[1-9][0-9]{0,14})"  # below 2**53 for sure
_NUMBER = rf"(?:{_INTEGER}|(-?[0-9]+(?:\.[0-9]+)?(?:e[+-][0-9]+)?))"
_TIME = r'"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{6}Z"'
_CAPTURED = {"history": '"([^"]*)"', "id": '"([^"]*)"', "prev": '"([^"]*)"', "seq": "([1-9][0-9]{0,14})"}
_FIXED = {"time": _TIME, "client_time": _TIME, "v": str(ENVELOPE)}


class Link(NamedTuple):
    """What the bytes of an event say of its place, as text."""

    history: str
    id: str
    previous: str
    sequence: str


class CanonicalForms:
    """The forms seen so far, by the kind of event; the one that fitted last is tried first."""

    def __init__(self) -> None:
        self._known: dict[str, list[re.Pattern[str]]] = {}
        self._count = 0

    def link(self, data: bytes, *, is_plain: bool) -> Link | None:
        """What canonical bytes say of their place; None when they are not canonical. Raises what reading raises.

        `is_plain` promises what `plain` tells: only then may a pattern look at them.
        """
        text = data.decode("ascii") if is_plain else ""
        known = self._known.get(_kind(text)) if is_plain else None
        for place, form in enumerate(known or ()):
            found = form.fullmatch(text)
            if found is not None:
                if place:
                    known.insert(0, known.pop(place))  # type: ignore[union-attr]  # it was looped over
                groups = found.groups()
                if len(groups) == 4 or _are_shortest(groups[:-4]):
                    return Link(*groups[-4:])
                return self._long_way(data, "")
        return self._long_way(data, text)

    def _long_way(self, data: bytes, plain_text: str) -> Link | None:
        event = Event.from_bytes(data)
        if not _is_canonical(event, data):
            return None
        if plain_text and len(data) <= _LONGEST and self._count < _MOST_FORMS:
            self._count += 1
            self._known.setdefault(_kind(plain_text), []).insert(0, _form(json.loads(data)))
        return Link(event.history, event.id, event.previous, str(event.sequence))


def plain(data: bytes) -> bool:
    """Whether all is printable ASCII without a backslash: then each text ends at the next quote, and nothing is escaped.

    For many events at once: the cost is that of looking at the bytes, some GB a second.
    """
    import numpy as np

    return data.isascii() and b"\\" not in data and (not data or int(np.frombuffer(data, np.uint8).min()) > 31)


def _kind(text: str) -> str:
    """Some characters that are the same for events of one kind."""
    return text.rpartition('"kind":"')[2][:12]


def _is_canonical(event: Event, data: bytes) -> bool:
    try:
        return event.to_bytes() == data
    except BadInput:  # a double such as 1e20 is written in digits alone, and read as an integer beyond 2**53
        body = json.loads(data, parse_int=_as_double_beyond)["body"]
    try:
        return replace(event, body=body).to_bytes() == data
    except BadInput:  # half a character: no canonical writer wrote that
        return False


def _as_double_beyond(text: str) -> int | float:
    value = int(text)
    return value if abs(value) <= MAX_SAFE_INTEGER else float(text)


def _are_shortest(numbers: tuple[str | None, ...]) -> bool:
    return all(text is None or _is_shortest(text) for text in numbers)


def _is_shortest(text: str) -> bool:
    value = float(text)
    is_everyday = "e" not in text and not text.endswith(".0")  # where Python writes what ECMAScript writes
    return (is_everyday and repr(value) == text) or number(value) == text


def _form(raw: dict[str, Any]) -> re.Pattern[str]:
    """What matches all canonical events with the keys and types of this one."""
    parts = []
    for key in sorted(raw):
        pattern = _CAPTURED.get(key) or _FIXED.get(key) or _pattern(raw[key])
        parts.append(f'"{key}":{pattern}')
    return re.compile("{}{}{}".format(r"\{", ",".join(parts), r"\}"))


def _pattern(value: Any) -> str:
    match value:
        case dict():
            pairs = (f'"{re.escape(key)}":{_pattern(value[key])}' for key in sorted(value))
            return rf"\{{{','.join(pairs)}\}}"
        case list():
            return rf"\[{','.join(map(_pattern, value))}\]"
        case bool():
            return "(?:true|false)"
        case None:
            return "null"
        case str():
            return _TEXT
        case int():
            return _INTEGER
        case _:
            return _NUMBER
