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

from nb_mlops.core.canonical_forms import CanonicalForms, Link, link_of, plain
from nb_mlops.core.errors import Damaged
from nb_mlops.core.event import START, Event, moment, stamp

TRAIL = 12  # hex digits of each event's hash that a trail holds: they locate a change, the heads prove it
CLOCKS_DIFFER = timedelta(minutes=10)  # between the machines that write to one registry
_NO_END = (0, START)
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
        """`marks`: positions and times of checkpoints. The heads are kept there, and later clocks are held to them."""
        self.heads_at: dict[int, dict[str, Head]] = {}
        self.breaks: list[Break] = []
        self.events = 0
        self.position = 0  # of the last event
        self.set_back: list[SetBack] = []
        self._marks = sorted((marks or {}).items(), reverse=True)
        self._ends: dict[str, tuple[int, str]] = {}  # plain tuples are quicker to make
        self._begin = 0  # the position that it was begun after
        self._forms = CanonicalForms()
        self._trail: list[str] = []
        self._earliest, self._latest = (b"", 0), b""

    @property
    def heads(self) -> dict[str, Head]:
        """The last event of each history so far."""
        return {history: Head(*end) for history, end in self._ends.items()}

    def begin(self, after: int, heads: Mapping[str, Head]) -> None:
        """Begins after a position, with the heads that are said to stand there: who joins the halves checks them."""
        self._begin = self.position = after
        self._ends = dict(heads)

    def join(self, later: Chain) -> None:
        """Takes what another chain found after this position; it was begun with these very heads."""
        self.breaks += later.breaks
        self.heads_at |= later.heads_at
        if len(self._trail) == self.position == later._begin:
            self._trail += later._trail
        if later._earliest[0] < self._latest:
            self._maybe_set_back(later._earliest[1], later._earliest[0], self._latest)
        self.set_back += later.set_back
        self.events += later.events
        self.position, self._ends = later.position, later._ends
        self._latest = max(self._latest, later._latest)

    def __getstate__(self) -> dict[str, object]:
        """What goes to another process: patterns stay here."""
        return {**self.__dict__, "_forms": None}

    @property
    def first_gap(self) -> int:
        """The first position without an event."""
        return self._begin + len(self._trail) + 1

    @property
    def trail(self) -> str:
        """The first digits of each hash, by position, as far as the positions have no gap."""
        return "".join(self._trail)

    def follow(self, page: Sequence[Stored]) -> None:
        """Takes the next events, those after `position`; plain tuples of the same fields do as well."""
        begin = 0
        while self._marks and begin < len(page) and page[-1][0] >= self._marks[-1][0]:
            position, time = self._marks.pop()
            end = bisect_right(page, position, key=lambda one: one[0])
            self._follow(page[begin:end])
            self.heads_at[position] = self.heads
            self._latest = max(self._latest, stamp(time).encode())
            begin = end
        self._follow(page[begin:])

    def _follow(self, page: Sequence[Stored]) -> None:
        """The loop that costs: some microseconds an event, most of them for hashing, matching and making objects."""
        if not page:
            return
        all_plain = plain(b"".join([one[5] for one in page]))
        recognised, ends, trail = self._forms.link, self._ends, []
        for position, history, sequence, name, kept, data in page:
            actual = sha256(data).hexdigest()
            trail.append(actual[:TRAIL])
            last, before = ends.get(history, _NO_END)
            try:
                link = recognised(data, data.decode("ascii") if all_plain or plain(data) else None)
            except Damaged:
                self._break(position, history, sequence, f"The event at position {position} cannot be read")
            else:
                if link != (history, name, before, str(sequence)) or actual != kept or sequence != last + 1:
                    self._look_closer(Stored(position, history, sequence, name, kept, data), link, actual)
            ends[history] = (sequence, actual)
        self._keep_trail(page, trail)
        self._look_at_clock(page)
        self.events += len(page)
        self.position = page[-1][0]

    def _look_closer(self, one: Stored, link: Link | None, actual: str) -> None:
        """Tells which of the things that should be equal are not."""
        if link is None:
            self._break(*one[:3], f"event {one.sequence} is not in canonical form")
            link = link_of(Event.from_bytes(one.data))
        history, name, previous, sequence = link
        if (history, name, sequence, actual) != (one.history, one.id, str(one.sequence), one.hash):
            self._break(*one[:3], "its columns are not what its bytes say")
        last, before = self._ends.get(one.history, _NO_END)
        if one.sequence != last + 1:
            self._break(one.position, one.history, last + 1, f"expected event {last + 1}, found {one.sequence}")
        elif previous != before:
            self._break(*one[:3], f"event {one.sequence} does not follow the event before it")

    def _break(self, position: int, history: str, sequence: int, problem: str) -> None:
        self.breaks.append(Break(position, history, sequence, problem))

    def _keep_trail(self, page: Sequence[Stored], known: list[str]) -> None:
        """Only while no position is missing: what comes after a gap has no place in a trail."""
        if self._begin + len(self._trail) != self.position:
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
        times = [one[5][_STAMP] for one in page]
        if times[0] < self._latest or times != sorted(times):
            latest = self._latest
            for one, time in zip(page, times, strict=True):
                if time < latest:
                    self._maybe_set_back(one[0], time, latest)
                latest = max(latest, time)
        first = min(times)
        if not self._earliest[1] or first < self._earliest[0]:
            self._earliest = (first, page[times.index(first)][0])
        self._latest = max(self._latest, max(times))

    def _maybe_set_back(self, position: int, time: bytes, latest: bytes) -> None:
        try:
            dated, before = moment(time.decode("ascii")), moment(latest.decode("ascii"))
        except ValueError:  # bytes that are no event: told already
            return
        if dated < before - CLOCKS_DIFFER:
            self.set_back.append(SetBack(position, dated, before))
