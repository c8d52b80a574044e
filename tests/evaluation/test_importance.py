"""What a model lives on: the loss when a column is shuffled, bounded in time."""

from __future__ import annotations

import time

import numpy as np
import pandas as pd
import pytest
from sklearn.inspection import permutation_importance

from nb_mlops.evaluation import importance
from tests.evaluation.models import numbers, run, three_classes, two_classes

TWO = two_classes(1_000)


def test_columns_are_ranked_as_scikit_learn_ranks_them():
    found = run("roc_auc >= 0", TWO, importance=True).importance
    theirs = permutation_importance(*TWO, scoring="roc_auc", n_repeats=20, random_state=0).importances_mean
    assert found.drops == pytest.approx(dict(zip("abc", theirs, strict=True)), abs=0.02)
    assert list(found.drops)[-1] == "c"
    assert found.how.startswith("drop of roc_auc when the column is shuffled, 1,000 rows, ")


def test_a_loss_rises():
    found = run("rmse <= 100", numbers(), importance=True).importance
    assert found.drops["a"] > 0.3 > found.drops["c"]
    assert found.how.startswith("rise of rmse")


@pytest.mark.parametrize(
    ("task", "metric"), [(two_classes(), "accuracy"), (three_classes(), "accuracy"), (numbers(), "rmse")]
)
def test_where_no_metric_is_checked_the_usual_one_is_taken(task, metric):
    assert f" of {metric} when" in run("latency_ms.p50 < 1000", task, importance=True).importance.how


def test_it_is_not_measured_unasked():
    assert run("roc_auc >= 0", TWO).importance.drops == {}


class Slow:
    classes_ = np.array([0, 1])

    def predict(self, X):
        time.sleep(0.02)
        return (X["a"] > 0).astype(int).to_numpy()


def test_a_slow_model_is_left_out_and_said_so(monkeypatch):
    monkeypatch.setattr(importance, "LIMIT_SECONDS", 0.05)
    found = run("accuracy >= 0", (Slow(), *TWO[1:]), importance=True).importance
    assert found.drops == {}
    assert found.how.startswith("importance not measured, too slow")


def test_at_most_so_many_rows_and_columns_are_kept():
    X = pd.DataFrame(np.random.default_rng(0).normal(size=(3_000, 120))).rename(columns="x{}".format)

    class First:
        classes_ = np.array([0, 1])

        def predict(self, X):
            return (X["x0"] > 0).astype(int).to_numpy()

    found = run("accuracy >= 0", (First(), X, (X["x0"] > 0).astype(int).to_numpy()), importance=True).importance
    assert len(found.drops) == 100
    assert next(iter(found.drops)) == "x0"
    assert "500 rows" in found.how


def test_a_model_that_refuses_is_no_error_here():
    def once(model, X, y, asked=[]):  # noqa: B006 - it remembers
        asked.append(1)
        if len(asked) > 1:
            raise ValueError("not again")
        return 1.0

    found = run("mine > 0", TWO, scorers={"mine": once}, importance=True)
    assert found.passed
    assert found.importance.how == "importance not measured: mine cannot be computed here: not again"


def test_few_rows_and_texts_have_none():
    assert run("accuracy >= 0", two_classes(20), importance=True).importance.how == ""
