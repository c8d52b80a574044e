"""Metrics that are a weighted mean over rows: accuracy, mae, rmse, mape, log_loss, brier."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nb_mlops.core.errors import BadInput
from nb_mlops.evaluation.answers import Answers, Floats
from nb_mlops.evaluation.resampling import Resampling
from nb_mlops.evaluation.table import Rows


@dataclass(frozen=True, slots=True)
class MeanLoss:
    """`sign` × `finish`(mean of `losses`); the losses of all rows are computed once per model."""

    name: str
    losses: Callable[[Answers], Floats]
    finish: Callable[[float], float] = float
    sign: int = 1
    most_resamples: int = 2_000

    def of(self, answers: Answers, rows: Rows | None = None) -> float:
        """The metric over all rows, or over some."""
        return self._mean(answers.kept(self.losses, self.losses), answers.data.weight, rows)

    def resampled(self, answers: Answers, draws: Resampling) -> Floats:
        """The metric over each draw of rows."""
        losses, weight = answers.kept(self.losses, self.losses), answers.data.weight
        return np.array([self._mean(losses, weight, rows) for rows in draws])

    def _mean(self, losses: Floats, weight: Floats | None, rows: Rows | None) -> float:
        if rows is not None:
            losses = losses[rows]
            weight = None if weight is None else weight[rows]
        if weight is None:
            return self.sign * self.finish(float(losses.mean()))
        total = float(weight.sum())
        return self.sign * self.finish(float(losses @ weight) / total) if total else float("nan")


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


def _residuals(answers: Answers) -> Floats:
    if answers.data.classes is not None:
        raise BadInput("This metric is for models that predict numbers; this one tells classes apart.", "Try f1.")
    return np.asarray(answers.labels - answers.data.y, dtype=np.float64)


def _refuse_regression(answers: Answers) -> None:
    if answers.data.classes is None:
        raise BadInput("This metric is for models that tell classes apart; this one predicts numbers.", "Try rmse.")
