"""The chain: every stored event in the order it was committed, each bound to the one before it in its history.

`Chain.follow` takes events as they lie in the store and looks at their bytes only: are they what their hash says, in
canonical form, next in their history, and found by the right columns? Rows, texts and people are not its business.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import NamedTuple

from nb_mlops.core.canonical_forms import CanonicalForms, Link, plain
from nb_mlops.core.errors import Damaged
from nb_mlops.core.event import START, Event, moment, stamp

TRAIL = 12  # hex digits of each event's hash that a trail holds: they locate a change, the heads prove it
CLOCKS_DIFFER = timedelta(minutes=10)  # between the machines that write to one registry
_STAMP = slice(-35, -8)  # where canonical bytes end in `"time":"2026-11-25T03:00:00.000000Z","v":1}`


class Stored(NamedTuple):
    """An event as it lies in the store: its bytes, and the columns it is found by."""

    position: int
    history: str
    sequence: int
    id: str
    hash: str
    data: bytes


class Head(NamedTuple):
    """The last event of a history."""

    sequence: int
    hash: str


@dataclass(frozen=True, slots=True)
class Break:
    """A stored event that does not hold, and why; the first of them is where somebody was at work."""

    position: int
    history: str
    sequence: int
    problem: str


class SetBack(NamedTuple):
    """An event dated well before what was known to be over when it was written."""

    position: int
    dated: datetime
    after: datetime


class Chain:
    """What following all events in order of position gives: heads, breaks, and the trail of hashes."""

    def __init__(self, marks: Mapping[int, datetime] | None = None) -> None:
        """`marks` are the positions and times of checkpoints: the heads are kept there, and the clock is held to them."""
        self.heads: dict[str, Head] = {}
        self.heads_at: dict[int, dict[str, Head]] = {}
        self.breaks: list[Break] = []
        self.events = 0
        self.position = 0  # of the last event
        self.set_back: list[SetBack] = []
        self._marks = sorted((marks or {}).items(), reverse=True)
        self._forms = CanonicalForms()
        self._trail: list[str] = []
        self._latest = b""

    @property
    def first_gap(self) -> int:
        """The first position without an event."""
        return len(self._trail) + 1

    @property
    def trail(self) -> str:
        """The first digits of each hash, by position, as far as the positions have no gap."""
        return "".join(self._trail)

    def follow(self, page: Sequence[Stored]) -> None:
        """Takes the next events, those after `position`."""
        begin = 0
        while self._marks and begin < len(page) and page[-1].position >= self._marks[-1][0]:
            position, time = self._marks.pop()
            end = bisect_right(page, position, key=lambda one: one[0])
            self._follow(page[begin:end])
            self.heads_at[position] = dict(self.heads)
            self._latest = max(self._latest, stamp(time).encode())
            begin = end
        self._follow(page[begin:])

    def _follow(self, page: Sequence[Stored]) -> None:
        if not page:
            return
        all_plain = plain(b"".join([one[5] for one in page]))
        heads, forms, known = self.heads, self._forms, []
        for position, history, sequence, id, hash, data in page:
            actual = sha256(data).hexdigest()
            known.append(actual[:TRAIL])
            try:
                link = forms.link(data, is_plain=all_plain or plain(data))
            except Damaged:
                link = None
                self._break(position, history, sequence, f"The event at position {position} cannot be read")
            else:
                if link is None:
                    link = self._respelled(position, history, sequence, data)
                before = heads.get(history)
                if link != (history, id, before[1] if before else START, str(sequence)) or actual != hash:
                    self._misplaced(link, actual, Stored(position, history, sequence, id, hash, data))
                elif sequence != (before[0] + 1 if before else 1):
                    self._out_of_order(Stored(position, history, sequence, id, hash, data))
            heads[history] = Head(sequence, actual)
        self._keep_trail(page, known)
        self._look_at_clock(page)
        self.events += len(page)
        self.position = page[-1][0]

    def _respelled(self, position: int, history: str, sequence: int, data: bytes) -> Link:
        self._break(position, history, sequence, f"event {sequence} is not in canonical form")
        event = Event.from_bytes(data)
        return Link(event.history, event.id, event.previous, str(event.sequence))

    def _misplaced(self, link: Link, actual: str, one: Stored) -> None:
        """Which of the things that should be equal are not."""
        if (link.history, link.id, link.sequence, actual) != (one.history, one.id, str(one.sequence), one.hash):
            self._break(one.position, one.history, one.sequence, "its columns are not what its bytes say")
        before = self.heads.get(one.history)
        if one.sequence != (before.sequence + 1 if before else 1):
            self._out_of_order(one)
        elif link.previous != (before.hash if before else START):
            problem = f"event {one.sequence} does not follow the event before it"
            self._break(one.position, one.history, one.sequence, problem)

    def _out_of_order(self, one: Stored) -> None:
        before = self.heads.get(one.history)
        expected = before.sequence + 1 if before else 1
        self._break(one.position, one.history, expected, f"expected event {expected}, found {one.sequence}")

    def _break(self, position: int, history: str, sequence: int, problem: str) -> None:
        self.breaks.append(Break(position, history, sequence, problem))

    def _keep_trail(self, page: Sequence[Stored], known: list[str]) -> None:
        """Only while no position is missing: what comes after a gap has no place in a trail."""
        if len(self._trail) != self.position:
            return
        if page[-1][0] == self.position + len(page):
            self._trail += known
            return
        for one, digits in zip(page, known, strict=True):
            if one[0] != self.first_gap:
                return
            self._trail.append(digits)

    def _look_at_clock(self, page: Sequence[Stored]) -> None:
        """Notes times that lie well before an earlier one: stamps sort as the times do."""
        latest = self._latest
        for one in page:
            time = one[5][_STAMP]
            if time >= latest:
                latest = time
            else:
                self._maybe_set_back(one[0], time, latest)
        self._latest = latest

    def _maybe_set_back(self, position: int, time: bytes, latest: bytes) -> None:
        try:
            dated, before = moment(time.decode("ascii")), moment(latest.decode("ascii"))
        except ValueError:  # bytes that are no event: told already
            return
        if dated < before - CLOCKS_DIFFER:
            self.set_back.append(SetBack(position, dated, before))
