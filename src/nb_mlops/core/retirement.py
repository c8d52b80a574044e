"""The end of a version or a model: who used it lately, and whether it is done."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from nb_mlops.core.printable import one_line
from nb_mlops.core.shown import Json, Shown


@dataclass(frozen=True, slots=True, repr=False)
class Retirement(Shown):
    """What retires, and what used it in the last 90 days."""

    kind: ClassVar[str] = "retirement"
    ref: str
    done: bool
    uses: tuple[str, ...]  # aliases, notebooks, servers, programs
    recorded: bool  # whether uses are put on record at these stakes

    @property
    def says_no(self) -> bool:
        """It was asked, and not done."""
        return not self.done

    def to_text(self) -> str:
        """What was found, and how to go on."""
        lines = [f"{self.ref} is retired: its record stays" if self.done else f"{self.ref} is NOT retired yet"]
        lines += [f"  used lately: {one_line(use, most=300)}" for use in self.uses]
        if not self.uses and not self.recorded:
            lines.append("  who loads it is not put on record at low stakes: ask around")
        if not self.done:
            lines.append("  if nobody needs it any more, say so: --yes (Python: yes=True)")
        return "\n".join(lines)

    def to_dict(self) -> dict[str, Json]:
        """The outcome as JSON."""
        return {"ref": self.ref, "done": self.done, "uses": list(self.uses), "recorded": self.recorded}
