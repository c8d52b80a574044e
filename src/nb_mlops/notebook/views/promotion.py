"""What the verbs that move and sign answer: one sentence, who and when, and what to know."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nb_mlops.notebook.html import Html, Tone, badge, cut, facts, fold, heading, line, muted, notes, tag, view
from nb_mlops.notebook.views.decision import requirements
from nb_mlops.notebook.views.words import time_text

if TYPE_CHECKING:
    from nb_mlops.core.promotion import Approval, Promotion

_VERDICTS: dict[str, tuple[str, Tone]] = {
    "requested": ("asked for", "plain"),
    "approved": ("approved", "good"),
    "rejected": ("rejected", "bad"),
}
_ADVISORY = "advisory: this registry takes the machine's word for who you are"


def promotion(moved: Promotion) -> Html:
    """A promotion or a rollback, with the decision behind it."""
    asked = requirements(moved.decision)
    return view(
        heading(f"{moved.ref} → {moved.alias}", badge(_word(moved), _tone(moved))),
        tag("p", muted(_about(moved))),
        fold(_why(moved), asked, is_open=moved.decision.broken_glass) if asked and moved.moved else None,
        notes(moved.notes),
        label=f"{moved.ref} to {moved.alias}",
    )


def approval(signed: Approval) -> Html:
    """A request, an approval or a rejection."""
    word, tone = _VERDICTS.get(signed.verdict, (signed.verdict, "plain"))
    return view(
        heading(f"{signed.ref} → {signed.alias}", badge(word, tone)),
        line(f"“{cut(signed.comment, 500)}”") if signed.comment else None,
        facts((name, cut(said.strip(), 300)) for name, _, said in (one.partition("  ") for one in signed.signed)),
        tag("p", muted(f"by {signed.actor}, {time_text(signed.at)}, in {signed.registry}")),
        tag("p", muted(_ADVISORY)) if signed.advisory else None,
        label=f"{word} {signed.ref}",
    )


def _word(moved: Promotion) -> str:
    if not moved.moved:
        return f"is {moved.alias} already; nothing was done"
    if moved.decision.broken_glass:
        return "promoted by broken glass"
    return "rolled back" if moved.verb == "rolled_back" else "promoted"


def _tone(moved: Promotion) -> Tone:
    if moved.decision.broken_glass:
        return "bad"
    return "good" if moved.moved else "plain"


def _why(moved: Promotion) -> str:
    return "the gate was closed" if moved.decision.broken_glass else "why the gate was open"


def _about(moved: Promotion) -> str:
    before = f"before: {moved.previous} · " if moved.previous else ""
    return f"{before}by {moved.actor}, {time_text(moved.at)}, in {moved.registry}"
