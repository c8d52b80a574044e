"""One thing that waits for a person: an approval, a review, a note that is due, an open finding."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from nb_mlops.core.event import stamp
from nb_mlops.core.printable import one_line
from nb_mlops.core.shown import Json, Shown


@dataclass(frozen=True, slots=True, repr=False)
class Waiting(Shown):
    """What waits, on which version, since when, until when, and what to run."""

    kind: ClassVar[str] = "waiting"
    what: str  # approval, review, note, finding
    ref: str
    actor: str  # who asked, moved or opened it
    at: datetime
    how: str
    alias: str = ""
    comment: str = ""
    due: datetime | None = None

    def to_text(self) -> str:
        """One line, and how."""
        due = f", due {self.due:%Y-%m-%d %H:%M}" if self.due else ""
        said = f": {one_line(self.comment, most=400)}" if self.comment else ""
        return f"{self.what}  {self.ref}{due}  ({self.actor}){said}\n  {self.how}"

    def to_dict(self) -> dict[str, Json]:
        """What waits, as JSON."""
        return {
            "what": self.what,
            "ref": self.ref,
            "alias": self.alias,
            "actor": self.actor,
            "at": stamp(self.at),
            "due": stamp(self.due) if self.due else None,
            "comment": self.comment,
            "how": self.how,
        }
