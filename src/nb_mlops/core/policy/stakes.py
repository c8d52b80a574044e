"""How much depends on a model: low, medium or high. Stakes choose the ceremony."""

from __future__ import annotations

from typing import Literal, get_args

from nb_mlops.core.errors import BadInput, near

Stakes = Literal["low", "medium", "high"]
LEVELS: tuple[Stakes, ...] = get_args(Stakes)


def stakes(text: str) -> Stakes:
    """The stakes level that `text` names; raises BadInput."""
    for level in LEVELS:
        if text == level:
            return level
    raise BadInput(
        f"{str(text)[:40]!r} is not a stakes level.", f"{near(str(text), LEVELS)} low, medium or high.".strip()
    )


def is_higher(one: Stakes, other: Stakes) -> bool:
    """Whether `one` asks for more than `other`."""
    return LEVELS.index(one) > LEVELS.index(other)
