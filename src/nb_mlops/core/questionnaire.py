"""One question of the assessment as it is shown."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from nb_mlops.core.shown import Json, Shown


@dataclass(frozen=True, slots=True, repr=False)
class Asked(Shown):
    """A question, and the answers there are."""

    kind: ClassVar[str] = "question"
    question: str
    asks: str
    answers: tuple[str, ...]

    def to_text(self) -> str:
        """One line."""
        return f"{self.question}: {self.asks} {' | '.join(self.answers)}"

    def to_dict(self) -> dict[str, Json]:
        """The question as JSON."""
        return {"question": self.question, "asks": self.asks, "answers": list(self.answers)}
