"""Metrics by a scikit-learn scorer: any of its own by name, and those that a person hands in.

A scorer asks its estimator; here it asks `_Answering`, which looks the answer up by row. So all scorers share one
`predict`, over all rows, by segment or resampled, and labels are 0 and 1 with 1 the positive class.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nb_mlops.core.errors import BadInput, NbMlopsError
from nb_mlops.core.printable import one_line
from nb_mlops.evaluation.answers import Answers, Floats
from nb_mlops.evaluation.resampling import Block, Drawn
from nb_mlops.evaluation.table import Rows, take

Scorer = Callable[..., float]


@dataclass(frozen=True, slots=True)
class Scored:
    """`sign` × what one of scikit-learn's scorers gives."""

    name: str
    scorer: Scorer
    sign: int = 1
    most_resamples: int = 400

    @property
    def is_loss(self) -> bool:
        """Whether smaller is better: scikit-learn's own sign says so."""
        return self.sign < 0

    def of(self, answers: Answers, rows: Rows | None = None) -> float:
        """The metric over all rows, or over some."""
        chosen = np.arange(answers.data.rows) if rows is None else rows
        weight = answers.data.weight
        return self.sign * _asked(
            self.name, self.scorer, answers.kept(_stand_in, _stand_in), chosen, answers.data.y[chosen],
            None if weight is None else weight[chosen],
        )  # fmt: skip

    def drawn(self, answers: Answers, rows: Rows) -> Drawn:
        """The metric over resamples of `rows`, from how often each was drawn: the scorer is asked every time."""
        return _asked_each(self, answers, rows)

    def alike(self, answers: Answers) -> NDArray[np.intp] | None:
        """None: what a scorer looks at is not known, so every row is its own."""
        return None


@dataclass(frozen=True, slots=True)
class Own:
    """What a person's scorer gives: called as `scorer(estimator, X, y)` with the labels as they came."""

    name: str
    scorer: Scorer
    is_loss: bool = False  # nobody says; scikit-learn's convention is that larger is better
    most_resamples: int = 200

    def of(self, answers: Answers, rows: Rows | None = None) -> float:
        """The metric over all rows, or over some."""
        if answers.data.weight is not None:
            raise BadInput(f"{self.name} is your own scorer, which takes no weights.", "Leave the weights out.")
        X, y = answers.X, answers.data.labels
        if rows is not None:
            X, y = take(X, rows), y[rows]
        return _asked(self.name, self.scorer, answers.estimator, X, y, None)

    def drawn(self, answers: Answers, rows: Rows) -> Drawn:
        """The metric over resamples of `rows`, from how often each was drawn: the scorer is asked every time."""
        return _asked_each(self, answers, rows)

    def alike(self, answers: Answers) -> NDArray[np.intp] | None:
        """None: what a scorer looks at is not known, so every row is its own."""
        return None


def _asked_each(metric: Scored | Own, answers: Answers, rows: Rows) -> Drawn:
    def values(block: Block) -> Floats:
        return np.array([metric.of(answers, np.repeat(rows, drawn)) for drawn in block.counts])

    return values


def _asked(name: str, scorer: Scorer, estimator: Any, X: Any, y: NDArray[Any], weight: Floats | None) -> float:
    """The scorer's number; BadInput, with its own words, where it gives none."""
    from sklearn.exceptions import UndefinedMetricWarning

    options = {} if weight is None else {"sample_weight": weight}
    try:
        with warnings.catch_warnings():
            # A precision without predicted positives is 0, an R² of one row is NaN: the value says it already.
            warnings.simplefilter("ignore", UndefinedMetricWarning)
            value = scorer(estimator, X, y, **options)
        return float(value)
    except NbMlopsError:
        raise
    except Exception as error:  # a scorer may be anybody's code, and scikit-learn raises many kinds
        reason = one_line(str(error).partition("\n")[0] or type(error).__name__)
        if weight is not None and "sample_weight" in reason:
            raise BadInput(f"{name} takes no weights.", "Leave the weights out, or use another metric.") from error
        raise BadInput(f"{name} cannot be computed here: {reason}", "Does this metric fit the task?") from error


def _stand_in(answers: Answers) -> Any:
    """An estimator, as scikit-learn sees it, whose X is an array of row numbers."""
    from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin

    class _Answering(BaseEstimator):  # type: ignore[misc]
        def predict(self, rows: Rows) -> NDArray[Any]:
            return answers.labels[rows]

        def __sklearn_is_fitted__(self) -> bool:
            return True

    def predict_proba(self: object, rows: Rows) -> Floats:
        return answers.probabilities[rows]

    def decision_function(self: object, rows: Rows) -> Floats:
        return answers.decisions[rows]

    # Only what the model itself answers: scorers choose by what is there, and name it by the function's own name.
    methods: dict[str, Any] = {
        each.__name__: each for each in (predict_proba, decision_function) if answers.has(each.__name__)
    }
    if answers.data.classes is not None:
        methods["classes_"] = np.arange(len(answers.data.classes))
    mixin = RegressorMixin if answers.data.classes is None else ClassifierMixin
    return type("_Answering", (mixin, _Answering), methods)()
