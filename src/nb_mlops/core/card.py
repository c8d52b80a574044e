"""A model card that writes itself from what is known; what only a person can say is marked as missing.

The sections are those of Mitchell et al., "Model Cards for Model Reporting" (FAT* 2019).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from nb_mlops.core.printable import one_line
from nb_mlops.core.shown import Json, Shown

_WHOLE = 20_000  # no longer text can be stored


@dataclass(frozen=True, slots=True)
class Section:
    """One section: lines of what is known, and what a person has to add."""

    title: str
    lines: tuple[tuple[str, str], ...] = ()  # (what, value)
    missing: str = ""  # what only a person can say, and has not


@dataclass(frozen=True, slots=True, repr=False)
class Card(Shown):
    """The card of one version."""

    kind: ClassVar[str] = "card"
    ref: str
    sections: tuple[Section, ...]

    def to_text(self) -> str:
        """The card as plain text."""
        lines = [f"model card of {self.ref}"]
        for section in self.sections:
            lines += ["", section.title]
            lines += [one_line(f"  {what}: {value}", most=_WHOLE) for what, value in section.lines]
            if section.missing:
                lines.append(f"  ({section.missing})")
        return "\n".join(lines)

    def to_dict(self) -> dict[str, Json]:
        """The card as JSON."""
        sections: list[Json] = [
            {"title": one.title, "lines": [list(line) for line in one.lines], "missing": one.missing}
            for one in self.sections
        ]
        return {"ref": self.ref, "sections": sections}
