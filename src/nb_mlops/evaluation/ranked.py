"""Metrics that only look at the order of the scores: roc_auc and average_precision of two classes, roc_auc_ovr of more.

Rows are sorted once. All that these metrics need is, for every score that a positive row has, how many positives have
it and how many negatives score below it; for a resample those are sums of how often each row was drawn.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nb_mlops.core.errors import BadInput
from nb_mlops.evaluation.answers import Answers, Floats
from nb_mlops.evaluation.resampling import MOST, Block, Drawn, once
from nb_mlops.evaluation.table import Rows

Mass = NDArray[Any]  # how often rows were drawn (whole numbers: their sums are quick), or that times their weights
# Of (resamples × the positives' distinct scores, ascending): positives there, negatives below, negatives not above;
# and of the negatives altogether, one a resample.
Formula = Callable[[Mass, Mass, Mass, Mass], Floats]


@dataclass(frozen=True, slots=True)
class Ranked:
    """A formula of how positives and negatives lie along the scores; NaN where one of them is missing."""

    name: str
    formula: Formula
    is_loss: bool = False
    most_resamples: int = MOST

    def of(self, answers: Answers, rows: Rows | None = None) -> float:
        """The metric over all rows, or over some; NaN where these are of one class only."""
        if rows is None:
            _refuse_one_class(self.name, answers)
        chosen = np.arange(answers.data.rows) if rows is None else rows
        return float(self.drawn(answers, chosen)(once(len(chosen)))[0])

    def drawn(self, answers: Answers, rows: Rows) -> Drawn:
        """The metric over resamples of `rows`, from how often each was drawn."""
        lie = _lie(answers, rows)
        weight = None if answers.data.weight is None else answers.data.weight[rows]

        def values(block: Block) -> Floats:
            mass = block.counts if weight is None else block.mass(weight)
            positive, below, upto, negatives = block.kept(lie, lambda: lie.along(mass))
            defined = (positive.sum(axis=1) > 0) & (negatives > 0)
            if defined.all():
                return self.formula(positive, below, upto, negatives)
            found = np.full(len(mass), np.nan)
            if defined.any():
                found[defined] = self.formula(positive[defined], below[defined], upto[defined], negatives[defined])
            return found

        return values

    def alike(self, answers: Answers) -> NDArray[np.intp] | None:
        """A code a row: rows of one score count the same; None where rows have weights."""
        if answers.data.weight is not None:
            return None
        return answers.kept("score codes", lambda kept: np.unique(kept.scores, return_inverse=True)[1])


@dataclass(frozen=True, slots=True)
class EachAgainstRest:
    """The mean over classes of `roc_auc` of one class against all others, by its probability; NaN where one is missing.

    Each class counts the same or, `weighted`, by its rows (Provost and Domingos, CeDER working paper IS-00-04, 2000).
    """

    name: str
    weighted: bool = False
    is_loss: bool = False
    most_resamples: int = MOST

    def of(self, answers: Answers, rows: Rows | None = None) -> float:
        """The metric over all rows, or over some."""
        chosen = np.arange(answers.data.rows) if rows is None else rows
        return float(self.drawn(answers, chosen)(once(len(chosen)))[0])

    def drawn(self, answers: Answers, rows: Rows) -> Drawn:
        """The metric over resamples of `rows`, from how often each was drawn."""
        truth, given = answers.data.y[rows], answers.probabilities[rows]
        lies = [_Lie.of(rows, given[:, code], truth == code) for code in range(given.shape[1])]
        weight = None if answers.data.weight is None else answers.data.weight[rows]

        def values(block: Block) -> Floats:
            mass = block.counts if weight is None else block.mass(weight)
            found = np.empty((len(lies), len(mass)))
            sizes = np.empty_like(found)
            for at, lie in enumerate(lies):
                positive, below, upto, negatives = lie.along(mass)
                sizes[at] = positive.sum(axis=1)
                defined = (sizes[at] > 0) & (negatives > 0)
                won = (positive * (below + upto)).sum(axis=1)
                found[at] = np.divide(won, 2.0 * sizes[at] * negatives, out=np.full(len(won), np.nan), where=defined)
            return np.asarray((found * sizes).sum(axis=0) / sizes.sum(axis=0) if self.weighted else found.mean(axis=0))

        return values

    def alike(self, answers: Answers) -> NDArray[np.intp] | None:
        """None: probabilities of several classes hardly repeat."""
        return None


@dataclass(frozen=True, slots=True, eq=False)
class _Lie:
    """Where rows lie along the scores."""

    rows: Rows
    positives: NDArray[np.intp]  # rows, ascending by score
    first: NDArray[np.intp]  # of each distinct score among them
    negatives: NDArray[np.intp]  # rows, ascending by score
    below: NDArray[np.intp]  # how many rows of them score below each distinct score
    upto: NDArray[np.intp]  # ... or have it

    @classmethod
    def of(cls, rows: Rows, scores: Floats, is_positive: NDArray[np.bool_]) -> _Lie:
        positives, negatives = np.flatnonzero(is_positive), np.flatnonzero(~is_positive)
        positives = positives[np.argsort(scores[positives], kind="stable")]
        negatives = negatives[np.argsort(scores[negatives], kind="stable")]
        distinct, first = np.unique(scores[positives], return_index=True)
        places = [np.searchsorted(scores[negatives], distinct, side=side) for side in ("left", "right")]
        if (places[0] == places[1]).all():  # no score is shared
            places[1] = places[0]
        return cls(rows, positives, first, negatives, places[0], places[1])

    def along(self, mass: Mass) -> tuple[Mass, ...]:
        """What a formula takes, of counts or weights (resamples × rows)."""
        positive = mass.take(self.positives, axis=1)
        if len(self.first) < len(self.positives):
            positive = np.add.reduceat(positive, self.first, axis=1)
        sums = np.zeros((len(mass), len(self.negatives) + 1), mass.dtype)
        np.cumsum(mass.take(self.negatives, axis=1), axis=1, out=sums[:, 1:])
        below = sums.take(self.below, axis=1)
        upto = below if self.below is self.upto else sums.take(self.upto, axis=1)
        return positive, below, upto, sums[:, -1]


def _lie(answers: Answers, rows: Rows) -> _Lie:
    """Where `rows` lie; the last ones looked at are kept, since both metrics ask for the same."""
    last: list[_Lie] = answers.kept(_Lie, lambda kept: [])
    if not last or last[0].rows is not rows:
        last[:] = [_Lie.of(rows, answers.scores[rows], answers.data.y[rows] == 1)]
    return last[0]


def roc_auc(
    positive: Mass,
    below: Mass,
    upto: Mass,
    negatives: Mass,
) -> Floats:
    """The chance that a positive row scores above a negative one, ties counting half (Hanley and McNeil 1982)."""
    won = (positive * (below + upto)).sum(axis=1)
    return np.asarray(won / (2.0 * positive.sum(axis=1) * negatives))


def average_precision(
    positive: Mass,
    below: Mass,
    upto: Mass,
    negatives: Mass,
) -> Floats:
    """Σ (recall gained × precision) from the highest score down, without interpolation (as scikit-learn has it)."""
    hits = np.cumsum(positive[:, ::-1], axis=1)[:, ::-1]
    taken = hits + (negatives[:, None] - below)
    precision = np.divide(hits, taken, out=np.zeros(taken.shape), where=taken > 0)
    return np.asarray((positive * precision).sum(axis=1) / hits[:, 0])


def _refuse_one_class(name: str, answers: Answers) -> None:
    """Raises BadInput where the held-out rows are all of one class."""
    y, classes = answers.data.y, answers.data.classes
    if classes is not None and len(y) and (y == y[0]).all():
        raise BadInput(
            f"{name} needs rows of both classes; all {len(y):,} are {classes[int(y[0])]!r}.",
            "Look at how the data was split or filtered.",
        )
