"""Raising stakes is free; the way down is the way up again, or takes the others whom the level asks for."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from nb_mlops.core.errors import BadInput
from nb_mlops.core.policy import DEFAULT

if TYPE_CHECKING:
    from conftest import House


def name(who: str) -> str:
    return f"{who}@example.org"


def test_who_raised_the_stakes_takes_them_back_no_further_than_they_were(house: House) -> None:
    house.registers("ann", 1, stakes="medium")
    house.does("bob", "described", stakes="high")
    assert house.does("bob", "described", stakes="low").kind == "lowering_asked"  # else two free steps open any gate
    assert house.does("bob", "described", stakes="medium").kind == "described"
    assert house.does("bob", "described", stakes="low").kind == "lowering_asked"
    assert house.model().stakes == "medium"


def test_stakes_raised_twice_by_one_person_are_taken_back_in_one_step(house: House) -> None:
    house.registers("ann", 1)
    house.does("bob", "described", stakes="high")
    assert house.does("bob", "described", stakes="low").kind == "described"


def test_what_was_decided_under_the_stakes_is_told_by_order_and_not_by_the_clock(house: House) -> None:
    house.registers("ann", 1)
    house.does("ann", "described", stakes="high")
    house.registers("ann", 2)
    house.later(days=-400)  # somebody sets the clock back, and decides
    house.does("eve", "promoted", {"reason": "it burns"}, number=2, alias="production", break_glass="INC-1")
    assert house.does("ann", "described", stakes="low").kind == "lowering_asked"
    assert house.model().stakes == "high"


def test_an_older_wish_does_not_count_after_the_stakes_were_set_anew(house: House) -> None:
    house.registers("ann", 1, stakes="medium")
    house.does("bob", "described", stakes="low")
    house.does("ann", "described", stakes="high")
    house.later(days=-400)
    house.does("ann", "described", stakes="medium")
    assert house.does("cid", "described", stakes="low").kind == "lowering_asked"
    assert house.does("dan", "described", stakes="low").kind == "described"


def test_one_person_with_two_identities_does_not_lower_stakes_alone(house: House) -> None:
    house.registers("ann", 1, stakes="medium")
    house.applies("ann", replace(DEFAULT, people=((name("bob"), name("robert")),)))
    for who in ("bob", "robert", "bob"):
        assert house.does(who, "described", stakes="low").kind == "lowering_asked"
    assert house.does("cid", "described", stakes="low").kind == "described"


@pytest.mark.parametrize("stakes", ["", "LOW", "none", 3, True, ["low"], {"low": 1}, "high\n"])
def test_stakes_that_are_none_are_refused(house: House, stakes: object) -> None:
    house.registers("ann", 1, stakes="medium")
    with pytest.raises(BadInput, match="not a stakes level"):
        house.does("ann", "described", stakes=stakes)
