"""Which checks are about one metric of two models, and how an interval of the difference decides them."""

from __future__ import annotations

import pytest

from nb_mlops.core.checks import Check
from nb_mlops.core.measures import Value
from nb_mlops.core.paired import Ends

ENDS = Ends(-0.004, 0.003, (-0.0045, 0.0035), "2,000 resamples of 400 rows")


def judged(line, own, production, spread=lambda pair: ENDS):
    return Check.parse(line).judge(lambda measure: Value(production if measure.source else own), spread)


@pytest.mark.parametrize(
    ("line", "pair", "sign", "limit"),
    [
        ("roc_auc >= production.roc_auc - 0.005", "roc_auc - production.roc_auc", ">=", -0.005),
        ("roc_auc + 0.005 > production.roc_auc", "roc_auc - production.roc_auc", ">", -0.005),
        ("production.roc_auc - roc_auc <= 0.005", "roc_auc - production.roc_auc", ">=", -0.005),
        ("roc_auc - production.roc_auc >= -0.005", "roc_auc - production.roc_auc", ">=", -0.005),
        ("rmse <= production.rmse + 0.1", "rmse - production.rmse", "<=", 0.1),
        ("production.rmse + 0.1 >= rmse", "rmse - production.rmse", "<=", 0.1),
        ("rmse <= 1.02 * production.rmse", "rmse - production.rmse * 1.02", "<=", 0),
        ("2 * f1 >= 2 * production.f1 - 0.01", "f1 - production.f1", ">=", -0.005),
        ("f1 >= production.f1 / 2", "f1 - production.f1 * 0.5", ">=", 0),
        ('f1 >= alias("pre-prod").f1', 'f1 - alias("pre-prod").f1', ">=", 0),
    ],
)
def test_a_check_on_one_metric_of_two_models_is_a_difference(line, pair, sign, limit):
    found = Check.parse(line).paired()
    assert (str(found), found.sign, found.limit) == (pair, sign, pytest.approx(limit))


@pytest.mark.parametrize(
    "line",
    [
        "roc_auc >= 0.8", "roc_auc >= production.f1", "f1 == production.f1", "f1 * production.f1 >= 0.5", "f1 >= f1",
        "f1.ci_low >= production.f1.ci_low", "f1.by(a).min >= production.f1.by(a).min", "f1 + production.f1 >= 1",
        "latency_ms.p50 <= production.latency_ms.p50 + 1", "0.1 <= f1 <= production.f1", "f1 / production.f1 >= 0.9",
    ],
)  # fmt: skip
def test_other_checks_are_not(line):
    assert Check.parse(line).paired() is None


def test_a_margin_is_decided_by_the_lower_end_and_says_so():
    found = judged("roc_auc >= production.roc_auc - 0.005", 0.849, 0.85)
    assert found.passed
    assert found.detail.startswith("paired difference -0.001, 95% lower end -0.004 >= -0.005 (2,000 resamples")


def test_a_point_within_the_margin_is_not_enough():
    found = judged("roc_auc >= production.roc_auc - 0.003", 0.849, 0.85)
    assert (found.passed, found.status) == (False, "failed")
    assert "is not shown by these rows: paired difference -0.001, 95% lower end -0.004 not >= -0.003" in found.detail


def test_a_loss_is_held_to_its_upper_end():
    assert judged("rmse <= production.rmse + 0.004", 1.0, 1.0).passed
    found = judged("rmse <= production.rmse + 0.002", 1.0, 1.0)
    assert not found.passed
    assert "95% upper end 0.003 not <= 0.002" in found.detail


@pytest.mark.parametrize("line", ["f1 >= production.f1", "f1 >= production.f1 + 0.0005", "f1 > production.f1 - 0"])
def test_without_a_margin_the_point_decides_and_the_interval_is_shown(line):
    found = judged(line, 0.801, 0.8)
    assert found.passed
    assert "paired difference 0.001 (95% interval -0.0045 to 0.0035" in found.detail


def test_a_margin_in_per_cent_is_a_difference_of_multiples():
    found = judged(
        "rmse <= production.rmse * 1.02", 1.0, 1.0, spread=lambda pair: Ends(-0.03, -0.01, (-0.03, -0.01), "x")
    )
    assert found.detail == "paired rmse - production.rmse * 1.02: -0.02, 95% upper end -0.01 <= 0 (x)"


def test_where_no_interval_can_be_had_the_point_decides_and_says_why():
    found = judged("f1 >= production.f1 - 0.1", 0.75, 0.8, spread=lambda pair: "20 rows; it takes 30")
    assert found.passed
    assert found.detail == "decided by the point: 20 rows; it takes 30"


def test_a_point_beyond_the_margin_fails_whatever_the_interval_says():
    found = judged("f1 >= production.f1 - 0.005", 0.7, 0.8)
    assert found.detail.startswith("f1 0.7 is not >= 0.795; paired difference -0.1, ")
    assert not found.passed
