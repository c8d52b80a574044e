"""Which events of a history somebody wants to see: by time, by person, by kind."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Self

from nb_mlops.core.errors import BadInput, near
from nb_mlops.core.event import Event
from nb_mlops.core.moments import When, first_moment, last_moment
from nb_mlops.core.sentences import known_kinds


@dataclass(frozen=True)
class EventFilter:
    """Which events somebody wants to see."""

    since: datetime | None
    until: datetime | None
    who: str
    kinds: tuple[str, ...]

    @classmethod
    def of(cls, since: When | None, until: When | None, who: str | None, kind: str | Sequence[str] | None) -> Self:
        """The filter that an audit was asked with; raises BadInput."""
        given = [kind] if isinstance(kind, str) else list(kind or ())
        kinds = tuple(dict.fromkeys(name for text in given for part in text.split(",") if (name := part.strip())))
        begin, end = first_moment(since) if since else None, last_moment(until) if until else None
        if begin and end and begin > end:
            raise BadInput("That time ends before it begins.", "Give the earlier date as since.")
        return cls(begin, end, (who or "").strip(), kinds)

    def __str__(self) -> str:
        parts = [f"since {self.since:%Y-%m-%d %H:%M}"] if self.since else []
        parts += [f"until {self.until:%Y-%m-%d %H:%M}"] if self.until else []
        parts += [f"by {self.who}"] if self.who else []
        return ", ".join([*parts, *self.kinds])

    def keeps(self, event: Event, name: str) -> bool:
        """Whether this event is among them."""
        return (
            (self.since is None or event.time >= self.since)
            and (self.until is None or event.time <= self.until)
            and self.who.lower() in name.lower()
            and (not self.kinds or event.kind in self.kinds)
        )

    def check_kinds(self, events: Sequence[Event]) -> None:
        """Raises BadInput for a kind that neither this program knows nor the history holds: a typo shows nothing."""
        known = known_kinds() | {event.kind for event in events}
        for kind in self.kinds:
            if kind not in known:
                hint = near(kind, known) or f"There are {', '.join(sorted(known))}."
                raise BadInput(f"{kind[:40]!r} is not a kind of event.", hint)
