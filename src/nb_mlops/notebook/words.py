"""The words after a verb of %mlops: how many there may be, and what to say when they are not clear."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from nb_mlops.core.errors import BadInput
from nb_mlops.notebook.vocabulary import MLOPS_OPTIONS, MLOPS_VERBS

if TYPE_CHECKING:
    from nb_mlops.notebook.magics import Call


def words_of(call: Call, *, least: int = 0, most: int) -> list[str]:
    """The words after the verb; raises BadInput where there are too few or too many."""
    words: list[str] = call.parsed.words
    if least <= len(words) <= most:
        return words
    verb = call.parsed.verb or "status"
    many = "more" if len(words) < least else "fewer"
    raise BadInput(f"%mlops {verb} takes {many} words.", f"%mlops {verb}: {MLOPS_VERBS.get(verb, '')}")


def no_more(call: Call, words: Sequence[str]) -> None:
    """Raises BadInput where words are left over."""
    if words:
        raise asked(call, words[0])


def asked(call: Call, word: str) -> BadInput:
    """The error for a word that is not clear after this verb."""
    verb = call.parsed.verb or "status"
    return BadInput(f"%mlops {verb}: {word!r} is not clear.", f"%mlops {verb}: {MLOPS_VERBS.get(verb, '')}")


def refuse_others(call: Call, verb: str) -> None:
    """Raises BadInput for an option that this verb of %mlops does not take: nothing that was typed is dropped."""
    takes = MLOPS_OPTIONS[verb]
    for option in call.parsed.spec.options:
        if option.names[0] not in takes and call.parsed.values[option.key]:
            hint = f"It takes {', '.join(takes)}." if takes else f"%mlops {verb}: {MLOPS_VERBS[verb]}"
            raise BadInput(f"%mlops {verb} has no option {option.names[0]}.", hint)
