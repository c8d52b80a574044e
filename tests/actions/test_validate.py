"""What a validation records beside its results: code, claims of CI, importance, attempts; and the policy's checks."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LogisticRegression

from nb_mlops.actions.audit import audit
from nb_mlops.actions.gate import gate
from nb_mlops.actions.register import register
from nb_mlops.actions.registry import Registry
from nb_mlops.actions.validate import validate
from nb_mlops.core.errors import BadInput, ChecksFailed
from nb_mlops.core.policy import DEFAULT, LEVELS, Policy
from nb_mlops.core.rows import ValidationRow
from nb_mlops.core.version import Version
from tests.actions.conftest import table

Registered = Callable[..., Version]
CI = (
    "GITHUB_ACTIONS",
    "GITLAB_CI",
    "BUILDKITE",
    "CIRCLECI",
    "TF_BUILD",
    "JENKINS_URL",
    "TEAMCITY_VERSION",
    "TRAVIS",
    "CI",
)


@pytest.fixture(autouse=True)
def _no_ci(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in CI:
        monkeypatch.delenv(name, raising=False)


def body_of(registry: Registry) -> dict[str, Any]:
    """The body of the last validation on record."""
    rows = registry.catalog.find(ValidationRow)
    event = registry.catalog.event(max(rows, key=lambda row: row.sequence).event)
    assert event is not None
    return dict(event.body)


def requiring(registry: Registry, *lines: str) -> Registry:
    """The registry, once its policy asks for these checks at all stakes."""
    asks = {
        level: replace(DEFAULT.levels[level].for_alias("production"), validation=True, checks=lines) for level in LEVELS
    }
    levels = {
        level: replace(DEFAULT.levels[level], aliases={**DEFAULT.levels[level].aliases, "production": asks[level]})
        for level in LEVELS
    }
    registry.append("policy_applied", None, {"policy": Policy(levels).to_dict()})
    return registry


def test_evidence_is_bound_to_the_code_that_measured(ann: Registry, registered: Registered) -> None:
    registered(ann)
    one, other = (validate("churn@1", [line], data=table(seed=9), registry=ann) for line in ("f1>=0.50", "f1 >= 0.6"))
    assert body_of(ann)["code"] == other.code != one.code
    assert validate("churn@1", ["f1 >= 0.5"], data=table(seed=9), registry=ann).code == one.code


@pytest.mark.parametrize(
    "copy",
    [
        lambda X, y: (X, y.rename("label")),
        lambda X, y: (X[::-1], y[::-1]),
        lambda X, y: (X.sample(frac=1, random_state=0), y.sample(frac=1, random_state=0)),
        lambda X, y: (X.assign(noise=X["noise"].where(X.index >= 100, 0.5)), y),
    ],
    ids=["renamed target", "reversed", "shuffled", "a quarter changed"],
)
def test_a_disguise_of_the_training_data_is_not_held_out(ann: Registry, registered: Registered, copy: Any) -> None:
    registered(ann, owner="Ann", purpose="ranks calls", stakes="medium")
    report = validate("churn@1", ["f1 >= 0.1"], data=copy(*table(seed=0)), registry=ann)
    assert not report.on_training_data
    assert "of its rows are in the training data: no evidence" in report.headline()
    assert "not held out" in gate("churn@1", registry=ann).missing[0].detail


def test_a_few_training_rows_among_held_out_ones_are_said(ann: Registry, registered: Registered) -> None:
    registered(ann)
    (X, y), (old, answers) = table(seed=9), table(seed=0)
    mixed = pd.concat([X, old[:100]]), pd.concat([y, answers[:100]])
    report = validate("churn@1", ["f1 >= 0.1"], data=mixed, registry=ann)
    assert (report.not_held_out, report.metrics["excess_overlap"]) == ("", pytest.approx(0.2, abs=0.02))
    assert "20.0% of these rows are in the training data" in report.to_text()


def test_what_ci_says_is_kept_as_a_claim(
    ann: Registry, registered: Registered, monkeypatch: pytest.MonkeyPatch
) -> None:
    registered(ann)
    assert validate("churn@1", ["f1 >= 0.5"], data=table(seed=9), registry=ann).claimed_ci is None
    assert "claimed_ci" not in body_of(ann)
    monkeypatch.setenv("BUILDKITE", "true")
    monkeypatch.setenv("BUILDKITE_BUILD_URL", "https://b.example/1")
    report = validate("churn@1", ["f1 >= 0.5"], data=table(seed=9), registry=ann)
    assert body_of(ann)["claimed_ci"] == {"provider": "Buildkite", "run": "https://b.example/1"}
    assert "ran in CI (claimed): Buildkite, https://b.example/1" in report.to_text()
    assert "in CI (claimed)" in audit("churn", registry=ann).to_text()


def test_a_column_with_a_huge_name_does_not_stop_the_record(ann: Registry) -> None:
    X, y = table()
    model = LogisticRegression().fit(X := X.rename(columns={"age": "x" * 300}), y)
    register(model, "churn", data=(X, y), registry=ann)
    report = validate("churn@1", ["roc_auc >= 0.6"], data=(X[::2], y[::2]), registry=ann)
    assert set(report.importance) - set(body_of(ann)["importance"]) == {"x" * 300}


def test_importance_is_kept_for_the_monitor_unless_turned_off(ann: Registry, registered: Registered) -> None:
    registered(ann)
    report = validate("churn@1", ["roc_auc >= 0.6"], data=table(seed=9), registry=ann)
    kept = body_of(ann)["importance"]
    assert kept == report.importance
    assert list(report.importance)[-1] == "noise"
    assert validate("churn@1", ["f1 >= 0.1"], data=table(seed=9), importance=False, registry=ann).importance == {}
    assert "importance" not in body_of(ann)


def test_attempts_on_fresh_data_are_counted_together(ann: Registry, registered: Registered) -> None:
    registered(ann)
    for seed in (5, 6, 6):
        validate("churn@1", ["roc_auc >= 0.99"], data=table(seed=seed), registry=ann)
    report = validate("churn@1", ["roc_auc >= 0.6"], data=table(seed=7), registry=ann)
    assert (report.attempt, report.attempts_in_all, report.data_sets) == (1, 4, 3)
    assert "attempt 1 on this data, 4 over 3 data sets" in report.to_text()
    again = validate("churn@1", ["roc_auc >= 0.6"], data=table(seed=6), registry=ann)
    assert (again.attempt, again.attempts_in_all, again.data_sets) == (3, 5, 3)


def test_a_client_cannot_say_how_many_attempts_there_were(ann: Registry, registered: Registered) -> None:
    registered(ann)
    event = ann.append("validated", "churn", {**stated(), "attempt": 1, "attempts_in_all": 0, "data_sets": -1})
    assert (event.body["attempts_in_all"], event.body["data_sets"]) == (1, 1)


def stated(**more: Any) -> dict[str, Any]:
    """The body of a validation, as a client may send it."""
    return {"number": 1, "data": "ab" * 32, "passed": True, "results": [{"check": "f1 > 0", "passed": True}], **more}


@pytest.mark.parametrize(
    "odd",
    [
        {"code": "x"}, {"code": 7}, {"claimed_ci": "yes"}, {"claimed_ci": {"token": "x"}}, {"claimed_ci": {"run": 1}},
        {"notes": "x"}, {"notes": ["x" * 501]}, {"notes": [1]},
        {"notes": ["x"] * 21}, {"claimed_ci": {"run": "x" * 501}}, {"importance": [1]}, {"importance": {"a": "x"}},
        {"importance": {"a": True}}, {"importance": {"a": math.nan}}, {"importance": {"x" * 201: 1.0}},
        {"importance": {str(at): 1.0 for at in range(101)}},
    ],
)  # fmt: skip
def test_a_client_cannot_put_anything_else_there(ann: Registry, registered: Registered, odd: dict[str, Any]) -> None:
    registered(ann)
    before = ann.catalog.position()
    with pytest.raises(BadInput):
        ann.append("validated", "churn", stated(**odd))
    assert ann.catalog.position() == before


def test_checks_of_the_policy_are_added_and_marked(ann: Registry, registered: Registered) -> None:
    registered(ann)
    place = requiring(ann, "roc_auc >= 0.6", "excess_overlap <= 0.01")
    report = validate("churn@1", ["roc_auc>=0.60", "f1 >= 0.1"], data=table(seed=9), registry=place)
    assert [(each.check, each.required) for each in report.results] == [
        ("roc_auc >= 0.6", True), ("f1 >= 0.1", False), ("excess_overlap <= 0.01", True),
    ]  # fmt: skip
    assert "excess_overlap <= 0.01 (policy)" in report.to_text()
    assert body_of(ann)["results"][2]["required"]


def test_what_the_policy_asks_is_enough_to_validate(ann: Registry, registered: Registered) -> None:
    registered(ann)
    with pytest.raises(BadInput, match="nothing to check"):
        validate("churn@1", [], data=table(seed=9), registry=ann)
    assert validate("churn@1", [], data=table(seed=9), registry=requiring(ann, "roc_auc >= 0.6")).passed


def test_checks_of_the_policy_open_its_gate(ann: Registry, registered: Registered) -> None:
    registered(requiring(ann, "roc_auc >= 0.6"))
    assert [reason.met for reason in gate("churn@1", registry=ann).reasons] == [False]
    validate("churn@1", ["f1 >= 0.1"], data=table(seed=9), registry=ann)
    assert ("the policy's checks", True) in [
        (one.requirement, one.met) for one in gate("churn@1", registry=ann).reasons
    ]


def test_leaving_a_column_out_is_no_way_around_the_policy(ann: Registry, registered: Registered) -> None:
    registered(ann)
    place = requiring(ann, "f1.by(region).min >= 0.5")
    report = validate("churn@1", ["roc_auc >= 0.6"], data=table(seed=9), registry=place)
    assert not report.passed
    with pytest.raises(
        ChecksFailed, match="asked by the policy and cannot be computed here: There is no column 'region'"
    ):
        report.raise_if_failed()


def test_nothing_in_production_passes_what_the_policy_asks(ann: Registry, registered: Registered) -> None:
    registered(ann)
    place = requiring(ann, "roc_auc >= production.roc_auc - 0.01")
    report = validate("churn@1", ["roc_auc >= 0.6"], data=table(seed=9), registry=place)
    assert report.passed
    assert report.results[-1].status == "not applicable"


def test_a_leak_is_noted_unasked(ann: Registry) -> None:
    def leaking(seed: int) -> tuple[Any, Any]:
        X, y = table(seed=seed)
        return X.assign(refund=y + np.random.default_rng(seed).random(len(y)) / 10), y

    X, y = leaking(0)
    register(LogisticRegression().fit(X, y), "churn", data=(X, y), registry=ann)
    report = validate("churn@1", ["roc_auc >= 0.6"], data=leaking(9), registry=ann)
    assert "! refund alone predicts the target" in report.to_text()
    assert body_of(ann)["notes"] == list(report.notes)
