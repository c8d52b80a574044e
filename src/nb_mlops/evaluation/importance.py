"""Which columns a model lives on: how much a metric loses when one of them is shuffled.

Permutation importance: Breiman, "Random forests", Machine Learning 45, 2001; as a property of any model ("model
reliance"), Fisher, Rudin and Dominici, JMLR 20, 2019. Correlated columns share it: shuffling one alone may cost little.

The model is asked about many shuffled copies of the rows at once: asking costs more than answering, where rows are few.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from time import perf_counter

import numpy as np

from nb_mlops.core.errors import NbMlopsError
from nb_mlops.evaluation.answers import Answers
from nb_mlops.evaluation.metrics import Metric
from nb_mlops.evaluation.table import Rows, feature_names, gathered

LEAST_ROWS, FEWER_ROWS, MOST_ROWS = 30, 500, 2_000
MOST_CELLS = 20_000  # rows × columns; of many columns fewer rows are taken, but not fewer than FEWER_ROWS
MOST_STACKED = 2_000_000  # values in one question to the model
MOST_REPEATS = 5
QUICK_SECONDS = 0.05  # repeats are made while they fit in
LIMIT_SECONDS = 2.0  # what takes longer is left out
MOST_KEPT = 100


@dataclass(frozen=True, slots=True)
class Importance:
    """By how much the metric gets worse per column, largest first; `how` says on what, or why nothing was measured."""

    drops: dict[str, float]
    how: str


class _TooSlow(Exception):
    """The time is over."""


def importance_of(metric: Metric, answers: Answers, *, seed: int = 0) -> Importance:
    """The importance of every column that the model takes, in the units of the metric."""
    names = feature_names(answers.X)
    if not names or answers.data.rows < LEAST_ROWS:
        return Importance({}, "")
    deadline = perf_counter() + LIMIT_SECONDS
    rows = max(FEWER_ROWS, min(MOST_ROWS, MOST_CELLS // len(names)))
    try:
        return _measured(metric, _some(answers, rows, seed), names, deadline, seed)
    except _TooSlow:
        return Importance({}, f"importance not measured, too slow: {len(names)} columns in over {LIMIT_SECONDS:g} s")
    except Exception as error:  # noqa: BLE001 - shown beside the checks, it must not stop them, whatever a column holds
        reason = error.message if isinstance(error, NbMlopsError) else type(error).__name__
        return Importance({}, f"importance not measured: {reason}")


def _some(answers: Answers, most: int, seed: int) -> Answers:
    """Answers still to be asked for, on at most so many rows."""
    data = answers.data.with_features(answers.X)
    if data.rows > most:
        data = data.taking(np.sort(np.random.default_rng(seed).choice(data.rows, most, replace=False)))
    return Answers(answers.estimator, data, who=answers.who)


def _measured(metric: Metric, answers: Answers, names: list[str], deadline: float, seed: int) -> Importance:
    """The mean loss over as many shuffles of each column as the time allows."""
    begun = perf_counter()
    whole = metric.of(answers)
    if math.isnan(whole):
        return Importance({}, "importance not measured: the metric is not defined on these rows")
    at_once = max(1, int((deadline - perf_counter()) / 4 / max(perf_counter() - begun, 1e-6)))
    random, losses, repeats = np.random.default_rng(seed), np.zeros(len(names)), 0
    begun = perf_counter()
    while repeats < MOST_REPEATS and (not repeats or (perf_counter() - begun) * (1 + 1 / repeats) <= QUICK_SECONDS):
        values = np.array(list(_shuffled(metric, answers, len(names), at_once, random, deadline)))
        losses += values - whole if metric.is_loss else whole - values
        repeats += 1
    found = dict(zip(names, (losses / repeats).tolist(), strict=True))
    ranked = sorted((name for name in names if math.isfinite(found[name])), key=found.__getitem__, reverse=True)
    what = "rise" if metric.is_loss else "drop"
    times = "once" if repeats == 1 else f"{repeats} times"
    how = f"{what} of {metric.name} when the column is shuffled, {answers.data.rows:,} rows, {times}"
    return Importance({name: found[name] for name in ranked[:MOST_KEPT]}, how)


def _shuffled(
    metric: Metric, answers: Answers, columns: int, at_once: int, random: np.random.Generator, deadline: float
) -> Iterator[float]:
    """The metric with each column shuffled in turn; raises _TooSlow after the deadline."""
    rows = answers.data.rows
    every, mixed = np.arange(rows), random.permutation(rows)
    step = max(1, min(at_once, MOST_STACKED // (rows * columns)))
    for start in range(0, columns, step):
        if perf_counter() > deadline:
            raise _TooSlow
        copies = min(step, columns - start)
        chosen: list[Rows] = []
        for column in range(columns):
            blocks = [mixed if start + copy == column else every for copy in range(copies)]
            chosen.append(np.concatenate(blocks))
        stacked = answers.data.taking(np.tile(every, copies), X=gathered(answers.X, chosen))
        asked = Answers(answers.estimator, stacked, who=answers.who)
        for copy in range(copies):
            yield metric.of(asked, np.arange(copy * rows, (copy + 1) * rows))
