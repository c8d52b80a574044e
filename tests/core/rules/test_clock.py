"""A clock that was set back: order is told by sequence, and what lies ahead of it has no age."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from nb_mlops.core.errors import GateClosed
from nb_mlops.core.policy.file import read_policy
from nb_mlops.core.rows import MoveRow
from tests.core.rules.conftest import digest

if TYPE_CHECKING:
    from conftest import House

PINNED = (
    "[medium.production]\ndata = 'holdout'\nchecks = ['roc_auc >= 0.6']\n[high.production]\nchecks = ['roc_auc >= 0.6']"
)
COMPARED = "[medium.production]\nchecks = ['f1 >= production.f1']\n[high.production]\nchecks = ['f1 >= production.f1']"


def test_evidence_from_the_future_is_not_fresh_for_ever(high: House) -> None:
    high.later(days=4_000)  # somebody set the clock forward,
    high.validates("val")
    high.later(days=-4_000)  # and back again
    for who in ("bob", "cid"):
        high.approves(who)
    with pytest.raises(GateClosed, match="lies ahead of the clock, which was set back"):
        high.promotes("ann")
    high.validates("val")
    for who in ("bob", "cid"):
        high.approves(who)
    assert high.promotes("ann").kind == "promoted"


def test_approvals_from_the_future_do_not_last_for_ever(high: House) -> None:
    high.later(days=4_000)
    for who in ("bob", "cid"):
        high.approves(who)
    high.later(days=-4_000)
    with pytest.raises(GateClosed, match="0 of 2; 2 lapsed, since their time lies ahead of the clock"):
        high.promotes("ann")


def test_hosts_whose_clocks_differ_by_minutes_work_together(high: House) -> None:
    high.later(minutes=20)
    high.validates("val")
    for who in ("bob", "cid"):
        high.approves(who)
    high.later(minutes=-20)
    assert high.promotes("ann").kind == "promoted"


def test_a_look_at_drift_from_the_future_is_no_watching(house: House) -> None:
    house.applies("ann", read_policy("[low.production]\nmonitor_days = 30\n[medium.production]\nmonitor_days = 30"))
    house.registers("ann", 1)
    house.promotes("ann")
    house.registers("ann", 2)
    house.later(days=4_000)
    house.does("ann", "observed", number=1, data="b" * 64, alarm=False)
    house.later(days=-4_000)
    with pytest.raises(GateClosed, match="by a clock that was set back since"):
        house.promotes("ann", 2)


def test_the_latest_of_a_data_set_is_the_one_recorded_last(medium: House) -> None:
    medium.later(days=-400)
    medium.validates("ann", passed=False)
    with pytest.raises(GateClosed, match="failed"):
        medium.promotes("ann")


def test_the_latest_word_of_a_person_is_the_one_recorded_last(medium: House) -> None:
    medium.approves("bob")
    medium.later(days=-400)
    medium.does("bob", "rejected", number=1, alias="production")
    with pytest.raises(GateClosed, match="0 of 1"):
        medium.promotes("ann")


def test_what_the_clients_clock_says_decides_nothing(high: House) -> None:
    """The draft's time is shown; age is told by the catalog's clock alone."""
    real, high.catalog._clock = high.now, lambda: real
    high.later(days=-40_000)
    for who in ("bob", "cid"):
        high.approves(who)
    high.later(days=80_000)
    moved = high.promotes("ann")
    assert moved.kind == "promoted"
    assert (moved.time, moved.client_time) == (real, high.now)


def test_a_registry_whose_clock_went_back_is_whole_and_in_order(medium: House) -> None:
    medium.approves("bob")
    medium.later(days=-400)
    medium.promotes("ann")
    medium.later(days=300)
    medium.registers("ann", 2)
    assert [row.number for row in medium.catalog.find(MoveRow)] == [1]
    sequences = [event.sequence for event in medium.catalog.events(medium.model().id)]
    assert sequences == sorted(sequences)
    assert medium.catalog.verify().whole


def test_the_oldest_evidence_that_is_needed_must_be_fresh(house: House) -> None:
    """A trifle measured today on other data does not make the year-old checks of the policy young again."""
    house.applies("ann", read_policy("[high.production]\nchecks = ['roc_auc >= 0.6']"))
    house.registers("ann", 1, stakes="high")
    house.writes_card("ann")
    house.validates("val")
    house.later(days=365)
    trifle = {"check": "rows >= 1", "passed": True, "status": "passed", "detail": ""}
    house.validates("val", data=78, results=[trifle])
    for who in ("bob", "cid"):
        house.approves(who)
    with pytest.raises(GateClosed, match="365 days old, more than 90"):
        house.promotes("ann")


def test_the_policys_checks_are_rerun_by_another_person_and_not_a_trifle(house: House) -> None:
    house.applies("ann", read_policy("[high.production]\nchecks = ['roc_auc >= 0.6']"))
    house.registers("ann", 1, stakes="high")
    house.writes_card("ann")
    house.validates("ann")
    trifle = {"check": "rows >= 1", "passed": True, "status": "passed", "detail": ""}
    house.validates("val", data=78, results=[trifle])
    for who in ("bob", "cid"):
        house.approves(who)
    with pytest.raises(GateClosed, match=r"not run: roc_auc >= 0\.6"):
        house.promotes("ann")


def test_the_policys_checks_are_asked_of_the_data_that_it_pins(house: House) -> None:
    house.does("ann", "data_named", model=None, name="holdout", data=digest(78), rows=9)
    house.applies("ann", read_policy(PINNED))
    house.registers("ann", 1, stakes="medium")
    house.validates("ann", data=77)
    trifle = {"check": "rows >= 1", "passed": True, "status": "passed", "detail": ""}
    house.validates("ann", data=78, results=[trifle])
    house.approves("bob")
    with pytest.raises(GateClosed, match=r"policy's checks: not run: roc_auc >= 0\.6"):
        house.promotes("ann")
    house.validates("ann", data=78)
    house.approves("bob")
    assert house.promotes("ann").kind == "promoted"


def test_a_comparison_that_had_nothing_to_compare_with_counts_only_while_there_is_nothing(house: House) -> None:
    house.applies("ann", read_policy(COMPARED))
    idle = {"check": "f1 >= production.f1", "passed": True, "status": "not applicable", "detail": "nothing there"}
    judged = {"check": "f1 >= 0.5", "passed": True, "status": "passed", "detail": ""}
    for number in (1, 2):
        house.registers("ann", number, stakes="medium")
        house.validates("ann", number, results=[idle, judged])
        house.approves("bob", number)
    house.promotes("ann", 1)
    with pytest.raises(GateClosed, match="nothing to compare with, and there is now: f1 >= production"):
        house.promotes("ann", 2)
    house.validates("ann", 2, results=[idle, judged])  # it has no columns to compare on, say: asked, and answered
    house.approves("bob", 2)
    assert house.promotes("ann", 2).kind == "promoted"
