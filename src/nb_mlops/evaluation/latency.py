"""How long a single row takes: `predict` timed one row at a time, on this machine, after a warm-up."""

from __future__ import annotations

from dataclasses import dataclass
from time import perf_counter_ns

import numpy as np
from numpy.typing import NDArray

from nb_mlops.core.errors import BadInput
from nb_mlops.core.measures import Value
from nb_mlops.core.printable import one_line
from nb_mlops.evaluation.answers import Answers
from nb_mlops.evaluation.table import take

WARM_UP = 10  # calls that do not count: caches fill, threads start
CALLS = 300
LEAST_CALLS = 20
LIMIT_SECONDS = 5.0  # a slow model is timed on fewer calls, and the result says on how many


@dataclass(frozen=True, slots=True, eq=False)
class Latency:
    """Milliseconds of single-row calls."""

    milliseconds: NDArray[np.float64]

    def percentile(self, name: str) -> Value:
        """`p50`, `p95` or `p99`."""
        value = float(np.percentile(self.milliseconds, int(name.removeprefix("p"))))
        return Value(value, f"{len(self.milliseconds)} single-row predict calls on this machine")


def timed(answers: Answers) -> Latency:
    """Times `predict` on single rows spread evenly over the held-out data; cutting the row out is not counted."""
    rows, features, predict = answers.data.rows, answers.X, answers.estimator.predict
    chosen = np.linspace(0, rows - 1, WARM_UP + CALLS).astype(int)
    taken: list[float] = []
    deadline = perf_counter_ns() + LIMIT_SECONDS * 1e9
    for call, at in enumerate(chosen):
        row = take(features, slice(int(at), int(at) + 1))
        start = perf_counter_ns()
        try:
            predict(row)
        except Exception as error:  # it is the user's model: anything may come out of it
            reason = one_line(str(error).partition("\n")[0] or type(error).__name__)
            raise BadInput(f"{answers.who} does not take a single row: {reason}", "latency_ms needs that.") from error
        end = perf_counter_ns()
        if call >= WARM_UP:
            taken.append((end - start) / 1e6)
        if end > deadline and len(taken) >= LEAST_CALLS:
            break
    return Latency(np.array(taken))
