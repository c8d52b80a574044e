"""Against the version in production, with a margin: decided by what the rows can show, on the same resamples."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.linear_model import LinearRegression, LogisticRegression

from tests.evaluation.models import features, numbers, result, score_of, three_classes, two_classes

TWO, NUMBERS = two_classes(2_000), numbers()


def against(line, task, production, **options):
    return result(line, task, production={"production": production}.get, **options)


@pytest.mark.parametrize("metric", ["roc_auc", "f1", "accuracy", "average_precision", "matthews_corrcoef"])
@pytest.mark.parametrize("margin", ["- 0.005", "* 0.98"])
def test_the_identical_model_is_not_inferior(metric, margin):
    found = against(f"{metric} >= production.{metric} {margin}", TWO, TWO[0])
    assert found.passed
    assert "95% lower end" in found.detail


@pytest.mark.parametrize(
    "line", ["rmse <= production.rmse + 0.1", "mae <= production.mae * 1.02", "r2 >= production.r2 - 0.01"]
)
def test_losses_and_relative_margins_work_the_same(line):
    assert against(line, NUMBERS, NUMBERS[0]).passed


def test_a_clearly_worse_model_fails():
    X, y = TWO[1:]
    production = LogisticRegression().fit(X, y)
    worse = LogisticRegression().fit(X[["a"]], y)
    assert not against("roc_auc >= production.roc_auc - 0.005", (worse, X, y), production).passed


def test_a_point_within_the_margin_fails_where_few_rows_cannot_show_it():
    few, many = slice(0, 60), slice(0, 2_000)
    production = LogisticRegression(C=0.1).fit(features(400), score_of(features(400)) > 0.5)
    line = "accuracy >= production.accuracy - 0.02"
    within, sure = (against(line, (TWO[0], TWO[1].iloc[rows], TWO[2][rows]), production) for rows in (few, many))
    assert sure.passed
    assert within.value >= within.limit
    assert not within.passed
    assert "more rows narrow it" in within.detail


def test_under_thirty_rows_the_point_decides_and_says_so():
    task = TWO[0], TWO[1].iloc[:20], TWO[2][:20]
    found = against("accuracy >= production.accuracy - 0.01", task, TWO[0])
    assert found.passed
    assert "decided by the point: 20 rows; a paired interval takes 30" in found.detail


def test_the_paired_interval_is_far_narrower_than_two_apart():
    model, X, y = TWO
    production = LogisticRegression(C=0.05).fit(features(400), (score_of(features(400)) > 0.5).astype(int))
    found = against("roc_auc >= production.roc_auc - 0.02", (model, X, y), production)
    assert found.passed
    assert "2,000 resamples of 2,000 rows" in found.detail
    apart = against("roc_auc.ci_low >= production.roc_auc.ci_high - 0.02", (model, X, y), production)
    assert not apart.passed


def test_a_difference_of_two_scorers_of_ones_own_is_paired_too():
    scorers = {"mine": lambda model, X, y: float((model.predict(X) == y).mean())}
    task = TWO[0], TWO[1].iloc[:100], TWO[2][:100]
    found = against("mine >= production.mine - 0.01", task, TWO[0], scorers=scorers)
    assert found.passed
    assert "200 resamples of 100 rows" in found.detail


def test_a_slow_scorer_is_not_resampled_for_an_interval_that_decides_nothing():
    asked = []
    scorers = {"mine": lambda model, X, y: asked.append(1) or float((model.predict(X) == y).mean())}
    found = against("mine >= production.mine", TWO, TWO[0], scorers=scorers)
    assert found.passed
    assert len(asked) == 2
    assert found.detail == "by a scorer of one's own; by a scorer of one's own"


def test_several_classes_are_compared_by_a_metric_of_theirs():
    task = three_classes()
    assert against("f1_macro >= production.f1_macro - 0.01", task, task[0]).passed
    assert against("roc_auc_ovr >= production.roc_auc_ovr - 0.01", task, task[0]).passed


def test_the_error_rate_is_the_promised_five_percent():
    """Two models whose true accuracies differ by exactly the margin: about 5 % of fresh holdouts may say otherwise."""
    random, passed = np.random.default_rng(0), 0

    class Wrong:
        classes_ = np.array([0, 1])

        def __init__(self, column):
            self.column = column

        def predict(self, X):
            return X[:, self.column].astype(int)

    for _ in range(200):
        y = random.integers(0, 2, 500)
        X = np.column_stack([np.where(random.random(500) < share, y, 1 - y) for share in (0.80, 0.85)])
        passed += against("accuracy >= production.accuracy - 0.05", (Wrong(0), X, y), Wrong(1), seed=1).passed
    assert 0.01 <= passed / 200 <= 0.10


def test_nothing_in_production_is_still_not_applicable():
    found = result("roc_auc >= production.roc_auc - 0.005", TWO, production=lambda alias: None)
    assert (found.passed, found.status) == (True, "not applicable")


def test_a_regression_is_compared_on_the_same_rows():
    X, y = NUMBERS[1:]
    found = against("rmse <= production.rmse + 0.01", NUMBERS, LinearRegression().fit(X[["a"]], y))
    assert found.passed
    assert "paired difference -" in found.detail
