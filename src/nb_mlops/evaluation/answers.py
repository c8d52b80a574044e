"""What one model says about the held-out rows: each question is asked once, whatever the number of metrics."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from nb_mlops.core.errors import BadInput, NbMlopsError
from nb_mlops.core.printable import one_line
from nb_mlops.evaluation.held_out import HeldOut, codes, shown_label, sorted_labels
from nb_mlops.evaluation.table import pick

Floats = NDArray[np.float64]
T = TypeVar("T")


class Answers:
    """The predictions of `estimator` on `data`, in class codes, computed when first asked for and kept."""

    def __init__(self, estimator: Any, data: HeldOut, *, who: str = "The model") -> None:
        self.estimator = estimator
        self.data = data
        self.who = who
        self._kept: dict[object, Any] = {}

    @cached_property
    def X(self) -> Any:  # noqa: N802 - what everybody calls the table of features
        """The features that the model was fitted on, in its order, where it tells them."""
        return pick(self.data.X, self.fitted_names) if self.fitted_names else self.data.X

    @cached_property
    def fitted_names(self) -> list[str]:
        """The names of the columns that the model was fitted on; none where it does not tell them."""
        names = getattr(self.estimator, "feature_names_in_", None)
        return [] if names is None else [str(name) for name in names]

    @cached_property
    def native_labels(self) -> NDArray[Any]:
        """What `predict` gives, one label or number a row."""
        answer = self._asked("predict")
        return answer[:, 0] if answer.ndim == 2 and answer.shape[1] == 1 else answer

    @cached_property
    def labels(self) -> NDArray[Any]:
        """Predicted class codes, or predicted numbers for a regression; BadInput where they are no such thing."""
        answer = self.native_labels
        if answer.ndim != 1:
            raise BadInput(
                f"{self.who} predicts {answer.shape[1:]} values a row; checks measure one.", "Use one output."
            )
        if self.data.classes is None:
            return self._finite(answer)
        found = codes(answer, self.data.classes)
        if (found < 0).any():
            strange = shown_label(answer[found < 0][:1].tolist()[0])
            raise BadInput(f"{self.who} predicts {strange}, which is none of its classes.", "Compare like with like.")
        return found

    @cached_property
    def probabilities(self) -> Floats:
        """Probabilities, a column per class code; BadInput where the model gives none."""
        if not self.has("predict_proba"):
            raise BadInput(f"{self.who} gives no probabilities.", "Use a metric of labels, such as f1 or accuracy.")
        answer = self._finite(self._asked("predict_proba"))
        if answer.ndim == 1:
            answer = np.column_stack([1 - answer, answer])
        return answer[:, self._order(answer.shape[1])]

    @cached_property
    def decisions(self) -> Floats:
        """What `decision_function` gives: a score of the positive class, or a column per class code."""
        answer = self._finite(self._asked("decision_function"))
        if answer.ndim == 1:
            return answer if self._order(2)[1] == 1 else -answer
        return answer[:, self._order(answer.shape[1])]

    @cached_property
    def scores(self) -> Floats:
        """A score of the positive class of two that ranks rows; BadInput where the model has none."""
        if self.has("decision_function"):
            return self.decisions
        return self.probabilities[:, 1]

    def kept(self, what: object, make: Callable[[Answers], T]) -> T:
        """What `make` derives from the answers, made once; `what` is its name."""
        if what not in self._kept:
            self._kept[what] = make(self)
        found: T = self._kept[what]
        return found

    def has(self, question: str) -> bool:
        """Whether the model answers `predict_proba` or `decision_function`."""
        return callable(getattr(self.estimator, question, None))

    def _order(self, width: int) -> list[int]:
        """Where each class code stands among the model's own columns."""
        own = getattr(self.estimator, "classes_", None)
        classes = self.data.classes or ()
        known = sorted_labels(classes) if own is None or not len(own) else tuple(np.asarray(own).tolist())
        where = [int(at) for at in codes(np.asarray(classes, dtype=object), known)]
        if len(where) != width or min(where) < 0:
            raise BadInput(
                f"{self.who} tells other classes apart than this one.", "Compare models of the same classes."
            )
        return where

    def _asked(self, question: str) -> NDArray[Any]:
        """The model's answer as an array with one entry a row."""
        ask: Callable[[Any], Any] | None = getattr(self.estimator, question, None)
        if not callable(ask):
            raise BadInput(f"{self.who} has no {question}.", "Checks need a fitted model that predicts.")
        features = self.X
        try:
            answer = np.asarray(ask(features))
        except NbMlopsError:
            raise
        except Exception as error:  # it is the user's model: anything may come out of it
            reason = one_line(str(error).partition("\n")[0] or type(error).__name__)
            hint = "check_table(ref, table) lists what in the data differs from the signature."
            raise BadInput(f"{self.who} does not take this data ({question}): {reason}", hint) from error
        if answer.ndim == 0 or len(answer) != self.data.rows:
            raise BadInput(
                f"{self.who} gave {answer.shape} answers for {self.data.rows:,} rows.", "One row, one answer."
            )
        return answer

    def _finite(self, answer: NDArray[Any]) -> Floats:
        """The answer as finite numbers."""
        try:
            numbers = answer.astype(np.float64, copy=False)
        except (TypeError, ValueError) as error:
            raise BadInput(f"{self.who} gives answers that are not numbers.", "Is it the right model?") from error
        bad = int(np.count_nonzero(~np.isfinite(numbers)))
        if bad:
            raise BadInput(f"{self.who} gives NaN or infinity for {bad:,} values.", "Look at these rows first.")
        return numbers
