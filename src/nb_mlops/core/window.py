"""A part of a table in time, and of a segment, as its profile."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from datetime import datetime

    from nb_mlops.core.profile import Profile


class Window(NamedTuple):
    """The rows from `start` up to, not including, `end` (None: the whole table, or rows without a time stamp)."""

    start: datetime | None
    end: datetime | None
    segment: str | None
    profile: Profile
    name: str = ""  # what to call it where it has no dates
    cut_by: tuple[str, ...] = ()  # the columns of time and segment: they differ by construction, and are not judged

    @property
    def label(self) -> str:
        """A short name: the day it starts, or the hour where windows are shorter; with its segment."""
        dated = _short(self.start, self.end) if self.start is not None else self.name
        return " · ".join(part for part in (dated, self.segment) if part) or "all rows"


def _short(start: datetime, end: datetime | None) -> str:
    if start.hour or start.minute or start.second or (end is not None and (end - start).total_seconds() < 86_000):
        return f"{start:%Y-%m-%d %H:%M}"
    if start.day == 1 and end is not None and end.day == 1 and 27 < (end - start).days < 32:
        return f"{start:%Y-%m}"
    return f"{start:%Y-%m-%d}"
