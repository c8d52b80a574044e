"""Validation reports: how they read, what they refuse, and that they come back from storage as they were."""

from __future__ import annotations

import json
import math
from datetime import UTC, datetime

import pytest

from nb_mlops.core.errors import ChecksFailed
from nb_mlops.core.validation import CheckResult, ValidationReport, figures


def result(check="roc_auc >= 0.85", value=0.9, limit=0.85, status="passed", detail=""):
    return CheckResult(check, value, limit, status != "failed", detail, status)


def report(*results, **facts):
    return ValidationReport(ref="churn@3", results=results or (result(),), rows=10_000, **facts)


FAILED = result("f1 >= 0.7", 0.61, 0.7, "failed", "f1 0.61 is not >= 0.7; a note")
UNJUDGED = result("x >= production.x", None, None, "not applicable", "production.x: nothing is in production")


def test_a_report_reads_as_aligned_lines():
    assert report(result(), FAILED, UNJUDGED, attempt=2).to_text().splitlines() == [
        "✗ churn@3: 1 of 3 checks passed · 1 could not be judged · 10,000 rows · attempt 2",
        "✓ roc_auc >= 0.85     0.9",
        "✗ f1 >= 0.7          0.61  f1 0.61 is not >= 0.7; a note",
        "– x >= production.x        production.x: nothing is in production",
    ]


def test_a_report_shows_what_the_policy_asks_what_is_noted_and_what_ci_claims():
    required = CheckResult("f1 >= 0.7", 0.8, 0.7, True, "", "passed", required=True)
    claim = {"provider": "GitHub Actions", "run": "https://ci.example/1"}
    text = report(required, notes=("balance alone predicts it",), claimed_ci=claim).to_text()
    assert text.splitlines()[1:] == [
        "✓ f1 >= 0.7 (policy)  0.8",
        "! balance alone predicts it",
        "  ran in CI (claimed): GitHub Actions, https://ci.example/1",
    ]


def test_trying_fresh_data_until_it_passes_shows():
    assert report(attempt=2, attempts_in_all=2, data_sets=1).attempts() == "attempt 2"
    tried = report(attempt=1, attempts_in_all=5, data_sets=5)
    assert "attempt 1 on this data, 5 over 5 data sets" in tried.to_text()


def test_a_required_check_that_could_not_be_computed_has_not_passed():
    lacking = CheckResult(
        "f1.by(a).min >= 0.7", None, None, False, "f1.by(a).min cannot be computed", "not judged", True
    )
    found = report(result(), lacking)
    assert not found.passed
    assert "1 could not be judged" in found.headline()
    with pytest.raises(ChecksFailed, match="cannot be computed"):
        found.raise_if_failed()


def test_a_failed_report_raises_in_two_lines_that_name_the_check():
    failing = report(result(), FAILED, FAILED)
    with pytest.raises(ChecksFailed) as caught:
        failing.raise_if_failed()
    assert str(caught.value).splitlines()[0] == "churn@3 failed 2 of 3 checks: f1 0.61 is not >= 0.7 (and 1 more)."
    assert len(str(caught.value).splitlines()) == 2
    assert caught.value.report is failing


def test_a_passed_report_hands_itself_on():
    passed = report(result(), UNJUDGED)
    assert passed.raise_if_failed() is passed


def test_a_report_without_checks_has_not_passed():
    empty = ValidationReport(ref="churn@3", results=(), rows=1)
    assert not empty.passed
    with pytest.raises(ChecksFailed, match="nothing was checked"):
        empty.raise_if_failed()


def test_a_report_comes_back_from_json_as_it_was():
    stored = report(
        result(), FAILED, UNJUDGED, result(value=math.inf),
        data={"sha256": "ab"}, data_name="holdout", metrics={"f1": 0.61, "z": math.inf}, draft=True,
        segments={"f1.by(region)": {"north": 0.5}}, measured_at=datetime(2026, 11, 3, tzinfo=UTC),
        attempts_in_all=3, data_sets=2, importance={"age": 0.1}, importance_how="drop of f1", notes=("look",),
        code="ab" * 32, claimed_ci={"provider": "CI"},
    )  # fmt: skip
    text = json.dumps(stored.to_dict(), allow_nan=False)
    assert ValidationReport.from_dict(json.loads(text)) == stored


def test_nan_is_stored_as_text():
    again = CheckResult.from_dict(json.loads(json.dumps(result(value=math.nan).to_dict(), allow_nan=False)))
    assert again.value is not None
    assert math.isnan(again.value)


def test_a_stored_pass_is_not_believed():
    stored = {**report(FAILED).to_dict(), "passed": True}
    assert not ValidationReport.from_dict(stored).passed


def test_escapes_in_what_is_shown_are_made_visible():
    text = report(result(detail="north\x1b[31m\u202e"), result("a\nb")).to_text()
    assert "\x1b" not in text
    assert "\u202e" not in text
    assert len(text.splitlines()) == 3


@pytest.mark.parametrize(
    ("value", "limit", "shown"),
    [
        (0.84996, 0.85, ("0.84996", "0.85")),
        (0.91, 0.85, ("0.91", "0.85")),
        (0.3, 0.3, ("0.3", "0.3")),
        (123456.0, 200000.0, ("123,456", "200,000")),
        (math.nan, 0.5, ("nan", "0.5")),
    ],
)
def test_figures_have_as_many_digits_as_tell_them_apart(value, limit, shown):
    assert figures(value, limit) == shown


@pytest.mark.parametrize(
    ("value", "limit", "shown"),
    [
        (0.99, 0.99999, ("0.99", "0.99999")),
        (0.99998, 0.99999, ("0.99998", "0.99999")),
        (0.8, 0.85, ("0.8", "0.85")),
        (0.8, 2 / 3, ("0.8", "0.6667")),
        (1234567.0, 1234567.25, ("1,234,567", "1,234,567.25")),
    ],
)
def test_a_limit_is_shown_as_it_was_typed(value: float, limit: float, shown: tuple[str, str]) -> None:
    assert figures(value, limit) == shown
