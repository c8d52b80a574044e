"""What `--dry-run` shows: the version a registration would make, every file it would store, and where."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from nb_mlops.core.shown import Json, Shown
from nb_mlops.core.version import short


@dataclass(frozen=True, slots=True, repr=False)
class Rehearsal(Shown):
    """A registration that was not done; nothing of it is kept."""

    kind: ClassVar[str] = "rehearsal"
    ref: str  # what the version would be called
    registry: str
    estimator: str
    format: str
    unchanged: bool  # the registry's newest version of this model is the same already
    stored: Mapping[str, int] = field(default_factory=dict)  # what would be stored -> bytes
    columns: tuple[str, ...] = ()
    cells: int = 0  # of the notebook's code
    metrics: Mapping[str, Any] = field(default_factory=dict)
    params: Mapping[str, Any] = field(default_factory=dict)
    tags: Mapping[str, Any] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    @property
    def size_bytes(self) -> int:
        """All that would be stored."""
        return sum(self.stored.values())

    def to_text(self) -> str:
        """What, how much and where."""
        verb = "is there already, unchanged" if self.unchanged else "would be made"
        parts = [f"{name} {size:,} B" for name, size in self.stored.items()]
        lines = [
            f"dry run: {self.ref} {verb} in {self.registry}; nothing was stored",
            f"  {self.estimator} as {self.format}, {self.size_bytes:,} bytes: {', '.join(parts)}",
            f"  columns: {', '.join(self.columns[:20]) or 'unknown'}; code: {self.cells} cells",
        ]
        for word, values in (("reported", self.metrics), ("parameters", self.params), ("tags", self.tags)):
            if values:
                lines.append(f"  {word}: " + ", ".join(f"{key} {short(value)}" for key, value in values.items()))
        return "\n".join([*lines, *(f"  {note}" for note in self.notes)])

    def to_dict(self) -> dict[str, Json]:
        """The rehearsal as JSON."""
        return {
            "ref": self.ref,
            "registry": self.registry,
            "estimator": self.estimator,
            "format": self.format,
            "unchanged": self.unchanged,
            "stored": dict(self.stored),
            "size_bytes": self.size_bytes,
            "columns": list(self.columns),
            "cells": self.cells,
            "metrics": dict(self.metrics),
            "params": dict(self.params),
            "tags": dict(self.tags),
            "notes": list(self.notes),
        }
