"""Whose word counts, and for what: nobody signs their own work under another name, nor something else than they saw."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from nb_mlops.core.errors import Conflict, GateClosed, Refused
from nb_mlops.core.event import Actor, Draft
from nb_mlops.core.policy import DEFAULT, Roles

if TYPE_CHECKING:
    from conftest import House


def name(who: str) -> str:
    return f"{who}@example.org"


def test_the_author_under_another_name_is_told_that_it_would_not_count(house: House) -> None:
    house.applies("ann", replace(DEFAULT, people=((name("eve"), name("evelyn")),)))
    house.registers("ann", 1, stakes="high", people={"author": name("evelyn")})
    house.validates("val")
    with pytest.raises(Refused, match=r"churn@1 would not count: its author's does not count\.\n%gate churn@1 tells"):
        house.approves("eve")


def test_who_registered_under_another_name_is_sent_to_somebody_else(medium: House) -> None:
    medium.applies("ann", replace(DEFAULT, people=((name("ann"), name("anna")),)))
    with pytest.raises(Refused, match=r"your own approval does not count\.\nAsk somebody else"):
        medium.approves("anna")


def test_identities_that_turn_out_to_be_one_person_count_once_from_then_on(high: House) -> None:
    high.approves("bob")
    high.approves("robert")
    high.applies("val", replace(DEFAULT, people=((name("bob"), name("robert")),)))
    with pytest.raises(GateClosed, match="approvals by independent persons: 1 of 2"):
        high.promotes("ann")


def test_who_asked_for_approval_does_not_give_it_at_high(high: House) -> None:
    high.does("bob", "requested", number=1, alias="production")
    with pytest.raises(Refused, match="by who asked for it"):
        high.approves("bob")


@pytest.mark.parametrize("again", ["same draft", "same id", "copied body", "other evidence"])
def test_an_approval_is_not_replayed_onto_another_version(high: House, again: str) -> None:
    high.registers("ann", 2)
    high.validates("val", 2)
    first = high.approves("bob")
    sent = Draft("approved", "churn", Actor(name("bob")), high.now, dict(first.body), {"comment": "replayed"})
    other = {**first.body, "number": 2}
    drafts = {
        "same draft": replace(sent, id=first.id),
        "same id": replace(sent, id=first.id, body=other),
        "copied body": replace(sent, body=other),
        "other evidence": replace(sent, body={**other, "digest": f"{2:064x}"}),
    }
    with pytest.raises(Conflict) as caught:
        high.catalog.append(drafts[again])
    assert str(caught.value).count("\n") == 1
    with pytest.raises(GateClosed):
        high.promotes("ann", 2)


def test_approvals_of_one_version_open_the_gate_of_no_other(high: House) -> None:
    high.registers("ann", 1, again=True)  # the very same bytes, as another version
    high.validates("val", 2)
    high.approves("bob")
    high.approves("cid")
    with pytest.raises(GateClosed, match="0 of 2"):
        high.promotes("ann", 2)
    assert high.promotes("ann", 1).kind == "promoted"


def test_an_approval_for_one_alias_opens_no_other(medium: House) -> None:
    medium.approves("bob", alias="staging")
    with pytest.raises(GateClosed, match="0 of 1"):
        medium.promotes("ann")


def test_an_approval_of_what_was_seen_before_newer_evidence_is_refused(medium: House) -> None:
    seen = medium.validates("ann", data=78)
    medium.validates("ann", data=79, passed=False)
    with pytest.raises(Conflict, match=r"newer evidence on churn@1 than what you looked at\.\nLook again, then sign"):
        medium.approves("bob", evidence=seen)
    assert medium.approves("bob").kind == "approved"
    medium.validates("ann", data=79)
    with pytest.raises(GateClosed, match="lapsed, since there is newer evidence"):
        medium.promotes("ann")


def test_an_approver_whose_role_was_taken_away_does_not_count_any_more(medium: House) -> None:
    medium.applies("ann", replace(DEFAULT, roles=Roles(approvers=(name("bob"), name("cid"), name("dan")))))
    medium.approves("bob")
    medium.applies("ann", replace(DEFAULT, roles=Roles(approvers=(name("cid"), name("dan")))))
    with pytest.raises(GateClosed, match="0 of 1; one by somebody who is no approver"):
        medium.promotes("ann")
    with pytest.raises(Refused, match="somebody who is no approver"):
        medium.approves("bob")


def test_nothing_is_approved_before_it_was_measured(house: House) -> None:
    house.registers("ann", 1, stakes="medium")
    with pytest.raises(Refused, match="an approval signs evidence, and there is none"):
        house.approves("bob")


def test_an_approval_without_words_is_refused_at_high(high: House) -> None:
    with pytest.raises(Refused, match=r'takes a reason in words\.\nAdd it: -m "…"'):
        high.does("bob", "approved", {"comment": "  "}, number=1, alias="production")


def test_a_rejection_is_withdrawn_by_who_gave_it_and_by_nobody_else(medium: House) -> None:
    medium.does("bob", "rejected", number=1, alias="production")
    medium.approves("cid")
    with pytest.raises(GateClosed, match="no standing rejection"):
        medium.promotes("ann")
    medium.approves("bob")
    assert medium.promotes("ann").kind == "promoted"


def test_calling_somebody_one_person_with_who_said_no_takes_no_word_back(medium: House) -> None:
    medium.does("bob", "rejected", number=1, alias="production")
    medium.applies("mallory", replace(DEFAULT, people=((name("mallory"), name("bob")),)))
    medium.approves("mallory")
    with pytest.raises(GateClosed, match="no standing rejection: rejected by 1"):
        medium.promotes("ann")


def test_a_rejection_follows_the_bytes_to_their_next_number(medium: House) -> None:
    medium.does("bob", "rejected", number=1, alias="production")
    medium.registers("ann", 1, again=True)
    medium.validates("ann", 2)
    medium.approves("cid", 2)
    with pytest.raises(GateClosed, match="no standing rejection: rejected by 1"):
        medium.promotes("ann", 2)
    medium.approves("bob", 2)
    assert medium.promotes("ann", 2).kind == "promoted"


def test_who_made_the_same_bytes_under_another_name_does_not_approve_them(high: House) -> None:
    high.registers("bob", 1, model="twin", people={"author": name("cid")})
    for who in ("bob", "cid"):
        with pytest.raises(Refused, match="by who registered the same artifact"):
            high.approves(who)


@pytest.mark.parametrize("part", ["author", "twin", "request"])
def test_who_took_part_does_not_check_the_model_for_others_either(house: House, part: str) -> None:
    house.registers("ann", 1, stakes="high", people={"author": name("val")} if part == "author" else {})
    house.writes_card("ann")
    if part == "twin":
        house.registers("val", 1, model="twin")
    if part == "request":
        house.does("val", "requested", number=1, alias="production")
    house.validates("val")
    for who in ("bob", "cid"):
        house.approves(who)
    with pytest.raises(GateClosed, match="checks run by another person: only by who took part in it"):
        house.promotes("ann")


def test_who_lapsed_is_told_only_while_it_matters(medium: House) -> None:
    medium.approves("bob")
    medium.validates("ann")
    with pytest.raises(GateClosed, match="0 of 1; 1 lapsed, since there is newer evidence"):
        medium.promotes("ann")
    for who in ("cid", "dan"):
        medium.approves(who)
    reasons = medium.promotes("ann").body["decision"]["reasons"]
    assert "2, 1 needed" in [reason["detail"] for reason in reasons]
