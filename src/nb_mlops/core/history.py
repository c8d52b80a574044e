"""A model's history as a story: one line per event, who did what when, and why."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from nb_mlops.core.event import stamp
from nb_mlops.core.printable import one_line
from nb_mlops.core.shown import Json, Shown

_WHOLE = 20_000  # no longer text can be stored


@dataclass(frozen=True, slots=True, repr=False)
class Entry(Shown):
    """One event, told."""

    kind: ClassVar[str] = "history-entry"
    sequence: int
    at: datetime
    actor: str
    act: str  # the event's kind
    told: str  # the sentence
    said: str  # what the person typed; empty when erased
    hash: str

    def to_text(self) -> str:
        """One line."""
        said = f"  “{one_line(self.said, most=_WHOLE)}”" if self.said else ""
        return f"{self.sequence:>4}  {self.at:%Y-%m-%d %H:%M}  {self.actor}  {one_line(self.told, most=_WHOLE)}{said}"

    def to_dict(self) -> dict[str, Json]:
        """The entry as JSON."""
        return {
            "sequence": self.sequence,
            "at": stamp(self.at),
            "actor": self.actor,
            "act": self.act,
            "told": self.told,
            "said": self.said,
            "hash": self.hash,
        }


@dataclass(frozen=True, slots=True, repr=False)
class History(Shown):
    """All entries of a model, oldest first; `whole` says whether the chain of hashes holds."""

    kind: ClassVar[str] = "history"
    name: str
    entries: tuple[Entry, ...]
    whole: bool

    @property
    def says_no(self) -> bool:
        """A broken chain."""
        return not self.whole

    def to_text(self) -> str:
        """The story, a line per event."""
        state = "the chain of hashes holds" if self.whole else "THE CHAIN OF HASHES IS BROKEN: run nb-mlops verify"
        head = f"history of {self.name}: {len(self.entries)} events, {state}"
        return "\n".join([head, *(entry.to_text() for entry in self.entries)])

    def to_dict(self) -> dict[str, Json]:
        """The story as JSON."""
        return {"name": self.name, "whole": self.whole, "entries": [entry.to_dict() for entry in self.entries]}
