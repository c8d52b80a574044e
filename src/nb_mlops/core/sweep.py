"""What `gc` found and removed: bytes that no version names."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from nb_mlops.core.shown import Json, Shown


@dataclass(frozen=True, slots=True, repr=False)
class Sweep(Shown):
    """Leftovers of registrations that were cut off."""

    kind: ClassVar[str] = "sweep"
    registry: str
    kept: int  # blobs that versions name
    removed: int  # unfinished files and unnamed blobs that are gone now
    unnamed: int  # blobs that no version named, before anything was removed
    grace_hours: float  # younger ones stay: a registration may be about to name them
    ended: tuple[str, ...] = ()  # versions that ended, and whose bytes need not be kept any longer

    def to_text(self) -> str:
        """One line."""
        young = f"; what is younger than {self.grace_hours:g} h stays"
        line = f"{self.registry}: {self.kept} blobs in use, {self.unnamed} unnamed, {self.removed} removed{young}"
        return "\n".join([line, *(f"  no longer kept: {ref}" for ref in self.ended)])

    def to_dict(self) -> dict[str, Json]:
        """The sweep as JSON."""
        return {
            "registry": self.registry,
            "kept": self.kept,
            "removed": self.removed,
            "unnamed": self.unnamed,
            "grace_hours": self.grace_hours,
            "ended": list(self.ended),
        }
