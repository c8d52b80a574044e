"""Resamples as counts: the same distribution as drawing rows one by one, on any number of threads."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import ks_2samp
from sklearn.metrics import get_scorer

from nb_mlops.evaluation import resampling
from nb_mlops.evaluation.answers import Answers
from nb_mlops.evaluation.held_out import HeldOut
from nb_mlops.evaluation.intervals import samples
from nb_mlops.evaluation.metrics import metric_named
from nb_mlops.evaluation.resampling import Resampling, resample_count
from nb_mlops.evaluation.scored import Scored
from tests.evaluation.models import numbers, run, three_classes, two_classes

MODEL, X, Y = two_classes(300)
ROUGH = np.round(X, 0)  # many rows share a score
WEIGHT = np.random.default_rng(5).random(300) + 0.1


def sampled(name, X=X, y=Y, model=MODEL, weight=None):
    data = HeldOut.of(X, y, estimator=model, weight=weight)
    asked = {name: ((metric_named(name, data, {}), Answers(model, data)),)}
    return samples(asked, data)[name][0]


def plain(name, X=X, y=Y, model=MODEL, weight=None, resamples=500):
    """Rows drawn with replacement within their class, and scikit-learn's own scorer on each draw."""
    random = np.random.default_rng(11)
    strata = [np.arange(len(y))] if y.dtype.kind == "f" else [np.flatnonzero(y == each) for each in np.unique(y)]
    answers = Answers(model, HeldOut.of(X, y, estimator=model, weight=weight))
    scorer = Scored(name, get_scorer(name))
    draws = (np.concatenate([random.choice(each, len(each)) for each in strata]) for _ in range(resamples))
    return np.array([scorer.of(answers, rows) for rows in draws])


@pytest.mark.parametrize("table", [X, ROUGH], ids=["distinct scores", "shared scores"])
@pytest.mark.parametrize("name", ["roc_auc", "average_precision", "f1", "accuracy", "neg_log_loss"])
def test_resampled_values_are_distributed_as_those_of_the_plain_bootstrap(name, table):
    assert ks_2samp(sampled(name, table), plain(name, table)).pvalue > 0.01


@pytest.mark.parametrize("name", ["roc_auc", "f1", "neg_brier_score"])
def test_weights_go_with_the_rows(name):
    assert ks_2samp(sampled(name, weight=WEIGHT), plain(name, weight=WEIGHT)).pvalue > 0.01


@pytest.mark.parametrize("name", ["r2", "neg_root_mean_squared_error", "neg_median_absolute_error"])
def test_numbers_are_resampled_as_by_the_plain_bootstrap(name):
    model, X, y = numbers(200)
    assert ks_2samp(sampled(name, X, y, model), plain(name, X, y, model)).pvalue > 0.01


def test_several_classes_are_resampled_as_by_the_plain_bootstrap():
    model, X, y = three_classes(200)
    assert ks_2samp(sampled("roc_auc_ovr", X, y, model), plain("roc_auc_ovr", X, y, model, resamples=300)).pvalue > 0.01
    assert ks_2samp(sampled("f1_macro", X, y, model), plain("f1_macro", X, y, model)).pvalue > 0.01


def test_each_class_keeps_its_number_of_rows():
    strata = np.repeat([0, 1, 2], [5, 45, 150])
    for alike in (None, np.arange(200) % 4):
        draws = Resampling.of(np.arange(200), strata, alike=alike, most=50)
        counts = draws._counts(50, np.random.default_rng(0))
        for code, size in enumerate([5, 45, 150]):
            assert (counts[:, strata[draws.rows] == code].sum(axis=1) == size).all()


def test_rows_that_are_alike_are_drawn_together():
    alike = np.arange(1_000) % 3
    assert len(Resampling.of(np.arange(1_000), None, alike=alike).rows) == 3
    assert len(Resampling.of(np.arange(1_000), None, alike=np.arange(1_000)).rows) == 1_000


def test_the_number_of_threads_changes_nothing(monkeypatch):
    draws = Resampling.of(np.arange(5_000), None)
    first = [lambda block: block.counts[:, 0].astype(float)]
    monkeypatch.setattr(resampling, "WORTH_THREADS", 0)
    assert np.array_equal(draws.values(first)[0], draws.values(first, threads=False)[0])


@pytest.mark.parametrize(("rows", "count"), [(100, 2_000), (50_000, 2_000), (100_000, 1_000), (10_000_000, 200)])
def test_very_many_rows_get_fewer_resamples(rows, count):
    assert resample_count(rows) == count


def test_the_spread_of_a_paired_difference_is_what_delong_says():
    """DeLong, DeLong and Clarke-Pearson, Biometrics 44, 1988: the variance from placements, without resampling."""
    y = Y
    one, other = MODEL.predict_proba(X)[:, 1], X["a"].to_numpy()
    places = [(s[y == 1][:, None] > s[y == 0]).astype(float) for s in (one, other)]
    over_positives = np.cov([p.mean(axis=1) for p in places])
    over_negatives = np.cov([p.mean(axis=0) for p in places])
    spread = over_positives / (y == 1).sum() + over_negatives / (y == 0).sum()
    expected = np.sqrt(spread[0, 0] + spread[1, 1] - 2 * spread[0, 1])

    class OnlyA:
        classes_ = np.array([0, 1])

        def decision_function(self, X):
            return X["a"].to_numpy()

    data = HeldOut.of(X, Y, estimator=MODEL)
    metric = metric_named("roc_auc", data, {})
    first, second = samples({0: ((metric, Answers(MODEL, data)), (metric, Answers(OnlyA(), data)))}, data)[0]
    assert np.std(first - second) == pytest.approx(expected, rel=0.08)


def test_all_intervals_of_one_validation_come_from_few_draws(monkeypatch):
    drawn = []
    counts = Resampling._counts
    monkeypatch.setattr(Resampling, "_counts", lambda self, *rest: drawn.append(len(self.rows)) or counts(self, *rest))
    run(
        "\n".join(f"{name}.ci_low > 0" for name in ("roc_auc", "average_precision", "log_loss", "brier")), (MODEL, X, Y)
    )
    assert sum(rows == 300 for rows in drawn) == len(range(0, 2_000, resampling.BLOCK // 300))
