"""A metric with noise in the numbers, and with each column missing in turn."""

from __future__ import annotations

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from scipy import sparse
from sklearn.compose import make_column_transformer
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder

from nb_mlops.core.errors import BadInput
from tests.evaluation.models import features, numbers, result, run, score_of, three_classes, two_classes, value

TWO = two_classes()


def mixed(rows=400, seed=0):
    """A number, a whole number, a flag and a text, of which the text matters most."""
    random = np.random.default_rng(seed)
    X = pd.DataFrame({
        "amount": random.normal(100, 20, rows), "count": random.integers(0, 50, rows),
        "member": random.integers(0, 2, rows), "plan": random.choice(["basic", "gold"], rows),
    })  # fmt: skip
    y = ((X["plan"] == "gold") * 3 + (X["amount"] - 100) / 20 + random.normal(size=rows) > 1.5).astype(int)
    return X, y.to_numpy()


def of_mixed():
    encode = make_column_transformer((OneHotEncoder(), ["plan"]), remainder="passthrough")
    return make_pipeline(encode, LogisticRegression(max_iter=1_000)).fit(*mixed()), *mixed(seed=1)


def test_noise_costs_a_little_and_the_same_each_time():
    found = run("roc_auc.noisy > 0.5\nroc_auc > 0", TWO)
    noisy, point = (each.value for each in found.results)
    assert point - 0.05 < noisy < point
    assert noisy == value("roc_auc.noisy", TWO)
    assert found.results[0].detail == "noise of 0.1 standard deviations in 3 of 3 columns"


def test_noise_is_added_to_numbers_and_not_to_flags_or_texts():
    found = result("roc_auc.noisy > 0.5", of_mixed())
    assert "in 2 of 4 columns" in found.detail


def test_whole_numbers_stay_whole():
    class OnlyWhole:
        classes_ = np.array([0, 1])

        def predict(self, X):
            assert X["count"].dtype.kind == "i"
            return (X["count"] > 25).astype(int).to_numpy()

    X, y = mixed()
    assert value("accuracy.noisy", (OnlyWhole(), X, y)) > 0.3


def test_a_brittle_model_shows():
    class Brittle:
        classes_ = np.array([0, 1])

        def predict(self, X):
            return np.isin(X["a"], TWO[1]["a"]).astype(int)

    X = TWO[1]
    y = np.r_[np.ones(399, int), 0]
    found = run("accuracy > 0\naccuracy.noisy > 0.9", (Brittle(), X, y))
    assert found.metrics["accuracy"] > 0.99
    assert not found.passed


def test_the_worst_missing_column_is_named():
    model, X, y = TWO
    found = run("roc_auc.missing > 0.4", TWO)
    by_hand = {}
    for name in X.columns:  # a logistic regression takes no NaN: the median stands in
        middle = np.sort(X[name])[199]
        by_hand[name] = roc_auc_score(y, model.decision_function(X.assign(**{name: middle})))
    worst = min(by_hand, key=by_hand.get)
    assert found.results[0].value == pytest.approx(by_hand[worst])
    assert f"worst of 3 columns: without {worst} (the median instead)" in found.results[0].detail


def test_a_model_that_takes_nan_is_given_nan():
    X, y = features(400), score_of(features(400)) > 0.5
    model = HistGradientBoostingClassifier(max_iter=20).fit(X, y.astype(int))
    assert "(NaN instead)" in result("roc_auc.missing > 0", (model, *TWO[1:])).detail


def test_of_texts_the_most_frequent_one_stands_in():
    found = result("roc_auc.missing > 0", of_mixed())
    assert "without plan (the most frequent value instead)" in found.detail


def test_the_worst_of_a_loss_is_the_largest():
    task = numbers()
    assert value("rmse.missing", task) > value("rmse", task)
    assert value("neg_root_mean_squared_error.missing", task) == pytest.approx(-value("rmse.missing", task))


@pytest.mark.parametrize("task", [three_classes(), numbers()], ids=["several classes", "numbers"])
def test_every_task_can_be_made_worse(task):
    metric = "r2" if task[0].__class__.__name__ == "LinearRegression" else "f1_macro"
    assert run(f"{metric}.noisy > 0.1\n{metric}.missing > -1", task).passed


def test_production_can_be_made_worse_too():
    line = "roc_auc.noisy >= production.roc_auc.noisy"
    assert result(line, TWO, production=lambda alias: TWO[0]).passed


class TakesAnything:
    classes_ = np.array([0, 1])

    def predict(self, X):
        table = X.to_pandas() if hasattr(X, "to_pandas") else pd.DataFrame(X)
        return (table.iloc[:, 0].fillna(1).to_numpy() > 0).astype(int)


@pytest.mark.parametrize("kind", ["pandas", "numpy", "polars", "arrow"])
def test_tables_of_any_kind_can_be_made_worse(kind):
    X = TWO[1]
    native = {"pandas": X, "numpy": X.to_numpy(), "polars": pl.from_pandas(X), "arrow": pa.Table.from_pandas(X)}[kind]
    found = run("accuracy.noisy > 0.5\naccuracy.missing > 0.1", (TakesAnything(), native, TWO[2]))
    assert found.passed
    assert "(NaN instead)" in found.results[1].detail
    assert X.equals(TWO[1])


def test_columns_named_by_numbers_and_pandas_own_types_work():
    X, y = mixed()
    X = X.assign(plan=X["plan"].astype("category"), count=X["count"].astype("Int64")).set_axis(range(4), axis=1)

    class ByPlan:
        classes_ = np.array([0, 1])

        def predict(self, X):
            assert str(X[3].dtype) == "category"
            return (X[3] == "gold").astype(int).to_numpy()

    found = run("accuracy.missing > 0.4\naccuracy.noisy > 0.6", (ByPlan(), X, y))
    assert "without 3 (NaN instead)" in found.results[0].detail


def test_flags_and_dates_can_go_missing():
    X, y = mixed()
    X = X[["amount"]].assign(flag=X["member"] == 1, day=pd.Timestamp("2026-01-01") + pd.to_timedelta(X["count"], "D"))

    class ByFlag:
        classes_ = np.array([0, 1])

        def predict(self, X):
            return (X["flag"].astype(float).fillna(0) > 0).astype(int).to_numpy()

    found = run("accuracy.missing > 0.1\naccuracy.noisy > 0.1", (ByFlag(), X, y))
    assert found.passed
    assert "in 1 of 3 columns" in found.results[1].detail


def test_what_a_model_says_about_such_rows_is_not_heard():
    import warnings

    class Talkative(TakesAnything):
        def predict(self, X):
            if X.isna().any(axis=None):
                warnings.warn("rows with NaN", stacklevel=1)
            return super().predict(X)

    assert run("accuracy.missing > 0.1", (Talkative(), *TWO[1:])).passed


def test_data_without_columns_is_not_applicable():
    class Texts:
        classes_ = np.array([0, 1])

        def predict(self, X):
            return np.zeros(X.shape[0], int)

    for X in (sparse.csr_matrix(np.eye(40)), np.array(["some text"] * 40), pd.Series(["some text"] * 40)):
        for word in ("noisy", "missing"):
            assert result(f"accuracy.{word} > 0", (Texts(), X, np.arange(40) % 2)).status == "not applicable"


def test_a_constant_column_takes_no_noise():
    X = TWO[1].assign(a=1.0, b=np.nan, c=0)
    assert result("accuracy.noisy > 0", (TakesAnything(), X, TWO[2])).status == "not applicable"


def test_more_is_refused_in_words():
    with pytest.raises(BadInput) as caught:
        result("roc_auc.noise > 0", TWO)
    assert "noisy" in caught.value.hint
