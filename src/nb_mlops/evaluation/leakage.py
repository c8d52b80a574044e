"""How well one feature alone tells the target: a number close to 1 is more often a leak than a discovery.

A column that is filled in after the outcome (a refund date, a closing balance) makes any model look splendid, on
held-out rows too, since these have it as well (Kaufman et al., "Leakage in data mining", KDD 2011). The skill of a
feature is from 0.5 (none) to 1 (perfect), worked out from ranks and counts, without fitting a model:

- two classes: the area under its ROC curve, folded at 0.5 (Hanley and McNeil 1982);
- several: the mean of that over pairs of classes, M of Hand and Till, Machine Learning 45, 2001 (of the 20 commonest);
- numbers: ½ + |ρ| / 2, with Spearman's rank correlation ρ (1904).

Categories have no order. Each is given what its rows in the other half of the data came to (the share of the positive
class, the mean, the commonest class by Goodman and Kruskal's λ, JASA 49, 1954), so that an identifier, which tells
nothing about a new row, gets no skill.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from nb_mlops.core.measures import MIN_SEGMENT_ROWS, Value
from nb_mlops.core.printable import one_line
from nb_mlops.evaluation.answers import Answers, Floats
from nb_mlops.evaluation.held_out import HeldOut
from nb_mlops.evaluation.table import columns, feature_names

NEARLY_PERFECT = 0.98
LEAST_OF_A_CLASS = 10  # rows; below, a feature tells classes apart by chance
MOST_CLASSES = 20
MOST_ROWS = 200_000
NOTE_COLUMNS, NOTE_CELLS = 300, 200_000  # what the unasked look costs at most
AS_CATEGORIES = 50  # numbers of so few distinct values may be codes, and are looked at as such too


def largest_skill(answers: Answers) -> Value:
    """The largest skill of a feature that the model takes, and its name."""
    data = answers.data
    if data.rows < MIN_SEGMENT_ROWS:
        return Value.too_few(f"{data.rows} rows; it takes {MIN_SEGMENT_ROWS}")
    if not feature_names(answers.X):
        return Value.not_applicable("the data has no columns to look at one by one")
    found = skills(answers, most_rows=MOST_ROWS)
    if not found:
        return Value.too_few(f"the classes have fewer than {LEAST_OF_A_CLASS} rows, or the target is constant")
    name = max(found, key=found.__getitem__)
    return Value(found[name], f"{one_line(name, most=60)} alone, of {len(found)} features (0.5 is none, 1 perfect)")


def leakage_note(answers: Answers) -> str:
    """A sentence where a feature alone tells the target nearly perfectly; looked for on a sample of rows."""
    names = feature_names(answers.X)
    if not names or answers.data.rows < MIN_SEGMENT_ROWS:
        return ""
    names = names[:NOTE_COLUMNS]
    found = skills(answers, most_rows=min(10_000, NOTE_CELLS // len(names)), only=names)
    suspects = sorted((name for name in found if found[name] >= NEARLY_PERFECT), key=found.__getitem__, reverse=True)
    if not suspects:
        return ""
    first = one_line(suspects[0], most=60)
    more = f" (and {len(suspects) - 1} more)" if len(suspects) > 1 else ""
    return f"{first}{more} alone predicts the target with skill {found[suspects[0]]:.3f} of 1: is it known beforehand?"


def skills(answers: Answers, *, most_rows: int, only: list[str] | None = None) -> dict[str, float]:
    """The skill of each feature (or some); none at all where the target is too uniform to be told."""
    data, X = answers.data, answers.X
    if data.rows > most_rows:
        data = data.with_features(X).taking(np.random.default_rng(0).choice(data.rows, most_rows, replace=False))
        X = data.X
    target = _target(data)
    if target is None:
        return {}
    fold = np.random.default_rng(1).random(data.rows) < 0.5
    wanted = None if only is None else set(only)
    found = columns(X).items()
    return {name: _skill(values, target, fold) for name, values in found if wanted is None or name in wanted}


Target = tuple[NDArray[Any], int]  # codes 0 … classes − 1, or numbers with 0 classes


def _target(data: HeldOut) -> Target | None:
    """The target as codes of classes that have enough rows (-1: of others), or as numbers; None where there is none."""
    if data.classes is None:
        return (data.y, 0) if len(np.unique(data.y)) > 1 else None
    counts = np.bincount(data.y, minlength=len(data.classes))
    kept = np.argsort(-counts, kind="stable")[:MOST_CLASSES]
    kept = np.sort(kept[counts[kept] >= LEAST_OF_A_CLASS])
    if len(kept) < 2:
        return None
    place = np.full(len(counts), -1)
    place[kept] = np.arange(len(kept))
    return place[data.y], len(kept)


def _skill(values: NDArray[Any], target: Target, fold: NDArray[np.bool_]) -> float:
    """The skill of one feature."""
    y, classes = target
    if classes and (y < 0).any():
        values, fold, y = values[y >= 0], fold[y >= 0], y[y >= 0]
    kind = values.dtype.kind
    codes, distinct = _codes(values)
    found = 0.5
    if kind in "biufmM":
        found = _of_order(codes, distinct, y, classes)
    if kind not in "biufmM" or distinct <= AS_CATEGORIES:
        found = max(found, _of_categories(codes, distinct, y, classes, fold))
    return min(max(found, 0.5), 1.0)


def _codes(values: NDArray[Any]) -> tuple[NDArray[np.intp], int]:
    """A code per row, in the order of numbers (what is missing comes last and is one value); and how many there are."""
    if values.dtype.kind in "biufmM":
        numbers = values.astype(np.int64) if values.dtype.kind in "mM" else values
        found, codes = np.unique(numbers, return_inverse=True)
        return codes, len(found)
    import pandas as pd

    try:
        codes = pd.factorize(values, use_na_sentinel=False)[0]
    except TypeError:  # lists and other things that cannot be told apart by value
        return np.zeros(len(values), np.intp), 1
    return codes, int(codes.max()) + 1 if len(codes) else 0


def _of_order(codes: NDArray[np.intp], distinct: int, y: NDArray[Any], classes: int) -> float:
    """The skill of a feature whose values have an order."""
    if not classes:
        return 0.5 + abs(_spearman(codes, distinct, y)) / 2
    cells = np.bincount(codes * classes + y, minlength=distinct * classes)
    counts: Floats = cells.reshape(distinct, classes).astype(np.float64)
    below = np.cumsum(counts, axis=0) - counts / 2
    sizes = counts.sum(axis=0)
    pairs = np.triu_indices(classes, 1)
    won = (counts.T @ below)[pairs] / np.outer(sizes, sizes)[pairs]
    return float(np.maximum(won, 1 - won).mean())


def _of_categories(
    codes: NDArray[np.intp], distinct: int, y: NDArray[Any], classes: int, fold: NDArray[np.bool_]
) -> float:
    """The skill of a feature whose values have no order, each half of the rows told by the other."""
    if classes > 2:
        return 0.5 + _lambda(codes, distinct, y, classes, fold) / 2
    told = np.full(len(y), float(y.mean()))
    for half in (fold, ~fold):
        rows = np.bincount(codes[~half], minlength=distinct)
        sums = np.bincount(codes[~half], y[~half], minlength=distinct)
        seen = rows[codes[half]] > 0
        told[half] = np.where(seen, (sums / np.maximum(rows, 1))[codes[half]], told[half])
    ranks, steps = _codes(told)
    if classes:
        counts: Floats = np.bincount(ranks * 2 + y, minlength=steps * 2).reshape(steps, 2).astype(np.float64)
        below = np.cumsum(counts[:, 0]) - counts[:, 0] / 2
        return float(counts[:, 1] @ below / counts.sum(axis=0).prod())
    return 0.5 + _spearman(ranks, steps, y) / 2


def _lambda(codes: NDArray[np.intp], distinct: int, y: NDArray[Any], classes: int, fold: NDArray[np.bool_]) -> float:
    """The share of wrong guesses that knowing the category takes away."""
    common = int(np.bincount(y).argmax())
    right = 0
    for half in (fold, ~fold):
        table = np.bincount(codes[~half] * classes + y[~half], minlength=distinct * classes).reshape(distinct, classes)
        guess = np.where(table.any(axis=1), table.argmax(axis=1), common)
        right += int(np.count_nonzero(guess[codes[half]] == y[half]))
    base = int(np.count_nonzero(y == common))
    return max(right - base, 0) / (len(y) - base) if base < len(y) else 0.0


def _spearman(codes: NDArray[np.intp], distinct: int, y: NDArray[Any]) -> float:
    """The correlation of ranks, ties sharing their mean; 0 where one side is constant."""
    other, steps = _codes(y)
    one_ranks, other_ranks = _mean_ranks(codes, distinct), _mean_ranks(other, steps)
    one_ranks, other_ranks = one_ranks - one_ranks.mean(), other_ranks - other_ranks.mean()
    scale = float(np.sqrt(np.square(one_ranks).sum() * np.square(other_ranks).sum()))
    return float((one_ranks * other_ranks).sum()) / scale if scale else 0.0


def _mean_ranks(codes: NDArray[np.intp], distinct: int) -> Floats:
    counts = np.bincount(codes, minlength=distinct)
    return np.asarray((np.cumsum(counts) - (counts - 1) / 2)[codes])
