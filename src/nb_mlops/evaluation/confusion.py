"""Metrics that only look at how often each class was predicted as each: f1, precision, recall, jaccard, and others.

All of them are ratios of three counts a class: how often it was hit, predicted and true. A resample draws how often
each (true class, predicted class) occurs; no row is looked at again. Undefined ratios are 0, as scikit-learn has it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nb_mlops.evaluation.answers import Answers, Floats
from nb_mlops.evaluation.resampling import MOST, Block, Drawn, once
from nb_mlops.evaluation.table import Rows

Formula = Callable[[Floats, Floats, Floats], Floats]  # of hits, said and truly (resamples × classes): one a resample
Ratio = Callable[[Floats, Floats, Floats], Floats]  # of true positives, false positives and false negatives


@dataclass(frozen=True, slots=True)
class Confused:
    """A formula of how often each class was hit, said and true."""

    name: str
    formula: Formula
    is_loss: bool = False
    most_resamples: int = MOST

    def of(self, answers: Answers, rows: Rows | None = None) -> float:
        """The metric over all rows, or over some."""
        chosen = np.arange(answers.data.rows) if rows is None else rows
        return float(self.drawn(answers, chosen)(once(len(chosen)))[0])

    def drawn(self, answers: Answers, rows: Rows) -> Drawn:
        """The metric over resamples of `rows`, from how often each was drawn."""
        classes = len(answers.data.classes or ())
        truth, said = answers.data.y[rows], answers.labels[rows]
        right = np.flatnonzero(truth == said)
        weight = None if answers.data.weight is None else answers.data.weight[rows]
        hits, guesses, all_true = (
            _ByClass.of(truth, classes, right),
            _ByClass.of(said, classes),
            _ByClass.of(truth, classes),
        )

        def values(block: Block) -> Floats:
            mass = block.counts if weight is None else block.mass(weight)
            return self.formula(hits.sums(mass), guesses.sums(mass), all_true.sums(mass))

        return values

    def alike(self, answers: Answers) -> NDArray[np.intp] | None:
        """A code a row for (true class, predicted class); None where rows have weights."""
        if answers.data.weight is not None:
            return None
        return np.asarray(answers.data.y * len(answers.data.classes or ()) + answers.labels, dtype=np.intp)


@dataclass(frozen=True, slots=True, eq=False)
class _ByClass:
    """Adds up the counts of rows by their class."""

    classes: int
    order: NDArray[np.intp]
    starts: NDArray[np.intp]
    present: NDArray[np.intp]

    @classmethod
    def of(cls, codes: NDArray[np.intp], classes: int, chosen: NDArray[np.intp] | None = None) -> _ByClass:
        chosen = np.arange(len(codes)) if chosen is None else chosen
        order = chosen[np.argsort(codes[chosen], kind="stable")]
        present, starts = np.unique(codes[order], return_index=True)
        return cls(classes, order, starts, present)

    def sums(self, counts: NDArray[np.generic]) -> Floats:
        """Resamples × classes."""
        found = np.zeros((len(counts), self.classes))
        if len(self.order):
            found[:, self.present] = np.add.reduceat(counts[:, self.order], self.starts, axis=1)
        return found


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


def of_positive(ratio: Ratio) -> Formula:
    """The ratio of the positive class, the last."""
    return lambda hits, said, truly: ratio(hits, said - hits, truly - hits)[:, -1]


def macro(ratio: Ratio) -> Formula:
    """The mean over classes; one neither there nor predicted does not count."""

    def formula(hits: Floats, said: Floats, truly: Floats) -> Floats:
        seen = (truly > 0) | (said > 0)
        return _mean(ratio(hits, said - hits, truly - hits), seen.astype(np.float64))

    return formula


def weighted(ratio: Ratio) -> Formula:
    """The mean over classes, each counting by how often it is true."""
    return lambda hits, said, truly: _mean(ratio(hits, said - hits, truly - hits), truly)


def micro(ratio: Ratio) -> Formula:
    """The ratio of all classes' counts together."""

    def formula(hits: Floats, said: Floats, truly: Floats) -> Floats:
        right = hits.sum(axis=1)
        return ratio(right, said.sum(axis=1) - right, truly.sum(axis=1) - right)

    return formula


def balanced_accuracy(hits: Floats, said: Floats, truly: Floats) -> Floats:
    """The mean recall over the classes that are there."""
    return _mean(_share(hits, truly), (truly > 0).astype(np.float64))


def matthews_corrcoef(hits: Floats, said: Floats, truly: Floats) -> Floats:
    """The correlation of predicted and true class (Gorodkin 2004, for any number of classes); 0 for a constant one."""
    rows = truly.sum(axis=1)
    together = hits.sum(axis=1) * rows - (said * truly).sum(axis=1)
    by_said, by_truth = rows**2 - (said**2).sum(axis=1), rows**2 - (truly**2).sum(axis=1)
    return _share(together, np.sqrt(by_said) * np.sqrt(by_truth))


RATIOS: dict[str, Ratio] = {"precision": precision, "recall": recall, "f1": f1, "jaccard": jaccard}
AVERAGES: dict[str, Callable[[Ratio], Formula]] = {
    "": of_positive,
    "macro": macro,
    "micro": micro,
    "weighted": weighted,
}
FORMULAS: dict[str, Formula] = {"balanced_accuracy": balanced_accuracy, "matthews_corrcoef": matthews_corrcoef}


def confused(name: str, wanted: str) -> Confused | None:
    """The metric that `wanted` (`f1`, `recall_macro`) names, or None where these counts do not make it."""
    if wanted in FORMULAS:
        return Confused(name, FORMULAS[wanted])
    ratio, _, average = wanted.partition("_")
    if ratio not in RATIOS or average not in AVERAGES:
        return None
    return Confused(name, AVERAGES[average](RATIOS[ratio]))


def _share(part: Floats, whole: Floats) -> Floats:
    return np.divide(part, whole, out=np.zeros_like(part), where=whole > 0)


def _mean(by_class: Floats, mass: Floats) -> Floats:
    """The mean over classes by their mass; NaN where there is none."""
    total = mass.sum(axis=1)
    sums = np.asarray((by_class * mass).sum(axis=1))
    return np.asarray(np.divide(sums, total, out=np.full(len(total), np.nan), where=total > 0))
