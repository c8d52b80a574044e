"""A gate: one row per requirement, what is there, and how to supply what is missing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nb_mlops.notebook.html import Html, badge, cut, heading, join, line, mark, table, tag, view

if TYPE_CHECKING:
    from nb_mlops.core.decision import Decision, Reason


def gate(decision: Decision) -> Html:
    """The decision."""
    verdict = badge(decision.state, "good" if decision.allowed else "bad")
    stakes = badge(f"{decision.stakes} stakes") if decision.stakes else None
    return view(
        heading(f"gate {decision.ref} → {decision.alias}", verdict, stakes),
        requirements(decision) or line("Nothing is asked at these stakes."),
        label=f"gate of {decision.ref}",
    )


def requirements(decision: Decision) -> Html | None:
    """The table of requirements, or None where there is none."""
    if not decision.reasons:
        return None
    return table(["", "asked for", "found", "how to supply it"], map(_row, decision.reasons), named=False)


def _row(reason: Reason) -> list[object]:
    sign = mark("good", "met") if reason.met else mark("bad", "missing")
    return [sign, reason.requirement, cut(reason.detail, 300), "" if reason.met else _how(reason.how)]


def _how(how: str) -> Html:
    """The sentence, the magic in it set as code."""
    at = how.find("%")
    return join([how]) if at < 0 else join([how[:at], tag("code", how[at:])])
