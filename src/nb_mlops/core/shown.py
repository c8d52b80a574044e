"""A result is a value that shows itself: as text and JSON from here, as HTML by the renderer of the notebook room.

`core` draws nothing: the package's front door hands in the renderer with `render_with` (and what draws interactive
figures with `figure_with`), so that a result is readable in a notebook whether or not the magics were loaded.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from nb_mlops.core.errors import Unsupported
from nb_mlops.core.printable import printable

Json = None | bool | int | float | str | list["Json"] | dict[str, "Json"]
Renderer = Callable[[object], str | None]
Drawer = Callable[[object], object]
Exporter = Callable[["Shown", str], None]


class Shown:
    """A value with `to_text()` and `to_dict()`; Jupyter shows it as HTML where it can."""

    kind: ClassVar[str]  # 'version', 'drift-report': the middle of its MIME type
    _renderer: ClassVar[Renderer | None] = None
    _drawer: ClassVar[Drawer | None] = None
    _exporter: ClassVar[Exporter | None] = None

    def to_text(self) -> str:
        """The value as plain text, for terminals and logs."""
        raise NotImplementedError

    def to_dict(self) -> dict[str, Json]:
        """The value as JSON, for code and CI."""
        raise NotImplementedError

    @property
    def says_no(self) -> bool:
        """Whether the answer is a no: a closed gate, a failed check, an alarm. A command then ends with exit code 1."""
        return False

    def to_html(self) -> str:
        """The value as HTML for a page or a mail, all text in it escaped; empty where nothing draws it."""
        return (Shown._renderer(self) if Shown._renderer else None) or ""

    def figure(self) -> object:
        """An interactive Plotly figure of the value; raises Unsupported where there is none or plotly is missing."""
        figure = Shown._drawer(self) if Shown._drawer else None
        if figure is None:
            raise Unsupported(f"There is no interactive figure of a {self.kind}.", "Its text and HTML views show it.")
        return figure

    def __repr__(self) -> str:
        return printable(self.to_text())

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, Any]:
        """What Jupyter asks a result for: text always, HTML where a renderer is known, JSON for CI."""
        bundle: dict[str, Any] = {"text/plain": repr(self)}
        html = Shown._renderer(self) if Shown._renderer else None
        if html is not None:
            bundle["text/html"] = html
        bundle[f"application/vnd.nb-mlops.{self.kind}+json"] = self.to_dict()
        return bundle


def render_with(renderer: Renderer) -> None:
    """Makes `renderer` (a value to HTML, or None where it has no view) the one for all results."""
    Shown._renderer = renderer


def export_with(exporter: Exporter) -> None:
    """Makes `exporter` (a value into a file) the one for all results that can be exported."""
    Shown._exporter = exporter


def figure_with(drawer: Drawer) -> None:
    """Makes `drawer` (a value to a Plotly figure, or None where it has none) the one for all results."""
    Shown._drawer = drawer
