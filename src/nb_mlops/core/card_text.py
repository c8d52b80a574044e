"""What a person writes into a model card: which sections wait for a person, and what counts as written."""

from __future__ import annotations

import re

# Sections that only a person can fill, by the name they have in a policy and in `%%card`.
PERSON_SECTIONS = ("intended_use", "limits", "ethics", "oversight")

# Every section that a person may write into; the others are filled by the registry, and may be commented on.
SECTIONS = (*PERSON_SECTIONS, "factors", "training_data", "evaluation_data", "monitoring")

_PLACEHOLDER = re.compile(
    r"(?:n\s*/?\s*a|none|nil|no|yes|ok|tbd|tba|tbc|todo|fixme|fill (?:me|this) in"
    r"|to be (?:done|defined|filled|completed)|lorem ipsum.*|placeholder"
    r"|test|text|description|unknown|see above|same|-+|\.+|\?+|x+)",
    re.IGNORECASE,
)


def is_filled(text: str) -> bool:
    """Whether a text says something: a placeholder such as `n/a`, `todo` or `...` counts as empty.

    >>> is_filled("TBD."), is_filled("Ranks applications for a call back; never declines one.")
    (False, True)
    """
    words = " ".join(re.sub(r"[^\w\s/.?-]", " ", text).split()).strip(" .")
    return len(re.findall(r"\w", words)) >= 3 and not _PLACEHOLDER.fullmatch(words)
