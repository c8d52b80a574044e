"""Canonical bytes recognised at sight: an event of a form seen before is checked by a pattern, twenty times quicker.

The first event of each form goes the long way, parsed and written again. From what that gave a pattern is made: the
same keys in the same order, any plain text between quotes, any canonical integer; a fraction is captured and written
again, since only that tells whether it is the shortest. What no pattern knows goes the long way: so a pattern can
only save time, never let a byte pass.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from nb_mlops.core.canonical import MAX_SAFE_INTEGER, number
from nb_mlops.core.errors import BadInput
from nb_mlops.core.event import ENVELOPE, Event
from nb_mlops.core.identity import NAMED

_MOST_FORMS = 400  # a registry has some dozens; beyond, making patterns would cost more than it saves
_LONGEST = 6_000  # bytes of an event that is worth a pattern
_TEXT = '"[^"]*"'
_INTEGER = "(?:0|-?[1-9][0-9]{0,14})"  # below 2**53 for sure
_NUMBER = r"(-?[0-9]+(?:\.[0-9]*[1-9])?(?:e[+-][0-9]+)?)"  # captured: integers too, where a fraction was seen
_TIME = r'"[0-9-]{10}T[0-9:]{8}\.[0-9]{6}Z"'  # few repeats, which cost; that a day is one shows when it is replayed
_CAPTURED = {"history": '"([^"]*)"', "id": '"([^"]*)"', "prev": '"([^"]*)"', "seq": "([1-9][0-9]{0,14})"}
_FIXED = {"time": _TIME, "client_time": _TIME, "v": str(ENVELOPE)}


Link = tuple[str, ...]  # what the bytes of an event say of its place: history, id, the hash before it, sequence


Form = Callable[[str], "re.Match[str] | None"]


class CanonicalForms:
    """The forms seen so far, by the kind of event; the one that fitted last is tried first."""

    def __init__(self) -> None:
        self._known: dict[str, list[Form]] = {}
        self._count = 0

    def link(self, data: bytes, text: str | None) -> Link | None:
        """What canonical bytes say of their place; None when they are not canonical. Raises what reading raises.

        `text` is the same decoded, where `plain` tells that it is plain: only then may a pattern look at it.
        """
        if text is None:
            return self._long_way(data, None)
        known = self._known.get(text.rpartition('"kind":"')[2][:12])
        found = known[0](text) if known else None
        if found is None and known:
            found = _fitting(known, text)
        if found is None:
            return self._long_way(data, text)
        groups = found.groups()
        if len(groups) == 4:
            return groups
        return groups[-4:] if _are_shortest(groups[:-4]) else self._long_way(data, None)

    def _long_way(self, data: bytes, text: str | None) -> Link | None:
        event = Event.from_bytes(data)
        if not _is_canonical(event, data):
            return None
        if text is not None and _is_worth_a_form(data, text) and self._count < _MOST_FORMS:
            self._count += 1
            kind = text.rpartition('"kind":"')[2][:12]  # some characters that are the same for events of one kind
            self._known.setdefault(kind, []).insert(0, _form(json.loads(data)).fullmatch)
        return link_of(event)


def _is_worth_a_form(data: bytes, text: str) -> bool:
    """Not where it is long, nor where a key is the id of somebody whose name it binds: no other event has that key."""
    return len(data) <= _LONGEST and f'"{NAMED}' not in text


def _fitting(known: list[Form], text: str) -> re.Match[str] | None:
    """What one of the forms after the first says; that one is the first from now on."""
    for place in range(1, len(known)):
        found = known[place](text)
        if found is not None:
            known.insert(0, known.pop(place))
            return found
    return None


def link_of(event: Event) -> Link:
    """What an event says of its place."""
    return event.history, event.id, event.previous, str(event.sequence)


def plain(data: bytes) -> bool:
    """Whether all is printable ASCII without a backslash: nothing is escaped, each text ends at the next quote.

    For many events at once: the cost is that of looking at the bytes, some GB a second.
    """
    import numpy as np

    return data.isascii() and b"\\" not in data and (not data or int(np.frombuffer(data, np.uint8).min()) > 31)


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


def _are_shortest(numbers: tuple[str, ...]) -> bool:
    """Without an exponent Python writes a fraction as ECMAScript does; the rest is asked of `number`."""
    for text in numbers:
        value = float(text)
        if (repr(value) != text or "e" in text) and number(value) != text:
            return False
    return True


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
