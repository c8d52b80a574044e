"""From a value to what a notebook shows of it: `html_of(value)`, one file per value, imported when first shown."""

from __future__ import annotations

from importlib import import_module

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
    "history": "history:history",
    "history-entry": "history:entry",
    "as-of": "as_of:as_of",
    "checkpoint": "status:checkpoint",
    "comparison": "comparison:comparison",
    "card": "card:card",
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
    place = _VIEWS.get(getattr(value, "kind", ""))
    if place is None:
        return None
    file, _, function = place.partition(":")
    made = getattr(import_module(f"nb_mlops.notebook.views.{file}"), function)(value)
    return str(made)
