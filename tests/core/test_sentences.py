"""What the audit says of a validation: no more than was measured."""

from __future__ import annotations

from nb_mlops.core.measures import OVERLAP
from nb_mlops.core.sentences import tell

PASSED = {"check": "rows >= 1", "passed": True}
UNJUDGED = {"check": "roc_auc.by(region).min >= 0.7", "passed": True, "status": "too few"}
BODY = {"number": 1, "passed": True, "attempt": 1, "data": "d1", "results": [PASSED]}


def test_a_check_that_could_not_be_judged_does_not_count_as_passed() -> None:
    told = tell("churn", "validated", {**BODY, "results": [PASSED, UNJUDGED]})
    assert told == "churn@1 passed its checks (1 of 2 passed, 1 could not be judged, attempt 1)"


def test_a_validation_on_training_data_is_said_to_be_no_evidence() -> None:
    same, other = (tell("churn", "validated", BODY, [data]) for data in ("d1", "d2"))
    assert same.endswith("no evidence, not held out: the data it was trained on)")
    assert other == "churn@1 passed its checks (1 of 1, attempt 1)"
    assert "90% of its rows are in the training data" in tell("churn", "validated", BODY | {"metrics": {OVERLAP: 0.9}})
