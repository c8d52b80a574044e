"""Bootstrap samples of metrics: of one model, or of two on the same draws, so that their difference is paired.

Everything that a validation will ask is drawn together: the same resamples serve every metric whose rows are drawn one
by one, and a metric that tells few groups of rows apart draws those instead.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from nb_mlops.evaluation.answers import Answers, Floats
from nb_mlops.evaluation.held_out import HeldOut
from nb_mlops.evaluation.metrics import Metric
from nb_mlops.evaluation.resampling import MOST, Resampling
from nb_mlops.evaluation.table import Rows

Key = TypeVar("Key")
Asked = tuple[tuple[Metric, Answers], ...]  # one metric of one model, or two that see the same draws


def samples(
    asked: Mapping[Key, Asked], data: HeldOut, *, rows: Rows | None = None, most: int = MOST, seed: int = 0
) -> dict[Key, tuple[Floats, ...]]:
    """The value in every resample of all rows (or some), for each thing that is asked; classes keep their sizes."""
    chosen = np.arange(data.rows) if rows is None else rows
    strata = None if data.classes is None else data.y
    found: dict[Key, tuple[Floats, ...]] = {}
    together: dict[int, list[Key]] = {}  # by the number of resamples
    for key, pairs in asked.items():
        count = min(most, *(metric.most_resamples for metric, _ in pairs))
        draws = Resampling.of(chosen, strata, alike=_alike(pairs), most=count, seed=seed)
        if draws.is_grouped:
            found[key] = tuple(draws.values([metric.drawn(answers, draws.rows) for metric, answers in pairs]))
        else:
            together.setdefault(count, []).append(key)
    for count, keys in together.items():
        draws = Resampling.of(chosen, strata, most=count, seed=seed)
        found |= _drawn_together(draws, {key: asked[key] for key in keys}, threads=count == MOST)
    return found


def _drawn_together(draws: Resampling, asked: Mapping[Key, Asked], *, threads: bool) -> dict[Key, tuple[Floats, ...]]:
    """Scorers are anybody's code, so they are asked one at a time; what is counted here runs on threads."""
    measures = [metric.drawn(answers, draws.rows) for pairs in asked.values() for metric, answers in pairs]
    values = iter(draws.values(measures, threads=threads))
    return {key: tuple(next(values) for _ in pairs) for key, pairs in asked.items()}


def _alike(pairs: Sequence[tuple[Metric, Answers]]) -> NDArray[np.intp] | None:
    """A code a row for what none of the metrics can tell apart; None where every row is its own."""
    codes: NDArray[np.intp] | None = None
    for metric, answers in pairs:
        more = metric.alike(answers)
        if more is None:
            return None
        if codes is None:
            codes = more
        else:
            both = codes * (int(more.max()) + 1) + more
            codes = np.asarray(np.unique(both, return_inverse=True)[1], dtype=np.intp)
    return codes
