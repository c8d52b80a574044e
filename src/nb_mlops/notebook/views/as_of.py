"""An alias on a past day: what stood there, and what it stood on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nb_mlops.notebook.html import Html, badge, cut, facts, fold, heading, join, notes, tag, view
from nb_mlops.notebook.views.decision import requirements

if TYPE_CHECKING:
    from nb_mlops.core.as_of import AsOf


def as_of(told: AsOf) -> Html:
    """The answer, a line for each thing, and the gate as it was when it opened."""
    gate = requirements(told.decision) if told.decision else None
    return view(
        heading(told.title, badge(f"{told.stakes} stakes") if told.stakes else None),
        facts(_joined(told.lines())),
        fold("the gate when it was promoted", gate) if gate else None,
        notes(told.notes),
        label=told.title,
    )


def _joined(lines: list[tuple[str, str]]) -> list[tuple[str, object]]:
    """Lines of one name under each other."""
    names = dict.fromkeys(name for name, _ in lines)
    return [(name, _stacked([cut(text, 2_000) for each, text in lines if each == name])) for name in names]


def _stacked(texts: list[str]) -> object:
    return texts[0] if len(texts) == 1 else join([tag("div", text) for text in texts])
