"""Checks on held-out data: other aliases, segments, intervals, sizes, and data that cannot be judged."""

from __future__ import annotations

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import f1_score, roc_auc_score

from nb_mlops.core.checks import parse_lines
from nb_mlops.core.errors import BadInput, NbMlopsError
from tests.evaluation.models import features, numbers, result, run, three_classes, two_classes, value

TWO = two_classes()
REGION = np.where(TWO[1]["c"] > 0, "north", "south").astype(object)


def test_production_is_measured_on_the_same_rows():
    _, X, y = TWO
    weaker = LogisticRegression().fit(X[["c"]], y)
    found = run("roc_auc >= production.roc_auc + 0.1", TWO, production={"production": weaker}.get)
    assert found.metrics["production.roc_auc"] == pytest.approx(roc_auc_score(y, weaker.predict_proba(X[["c"]])[:, 1]))
    assert found.results[0].limit == pytest.approx(found.metrics["production.roc_auc"] + 0.1)


@pytest.mark.parametrize("production", [None, lambda alias: None])
def test_nothing_in_production_is_not_applicable_and_passes(production):
    found = result("roc_auc >= production.roc_auc", TWO, production=production)
    assert (found.passed, found.status) == (True, "not applicable")
    assert "nothing is in production" in found.detail


def test_a_production_model_that_refuses_the_rows_is_an_error_that_names_it():
    other = LogisticRegression().fit(features(50).rename(columns={"a": "z"}), [0, 1] * 25)
    with pytest.raises(BadInput, match="lacks 1 of the model's columns: z"):
        result("roc_auc >= production.roc_auc", TWO, production=lambda alias: other)


def test_the_worst_segment_is_named():
    model, X, y = TWO
    found = run("f1.by(region).min > 0\nf1.by(region).gap < 1", TWO, by={"region": REGION})
    by_hand = {name: f1_score(y[name == REGION], model.predict(X[name == REGION])) for name in ("north", "south")}
    assert found.segments["f1.by(region)"] == pytest.approx(by_hand)
    assert found.results[0].value == pytest.approx(min(by_hand.values()))
    assert min(by_hand, key=by_hand.get) in found.results[0].detail
    assert found.results[1].value == pytest.approx(max(by_hand.values()) - min(by_hand.values()))


def test_the_worst_segment_comes_with_its_value_rows_and_interval():
    found = run("f1.by(region).min > 0\nf1.by(region).gap < 1", TWO, by={"region": REGION})
    values, rows = found.segments["f1.by(region)"], {name: (name == REGION).sum() for name in ("north", "south")}
    worst, best = sorted(values, key=values.get)
    shown = {name: f"{name} {values[name]:.4g}, {rows[name]} rows, 95% interval 0." for name in values}
    assert found.results[0].detail.startswith(shown[worst])
    assert found.results[1].detail.startswith(f"from {shown[worst]}")
    assert f" to {shown[best]}" in found.results[1].detail


def test_a_segment_has_no_interval_where_it_would_take_long():
    scorers = {"mine": lambda model, X, y: float((model.predict(X) == y).mean())}
    found = result("mine.by(region).min > 0", TWO, by={"region": REGION}, scorers=scorers)
    assert "interval" not in found.detail


def test_a_check_of_the_policy_is_added_once_and_marked():
    required = parse_lines("roc_auc >= 0.6\nf1 >= 0.5")
    found = run("f1>=0.50\naccuracy > 0", TWO, required=required).results
    assert [(each.check, each.required) for each in found] == [
        ("f1 >= 0.5", True), ("accuracy > 0", False), ("roc_auc >= 0.6", True),
    ]  # fmt: skip


@pytest.mark.parametrize("line", ["f1.by(region).min >= 0.5", "rmse <= 1", "no_such_metric >= 1", "roc_auc_ovr > 0.5"])
def test_a_check_of_the_policy_that_cannot_be_computed_is_not_judged(line):
    found = run("accuracy > 0", (TakesAnything(), *TWO[1:]), required=parse_lines(line)).results[-1]
    assert (found.status, found.passed, found.required) == ("not judged", False, True)
    assert "is asked by the policy and cannot be computed here: " in found.detail


def test_a_check_of_the_policy_that_cannot_be_computed_leaves_the_others_alone():
    typed = "roc_auc.ci_low > 0.5\nroc_auc >= production.roc_auc - 0.1"
    found = run(typed, TWO, required=parse_lines("rmse.ci_low >= 0"), production=lambda alias: TWO[0])
    assert [each.status for each in found.results] == ["passed", "passed", "not judged"]


def test_what_is_not_applicable_passes_though_the_policy_asks_for_it():
    found = run("f1 > 0", TWO, required=parse_lines("f1 >= production.f1\nsize_mb <= 1")).results
    assert [(each.status, each.passed) for each in found[1:]] == [("not applicable", True)] * 2


@pytest.mark.parametrize("metric", ["roc_auc", "log_loss", "matthews_corrcoef", "mine"])
def test_each_kind_of_metric_is_measured_by_segment(metric):
    scorers = {"mine": lambda model, X, y: roc_auc_score(y, model.predict_proba(X)[:, 1])}
    found = run(f"{metric}.by(region).min > -1", TWO, by={"region": REGION}, scorers=scorers)
    south = TWO[1][REGION == "south"], TWO[2][REGION == "south"]
    alone = value(metric, (TWO[0], *south), scorers=scorers)
    assert found.segments[f"{metric}.by(region)"]["south"] == pytest.approx(alone)


def test_a_small_segment_is_too_few_and_does_not_fail():
    region = REGION.copy()
    region[:29] = "tiny"
    found = result("accuracy.by(region).min > 0.1", TWO, by={"region": region})
    assert found.passed
    assert "too few rows (under 30): tiny" in found.detail
    alone = result("accuracy.by(region).min > 0.99", TWO, by={"region": np.arange(400) // 20})
    assert (alone.passed, alone.status) == (True, "too few")


def test_missing_values_are_a_segment_of_their_own():
    region = REGION.copy()
    region[:100] = None
    assert "(missing)" in run("f1.by(region).min > 0", TWO, by={"region": region}).segments["f1.by(region)"]


def test_a_segment_of_one_class_is_not_defined_and_left_out():
    region = np.where(TWO[2] == 1, "all positive", REGION)
    region[:60] = "both"
    found = result("roc_auc.by(region).min > 0", TWO, by={"region": region})
    assert "not defined" in found.detail


def test_segments_come_from_the_data_too_and_by_name_are_shown_unasked():
    model, X, y = TWO
    table = X.assign(**{"Home Region": REGION})
    assert run('f1.by("Home Region").min > 0', (model, table, y)).results[0].passed
    assert set(run("f1 > 0", (model, table, y), by=["Home Region"]).segments) == {'f1.by("Home Region")'}


def test_an_unknown_segment_column_lists_near_ones():
    with pytest.raises(BadInput) as caught:
        result("f1.by(region).min > 0", TWO, by={"regions": REGION})
    assert caught.value.hint == "Did you mean regions?"


def test_a_segment_column_is_as_long_as_the_data():
    with pytest.raises(BadInput, match="has shape"):
        result("f1.by(region).min > 0", TWO, by={"region": REGION[:5]})


def test_a_column_of_thousands_of_values_makes_no_segments():
    with pytest.raises(BadInput, match=r"has 2,000 values; segments are at most 1,000"):
        result("f1.by(customer).min > 0", two_classes(2_000), by={"customer": np.arange(2_000)})


@pytest.mark.parametrize("metric", ["roc_auc", "f1", "accuracy", "average_precision", "matthews_corrcoef"])
def test_an_interval_holds_the_value(metric):
    lines = f"{metric}.ci_low > 0\n{metric}.ci_high > 0\n{metric} > 0"
    found = run(lines, TWO)
    low, high, point = (each.value for each in found.results)
    assert low < point < high
    assert high - low < 0.2


def test_an_interval_is_the_same_each_time_for_one_seed():
    first, again, other = (value("roc_auc.ci_low", TWO, seed=seed) for seed in (0, 0, 1))
    assert first == again != other


def test_an_interval_says_how_it_was_made():
    assert "2,000 resamples of 400 rows" in result("f1.ci_low > 0", TWO).detail


def test_the_interval_of_a_share_is_as_wide_as_the_binomial_says():
    model, X, y = numbers(4_000)
    found = run("mae.ci_low > 0\nmae.ci_high > 0", (model, X, y))
    low, high = (each.value for each in found.results)
    standard_error = np.abs(model.predict(X) - y).std() / np.sqrt(4_000)
    assert (high - low) == pytest.approx(2 * 1.96 * standard_error, rel=0.1)


def test_an_interval_of_few_rows_is_too_few():
    assert result("accuracy.ci_low > 0.99", two_classes(20)).status == "too few"


def test_latency_is_timed_by_the_row():
    found = run("latency_ms.p50 < 1000\nlatency_ms.p99 < 1000", TWO)
    assert 0 < found.metrics["latency_ms.p50"] <= found.metrics["latency_ms.p99"]
    assert "300 single-row predict calls" in found.results[0].detail


def test_size_is_in_millions_of_bytes():
    assert value("size_mb", TWO, size_bytes=2_500_000) == 2.5
    assert result("size_mb < 1", TWO).status == "not applicable"


@pytest.mark.parametrize(
    ("drift", "status"),
    [
        (lambda: 0.2, "failed"),
        (lambda: 0.01, "passed"),
        (lambda: None, "not applicable"),
        (None, "not applicable"),
    ],
)
def test_drift_is_asked_of_whoever_knows(drift, status):
    assert result("drift.max <= 0.05", TWO, drift=drift).status == status


def as_native(kind, X):
    return {"pandas": X, "numpy": X.to_numpy(), "polars": pl.from_pandas(X), "arrow": pa.Table.from_pandas(X)}[kind]


class TakesAnything:
    """A model that takes whatever table it is given."""

    classes_ = np.array([0, 1])

    def predict(self, X):
        table = X.to_pandas() if hasattr(X, "to_pandas") else pd.DataFrame(X)
        return (table.iloc[:, 0].to_numpy() > 0).astype(int)


@pytest.mark.parametrize("kind", ["pandas", "numpy", "polars", "arrow"])
def test_tables_of_any_kind_give_the_same_numbers(kind):
    X, y = as_native(kind, TWO[1]), TWO[2]
    found = run("f1 > 0\nf1.by(region).min > 0\nlatency_ms.p50 < 1000", (TakesAnything(), X, y), by={"region": REGION})
    assert found.metrics["f1"] == pytest.approx(value("f1", (TakesAnything(), TWO[1], y)))


def test_columns_may_come_in_another_order_and_with_more_beside():
    model, X, y = TWO
    assert value("f1", (model, X[["c", "a", "b"]].assign(z=1), y)) == value("f1", TWO)


def nan_in(y):
    return np.where(np.arange(len(y)) < 3, np.nan, y)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda X, y: (X[:0], y[:0]), "no rows"),
        (lambda X, y: (X, y[:-1]), "X has 400 rows and y has 399"),
        (lambda X, y: (X, nan_in(y)), "missing in 3 of 400 rows"),
        (lambda X, y: (X, np.where(y == 1, None, y)), "missing"),
        (lambda X, y: (X, y + 7), "a class that the model does not know"),
        (lambda X, y: (X, y.astype(str)), "class that the model does not know: '"),
        (lambda X, y: (X, np.column_stack([y, y])), "shape"),
        (lambda X, y: (X, np.zeros(400, int)), "roc_auc needs rows of both classes; all 400 are 0"),
        (lambda X, y: (X.drop(columns="b"), y), "lacks 1 of the model's columns: b"),
        (lambda X, y: (X.assign(a="x"), y), "does not take this data"),
        (lambda X, y: (X.assign(a=np.nan), y), "does not take this data"),
    ],
)
def test_data_that_cannot_be_judged_is_said_in_two_lines(change, words):
    model, X, y = TWO
    with pytest.raises(NbMlopsError) as caught:
        result("roc_auc > 0", (model, *change(X, y)))
    assert words in caught.value.message
    assert caught.value.hint


@pytest.mark.parametrize(
    "weight", [np.ones(5), -np.ones(400), np.zeros(400), np.full(400, np.nan), np.array(["a"] * 400)]
)
def test_bad_weights_are_bad_input(weight):
    with pytest.raises(BadInput):
        result("f1 > 0", TWO, weight=weight)


def test_a_positive_class_that_is_none_lists_the_classes():
    with pytest.raises(BadInput, match="'maybe' is no class") as caught:
        result("f1 > 0", two_classes(labels=("no", "yes")), positive="maybe")
    assert caught.value.hint == "Its classes: 'no', 'yes'"


def test_a_model_that_answers_nan_is_said_so():
    class Broken(TakesAnything):
        def predict_proba(self, X):
            return np.full((len(X), 2), np.nan)

    with pytest.raises(BadInput, match="NaN or infinity"):
        result("log_loss > 0", (Broken(), *TWO[1:]))


def test_a_model_without_probabilities_is_said_so():
    with pytest.raises(BadInput, match="gives no probabilities"):
        result("log_loss > 0", (TakesAnything(), *TWO[1:]))


def test_a_metric_that_is_nan_fails_its_check():
    assert result("mine > 0", TWO, scorers={"mine": lambda model, X, y: float("nan")}).status == "failed"


def test_three_classes_are_calibrated_on_the_class_predicted():
    assert 0 <= value("calibration_error", three_classes(2_000)) < 0.1


class SaysNothing:
    """A model such as a function or an ONNX graph: it predicts, but does not tell what."""

    def predict(self, X):
        return (X["a"] > 0).to_numpy().astype(int) * 10

    def predict_proba(self, X):
        positive = 1 / (1 + np.exp(-X["a"].to_numpy()))
        return np.column_stack([1 - positive, positive])


def test_a_model_that_does_not_say_what_it_predicts_is_taken_by_what_is_asked():
    X, y = TWO[1], TWO[2] * 10
    assert value("accuracy", (SaysNothing(), X, y)) == pytest.approx(((X["a"] > 0) * 10 == y).mean())
    assert value("mae", (SaysNothing(), X, y)) == pytest.approx(np.abs((X["a"] > 0) * 10 - y).mean())


@pytest.mark.parametrize("positive", [10, 0])
def test_probabilities_without_named_classes_are_in_the_order_of_the_labels(positive):
    X, y = TWO[1], TWO[2] * 10
    by_hand = np.mean((1 / (1 + np.exp(-X["a"])) - (y == 10)) ** 2)
    assert value("brier", (SaysNothing(), X, y), positive=positive) == pytest.approx(by_hand)


def test_bools_and_0_and_1_are_the_same_labels():
    model, X, y = TWO
    assert value("f1", (model, X, y.astype(bool))) == value("f1", TWO)
    words = two_classes(labels=(False, True))
    assert value("f1", (words[0], X, y)) == value("f1", TWO)


@pytest.mark.parametrize("column", [[[1]] * 400, [{"a": 1}] * 400])
def test_a_column_of_lists_makes_no_segments(column):
    values = np.empty(400, object)
    values[:] = column
    with pytest.raises(BadInput, match="texts, numbers or dates"):
        result("f1.by(region).min > 0", TWO, by={"region": values})


def test_two_columns_of_one_name_are_refused():
    model, X, y = TWO
    with pytest.raises(BadInput, match="bear the same name"):
        result("f1 > 0", (model, pd.concat([X, X[["a"]]], axis=1), y))


@pytest.mark.parametrize("data", [(None, [1]), ([[1.0]], None)])
def test_missing_data_is_bad_input(data):
    with pytest.raises(BadInput):
        result("f1 > 0", (TWO[0], *data))
