"""A model as people see it in lists: its name, stakes, owner, and what its aliases point to."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import ClassVar

from nb_mlops.core.event import stamp
from nb_mlops.core.shown import Json, Shown


@dataclass(frozen=True, slots=True, repr=False)
class Model(Shown):
    """A named line of versions."""

    kind: ClassVar[str] = "model"
    name: str
    stakes: str
    owner: str
    purpose: str
    latest: int  # the number of the newest version; 0 when none is left
    aliases: dict[str, int] = field(default_factory=dict)
    created_at: datetime | None = None
    state: str = "live"  # live, retired
    alerts: tuple[str, ...] = ()  # unreviewed emergencies and open critical findings: shown in red
    notes: tuple[str, ...] = field(default=(), compare=False)  # what the act that gave this model has to say

    def __str__(self) -> str:
        return self.name

    def to_text(self) -> str:
        """One line, and one per note."""
        pointing = ", ".join(f"{alias} → @{number}" for alias, number in sorted(self.aliases.items()))
        retired = ", retired" if self.state == "retired" else ""
        line = f"{self.name} ({self.stakes} stakes, newest @{self.latest}{retired})"
        line += f": {pointing}" if pointing else ""
        return "\n".join([line, *(f"  ✗ {alert}" for alert in self.alerts), *(f"  {note}" for note in self.notes)])

    def to_dict(self) -> dict[str, Json]:
        """The model as JSON."""
        aliases: dict[str, Json] = dict(self.aliases)
        return {
            "name": self.name,
            "stakes": self.stakes,
            "owner": self.owner,
            "purpose": self.purpose,
            "latest": self.latest,
            "aliases": aliases,
            "production": f"@{self.aliases['production']}" if "production" in self.aliases else None,
            "created_at": stamp(self.created_at) if self.created_at else None,
            "state": self.state,
            "alerts": list(self.alerts),
            "notes": list(self.notes),
        }
