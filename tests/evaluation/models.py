"""Small fitted models and their held-out data."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from sklearn.linear_model import LinearRegression, LogisticRegression

from nb_mlops.core.checks import parse_lines
from nb_mlops.core.validation import CheckResult
from nb_mlops.evaluation import Evaluation, evaluate


def features(rows: int, seed: int = 0) -> pd.DataFrame:
    random = np.random.default_rng(seed)
    return pd.DataFrame(random.normal(size=(rows, 3)), columns=["a", "b", "c"])


def score_of(X: pd.DataFrame, seed: int = 9) -> Any:
    return (X["a"] + X["b"] + np.random.default_rng(seed).normal(size=len(X))).to_numpy()


def two_classes(rows: int = 400, seed: int = 1, labels: tuple[Any, Any] = (0, 1)) -> tuple[Any, pd.DataFrame, Any]:
    """A classifier of two labels, and data that it was not fitted on."""
    X, held_out = features(400), features(rows, seed)
    y = np.where(score_of(X) > 0.5, labels[1], labels[0])
    model = LogisticRegression().fit(X, y)
    return model, held_out, np.where(score_of(held_out, seed) > 0.5, labels[1], labels[0])


def three_classes(rows: int = 400) -> tuple[Any, pd.DataFrame, Any]:
    X, held_out = features(400), features(rows, 1)
    cut = lambda frame, seed: np.array(["lo", "mid", "top"])[np.digitize(score_of(frame, seed), [-0.5, 0.8])]  # noqa: E731
    return LogisticRegression().fit(X, cut(X, 9)), held_out, cut(held_out, 1)


def numbers(rows: int = 400) -> tuple[Any, pd.DataFrame, Any]:
    X, held_out = features(400), features(rows, 1)
    return LinearRegression().fit(X, score_of(X) + 10), held_out, score_of(held_out, 1) + 10


def run(lines: str, task: tuple[Any, Any, Any], **options: Any) -> Evaluation:
    model, X, y = task
    return evaluate(parse_lines(lines), estimator=model, X=X, y=y, **options)


def result(line: str, task: tuple[Any, Any, Any], **options: Any) -> CheckResult:
    """The result of one check line."""
    (found,) = run(line, task, **options).results
    return found


def value(measure: str, task: tuple[Any, Any, Any], **options: Any) -> float:
    """The number that a measure comes to."""
    return run(f"{measure} > 0", task, **options).metrics[measure]
