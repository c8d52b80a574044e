"""A finding as people see it: an open question on a version, who owns it, when it is due, and how it was answered."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from nb_mlops.core.event import stamp
from nb_mlops.core.printable import one_line
from nb_mlops.core.shown import Json, Shown


@dataclass(frozen=True, slots=True, repr=False)
class Finding(Shown):
    """One finding; `number` names it within its model."""

    kind: ClassVar[str] = "finding"
    ref: str
    number: int
    severity: str  # minor, major, critical
    title: str
    opened_by: str
    opened_at: datetime
    owner: str = ""
    due: datetime | None = None
    answer: str = ""
    closed_by: str = ""
    closed_at: datetime | None = None

    @property
    def is_open(self) -> bool:
        """Whether nobody has answered it."""
        return self.closed_at is None

    def to_text(self) -> str:
        """One line, and its answer."""
        owner = f", owned by {self.owner}" if self.owner else ""
        due = f", due {self.due:%Y-%m-%d}" if self.due else ""
        state = "open" if self.is_open else f"closed by {self.closed_by}"
        line = f"#{self.number} {self.severity} on {self.ref}, {state}{owner}{due}: {one_line(self.title, most=2000)}"
        return line + (f"\n  answer: {one_line(self.answer, most=2000)}" if self.answer else "")

    def to_dict(self) -> dict[str, Json]:
        """The finding as JSON."""
        return {
            "ref": self.ref,
            "number": self.number,
            "severity": self.severity,
            "title": self.title,
            "state": "open" if self.is_open else "closed",
            "owner": self.owner,
            "due": stamp(self.due) if self.due else None,
            "opened_by": self.opened_by,
            "opened_at": stamp(self.opened_at),
            "answer": self.answer,
            "closed_by": self.closed_by,
            "closed_at": stamp(self.closed_at) if self.closed_at else None,
        }
