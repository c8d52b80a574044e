"""Breaking the glass, its review, and what is over for good: single use, by two people, and never silently."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from nb_mlops.core.errors import BadInput, GateClosed, NotFound, Refused
from nb_mlops.core.policy import DEFAULT
from nb_mlops.core.policy.file import read_policy
from nb_mlops.core.rows import AliasRow, GlassRow, MoveRow

if TYPE_CHECKING:
    from conftest import House

    from nb_mlops.core.event import Event

WHY = {"reason": "the old one answers nonsense"}
FOUND = {"review": "It was right: see the minutes."}


def breaks(house: House, number: int = 1, ticket: object = "INC-1", who: str = "eve") -> None:
    house.does(who, "promoted", WHY, number=number, alias="production", break_glass=ticket)


def test_the_glass_is_broken_once_and_stands_on_record_until_somebody_else_looked(high: House) -> None:
    breaks(high)
    [glass] = high.catalog.find(GlassRow)
    [move] = high.catalog.find(MoveRow)
    assert (move.glass, move.approved, glass.ticket, glass.reviewed_at) == (glass.event, False, "INC-1", None)
    high.registers("ann", 2)
    with pytest.raises(Refused, match=r"broken already, and nobody has reviewed it\.\nSomebody else does that first"):
        breaks(high, 2, "INC-2")
    with pytest.raises(Refused, match="the review is somebody else's"):
        high.does("eve", "reviewed", FOUND)
    high.does("bob", "reviewed", FOUND)
    breaks(high, 2, "INC-2")


@pytest.mark.parametrize("ticket", ["INC-1", "inc-1"])
def test_a_ticket_is_used_once(high: House, ticket: str) -> None:
    breaks(high)
    high.does("bob", "reviewed", FOUND)
    high.registers("ann", 2)
    with pytest.raises(Refused, match=r"was used for churn before\.\nA new emergency has a new ticket"):
        breaks(high, 2, ticket)


@pytest.mark.parametrize("ticket", ["", " ", "-x", "a b", "x" * 81, "<b>", "a\nb", True, 7, ["INC-1"], {}])
def test_a_ticket_is_a_tickets_number(high: House, ticket: object) -> None:
    with pytest.raises(BadInput, match=r"takes a ticket's number\.\nLike --break-glass INC-4711"):
        breaks(high, 1, ticket)


def test_nobody_breaks_the_glass_without_words_or_where_the_policy_lets_nobody(high: House) -> None:
    with pytest.raises(Refused, match="takes a reason in words"):
        high.does("eve", "promoted", {"reason": " "}, number=1, alias="production", break_glass="INC-1")
    high.validates("val", passed=False)
    with pytest.raises(Refused, match="lets nobody break the glass before staging"):
        high.does("eve", "promoted", WHY, number=1, alias="staging", break_glass="INC-1")


def test_who_broke_the_glass_does_not_review_it_under_another_name(high: House) -> None:
    breaks(high)
    high.applies("ann", replace(DEFAULT, people=(("eve@example.org", "evelyn@example.org"),)))
    with pytest.raises(Refused, match="the review is somebody else's"):
        high.does("evelyn", "reviewed", FOUND)


@pytest.mark.parametrize("words", [{}, {"review": "ok"}, {"review": "n/a"}])
def test_a_review_says_what_was_found(high: House, words: dict[str, str]) -> None:
    breaks(high)
    with pytest.raises(BadInput, match="A review says what was found"):
        high.does("bob", "reviewed", words)


def test_an_unreviewed_emergency_holds_even_an_open_gate(high: House) -> None:
    breaks(high)
    high.registers("ann", 2)
    high.validates("val", 2)
    for who in ("bob", "cid"):
        high.approves(who, 2)
    with pytest.raises(GateClosed, match="no unreviewed emergency"):
        high.promotes("ann", 2)
    high.does("bob", "reviewed", FOUND)
    assert high.promotes("ann", 2).kind == "promoted"


def goes_live(house: House, number: int, *approvers: str) -> None:
    house.registers("ann", number)
    house.validates("val", number)
    for who in approvers:
        house.approves(who, number)
    house.promotes("ann", number)


def rolls_back(house: House, number: int) -> Event:
    return house.does("ann", "rolled_back", alias="production", number=number)


def refuses_the_way_back(house: House, number: int, why: str) -> None:
    with pytest.raises(Refused, match=why) as caught:
        rolls_back(house, number)
    assert str(caught.value).count("\n") == 1
    assert f"in an emergency: %promote churn@{number} --to production --break-glass TICKET" in str(caught.value)


@pytest.mark.parametrize("level", ["medium", "high"])
def test_the_way_back_leads_to_what_was_approved_and_nobody_speaks_against(house: House, level: str) -> None:
    house.registers("ann", 9, stakes=level)
    house.writes_card("ann", 1)
    goes_live(house, 2, "bob", "cid")
    house.registers("ann", 3)
    breaks(house, 3)
    house.does("bob", "reviewed", FOUND)
    goes_live(house, 4, "bob", "cid")
    refuses_the_way_back(house, 3, "churn@3 was never approved for production")
    found = house.does("bob", "finding_opened", {"title": "Two groups differ"}, number=2, severity="critical")
    refuses_the_way_back(house, 2, "open critical finding")
    house.does("cid", "finding_closed", {"answer": "It was the data; see the note."}, finding=found.sequence)
    house.does("dan", "rejected", number=2, alias="production")
    refuses_the_way_back(house, 2, "churn@2 is rejected for production by 1")
    house.approves("dan", 2)
    assert rolls_back(house, 2).kind == "rolled_back"


def test_the_way_back_does_not_lead_to_what_went_live_at_lower_stakes_until_its_gate_is_open(house: House) -> None:
    goes_live(house, 1)
    house.does("ann", "described", stakes="medium")
    goes_live(house, 2, "bob")
    refuses_the_way_back(house, 1, r"churn@1 was never approved for production \(medium stakes\)")
    house.approves("bob", 1)
    assert rolls_back(house, 1).kind == "rolled_back"


def test_at_low_stakes_the_way_back_is_free(house: House) -> None:
    for number in (1, 2):
        goes_live(house, number)
    house.does("bob", "finding_opened", {"title": "Two groups differ"}, number=1, severity="critical")
    assert rolls_back(house, 1).kind == "rolled_back"


def test_in_an_emergency_the_glass_is_broken_on_the_way_back_too(house: House) -> None:
    goes_live(house, 1)
    house.does("ann", "described", stakes="medium")
    goes_live(house, 2, "bob")
    breaks(house, 1)
    assert [row.number for row in house.catalog.find(AliasRow)] == [1]
    assert house.catalog.find(GlassRow)[0].ticket == "INC-1"


def test_no_glass_is_broken_where_the_way_back_is_open(house: House) -> None:
    for number in (1, 2):
        goes_live(house, number)
    with pytest.raises(Refused, match=r"older than churn@2[^\n]*\nTo go back: %rollback churn"):
        breaks(house, 1)


@pytest.mark.parametrize("ticket", ["todo", "n/a", "TBD", "none", "yes"])
def test_a_word_that_says_nothing_is_no_tickets_number(medium: House, ticket: str) -> None:
    with pytest.raises(BadInput, match="takes a ticket's number"):
        breaks(medium, 1, ticket)


@pytest.mark.parametrize("given", [True, "yes", "INC-1"])
def test_where_the_policy_asks_for_a_reason_alone_a_ticket_may_be_left_out(medium: House, given: object) -> None:
    medium.applies("ann", read_policy("[low]\nretention_days = 40"))  # stricter: at once
    for who in ("ann", "bob"):
        medium.applies(who, read_policy("[medium.production]\nbreak_glass = 'reason'"))
    with pytest.raises(Refused, match="takes a reason in words"):
        medium.does("eve", "promoted", {"reason": "todo"}, number=1, alias="production", break_glass=given)
    breaks(medium, 1, given)
    assert medium.catalog.find(GlassRow)[0].told_ticket == ("ticket INC-1" if given == "INC-1" else "no ticket")


@pytest.mark.parametrize("reason", ["", "todo", "n/a", "-", "asdf", "..."])
def test_a_reason_says_something(high: House, reason: str) -> None:
    with pytest.raises(Refused, match=r"takes a reason in words\.\nAdd it"):
        high.does("eve", "promoted", {"reason": reason}, number=1, alias="production", break_glass="INC-1")
    with pytest.raises(Refused, match=r"takes a reason in words\.\nAdd it"):
        high.does("bob", "approved", {"comment": reason}, number=1, alias="production")


@pytest.mark.parametrize("maker", ["ann", "anna", "writer", "twin"])
def test_at_high_another_person_closes_a_critical_finding(house: House, maker: str) -> None:
    house.applies("cid", replace(DEFAULT, people=(("ann@example.org", "anna@example.org"),)))
    house.registers("ann", 1, stakes="high", people={"author": "writer@example.org"})
    house.registers("twin", 1, model="other")
    found = house.does("bob", "finding_opened", {"title": "Two groups differ"}, number=1, severity="critical")
    answer = {"answer": "It was the data; see the note."}
    with pytest.raises(Refused, match=r"another person closes its critical finding #\d+\.\nTell them"):
        house.does(maker, "finding_closed", answer, finding=found.sequence)
    assert house.does("bob", "finding_closed", answer, finding=found.sequence).kind == "finding_closed"


@pytest.mark.parametrize(("level", "severity"), [("medium", "critical"), ("high", "major")])
def test_other_findings_are_closed_by_anybody(house: House, level: str, severity: str) -> None:
    house.registers("ann", 1, stakes=level)
    found = house.does("bob", "finding_opened", {"title": "Two groups differ"}, number=1, severity=severity)
    answer = {"answer": "It was the data; see the note."}
    assert house.does("ann", "finding_closed", answer, finding=found.sequence).kind == "finding_closed"


def test_a_finding_follows_the_bytes_to_their_next_number(house: House) -> None:
    house.registers("ann", 1)
    found = house.does("bob", "finding_opened", {"title": "Two groups differ"}, number=1, severity="critical")
    house.registers("ann", 1, again=True)
    with pytest.raises(GateClosed, match="no open critical finding"):
        house.promotes("ann", 2)
    house.does("bob", "finding_closed", {"answer": "It was the data; see the note."}, finding=found.sequence)
    assert house.promotes("ann", 2).kind == "promoted"


@pytest.mark.parametrize("number", ["1", True, [1], 1.0, {}])
def test_a_rollback_goes_to_a_number(medium: House, number: object) -> None:
    medium.approves("bob")
    medium.promotes("ann")
    with pytest.raises(BadInput, match="goes to a version number"):
        medium.does("ann", "rolled_back", alias="production", number=number)


def test_what_is_retired_comes_back_by_no_verb(medium: House) -> None:
    medium.approves("bob")
    medium.promotes("ann")
    with pytest.raises(Refused, match="what is in use does not retire"):
        medium.does("ann", "retired", number=1)
    medium.does("ann", "retired", {"reason": "replaced by another model"})
    for kind, body in (
        ("promoted", {"number": 1, "alias": "staging"}),
        ("rolled_back", {"alias": "production"}),
        ("described", {"stakes": "low"}),
        ("validated", {"number": 1, "data": "a" * 64, "results": [], "passed": True}),
        ("retired", {}),
    ):
        with pytest.raises(Refused, match="was retired"):
            medium.does("ann", kind, **body)
    with pytest.raises(Refused, match=r"was retired: no version is added to it\.\nChoose another name"):
        medium.registers("ann", 2)
    assert medium.catalog.find(AliasRow)[0].number == 1


def test_a_version_that_somebody_questions_is_not_discarded(house: House) -> None:
    house.registers("ann", 1)
    house.does("bob", "finding_opened", {"title": "Where does this data come from?"}, number=1, severity="critical")
    with pytest.raises(Refused, match="was used: its record stays"):
        house.does("ann", "discarded", number=1)


@pytest.mark.parametrize("finding", [99, -1, 1])
def test_a_finding_that_is_none_is_not_closed(medium: House, finding: int) -> None:
    with pytest.raises(NotFound, match=f"has no finding #{finding}"):
        medium.does("bob", "finding_closed", {"answer": "It was the data."}, finding=finding)
