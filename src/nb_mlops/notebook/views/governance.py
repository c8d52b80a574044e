"""A finding, something that waits, a named data set, the end of a version: one small view each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nb_mlops.notebook.html import Html, Tone, badge, cut, facts, heading, line, muted, notes, tag, view
from nb_mlops.notebook.views.words import time_text

if TYPE_CHECKING:
    from nb_mlops.core.finding import Finding
    from nb_mlops.core.named_data import NamedData
    from nb_mlops.core.retirement import Retirement
    from nb_mlops.core.waiting import Waiting

_TONES: dict[str, Tone] = {"critical": "bad", "major": "warn", "minor": "plain"}


def finding(found: Finding) -> Html:
    """The question, and its answer where there is one."""
    state = badge("open", "warn") if found.is_open else badge("closed", "good")
    rows = [
        ("opened", f"{time_text(found.opened_at)} by {found.opened_by}"),
        ("owner", found.owner),
        ("due", f"{found.due:%Y-%m-%d}" if found.due else ""),
        ("closed", f"{time_text(found.closed_at)} by {found.closed_by}" if found.closed_at else ""),
    ]
    return view(
        heading(f"finding #{found.number} on {found.ref}", badge(found.severity, _TONES[found.severity]), state),
        line(f"“{cut(found.title, 1000)}”"),
        facts(rows),
        line(f"answer: “{cut(found.answer, 1000)}”") if found.answer else None,
        label=f"finding {found.number}",
    )


def waiting(one: Waiting) -> Html:
    """What waits, and what to run."""
    due = badge(f"due {one.due:%Y-%m-%d %H:%M}", "warn") if one.due else None
    return view(
        heading(f"{one.what}: {one.ref}", due),
        line(f"“{cut(one.comment, 500)}”") if one.comment else None,
        tag("p", muted(f"{one.actor}, {time_text(one.at)}")),
        tag("p", tag("code", one.how)),
        label=f"{one.what} of {one.ref}",
    )


def named_data(data: NamedData) -> Html:
    """The name and what it means."""
    rows = [("rows", f"{data.rows:,}"), ("fingerprint", data.data[:16] + "…"), ("about", cut(data.about, 300))]
    by = f"named by {data.actor}, {time_text(data.at)}"
    return view(heading(f"data {data.name}"), facts(rows), tag("p", muted(by)), label=f"data {data.name}")


def retirement(end: Retirement) -> Html:
    """Whether it is done, and who used it lately."""
    state = badge("retired", "plain") if end.done else badge("not retired yet", "warn")
    ask = None if end.done else line("If nobody needs it any more, say so: ", tag("code", "--yes"))
    blind = "Who loads it is not put on record at low stakes: ask around."
    told = notes(f"used lately: {use}" for use in end.uses)
    unknown = line(muted(blind)) if not end.uses and not end.recorded else None
    return view(heading(end.ref, state), told, unknown, ask, label=f"retirement of {end.ref}")
