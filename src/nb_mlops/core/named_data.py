"""A data set that has a name in the registry."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from nb_mlops.core.event import stamp
from nb_mlops.core.printable import one_line
from nb_mlops.core.shown import Json, Shown


@dataclass(frozen=True, slots=True, repr=False)
class NamedData(Shown):
    """The name, how many rows, and the fingerprint that they are known again by."""

    kind: ClassVar[str] = "named-data"
    name: str
    rows: int
    data: str
    actor: str
    at: datetime
    about: str = ""

    def to_text(self) -> str:
        """One line."""
        about = f": {one_line(self.about, most=400)}" if self.about else ""
        return f"{self.name}: {self.rows:,} rows, fingerprint {self.data[:16]}…, named by {self.actor}{about}"

    def to_dict(self) -> dict[str, Json]:
        """The name as JSON."""
        return {
            "name": self.name,
            "rows": self.rows,
            "data": self.data,
            "actor": self.actor,
            "at": stamp(self.at),
            "about": self.about,
        }
