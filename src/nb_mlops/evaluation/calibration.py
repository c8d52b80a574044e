"""How far probabilities are from what happens: the expected calibration error over bins of equal mass.

Naeini, Cooper and Hauskrecht, "Obtaining well calibrated probabilities using Bayesian binning", AAAI 2015 (ECE), with
equally filled bins as in Nguyen and O'Connor, EMNLP 2015, and Nixon et al., "Measuring calibration in deep learning",
CVPR workshops 2019: equal widths leave most bins of a rare class empty. The estimate is biased upwards when bins hold
few rows (Roelofs et al., AISTATS 2022), so the number of rows is part of the answer.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from nb_mlops.core.errors import BadInput
from nb_mlops.core.measures import MIN_SEGMENT_ROWS, Value
from nb_mlops.evaluation.answers import Answers, Floats

BINS = 15


def calibration_error(answers: Answers) -> Value:
    """Σ share of bin × |mean probability − share that came true|, from 0 (calibrated) to 1.

    Two classes: of the positive class. Several: of the class predicted, with its probability (Guo et al., ICML 2017).
    """
    if answers.data.classes is None:
        raise BadInput(
            "calibration_error is for models that give probabilities; this one predicts numbers.", "Try mae."
        )
    rows = answers.data.rows
    if rows < MIN_SEGMENT_ROWS:
        return Value.too_few(f"{rows} rows; it takes {MIN_SEGMENT_ROWS}")
    given = answers.probabilities
    if given.shape[1] == 2:
        confidence, came_true = given[:, 1], answers.data.y == 1
    else:
        confidence, came_true = given.max(axis=1), given.argmax(axis=1) == answers.data.y
    weight = np.ones(rows) if answers.data.weight is None else answers.data.weight
    bins = min(BINS, rows // 10)
    error = binned_error(confidence, came_true, weight, bins=bins)
    return Value(error, f"{bins} equally filled bins of {rows:,} rows")


def binned_error(confidence: Floats, came_true: NDArray[np.bool_], weight: Floats, *, bins: int) -> float:
    """The error over `bins` bins of equal weight; rows of one and the same probability share a bin."""
    order = np.argsort(confidence, kind="stable")
    ordered = confidence[order]
    first_of_tie = np.concatenate([[True], ordered[1:] != ordered[:-1]])
    tie = np.cumsum(first_of_tie) - 1
    before = np.concatenate([[0.0], np.cumsum(weight[order])[:-1]])[first_of_tie]  # the weight below each probability
    total = weight.sum()
    place = np.minimum((before / total * bins).astype(np.intp), bins - 1)[tie]
    gap = weight[order] * (ordered - came_true[order])
    return float(np.abs(np.bincount(place, gap, minlength=bins)).sum() / total)
