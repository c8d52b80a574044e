"""Metrics of two classes that only look at the order of the scores: roc_auc and average_precision.

Rows are sorted once per model. Over a segment or a resample, the rows of each class are then counted at each distinct
score, which is all that these metrics need.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nb_mlops.core.errors import BadInput
from nb_mlops.evaluation.answers import Answers, Floats
from nb_mlops.evaluation.resampling import Resampling
from nb_mlops.evaluation.table import Rows

Formula = Callable[[Floats, Floats], float]


@dataclass(frozen=True, slots=True)
class Ranked:
    """A formula of how many positives and negatives (weighted) there are at each distinct score, ascending."""

    name: str
    formula: Formula
    most_resamples: int = 2_000

    def of(self, answers: Answers, rows: Rows | None = None) -> float:
        """The metric over all rows, or over some; NaN where these are of one class only."""
        if rows is not None:
            weight = answers.data.weight
            return self._counted(
                *_ranks(answers.scores[rows]), answers.data.y[rows] == 1, None if weight is None else weight[rows]
            )
        _refuse_one_class(self.name, answers)
        return self._counted(*answers.kept(_all_ranks, _all_ranks), answers.data.y == 1, answers.data.weight)

    def resampled(self, answers: Answers, draws: Resampling) -> Floats:
        """The metric over each draw of rows."""
        _refuse_one_class(self.name, answers)
        ranks, distinct = answers.kept(_all_ranks, _all_ranks)
        ranks, weight = ranks.astype(np.int32), answers.data.weight  # half the memory to walk through, draw by draw
        positive: NDArray[np.bool_] | None = None
        values = []
        for rows in draws.along(np.argsort(ranks)):
            if positive is None:
                positive = answers.data.y[rows] == 1  # the same in every draw: classes come one after the other
            values.append(self._counted(ranks[rows], distinct, positive, None if weight is None else weight[rows]))
        return np.array(values)

    def _counted(
        self,
        ranks: NDArray[np.intp] | NDArray[np.int32],
        distinct: int,
        is_positive: NDArray[np.bool_],
        weight: Floats | None,
    ) -> float:
        """The formula over the counts of both classes."""
        everyone, few = (None, None) if weight is None else (weight, weight[is_positive])
        positive: Floats = np.bincount(ranks[is_positive], few, minlength=distinct).astype(np.float64)
        negative: Floats = np.bincount(ranks, everyone, minlength=distinct) - positive
        if weight is not None:
            np.maximum(negative, 0.0, out=negative)  # the difference of two sums may fall below by rounding
        if not positive.any() or not negative.any():
            return float("nan")
        return self.formula(positive, negative)


def roc_auc(positive: Floats, negative: Floats) -> float:
    """The chance that a positive row scores above a negative one, ties counting half (Hanley and McNeil 1982)."""
    below = np.cumsum(negative) - negative / 2
    return float(positive @ below / (positive.sum() * negative.sum()))


def average_precision(positive: Floats, negative: Floats) -> float:
    """Σ (recall gained × precision) from the highest score down, without interpolation (as scikit-learn has it)."""
    hits = np.cumsum(positive[::-1])
    taken = hits + np.cumsum(negative[::-1])
    precision = np.divide(hits, taken, out=np.zeros_like(hits), where=taken > 0)
    return float(positive[::-1] @ precision / hits[-1])


def _all_ranks(answers: Answers) -> tuple[NDArray[np.intp], int]:
    """The ranks of all rows."""
    return _ranks(answers.scores)


def _ranks(scores: Floats) -> tuple[NDArray[np.intp], int]:
    """For each row the position of its score among the distinct ones, ascending; and how many there are."""
    order = np.argsort(scores)
    ordered = scores[order]
    steps = np.empty(len(scores), np.intp)
    steps[:1] = 0
    np.cumsum(ordered[1:] != ordered[:-1], out=steps[1:])
    ranks = np.empty_like(steps)
    ranks[order] = steps
    return ranks, int(steps[-1]) + 1 if len(steps) else 0


def _refuse_one_class(name: str, answers: Answers) -> None:
    """Raises BadInput where the held-out rows are all of one class."""
    y, classes = answers.data.y, answers.data.classes
    if classes is not None and len(y) and (y == y[0]).all():
        raise BadInput(
            f"{name} needs rows of both classes; all {len(y):,} are {classes[int(y[0])]!r}.",
            "Look at how the data was split or filtered.",
        )
