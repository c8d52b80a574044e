"""From a value to an interactive Plotly figure: `figure_of(value)`, one file per value, imported when asked for."""

from __future__ import annotations

from importlib import import_module
from typing import Any

# The value's `kind` -> the file whose `figure` draws it.
_FIGURES = {"drift-report": "drift"}


def figure_of(value: object) -> Any:
    """The value as a Plotly figure; None where there is none."""
    file = _FIGURES.get(getattr(value, "kind", ""))
    return import_module(f"nb_mlops.notebook.figures.{file}").figure(value) if file else None
