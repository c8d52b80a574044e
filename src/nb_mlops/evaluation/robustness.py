"""A metric on rows that were made worse on purpose: a little noise in the numbers, or a column that is not there.

What happens to a deployed model: sensors and rounding blur its numbers, and a feed stops (Breck et al., "The ML test
score", IEEE Big Data 2017). The first is *local* robustness; 0.1 standard deviations are a convention, large enough
to move rows across a brittle threshold and small enough that labels should stay.
"""

from __future__ import annotations

import math
import warnings
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nb_mlops.core.errors import BadInput
from nb_mlops.core.measures import Value
from nb_mlops.core.printable import one_line
from nb_mlops.evaluation.answers import Answers
from nb_mlops.evaluation.metrics import Metric
from nb_mlops.evaluation.table import Rows, columns, feature_names, take, with_column, with_values

NOISE = 0.1  # of a column's standard deviation in the held-out rows
MOST_ROWS = 10_000  # rows on which each column in turn goes missing
SEED = 20_170  # always the same noise


def noisy(metric: Metric, answers: Answers) -> Value:
    """The metric with Gaussian noise added to every numeric column; whole numbers stay whole, flags are left alone."""
    names = feature_names(answers.X)
    if names is None:
        return Value.not_applicable("the data has no columns to add noise to")
    changed, blurred = answers.X, 0
    random = np.random.default_rng(SEED)
    for name, values in columns(answers.X).items():
        if (with_noise := _with_noise(values, random)) is not None:
            changed, blurred = with_values(changed, name, with_noise), blurred + 1
    if not blurred:
        return Value.not_applicable("there is no numeric column to add noise to")
    detail = f"noise of {NOISE} standard deviations in {blurred} of {len(names)} columns"
    return Value(_on(metric, answers, changed), detail)


def missing(metric: Metric, answers: Answers) -> Value:
    """The worst value when one column is missing, with its name.

    Missing is NaN where the model takes it, else the same value in every row: the median, or the most frequent one.
    """
    names = feature_names(answers.X)
    if not names:
        return Value.not_applicable("the data has no columns that could go missing")
    rows = answers.data.rows
    if rows > MOST_ROWS:
        some = np.sort(np.random.default_rng(SEED).choice(rows, MOST_ROWS, replace=False))
        answers = Answers(answers.estimator, answers.data.taking(some), who=answers.who)
    found: dict[str, tuple[float, str]] = {}
    for name, values in columns(answers.X).items():
        value, instead = _without(metric, answers, name, values)
        if not math.isnan(value):
            found[name] = value, instead
    if not found:
        return Value(math.nan, "not defined on these rows")
    worst = (max if metric.is_loss else min)(found, key=lambda name: found[name][0])
    value, instead = found[worst]
    on = f", on {MOST_ROWS:,} of {rows:,} rows" if rows > MOST_ROWS else ""
    return Value(value, f"worst of {len(names)} columns: without {one_line(worst, most=60)} ({instead} instead{on})")


def _without(metric: Metric, answers: Answers, name: str, values: NDArray[Any]) -> tuple[float, str]:
    """The metric when one column is missing, and what stood in its place."""
    try:
        return _on(metric, answers, with_values(answers.X, name, None)), "NaN"
    except (BadInput, TypeError, ValueError):  # the model takes no NaN here, or the table cannot hold it
        row, what = _typical(values)
        constant = take(answers.X, np.full(answers.data.rows, row))
        return _on(metric, answers, with_column(answers.X, name, constant)), what


def _typical(values: NDArray[Any]) -> tuple[int, str]:
    """The row whose value is the median of a numeric column, or the most frequent one, and which it is."""
    if values.dtype.kind in "iuf":
        order = np.argsort(values, kind="stable")  # NaN last
        there = len(values) - int(np.count_nonzero(np.isnan(values))) if values.dtype.kind == "f" else len(values)
        return int(order[max(there - 1, 0) // 2]), "the median"
    import pandas as pd

    codes = pd.factorize(values)[0]
    known: Rows = np.flatnonzero(codes >= 0)
    if not len(known):
        return 0, "what it holds"
    return int(known[np.argmax(codes[known] == np.bincount(codes[known]).argmax())]), "the most frequent value"


def _with_noise(values: NDArray[Any], random: np.random.Generator) -> NDArray[Any] | None:
    """The values with noise, or None where there is nothing to add it to: texts, flags, a constant."""
    if values.dtype.kind not in "iuf":
        return None
    known = values[np.isfinite(values)] if values.dtype.kind == "f" else values
    if not len(known) or ((known == known.min()) | (known == known.max())).all():
        return None
    noise = random.normal(0.0, NOISE * float(known.std(dtype=np.float64)), len(values))
    if values.dtype.kind == "f":
        return np.asarray((values + noise).astype(values.dtype))
    limits = np.iinfo(values.dtype)
    return np.clip(values + np.round(noise), limits.min, limits.max).astype(values.dtype)


def _on(metric: Metric, answers: Answers, X: Any) -> float:
    """The metric on other features; what a model says about rows made worse on purpose need not be heard."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return metric.of(Answers(answers.estimator, answers.data.with_features(X), who=answers.who))
