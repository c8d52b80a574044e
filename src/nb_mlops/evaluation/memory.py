"""How much more memory predicting takes: the peak that `tracemalloc` sees while all held-out rows are predicted.

It sees what Python and NumPy allocate. What a library in C++ takes for itself (boosters, ONNX Runtime) it does not.
"""

from __future__ import annotations

import tracemalloc

from nb_mlops.core.measures import Value
from nb_mlops.evaluation.answers import Answers


def peak_memory(answers: Answers) -> Value:
    """Megabytes (10⁶ bytes) above what was there before."""
    fresh = Answers(answers.estimator, answers.data, who=answers.who)
    was_tracing = tracemalloc.is_tracing()
    if not was_tracing:
        tracemalloc.start()
    try:
        _ = fresh.X  # picking the model's columns is not the model's memory
        tracemalloc.reset_peak()
        before, _ = tracemalloc.get_traced_memory()
        _ = fresh.native_labels
        _, peak = tracemalloc.get_traced_memory()
    finally:
        if not was_tracing:
            tracemalloc.stop()
    detail = f"peak while predicting {answers.data.rows:,} rows at once, as tracemalloc sees it (Python and NumPy)"
    return Value((peak - before) / 1e6, detail)
