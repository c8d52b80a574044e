"""The rows a model is judged on, checked before anything is computed.

Labels become whole numbers, in the order of the model's classes, the positive class of two last: so every metric sees
0 and 1 whatever the labels are called, and a million strings are compared once.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nb_mlops.core.errors import BadInput, Unsupported
from nb_mlops.core.printable import one_line
from nb_mlops.evaluation.table import Rows, row_count, take

MOST_WHOLE_NUMBERS = 100  # distinct ones that may still be classes
_OBVIOUS: tuple[tuple[object, object], ...] = ((0, 1), (-1, 1), (False, True), ("0", "1"))


@dataclass(frozen=True, slots=True, eq=False)
class HeldOut:
    """Features as they came, and targets checked: `y` are numbers, or class codes where `classes` is given."""

    X: Any
    y: NDArray[Any]
    labels: NDArray[Any]  # the targets as they came
    weight: NDArray[np.float64] | None
    classes: tuple[Any, ...] | None  # by code; None for a regression
    positive_known: bool

    @property
    def rows(self) -> int:
        """How many rows there are."""
        return len(self.y)

    @classmethod
    def of(
        cls,
        X: Any,
        y: Any,
        *,
        estimator: Any,
        weight: Any = None,
        positive: object = None,
        numbers_wanted: bool = False,
    ) -> HeldOut:
        """The data as the metrics need it; BadInput where it has gaps, other lengths or labels the model never saw."""
        if X is None or y is None:
            raise BadInput("Checks need held-out features and their target.", "Give data=(X, y).")
        rows = row_count(X)
        labels = _targets(y, rows)
        weights = _weights(weight, rows)
        found = classes_of(estimator, labels, numbers_wanted=numbers_wanted)
        if found is None:
            if positive is not None:
                raise BadInput("A positive class is named, but this model predicts numbers.", "Leave it out.")
            return cls(X, _numbers(labels), labels, weights, None, False)
        classes, known = _positive_last(found, positive)
        return cls(X, _codes_of_targets(labels, classes), labels, weights, classes, known)

    def taking(self, rows: Rows, *, X: Any = None) -> HeldOut:
        """Some of the rows; `X` where their features are at hand."""
        weight = None if self.weight is None else self.weight[rows]
        features = take(self.X, rows) if X is None else X
        return replace(self, X=features, y=self.y[rows], labels=self.labels[rows], weight=weight)

    def with_features(self, X: Any) -> HeldOut:
        """The same rows with other features."""
        return replace(self, X=X)

    def shown_classes(self) -> str:
        """The labels of the classes for a message: `'no' and 'yes'`."""
        return " and ".join(shown_label(label) for label in (self.classes or ())[:6])


def classes_of(estimator: Any, labels: NDArray[Any], *, numbers_wanted: bool = False) -> tuple[Any, ...] | None:
    """The classes that a model tells apart; None where it predicts numbers.

    A function or an ONNX graph does not say which it does: texts and bools are classes, and so are a few whole numbers
    unless a check asks for an error of numbers.
    """
    classes = getattr(estimator, "classes_", None)
    if classes is not None and len(classes):
        if isinstance(classes, list) and isinstance(classes[0], np.ndarray):
            raise Unsupported("This model has several outputs; checks measure one.", "Validate one output at a time.")
        return tuple(np.asarray(classes).tolist())
    if labels.dtype.kind in "OUSb":
        return sorted_labels(set(labels.tolist()))
    if numbers_wanted or getattr(estimator, "_estimator_type", None) == "regressor" or _is_regressor(estimator):
        return None
    found = np.unique(labels)
    whole = labels.dtype.kind in "iu" or bool((found == np.floor(found)).all())
    return tuple(found.tolist()) if whole and len(found) <= MOST_WHOLE_NUMBERS else None


def sorted_labels(labels: Iterable[Any]) -> tuple[Any, ...]:
    """Labels in their own order, or in that of their text where they cannot be compared."""
    every = list(labels)
    try:
        return tuple(sorted(every))
    except TypeError:
        return tuple(sorted(every, key=str))


def codes(labels: NDArray[Any], classes: tuple[Any, ...]) -> NDArray[np.intp]:
    """The position of each label in `classes`, -1 where it is none of them; True is 1 here, as in Python."""
    import pandas as pd

    if labels.dtype.kind in "biuf" and all(isinstance(label, bool | int | float) for label in classes):
        return np.asarray(
            pd.Index([float(label) for label in classes]).get_indexer(pd.Index(labels.astype(np.float64)))
        )
    return np.asarray(pd.Index(list(classes), dtype=object).get_indexer(pd.Index(labels, dtype=object)))


def _is_regressor(estimator: Any) -> bool:
    """Whether the estimator is one of scikit-learn's regressors."""
    from sklearn.base import RegressorMixin

    return isinstance(estimator, RegressorMixin)


def shown_label(label: object) -> str:
    """A label for a message: quoted where it is a text, safe to print."""
    return one_line(repr(label), most=40)


def _targets(y: Any, rows: int) -> NDArray[Any]:
    """The targets as a flat array without gaps, as long as the features."""
    import pandas as pd

    array = np.asarray(y)
    if array.ndim == 2 and array.shape[1] == 1:
        array = array[:, 0]
    if array.ndim != 1:
        raise Unsupported(f"The target has the shape {array.shape}; checks measure one output.", "Give one column.")
    if rows == 0 or len(array) == 0:
        raise BadInput("The held-out data has no rows.", "Look at how it was split.")
    if len(array) != rows:
        raise BadInput(f"X has {rows:,} rows and y has {len(array):,}.", "Give the two of the same split.")
    gaps = int(np.count_nonzero(pd.isna(array)))
    if gaps:
        raise BadInput(f"The target is missing in {gaps:,} of {rows:,} rows.", "Leave these rows out, and say so.")
    return array


def _weights(weight: Any, rows: int) -> NDArray[np.float64] | None:
    """The weights of the rows: finite, not negative, not all zero."""
    if weight is None:
        return None
    try:
        weights = np.asarray(weight, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise BadInput("The weights are not numbers.", "Give one number a row.") from error
    if weights.shape != (rows,):
        raise BadInput(f"There are {rows:,} rows and weights of shape {weights.shape}.", "Give one number a row.")
    if not np.isfinite(weights).all() or (weights < 0).any() or not weights.any():
        raise BadInput("Weights are finite, not negative, and not all zero.", "Look at the weight column.")
    return weights


def _numbers(labels: NDArray[Any]) -> NDArray[np.float64]:
    """The targets of a regression."""
    try:
        numbers = labels.astype(np.float64)
    except (TypeError, ValueError) as error:
        first = shown_label(labels.tolist()[0])
        raise BadInput(f"The model predicts numbers, but the target holds {first}.", "Is it the right y?") from error
    if not np.isfinite(numbers).all():
        raise BadInput("The target holds infinite numbers.", "Leave these rows out, and say so.")
    return numbers


def _positive_last(classes: tuple[Any, ...], positive: object) -> tuple[tuple[Any, ...], bool]:
    """The classes, the positive one of two last, and whether it is known which that is."""
    if positive is not None:
        match = [label for label in classes if label == positive] or [
            label for label in classes if str(label) == str(positive)
        ]
        if not match:
            known = ", ".join(shown_label(label) for label in classes[:8])
            raise BadInput(f"{shown_label(positive)} is no class of this model.", f"Its classes: {known}")
        if len(classes) != 2:
            return classes, False
        return (*(label for label in classes if label is not match[0]), match[0]), True
    return classes, any(tuple(classes) == pair for pair in _OBVIOUS)


def _codes_of_targets(labels: NDArray[Any], classes: tuple[Any, ...]) -> NDArray[np.intp]:
    """The class codes of the targets; BadInput for labels that the model never saw."""
    found = codes(labels, classes)
    strange = np.flatnonzero(found < 0)
    if len(strange):
        label = shown_label(labels[strange[:1]].tolist()[0])
        known = ", ".join(shown_label(each) for each in classes[:8])
        raise BadInput(
            f"{len(strange):,} of {len(labels):,} targets are of a class that the model does not know: {label}.",
            f"Its classes: {known}",
        )
    return found
