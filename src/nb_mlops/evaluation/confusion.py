"""Metrics that only look at how often each class was predicted as each: f1, precision, recall, jaccard.

The table of (true class, predicted class) is counted once over the rows, a segment or a resample; that is all there is
to do per resample, where scikit-learn would look at every row again. Undefined ratios are 0, as scikit-learn has it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nb_mlops.evaluation.answers import Answers, Floats
from nb_mlops.evaluation.resampling import Resampling
from nb_mlops.evaluation.table import Rows

Ratio = Callable[[Floats, Floats, Floats], Floats]  # of true positives, false positives and false negatives


@dataclass(frozen=True, slots=True)
class Confused:
    """A ratio of the confusion table: of the positive class, or averaged over classes."""

    name: str
    ratio: Ratio
    average: str = ""
    most_resamples: int = 2_000

    def of(self, answers: Answers, rows: Rows | None = None) -> float:
        """The metric over all rows, or over some."""
        pairs, weight = answers.kept(_pairs, _pairs), answers.data.weight
        classes = len(answers.data.classes or ())
        if rows is not None:
            pairs, weight = pairs[rows], None if weight is None else weight[rows]
        return self._of_table(np.bincount(pairs, weight, minlength=classes**2).reshape(classes, classes))

    def resampled(self, answers: Answers, draws: Resampling) -> Floats:
        """The metric over each draw of rows."""
        return np.array([self.of(answers, rows) for rows in draws])

    def _of_table(self, table: NDArray[np.generic]) -> float:
        """The metric of a table with a row per true and a column per predicted class."""
        counts: Floats = table.astype(np.float64)
        hits, truly, said = counts.diagonal(), counts.sum(axis=1), counts.sum(axis=0)
        if self.average == "micro":
            hits, truly, said = hits.sum(keepdims=True), truly.sum(keepdims=True), said.sum(keepdims=True)
        by_class = self.ratio(hits, said - hits, truly - hits)
        if not self.average:
            return float(by_class[-1])
        if self.average == "weighted":
            return float(by_class @ truly / truly.sum()) if truly.any() else float("nan")
        seen = (truly > 0) | (said > 0)  # a class neither there nor predicted does not count
        return float(by_class[seen].mean()) if seen.any() else float("nan")


def precision(hits: Floats, wrongly: Floats, missed: Floats) -> Floats:
    """Of those predicted, the share that is right."""
    return _share(hits, hits + wrongly)


def recall(hits: Floats, wrongly: Floats, missed: Floats) -> Floats:
    """Of those that are of the class, the share that was found."""
    return _share(hits, hits + missed)


def f1(hits: Floats, wrongly: Floats, missed: Floats) -> Floats:
    """The harmonic mean of precision and recall."""
    return _share(2 * hits, 2 * hits + wrongly + missed)


def jaccard(hits: Floats, wrongly: Floats, missed: Floats) -> Floats:
    """Hits as a share of all that is of the class or was predicted to be."""
    return _share(hits, hits + wrongly + missed)


RATIOS: dict[str, Ratio] = {"precision": precision, "recall": recall, "f1": f1, "jaccard": jaccard}
AVERAGES = ("macro", "micro", "weighted")


def confused(name: str, wanted: str) -> Confused | None:
    """The metric that `wanted` (`f1`, `recall_macro`) names, or None where it is no ratio of this table."""
    ratio, _, average = wanted.partition("_")
    if ratio not in RATIOS or (average and average not in AVERAGES):
        return None
    return Confused(name, RATIOS[ratio], average)


def _pairs(answers: Answers) -> NDArray[np.intp]:
    """One number a row for (true class, predicted class)."""
    return np.asarray(answers.data.y * len(answers.data.classes or ()) + answers.labels, dtype=np.intp)


def _share(part: Floats, whole: Floats) -> Floats:
    return np.divide(part, whole, out=np.zeros_like(part), where=whole > 0)
