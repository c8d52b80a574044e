"""What a model gives: classes, numbers or a transformed table, read off the fitted estimator and its target."""

from __future__ import annotations

from typing import Any

from nb_mlops.core.signature import Output

# The positive class of two, where the labels say so themselves; otherwise it has to be named.
_POSITIVE = ("1", "1.0", "True", "true", "yes", "Yes", "YES", "y", "Y", "positive")
MOST_CLASSES = 1_000


def output_of(estimator: Any, y: Any = None) -> Output:
    """The output of a fitted estimator; `unknown` where nothing tells."""
    classes = getattr(estimator, "classes_", None)
    if classes is not None and _is_flat(classes):
        labels = tuple(str(label) for label in list(classes)[:MOST_CLASSES])
        return Output("classes", labels, positive_of(labels))
    if callable(getattr(estimator, "predict", None)):
        return Output("numbers" if getattr(y, "ndim", 1) == 2 and y.shape[1] > 1 else "number")
    return Output("transform" if callable(getattr(estimator, "transform", None)) else "unknown")


def positive_of(labels: tuple[str, ...]) -> str | None:
    """The positive one of two labels, where exactly one reads like a yes."""
    yes = [label for label in labels if label in _POSITIVE]
    return yes[0] if len(labels) == 2 and len(yes) == 1 else None


def _is_flat(classes: Any) -> bool:
    return getattr(classes, "ndim", 1) == 1 and not any(
        hasattr(one, "tolist") and getattr(one, "ndim", 0) for one in classes
    )
