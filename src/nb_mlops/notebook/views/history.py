"""A model's history as a table: who did what when, and what they said."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nb_mlops.notebook.html import Html, badge, cut, heading, line, muted, table, tag, view, whole

if TYPE_CHECKING:
    from nb_mlops.core.history import Entry, History


def history(told: History) -> Html:
    """The whole history."""
    whole = badge("the chain of hashes holds", "good")
    broken = badge("the chain of hashes is broken: run nb-mlops verify", "bad")
    return view(
        heading(f"history of {told.name}", whole if told.whole else broken),
        _table(told.entries) if told.entries else line(muted("nothing yet")),
        label=f"history of {told.name}",
    )


def entry(told: Entry) -> Html:
    """One event."""
    return view(_table((told,)), label="an event")


def _table(entries: tuple[Entry, ...]) -> Html:
    return table(["", "when (UTC)", "who", "what", "said", ""], map(_row, entries), numeric=(0,))


def _row(entry: Entry) -> list[object]:
    said = f"“{cut(entry.said, 300)}”" if entry.said else ""
    when, link = whole(f"{entry.at:%Y-%m-%d %H:%M}"), muted(tag("code", entry.hash[:8]))
    return [entry.sequence, when, cut(entry.actor, 60), cut(entry.told, 300), said, link]
