"""Versions side by side: all metrics, what differs in the rest, and the code's diff."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

from nb_mlops.notebook.html import Html, cut, fold, heading, join, line, muted, table, tag, text, view

if TYPE_CHECKING:
    from nb_mlops.core.comparison import Comparison, Line

_MOST_LINES = 40  # of one section; a new environment may change hundreds of packages
_MOST_DIFF = 300  # lines of the code's diff


def comparison(compared: Comparison) -> Html:
    """The comparison."""
    title = " and ".join(compared.refs) if len(compared.refs) == 2 else ", ".join(compared.refs)
    return view(heading(title), differing(compared), explained(compared), label=f"comparison of {title}")


def differing(compared: Comparison) -> Html | None:
    """The table of what differs, and all metrics."""
    sections = [_section(name, list(lines)) for name, lines in groupby(compared.lines, key=lambda line: line.section)]
    rows = [row for section in sections for row in section]
    return table(["", "", *compared.refs], rows) if rows else None


def explained(compared: Comparison) -> Html:
    """How much is the same, and the code's diff."""
    same = len(compared.lines) - len(compared.differing)
    told = line(muted(f"{same} more values are the same in all.")) if same else None
    return join([told, _diff(compared)])


def _section(name: str, lines: list[Line]) -> list[list[object]]:
    """The rows of one section: every metric, of the others only what differs; marked where it does."""
    chosen = [line for line in lines if line.differs or name == "metrics"]
    rows = [_row(name if at == 0 else "", line) for at, line in enumerate(chosen[:_MOST_LINES])]
    if len(chosen) > _MOST_LINES:
        rows.append(["", muted(f"and {len(chosen) - _MOST_LINES} more that differ"), *[""] * len(lines[0].values)])
    return rows


def _row(section: str, line: Line) -> list[object]:
    cells = [muted("–") if value is None else _strong(cut(value, 80), line.differs) for value in line.values]
    return [section, cut(line.name, 60), *cells]


def _strong(value: str, differs: bool) -> Html:
    return text(value) if differs else muted(value)


def _diff(compared: Comparison) -> Html:
    if not compared.code:
        return line(muted("The code is the same, or one of them is not known."))
    lines = compared.code.splitlines()
    shown = join([_diff_line(one) for one in lines[:_MOST_DIFF]], "\n")
    more = f"\n… {len(lines) - _MOST_DIFF} lines more" if len(lines) > _MOST_DIFF else None
    return fold(f"the code, from {compared.refs[0]} to {compared.refs[-1]}", tag("pre", shown, more), is_open=True)


def _diff_line(source: str) -> Html:
    tone = {"+": "good", "-": "bad"}.get(source[:1], "") if not source.startswith(("+++", "---")) else ""
    return tag("span", cut(source, 300), class_=tone) if tone else text(cut(source, 300))
