"""Where it is decided that a version may go live: the three levels of the default policy, one fact a test."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from nb_mlops.core.decision import Decision, Evidence, decide
from nb_mlops.core.policy import DEFAULT, Requirements
from nb_mlops.core.rows import ValidationRow, VersionRow, VoteRow

NOW = datetime(2026, 6, 1, tzinfo=UTC)
HIGH = DEFAULT.level("high").for_alias("production")
MEDIUM = DEFAULT.level("medium").for_alias("production")


def version(**more: Any) -> VersionRow:
    given = {
        "model": "m",
        "number": 3,
        "event": "e",
        "created_at": NOW,
        "actor": "ann",
        "digest": "d3",
        "identity": "i",
        "format": "skops",
        "size_bytes": 1,
        "record": "r",
        "trained_on": ["train"],
    }
    return VersionRow(**(given | more))


def validation(sequence: int = 10, **more: Any) -> ValidationRow:
    given = {
        "model": "m",
        "sequence": sequence,
        "event": f"v{sequence}",
        "number": 3,
        "digest": "d3",
        "passed": True,
        "results": [{"check": "roc_auc >= 0.6", "passed": True, "status": "passed", "detail": ""}],
        "data": "holdout",
        "rows": 1000,
        "at": NOW,
        "actor": "ann",
    }
    return ValidationRow(**(given | more))


def vote(actor: str, verdict: str = "approved", requirements: Requirements = MEDIUM, **more: Any) -> VoteRow:
    given = {
        "model": "m",
        "sequence": 20,
        "event": f"{verdict}-{actor}",
        "number": 3,
        "alias": "production",
        "verdict": verdict,
        "actor": actor,
        "at": NOW,
        "digest": "d3",
        "evidence": "v10",
        "requirements": requirements.digest,
    }
    return VoteRow(**(given | more))


def decided(
    requirements: Requirements, *, validations: Any = (), votes: Any = (), mover: str = "ann", now: datetime = NOW
) -> Decision:
    evidence = Evidence(
        name="churn",
        stakes="medium",
        alias="production",
        version=version(),
        validations=validations,
        votes=votes,
        mover=mover,
    )
    return decide(requirements, evidence, now)


def test_low_stakes_ask_for_nothing() -> None:
    decision = decided(DEFAULT.level("low").for_alias("production"))
    assert decision.allowed
    assert decision.reasons == ()


def test_medium_wants_a_validation_and_another_person() -> None:
    assert [reason.met for reason in decided(MEDIUM).reasons] == [False, False]
    assert decided(MEDIUM, validations=[validation()], votes=[vote("bob")]).allowed


def test_training_data_is_not_held_out() -> None:
    assert not decided(MEDIUM, validations=[validation(data="train")], votes=[vote("bob")]).allowed


def test_a_validation_in_which_nothing_could_be_judged_is_no_evidence() -> None:
    unjudged = {"check": "f1 >= production.f1", "passed": True, "status": "not applicable", "detail": "nothing there"}
    judged = {"check": "f1 >= 0.5", "passed": True, "status": "passed", "detail": ""}
    assert "nothing could be judged" in decided(MEDIUM, validations=[validation(results=[unjudged])]).missing[0].detail
    assert len(decided(MEDIUM, validations=[validation(results=[unjudged, judged])]).missing) == 1


def test_the_latest_validation_of_a_data_set_counts() -> None:
    tries = [validation(10), validation(11, passed=False, attempt=2)]
    decision = decided(MEDIUM, validations=tries, votes=[vote("bob", evidence="v11")])
    assert "attempt 2 of 2" in decision.missing[0].detail


def test_a_failure_on_another_data_set_is_not_outvoted() -> None:
    tries = [validation(10, passed=False, data="other"), validation(11)]
    assert not decided(MEDIUM, validations=tries, votes=[vote("bob", evidence="v11")]).allowed


def test_a_validation_of_other_bytes_does_not_count() -> None:
    assert not decided(MEDIUM, validations=[validation(digest="d2")], votes=[vote("bob", evidence=None)]).allowed


def test_ones_own_approval_does_not_count() -> None:
    decision = decided(MEDIUM, validations=[validation()], votes=[vote("ann")])
    assert "one's own does not count" in decision.missing[0].detail


@pytest.mark.parametrize("signed", [vote("bob", evidence="v9"), vote("bob", requirements=HIGH)])
def test_an_approval_lapses_when_what_was_signed_changes(signed: VoteRow) -> None:
    decision = decided(MEDIUM, validations=[validation()], votes=[signed])
    assert "lapsed" in decision.missing[0].detail


def test_a_standing_rejection_closes_the_gate() -> None:
    votes = [vote("bob"), vote("eve", "rejected")]
    assert not decided(MEDIUM, validations=[validation()], votes=votes).allowed


def test_the_same_person_may_withdraw_a_rejection() -> None:
    votes = [vote("bob", "rejected"), vote("bob", sequence=21)]
    assert decided(MEDIUM, validations=[validation()], votes=votes).allowed


def test_old_evidence_warns_at_medium_and_closes_at_high() -> None:
    later = NOW + timedelta(days=200)
    assert decided(MEDIUM, validations=[validation()], votes=[vote("bob")], now=later).allowed
    votes = [vote("bob", requirements=HIGH), vote("eve", requirements=HIGH)]
    checked = [validation(actor="carl")]
    assert decided(HIGH, validations=checked, votes=votes).allowed
    assert not decided(HIGH, validations=checked, votes=votes, now=later).allowed


@pytest.mark.parametrize(
    ("validator", "approvers", "mover"),
    [
        ("ann", ("bob", "eve"), "ann"),  # validated by the registrant only
        ("carl", ("bob",), "ann"),  # one approval
        ("carl", ("bob", "ann"), "ann"),  # one of them the registrant
        ("bob", ("bob", "eve"), "ann"),  # one of them the validator
        ("carl", ("bob", "eve"), "bob"),  # one of them moves it
    ],
)
def test_high_wants_two_who_took_no_part(validator: str, approvers: tuple[str, ...], mover: str) -> None:
    votes = [vote(actor, requirements=HIGH) for actor in approvers]
    assert not decided(HIGH, validations=[validation(actor=validator)], votes=votes, mover=mover).allowed


def test_who_requested_does_not_approve_at_high() -> None:
    votes = [vote("bob", "requested"), vote("bob", requirements=HIGH), vote("eve", requirements=HIGH)]
    assert not decided(HIGH, validations=[validation(actor="carl")], votes=votes).allowed


def test_a_decision_survives_being_recorded() -> None:
    decision = decided(MEDIUM)
    assert Decision.from_dict(decision.to_dict()) == decision
