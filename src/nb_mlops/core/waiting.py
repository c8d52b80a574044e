"""One thing that waits for a person: an approval, a review, a note that is due, an open finding, a wish of others."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from nb_mlops.core.event import stamp
from nb_mlops.core.printable import one_line
from nb_mlops.core.shown import Json, Shown
from nb_mlops.core.spelling import on_a_shell, spelled


@dataclass(frozen=True, slots=True, repr=False)
class Waiting(Shown):
    """What waits, on which version, since when, until when, how grave it is, and what to run."""

    kind: ClassVar[str] = "waiting"
    what: str  # approval, review, note, finding, stakes (lower ones are asked for), policy (one that asks less)
    ref: str  # a version, a model, or `registry`
    actor: str  # who asked, moved or opened it
    at: datetime  # since when
    how: str  # in a notebook; `shell` is the same in a terminal
    alias: str = ""
    comment: str = ""
    due: datetime | None = None
    severity: str = "major"  # minor, major, critical

    @property
    def model(self) -> str:
        """The model's name; `registry` for what is no model's."""
        return self.ref.partition("@")[0]

    @property
    def version(self) -> int | None:
        """The version's number, where it is about one."""
        number = self.ref.partition("@")[2]
        return int(number) if number else None

    @property
    def shell(self) -> str:
        """What to run in a terminal."""
        return on_a_shell(self.how)

    def to_text(self) -> str:
        """One line, and how."""
        due = f", due {self.due:%Y-%m-%d %H:%M}" if self.due else ""
        said = f": {one_line(self.comment, most=400)}" if self.comment else ""
        return f"{self.what}  {self.ref}{due}  ({self.actor}){said}\n  {spelled(self.how)}"

    def to_dict(self) -> dict[str, Json]:
        """What waits, as JSON."""
        return {
            "what": self.what,
            "ref": self.ref,
            "model": self.model,
            "version": self.version,
            "alias": self.alias,
            "actor": self.actor,
            "at": stamp(self.at),
            "due": stamp(self.due) if self.due else None,
            "severity": self.severity,
            "comment": self.comment,
            "how": self.how,
            "shell": self.shell,
        }
