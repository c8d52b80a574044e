"""Calibration error: none where probabilities are right, all of it where they are wrong."""

from __future__ import annotations

import numpy as np
import pytest

from nb_mlops.evaluation.calibration import binned_error

RANDOM = np.random.default_rng(0)


def error(confidence, came_true, bins=15, weight=None):
    weight = np.ones(len(confidence)) if weight is None else weight
    return binned_error(np.asarray(confidence, float), np.asarray(came_true, bool), weight, bins=bins)


def test_right_probabilities_have_almost_no_error():
    confidence = RANDOM.random(200_000)
    assert error(confidence, RANDOM.random(200_000) < confidence) < 0.01


@pytest.mark.parametrize("shift", [0.05, 0.2])
def test_probabilities_that_are_off_by_a_constant_have_that_error(shift):
    truth = RANDOM.random(200_000) * 0.7
    assert error(truth + shift, RANDOM.random(200_000) < truth) == pytest.approx(shift, abs=0.01)


def test_one_probability_for_all_is_one_bin():
    assert error([0.5] * 100, [True] * 50 + [False] * 50) == 0.0
    assert error([0.9] * 100, [True] * 50 + [False] * 50) == pytest.approx(0.4)


def test_the_order_of_rows_does_not_matter():
    confidence = RANDOM.integers(0, 20, 1_000) / 20  # many ties
    came_true = RANDOM.random(1_000) < 0.4
    order = RANDOM.permutation(1_000)
    assert error(confidence, came_true) == pytest.approx(error(confidence[order], came_true[order]))


def test_a_weight_of_two_is_two_rows():
    confidence, came_true = RANDOM.random(300), RANDOM.random(300) < 0.5
    twice = error(np.repeat(confidence, 2), np.repeat(came_true, 2))
    assert error(confidence, came_true, weight=np.full(300, 2.0)) == pytest.approx(twice)
