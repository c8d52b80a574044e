"""What a registration that a person stopped leaves behind: two lines, and the fit."""

from __future__ import annotations

from nb_mlops.core.printable import printable


class Interrupted(KeyboardInterrupt):
    """A KeyboardInterrupt while a fitted model was packed; `except Exception` lets it pass as any interrupt."""

    def __init__(self, line: str) -> None:
        self.lines = [
            "Interrupted before it was stored.",
            f"The fit is done: %register {printable(line.strip())} registers it.",
        ]
        super().__init__("\n".join(self.lines))

    def _render_traceback_(self) -> list[str]:
        """What IPython shows in place of a traceback (IPython calls it by this name)."""
        return self.lines
