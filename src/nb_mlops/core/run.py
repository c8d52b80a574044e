"""How a notebook that ran unattended came out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from nb_mlops.core.errors import NotebookFailed
from nb_mlops.core.shown import Json, Shown


@dataclass(frozen=True, slots=True, repr=False)
class Run(Shown):
    """One execution of a notebook: where it lies, how long it took, and where it stopped if it did."""

    kind: ClassVar[str] = "run"
    notebook: str
    output: str  # the executed notebook, kept whether or not it passed
    cells: int
    seconds: float
    failed_cell: int | None = None  # 1, 2, 3 ...: the cell that raised
    error: str = ""  # the error's class, as in GateClosed
    reason: str = ""  # what it said

    @property
    def passed(self) -> bool:
        """Whether every cell ran."""
        return self.failed_cell is None

    @property
    def says_no(self) -> bool:
        """A notebook that stopped."""
        return not self.passed

    def raise_if_failed(self) -> Run:
        """The run itself when it passed; raises NotebookFailed with the cell's own reason otherwise."""
        if self.passed:
            return self
        where = f"cell {self.failed_cell} of {self.cells}" if self.failed_cell else "before its first cell"
        message = f"{self.notebook} stopped at {where}: {self.error}: {self.reason}"
        raise NotebookFailed(message, f"The executed notebook shows it: {self.output}")

    def to_text(self) -> str:
        """One line."""
        if self.passed:
            return f"✓ {self.notebook}: {self.cells} cells in {self.seconds:.1f} s → {self.output}"
        return (
            f"✗ {self.notebook}: cell {self.failed_cell} of {self.cells}: {self.error}: {self.reason} → {self.output}"
        )

    def to_dict(self) -> dict[str, Json]:
        """The run as JSON."""
        return {
            "notebook": self.notebook,
            "output": self.output,
            "passed": self.passed,
            "cells": self.cells,
            "seconds": self.seconds,
            "failed_cell": self.failed_cell,
            "error": self.error,
            "reason": self.reason,
        }
