"""Metrics that are a function of weighted means over rows: accuracy, mae, rmse, mape, log_loss, brier, r2."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nb_mlops.core.errors import BadInput
from nb_mlops.evaluation.answers import Answers, Floats
from nb_mlops.evaluation.resampling import MOST, Block, Drawn, once
from nb_mlops.evaluation.table import Rows

Finish = Callable[[Floats], Floats]  # of the means, the last axis over the columns that `losses` gives


def only(means: Floats) -> Floats:
    """The one mean there is."""
    return means[..., 0]


def root(means: Floats) -> Floats:
    """Its square root."""
    return np.asarray(np.sqrt(means[..., 0]))


@dataclass(frozen=True, slots=True)
class MeanLoss:
    """`sign` × `finish`(means of `losses`); the losses of all rows (n, or n × columns) are computed once per model."""

    name: str
    losses: Callable[[Answers], Floats]
    finish: Finish = only
    sign: int = 1
    is_loss: bool = True
    most_resamples: int = MOST

    def of(self, answers: Answers, rows: Rows | None = None) -> float:
        """The metric over all rows, or over some."""
        chosen = np.arange(answers.data.rows) if rows is None else rows
        return float(self.drawn(answers, chosen)(once(len(chosen)))[0])

    def drawn(self, answers: Answers, rows: Rows) -> Drawn:
        """The metric over resamples of `rows`, from how often each was drawn."""
        losses = answers.kept(self.losses, self.losses)[rows]
        columns = np.ascontiguousarray(np.atleast_2d(losses.T))
        weight = None if answers.data.weight is None else answers.data.weight[rows]

        def values(block: Block) -> Floats:
            mass = block.mass(weight)
            total = block.kept("total", lambda: mass.sum(axis=1))
            # Not by BLAS: its threads and ours would wait for each other.
            sums = np.stack([np.einsum("bn,n->b", mass, column) for column in columns], axis=-1)
            means = np.divide(sums, total[:, None], out=np.full_like(sums, np.nan), where=total[:, None] > 0)
            return self.sign * self.finish(means)

        return values

    def alike(self, answers: Answers) -> NDArray[np.intp] | None:
        """A code a row: rows of one code count the same; None where every row is its own."""
        losses = answers.kept(self.losses, self.losses)
        if losses.ndim > 1 or answers.data.weight is not None:
            return None
        return answers.kept((self.losses, "alike"), lambda kept: np.unique(losses, return_inverse=True)[1])


def right(answers: Answers) -> Floats:
    """1 where the predicted class is the true one."""
    _refuse_regression(answers)
    return np.asarray(answers.labels == answers.data.y, dtype=np.float64)


def absolute(answers: Answers) -> Floats:
    """|prediction − truth|."""
    return np.abs(_residuals(answers))


def squared(answers: Answers) -> Floats:
    """(prediction − truth)²."""
    return np.square(_residuals(answers))


def relative(answers: Answers) -> Floats:
    """|prediction − truth| ÷ |truth|, the divisor at least the float epsilon (as scikit-learn has it)."""
    return np.asarray(absolute(answers) / np.maximum(np.abs(answers.data.y), np.finfo(np.float64).eps))


def surprise(answers: Answers) -> Floats:
    """−ln of the probability of the true class, clipped to the float epsilon (as scikit-learn has it)."""
    _refuse_regression(answers)
    given = answers.probabilities
    of_truth = given[np.arange(len(given)), answers.data.y] / given.sum(axis=1)
    eps = np.finfo(np.float64).eps
    return np.asarray(-np.log(np.clip(of_truth, eps, 1 - eps)))


def brier(answers: Answers) -> Floats:
    """Two classes: (probability of the positive one − truth)²; several: that, summed over the classes (Brier 1950)."""
    _refuse_regression(answers)
    given = answers.probabilities
    if given.shape[1] == 2:
        return np.asarray(np.square(given[:, 1] - answers.data.y))
    truth: NDArray[np.float64] = np.zeros_like(given)
    truth[np.arange(len(given)), answers.data.y] = 1.0
    return np.asarray(np.square(given - truth).sum(axis=1))


def spread(answers: Answers) -> Floats:
    """Squared residual, truth and its square (the truth less its mean over all rows, lest digits are lost)."""
    centred = answers.data.y - answers.data.y.mean() if answers.data.classes is None else answers.data.y
    return np.column_stack([squared(answers), centred, np.square(centred)])


def r2(means: Floats) -> Floats:
    """1 − (mean squared residual ÷ variance of the truth); constant truth gives 1 where all is right, else 0."""
    unexplained, centre, square = means[..., 0], means[..., 1], means[..., 2]
    variance = np.maximum(square - np.square(centre), 0.0)
    constant = variance <= 1e-14 * square
    inner = np.divide(unexplained, variance, out=np.asarray(unexplained > 0, np.float64), where=~constant)
    return np.asarray(1 - inner)


def squared_logs(answers: Answers) -> Floats:
    """(ln(1 + prediction) − ln(1 + truth))²; BadInput where one is below −1."""
    residuals = _residuals(answers)
    if (answers.data.y <= -1).any() or (answers.labels <= -1).any():
        raise BadInput("A squared log error needs numbers above −1.", "Use rmse, or look at the rows below it.")
    return np.asarray(np.square(np.log1p(answers.data.y + residuals) - np.log1p(answers.data.y)))


def _residuals(answers: Answers) -> Floats:
    if answers.data.classes is not None:
        raise BadInput("This metric is for models that predict numbers; this one tells classes apart.", "Try f1.")
    return np.asarray(answers.labels - answers.data.y, dtype=np.float64)


def _refuse_regression(answers: Answers) -> None:
    if answers.data.classes is None:
        raise BadInput("This metric is for models that tell classes apart; this one predicts numbers.", "Try rmse.")
