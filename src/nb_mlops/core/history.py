"""A model's history as a story: one line per event, who did what when, and why."""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, ClassVar

from nb_mlops.core.event import stamp
from nb_mlops.core.printable import one_line
from nb_mlops.core.shown import Json, Shown

if TYPE_CHECKING:
    import pandas as pd

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
    asked: str = ""  # what was asked for, in words; empty: all of it
    events: int = 0  # how many there are in all

    @property
    def says_no(self) -> bool:
        """A broken chain."""
        return not self.whole

    @property
    def counted(self) -> str:
        """How many events of how many, and what was asked for."""
        if not self.asked:
            return f"{len(self.entries):,} events"
        return f"{len(self.entries):,} of {self.events:,} events ({self.asked})"

    @property
    def empty(self) -> str:
        """What stands in place of no entries."""
        return "no event is of that kind, time and person" if self.asked else "nothing yet"

    def to_text(self) -> str:
        """The story, a line per event."""
        state = "the chain of hashes holds" if self.whole else "THE CHAIN OF HASHES IS BROKEN: run nb-mlops verify"
        head = f"history of {self.name}: {self.counted}, {state}"
        return "\n".join([head, *(entry.to_text() for entry in self.entries)])

    def to_dict(self) -> dict[str, Json]:
        """The story as JSON."""
        return {
            "name": self.name,
            "whole": self.whole,
            "asked": self.asked,
            "events": self.events,
            "entries": [entry.to_dict() for entry in self.entries],
        }

    def to_pandas(self) -> pd.DataFrame:
        """A DataFrame with a row per event, `at` as UTC times."""
        import pandas as pd

        columns = ["sequence", "at", "actor", "act", "told", "said", "hash"]
        frame = pd.DataFrame([entry.to_dict() for entry in self.entries], columns=columns)
        return frame.assign(at=pd.to_datetime(frame["at"], utc=True))

    def export(self, path: str | os.PathLike[str]) -> None:
        """Writes it to a file by its ending: .csv (cells that a spreadsheet would run are defused), .json or .html."""
        assert Shown._exporter is not None, "the package's front door hands it in"
        Shown._exporter(self, os.fspath(path))
