"""Where it is decided that a version may go live: the three levels of the default policy, one fact a test."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from nb_mlops.core.card_text import PERSON_SECTIONS
from nb_mlops.core.decision import Decision
from nb_mlops.core.gate import Evidence, decide
from nb_mlops.core.policy import DEFAULT, Requirements, Roles
from nb_mlops.core.rows import (
    CardTextRow,
    DataNameRow,
    FindingRow,
    GlassRow,
    ValidationRow,
    VersionRow,
    VoteRow,
    WindowRow,
)

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


def written(section: str, **more: Any) -> CardTextRow:
    given = {"model": "m", "number": 3, "section": section, "event": "c", "filled": True, "actor": "ann", "at": NOW}
    return CardTextRow(**(given | more))


WRITTEN = {section: written(section) for section in PERSON_SECTIONS}


def decided(requirements: Requirements, *, now: datetime = NOW, **more: Any) -> Decision:
    """A version with a baseline, a purpose and a whole card; a test names what is interesting."""
    given = {
        "name": "churn",
        "stakes": "medium",
        "alias": "production",
        "version": version(baseline="b"),
        "card": WRITTEN,
        "purpose": True,
    }
    return decide(requirements, Evidence(**(given | more)), now)


def test_low_stakes_ask_for_nothing() -> None:
    decision = decided(DEFAULT.level("low").for_alias("production"))
    assert decision.allowed
    assert decision.reasons == ()


def test_medium_wants_a_validation_and_another_person() -> None:
    assert [reason.requirement for reason in decided(MEDIUM).missing] == [
        "a passed validation on held-out data",
        "an approval by another person",
    ]
    assert decided(MEDIUM, validations=[validation()], votes=[vote("bob")]).allowed


def test_training_data_is_not_held_out() -> None:
    assert not decided(MEDIUM, validations=[validation(data="train")], votes=[vote("bob")]).allowed


def test_rows_of_the_training_data_under_another_fingerprint_are_not_held_out() -> None:
    copied = validation(data="reversed", metrics={"excess_overlap": 0.97})
    decision = decided(MEDIUM, validations=[copied], votes=[vote("bob")])
    assert decision.missing[0].detail == "not held out: 97% of its rows are in the training data"
    assert decided(MEDIUM, validations=[replace(copied, metrics={"excess_overlap": 0.02})], votes=[vote("bob")]).allowed


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


def signed(*actors: str) -> list[VoteRow]:
    return [vote(actor, requirements=HIGH) for actor in actors]


CHECKED = [validation(actor="carl")]


@pytest.mark.parametrize(
    ("validator", "approvers"),
    [
        ("ann", ("bob", "eve")),  # validated by the registrant only
        ("carl", ("bob",)),  # one approval
        ("carl", ("bob", "ann")),  # one of them the registrant
    ],
)
def test_high_wants_two_who_took_no_part(validator: str, approvers: tuple[str, ...]) -> None:
    assert not decided(HIGH, validations=[validation(actor=validator)], votes=signed(*approvers)).allowed


def test_who_validates_independently_may_approve_so_three_people_are_enough() -> None:
    assert decided(HIGH, validations=CHECKED, votes=signed("carl", "eve")).allowed


def test_the_author_of_the_notebook_does_not_approve_at_high() -> None:
    made = version(baseline="b", author="eve")
    decision = decided(HIGH, version=made, validations=CHECKED, votes=signed("bob", "eve"))
    assert "its author's does not count" in decision.missing[0].detail


def test_who_registered_the_same_artifact_before_does_not_approve_at_high() -> None:
    decision = decided(HIGH, validations=CHECKED, votes=signed("bob", "eve"), made_by=frozenset({"ann", "eve"}))
    assert "registered the same artifact" in decision.missing[0].detail


def test_one_person_with_two_identities_counts_once() -> None:
    one = replace(DEFAULT, people=(("bob", "robert"),))
    assert decided(HIGH, validations=CHECKED, votes=signed("bob", "robert"), policy=one).missing[0].detail == "1 of 2"
    assert decided(HIGH, validations=CHECKED, votes=signed("bob", "robert")).allowed


def test_ones_other_identity_does_not_approve_ones_own_version() -> None:
    one = replace(DEFAULT, people=(("ann", "anna"),))
    decision = decided(MEDIUM, validations=[validation()], votes=[vote("anna")], policy=one)
    assert "one's own does not count" in decision.missing[0].detail


def test_who_lost_the_role_does_not_count_any_more() -> None:
    few = replace(DEFAULT, roles=Roles(approvers=("eve", "carl")))
    decision = decided(MEDIUM, validations=[validation()], votes=[vote("bob")], policy=few)
    assert "somebody who is no approver" in decision.missing[0].detail


def test_an_approval_lapses_when_its_time_is_over() -> None:
    later = NOW + timedelta(days=31)
    fresh = [validation(actor="carl", at=later)]
    decision = decided(HIGH, validations=fresh, votes=signed("bob", "eve"), now=later)
    assert "older than 30 days" in decision.missing[0].detail


def test_an_edit_elsewhere_in_the_policy_voids_nothing() -> None:
    other = DEFAULT.level("high").for_alias("staging")
    assert replace(other, approvals=1).digest != other.digest
    assert decided(MEDIUM, validations=[validation()], votes=[vote("bob")]).allowed


def test_the_requirements_digest_of_the_first_release_is_unchanged() -> None:
    first = Requirements(validation=True, held_out=True, evidence_days=180, approvals=1)
    assert first.digest == "16a9d1a1221ed78bd54faab5fb1a78dc577fa59f826428270a2707e1e2069e27"  # as the first had it


def test_the_policys_checks_must_stand_in_a_validation() -> None:
    asks = replace(MEDIUM, checks=("roc_auc>=0.60", "f1 >= 0.5"))
    missing = decided(asks, validations=[validation()], votes=[vote("bob", requirements=asks)]).missing
    assert [(one.requirement, one.detail) for one in missing] == [("the policy's checks", "not run: f1 >= 0.5")]


def test_a_pinned_data_set_is_demanded_by_its_fingerprint() -> None:
    asks = replace(MEDIUM, data="holdout-2026q4")
    pinned = DataNameRow(name="holdout-2026q4", event="d", data="holdout", rows=1000, actor="ann", at=NOW)
    given = {"validations": [validation()], "votes": [vote("bob", requirements=asks)]}
    assert "no data set has this name" in decided(asks, **given).missing[0].detail
    assert "only on other data" in decided(asks, **given, pinned=replace(pinned, data="other")).missing[0].detail
    assert decided(asks, **given, pinned=pinned).allowed


def test_trying_until_it_passes_shows() -> None:
    tries = [validation(10 + n, passed=n == 4, data=f"fresh-{n}") for n in range(5)]
    passed_last = decided(MEDIUM, validations=tries)
    assert "5 in all, on 5 data sets" in passed_last.missing[0].detail


def test_ci_that_only_claims_to_be_ci_proves_nothing() -> None:
    asks = replace(MEDIUM, ci=True)
    claimed = [validation(claimed_ci={"provider": "GitHub Actions"})]
    decision = decided(asks, validations=claimed, votes=[vote("bob", requirements=asks)])
    assert decision.missing[0].detail == "a CI run is claimed, not proven"


def test_the_card_waits_for_what_only_a_person_can_say() -> None:
    given = {"validations": CHECKED, "votes": signed("bob", "eve")}
    card = WRITTEN | {"limits": written("limits", filled=False)}
    assert decided(HIGH, **given, card=card).missing[0].detail == "nobody has written limits"
    without_use = {name: row for name, row in WRITTEN.items() if name != "intended_use"}
    assert decided(HIGH, **given, card=without_use).allowed  # the purpose says it


def test_an_open_critical_finding_closes_every_gate() -> None:
    low = DEFAULT.level("low").for_alias("production")
    row = FindingRow(model="m", sequence=9, event="f", number=3, severity="critical", actor="bob", at=NOW)
    assert "#9" in decided(low, findings=[row]).missing[0].detail
    assert decided(low, findings=[replace(row, severity="major")]).allowed


def test_an_unreviewed_emergency_closes_the_gate_and_says_when_it_is_overdue() -> None:
    low = DEFAULT.level("low").for_alias("production")
    due = NOW + timedelta(hours=72)
    made = {"model": "m", "sequence": 9, "event": "g", "actor": "bob", "at": NOW, "expires_at": due}
    glass = GlassRow(number=2, alias="production", ticket="INC-1", **made)
    assert "due in 72 h" in decided(low, glass=glass).missing[0].detail
    assert "overdue" in decided(low, glass=glass, now=due + timedelta(seconds=1)).missing[0].detail


def test_what_is_live_must_have_been_watched_where_the_policy_asks() -> None:
    asks = Requirements(monitor_days=30)
    window = WindowRow(
        model="m", sequence=5, event="w", number=2, look=1, data="x", rows=9, alarm=False, at=NOW, actor="ann"
    )
    assert decided(asks).allowed  # nothing is live yet
    assert "never watched" in decided(asks, live=2).missing[0].detail
    assert decided(asks, live=2, window=window).allowed
    assert not decided(asks, live=2, window=window, now=NOW + timedelta(days=31)).allowed


def test_who_requested_does_not_approve_at_high() -> None:
    votes = [vote("bob", "requested"), vote("bob", requirements=HIGH), vote("eve", requirements=HIGH)]
    assert not decided(HIGH, validations=[validation(actor="carl")], votes=votes).allowed


def test_a_decision_survives_being_recorded() -> None:
    decision = decided(MEDIUM)
    assert Decision.from_dict(decision.to_dict()) == decision
