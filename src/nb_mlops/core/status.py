"""Where we are: the registry, who acts, and how far its governance can be trusted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from nb_mlops.core.shown import Json, Shown
from nb_mlops.core.spelling import spelled

_UNWATCHED = "no: %load_ext nb_mlops starts it"
_SENDS = ": %mlops outbox push sends them"


@dataclass(frozen=True, slots=True, repr=False)
class Status(Shown):
    """What `%mlops status` prints."""

    kind: ClassVar[str] = "status"
    registry: str
    chosen_by: str
    actor: str
    actor_source: str
    governance: str
    models: int
    parcels: int  # packages waiting in the outbox
    last: str | None  # this session's last registration
    watching: bool  # the magics are loaded: fits and cells are seen
    hints: tuple[str, ...] = ()

    def to_text(self) -> str:
        """One line for each."""
        lines = [
            f"registry    {self.registry} ({self.chosen_by})",
            f"you are     {self.actor} ({self.actor_source})",
            f"governance  {self.governance}",
            f"models      {self.models:,}",
            f"outbox      {self.parcels} waiting{spelled(_SENDS) if self.parcels else ''}",
            f"last        {self.last or 'nothing registered in this session'}",
            f"watching    {'cells and fits of this notebook' if self.watching else spelled(_UNWATCHED)}",
        ]
        return "\n".join([*lines, *self.hints])

    def to_dict(self) -> dict[str, Json]:
        """The status as JSON."""
        return {
            "registry": self.registry,
            "chosen_by": self.chosen_by,
            "actor": self.actor,
            "actor_source": self.actor_source,
            "governance": self.governance,
            "models": self.models,
            "parcels": self.parcels,
            "last": self.last,
            "watching": self.watching,
            "hints": list(self.hints),
        }
