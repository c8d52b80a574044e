"""A dossier that was written: where it is, its sha256, and what is in it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nb_mlops.notebook.html import Html, facts, fold, heading, line, muted, table, tag, view
from nb_mlops.notebook.views.words import size_text

if TYPE_CHECKING:
    from nb_mlops.core.dossier import Dossier


def dossier(value: Dossier) -> Html:
    """The dossier."""
    rows = [(tag("code", name), size_text(size)) for name, size in value.files]
    return view(
        heading(f"dossier of {value.ref}"),
        facts(
            [
                ("file", tag("code", value.path)),
                ("sha256", tag("code", value.sha256)),
                ("of", value.state),
            ]
        ),
        *(line(muted(note)) for note in value.notes),
        fold(f"{len(value.files)} files, {size_text(value.size_bytes)}", table(("file", "size"), rows, numeric=(1,))),
        label=f"dossier of {value.ref}",
    )
