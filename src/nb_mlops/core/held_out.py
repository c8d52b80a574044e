"""Whether rows are held out: told by the fingerprint of the data, and by the rows that are in the training data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from nb_mlops.core.measures import OVERLAP

MOST_OVERLAP = 0.5  # of the rows are in the training data: beyond, they are that data under another name or order


def why_not_held_out(data: object, metrics: Mapping[str, Any], trained_on: Sequence[object]) -> str:
    """Why rows are not held out: their fingerprint is one of the training data's, or most of them are in it."""
    if data in trained_on:
        return "the data it was trained on"
    shared = metrics.get(OVERLAP)
    if isinstance(shared, int | float) and shared > MOST_OVERLAP:
        return f"{shared:.0%} of its rows are in the training data"
    return ""
