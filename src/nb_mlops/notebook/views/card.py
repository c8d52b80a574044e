"""The model card: sections in order, what people wrote beside what is known; what only a person can say is marked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nb_mlops.core.annex_iv import CLAIM
from nb_mlops.notebook.html import (
    Html,
    badge,
    cut,
    facts,
    fold,
    heading,
    join,
    line,
    mark,
    muted,
    table,
    tag,
    view,
    whole,
)
from nb_mlops.notebook.markdown import markdown

if TYPE_CHECKING:
    from nb_mlops.core.card import Card, Section, Written


def card(value: Card) -> Html:
    """The card."""
    label = f"model card of {value.ref}"
    state = badge(f"{len(value.missing)} missing", "warn") if value.missing else badge("nothing missing", "good")
    notes = [line(note) for note in value.notes]
    return view(heading(label, state), *notes, sections(value), annex(value), label=label)


def sections(value: Card) -> Html:
    """All sections, a row each."""
    rows = [tag("tr", tag("th", one.title, scope="row"), tag("td", body(one))) for one in value.sections]
    return tag("table", tag("tbody", *rows), class_="card")


def body(section: Section) -> Html:
    """What stands in a section."""
    said = facts((cut(what, 80), cut(given, 600)) for what, given in section.lines)
    shown = [_table(one.title, one.head, one.rows) for one in section.tables]
    missing = tag("p", mark("warn", "missing"), " ", section.missing) if section.missing else None
    parts = [said or None, *shown, _written(section.written) if section.written else None, missing]
    return join(parts) if any(part is not None for part in parts) else muted("nothing known")


def annex(value: Card) -> Html:
    """The points of Annex IV, folded."""
    return fold("EU AI Act, Annex IV: where to look", points(value))


def points(value: Card) -> Html:
    """The points of Annex IV, and that this claims nothing."""
    head = ("point", "what it asks", "from", "where", "here")
    rows = ((number, asks, whole(by), where, here) for number, asks, by, where, here in value.annex())
    return join([line(muted(CLAIM)), table(head, rows)])


def _table(title: str, head: tuple[str, ...], rows: tuple[tuple[str, ...], ...]) -> Html:
    return join([line(muted(cut(title, 120))), table(head, ([cut(cell, 200) for cell in row] for row in rows))])


def _written(written: Written) -> Html | None:
    if not written.text and not written.erased:
        return None
    return tag("div", line(muted(f"written by {written.about}")), markdown(written.text) if written.text else None)
