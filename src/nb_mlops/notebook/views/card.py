"""The model card: sections in order; what only a person can say is marked as missing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nb_mlops.notebook.html import Html, cut, facts, heading, join, mark, muted, tag, view

if TYPE_CHECKING:
    from nb_mlops.core.card import Card, Section


def card(value: Card) -> Html:
    """The card."""
    rows = [tag("tr", tag("th", one.title, scope="row"), tag("td", _body(one))) for one in value.sections]
    label = f"model card of {value.ref}"
    return view(heading(label), tag("table", tag("tbody", *rows), class_="card"), label=label)


def _body(section: Section) -> Html:
    said = facts((cut(what, 80), cut(given, 600)) for what, given in section.lines)
    missing = tag("p", mark("warn", "missing"), " ", section.missing) if section.missing else None
    empty = muted("nothing known") if not section.lines and not section.missing else None
    return join([said, missing, empty])
