"""The skill of one feature alone: what it is known to be by other means, and when it is worth a note."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.stats import spearmanr
from sklearn.dummy import DummyClassifier, DummyRegressor
from sklearn.metrics import roc_auc_score

from tests.evaluation.models import numbers, result, run, three_classes, two_classes, value

RANDOM = np.random.default_rng(0)
Y = RANDOM.integers(0, 2, 600)


def predicting(X, y):
    """A model that takes these columns, and the rows."""
    return DummyClassifier().fit(X, y), X, y


def skill(y=Y, **columns):
    """The largest skill of these columns."""
    return value("leakage.max", predicting(pd.DataFrame(columns), np.asarray(y)))


def test_of_two_classes_it_is_the_area_under_the_curve_folded():
    x = Y + RANDOM.normal(size=600)
    assert skill(x=x) == skill(x=-x) == pytest.approx(roc_auc_score(Y, x))


def test_the_best_feature_is_named():
    found = result("leakage.max <= 0.9", predicting(pd.DataFrame({"noise": RANDOM.random(600), "refund": Y}), Y))
    assert not found.passed
    assert found.value == 1.0
    assert "refund alone, of 2 features" in found.detail


@pytest.mark.parametrize(
    "column",
    [
        np.arange(600),
        np.arange(600).astype(str).astype(object),
        np.array([f"id-{at}" for at in RANDOM.permutation(600)], dtype=object),
        np.ones(600),
        np.full(600, np.nan),
        np.full(600, None),
    ],
    ids=["row number", "texts", "identifier", "constant", "all missing", "all None"],
)
def test_what_tells_nothing_about_a_new_row_has_no_skill(column):
    assert skill(x=column) < 0.56


def test_codes_without_an_order_are_seen_through():
    assert skill(x=np.where(Y == 1, 4, RANDOM.choice([1, 9], 600))) > 0.99
    assert skill(x=np.where(Y == 1, "b", RANDOM.choice(["a", "c"], 600)).astype(object)) > 0.99


def test_what_is_missing_may_tell_it_all():
    assert skill(x=np.where(Y == 1, RANDOM.random(600), np.nan)) == 1.0
    assert skill(x=pd.to_datetime(pd.Series(np.where(Y == 1, "2026-01-01", None)))) == 1.0


def test_of_numbers_it_is_half_of_spearman_above_a_half():
    y = RANDOM.normal(size=500)
    X = pd.DataFrame({"x": np.round(-y + RANDOM.normal(size=500), 1)})
    found = value("leakage.max", (DummyRegressor().fit(X, y), X, y))
    assert found == pytest.approx(0.5 + abs(spearmanr(X["x"], y).statistic) / 2)


def test_texts_that_tell_a_number_are_found():
    y = RANDOM.normal(size=500)
    X = pd.DataFrame({"band": np.where(y > 0, "high", "low").astype(object)})
    assert value("leakage.max", (DummyRegressor().fit(X, y), X, y)) > 0.85


def test_several_classes_are_told_apart_pair_by_pair():
    y = np.arange(600) % 3
    assert skill(y, x=y * 2.0) == 1.0
    assert skill(y, x=RANDOM.random(600)) < 0.56
    assert skill(y, x=np.array(["p", "r", "q"], dtype=object)[y]) == 1.0
    halves = np.where(y == 2, 1.0, 0.0) + RANDOM.random(600) / 10  # tells one class from the two others
    assert skill(y, x=halves) == pytest.approx((1 + 1 + 0.5) / 3, abs=0.04)


def test_only_columns_that_the_model_takes_count():
    model, X, y = two_classes()
    assert value("leakage.max", (model, X.assign(answer=y), y)) < 0.9


@pytest.mark.parametrize(
    ("rows", "ones"), [(20, 10), (200, 3), (200, 0)], ids=["few rows", "a tiny class", "one class"]
)
def test_too_little_to_tell_is_said_so(rows, ones):
    y = np.r_[np.ones(ones, int), np.zeros(rows - ones, int)]
    X = pd.DataFrame({"x": y})
    model = DummyClassifier().fit(pd.DataFrame({"x": [0, 1]}), [0, 1])
    assert result("leakage.max <= 0.5", (model, X, y)).status == "too few"
    assert run("accuracy >= 0", (model, X, y)).notes == ()


def test_a_feature_that_gives_the_target_away_is_noted_unasked():
    X = pd.DataFrame({"age": RANDOM.random(600), "refunded_at": Y + RANDOM.random(600) / 10})
    (note,) = run("accuracy >= 0", predicting(X, Y)).notes
    assert note == "refunded_at alone predicts the target with skill 1.000 of 1: is it known beforehand?"


@pytest.mark.parametrize("task", [two_classes(), three_classes(), numbers()])
def test_ordinary_features_are_not_noted(task):
    assert run("leakage.max <= 0.98", task).notes == ()


def test_columns_that_are_no_values_are_left_alone():
    lists = pd.Series([[1]] * 600)
    assert skill(x=lists, z=Y + RANDOM.normal(size=600)) > 0.6
