"""What is being signed: the facts an approval is bound to, the gate, and what would change."""

from __future__ import annotations

from typing import TYPE_CHECKING

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
    tag,
    text,
    view,
    whole,
)
from nb_mlops.notebook.views.comparison import differing, explained
from nb_mlops.notebook.views.decision import requirements
from nb_mlops.notebook.views.words import time_text

if TYPE_CHECKING:
    from nb_mlops.core.signing import Evidence, Signing


def signing(value: Signing) -> Html:
    """All that is signed, and the gate beside it."""
    return view(
        heading(f"{value.ref} → {value.alias}", badge("to be signed"), badge(f"{value.stakes} stakes")),
        facts(
            [
                ("artifact", join([tag("code", value.artifact[:16], title=value.artifact), muted(f"  {value.form}")])),
                ("made", value.made_by),
                ("evidence", join([tag("p", _evidence(one)) for one in value.evidence]) or muted("none yet")),
                ("card", join([tag("p", cut(one, 400)) for one in value.card])),
            ]
        ),
        requirements(value.decision) or line(muted("Nothing is asked at these stakes.")),
        _differences(value),
        label=f"to sign: {value.ref} for {value.alias}",
    )


def _evidence(one: Evidence) -> Html:
    sign = mark("good", "passed") if one.passed else mark("bad", "failed")
    return join([sign, " ", text(cut(one, 200)), muted(", ", whole(time_text(one.at)))])


def _differences(value: Signing) -> Html:
    if value.differences is None:
        return line(muted(value.about_differences))
    against, count = value.differences.refs[0], len(value.differences.differing)
    told = "1 value differs" if count == 1 else f"{count} values differ"
    return fold(
        f"{told} from {against}, which is {value.alias} now", differing(value.differences), explained(value.differences)
    )
