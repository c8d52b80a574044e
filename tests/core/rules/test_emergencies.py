"""Breaking the glass, its review, and what is over for good: single use, by two people, and never silently."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from nb_mlops.core.errors import BadInput, GateClosed, NotFound, Refused
from nb_mlops.core.policy import DEFAULT
from nb_mlops.core.rows import AliasRow, GlassRow, MoveRow

if TYPE_CHECKING:
    from conftest import House

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


def test_at_high_the_way_back_leads_to_what_was_let_through_and_has_no_critical_finding(high: House) -> None:
    for who in ("bob", "cid"):
        high.approves(who)
    high.promotes("ann")
    for number in (2, 3):
        high.registers("ann", number)
        breaks(high, number, f"INC-{number}")
        high.does("bob", "reviewed", FOUND)
    with pytest.raises(Refused, match="churn@2 was never approved for production"):
        high.does("ann", "rolled_back", alias="production", number=2)
    found = high.does("bob", "finding_opened", {"title": "Two groups differ"}, number=1, severity="critical")
    with pytest.raises(Refused, match="open critical finding"):
        high.does("ann", "rolled_back", alias="production", number=1)
    high.does("cid", "finding_closed", {"answer": "It was the data; see the note."}, finding=found.sequence)
    assert high.does("ann", "rolled_back", alias="production", number=1).kind == "rolled_back"


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
