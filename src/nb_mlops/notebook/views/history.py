"""A model's history as a table: who did what when, and what they said."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nb_mlops.notebook.html import MOST_ROWS, Html, badge, cut, heading, line, muted, table, tag, view, whole

if TYPE_CHECKING:
    from nb_mlops.core.history import Entry, History


def history(told: History) -> Html:
    """The history, as far as a cell shows it."""
    return _history(told, MOST_ROWS)


def whole_history(told: History) -> Html:
    """Every entry, with all that was said: for a file."""
    return _history(told, len(told.entries), text=20_000)


def _history(told: History, most: int, *, text: int = 300) -> Html:
    whole = badge("the chain of hashes holds", "good")
    broken = badge("the chain of hashes is broken: run nb-mlops verify", "bad")
    counted = line(muted(told.counted)) if told.asked else None
    return view(
        heading(f"history of {told.name}", whole if told.whole else broken),
        counted,
        _table(told.entries, most=most, text=text) if told.entries else line(muted(told.empty)),
        label=f"history of {told.name}",
    )


def entry(told: Entry) -> Html:
    """One event."""
    return view(_table((told,)), label="an event")


def _table(entries: tuple[Entry, ...], *, most: int = MOST_ROWS, text: int = 300) -> Html:
    head = ["", "when (UTC)", "who", "what", "said", ""]
    return table(head, (_row(entry, text) for entry in entries), numeric=(0,), most=most)


def _row(entry: Entry, most: int) -> list[object]:
    said = f"“{cut(entry.said, most)}”" if entry.said else ""
    when, link = whole(f"{entry.at:%Y-%m-%d %H:%M}"), muted(tag("code", entry.hash[:8]))
    return [entry.sequence, when, cut(entry.actor, 60), cut(entry.told, most), said, link]
