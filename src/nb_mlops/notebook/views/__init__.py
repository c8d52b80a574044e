"""From a value to what a notebook shows of it: `html_of(value)`, one file per value, imported when first shown."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from nb_mlops.notebook.html import Html

# The value's `kind` (the middle of its MIME type) -> the file and function that draw it.
_VIEWS = {
    "version": "version:version_card",
    "rehearsal": "version:rehearsal",
    "validation-report": "validation:report",
    "decision": "decision:gate",
    "promotion": "promotion:promotion",
    "approval": "promotion:approval",
    "listing": "listing:listing",
    "model": "listing:model",
    "lineage": "lineage:lineage",
    "signature": "signature:signature",
    "signing": "signing:signing",
    "check-cell": "validation:check_cell",
    "history": "history:history",
    "history-entry": "history:entry",
    "as-of": "as_of:as_of",
    "checkpoint": "status:checkpoint",
    "comparison": "comparison:comparison",
    "card": "card:card",
    "dossier": "dossier:dossier",
    "dossier-page": "dossier_page:dossier_page",
    "status": "status:status",
    "verification": "status:verification",
    "diagnosis": "status:diagnosis",
    "help": "status:help_",
    "drift-report": "drift:report",
    "policy": "policy:policy",
    "policy-change": "policy:change",
    "finding": "governance:finding",
    "waiting": "governance:waiting",
    "named-data": "governance:named_data",
    "retirement": "governance:retirement",
}


def html_of(value: object) -> str | None:
    """The value as HTML for a notebook, everything in it escaped; None where there is no view of it."""
    made = drawn(value)
    return None if made is None else str(made)


def drawn(value: object) -> Html | None:
    """The same as `Html`, for what is made of several views."""
    place = _VIEWS.get(getattr(value, "kind", ""))
    if place is None:
        return None
    file, _, function = place.partition(":")
    made: Html = getattr(import_module(f"nb_mlops.notebook.views.{file}"), function)(value)
    return made
