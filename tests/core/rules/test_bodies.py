"""A client is not trusted: what it claims beside the facts is ignored, and what makes no sense is refused."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from nb_mlops.core.errors import GateClosed, NbMlopsError
from nb_mlops.core.rows import AliasRow, MoveRow, ValidationRow, VersionRow, VoteRow
from tests.core.rules.conftest import digest

if TYPE_CHECKING:
    from conftest import House

CLAIMS: dict[str, Any] = {
    "actor": "somebody else",
    "approved": True,
    "decision": {"allowed": True, "reasons": []},
    "stakes": "low",
    "glass": "some-event",
    "requirements": "0" * 64,
    "allowed": True,
    "previous": 7,
    "digest_of_policy": "0" * 64,
}


def test_a_promotion_that_claims_to_be_allowed_is_not(medium: House) -> None:
    with pytest.raises(GateClosed):
        medium.promotes("ann", **CLAIMS)
    assert medium.catalog.find(AliasRow) == []


def test_a_promotion_records_what_was_decided_and_not_what_was_claimed(medium: House) -> None:
    medium.approves("bob")
    moved = medium.promotes("ann", **CLAIMS)
    [row] = medium.catalog.find(MoveRow)
    assert (row.stakes, row.glass, row.previous, row.actor) == ("medium", None, None, moved.actor)
    assert moved.body["decision"]["reasons"]
    assert not {"actor", "allowed", "digest_of_policy"} & set(moved.body)


def test_an_approval_records_who_signed_what_and_not_what_was_claimed(medium: House) -> None:
    claims = {key: value for key, value in CLAIMS.items() if key != "previous"}
    event = medium.approves("bob", **claims)
    assert set(event.body) == {"number", "alias", "digest", "evidence", "requirements", "live"}
    [row] = medium.catalog.find(VoteRow)
    assert (row.actor, row.requirements != "0" * 64) == (event.actor, True)


def test_a_validation_counts_its_attempts_itself(medium: House) -> None:
    medium.validates("ann", attempt=1, actor="val")
    rows = medium.catalog.find(ValidationRow)
    assert [row.attempt for row in rows] == [1, 2]
    assert rows[1].actor == medium.model().created_by


def test_who_wrote_a_version_is_not_said_by_the_body(house: House) -> None:
    house.registers("ann", 1, author="bob's opaque id", number=77, event="x")
    [row] = house.catalog.find(VersionRow)
    assert (row.author, row.number) == (None, 1)


def test_a_ci_run_is_not_proven_by_saying_so(medium: House) -> None:
    with pytest.raises(NbMlopsError, match=r"cannot prove its own CI run\.\nA registry server does"):
        medium.validates("ann", proven_ci={"provider": "x"})


def test_a_rollback_has_no_decision_and_no_glass(house: House) -> None:
    for number in (1, 2):
        house.registers("ann", number)
        house.promotes("ann", number)
    claims = {key: value for key, value in CLAIMS.items() if key != "previous"}
    event = house.does("ann", "rolled_back", alias="production", **claims)
    assert set(event.body) == {"number", "alias", "digest", "previous", "stakes"}
    assert not house.catalog.find(MoveRow)[-1].approved


def test_what_a_rule_does_not_know_is_not_recorded(medium: House) -> None:
    results = [{"check": "f1 > 0", "passed": True, "status": "passed", "detail": "", "colour": "red"}]
    medium.validates("ann", results=results, note_to_self="x", metrics={"f1": 0.5})
    medium.does("ann", "observed", number=1, data="b" * 64, alarm=False, rows=9, proof="x")
    medium.registers("ann", 2, files={"m": {"sha256": digest(2), "size": 3, "url": "x"}}, licence="x")
    told = {event.kind: event for event in medium.catalog.events(medium.model().id)}
    validated, observed, last = told["validated"], told["observed"], told["registered"]
    counted = {"attempt", "attempts_in_all", "data_sets"}
    assert set(validated.body) == {"number", "data", "rows", "passed", "results", "metrics"} | counted
    assert "colour" not in validated.body["results"][0]
    assert set(observed.body) == {"number", "data", "rows", "alarm", "look"}
    assert ("licence" in last.body, last.body["files"]) == (False, {"m": {"sha256": digest(2), "size": 3}})


@pytest.mark.parametrize("text", ["half a \ud800", 3, None])
def test_a_text_is_a_text(medium: House, text: Any) -> None:
    with pytest.raises(NbMlopsError, match=r"half a character[^\n]*\nRe-type it"):
        medium.does("ann", "noted", {"note": text}, number=1)


NONSENSE: list[tuple[str, dict[str, Any]]] = [
    *(("validated", {"results": results, "passed": True}) for results in (None, 3, "x", ["x"], [3], [{}], [None])),
    ("validated", {"results": [], "passed": "yes"}),
    ("validated", {"results": [{"check": "f1 > 0", "passed": "yes"}], "passed": True}),
    ("validated", {"results": [], "passed": False, "rows": "many"}),
    ("validated", {"results": [], "passed": False, "rows": -1}),
    ("validated", {"results": [], "passed": False, "data_name": 3}),
    ("validated", {"results": [], "passed": False, "metrics": [1]}),
    ("validated", {"results": [], "passed": False, "metrics": {"f1": {}}}),
    ("validated", {"results": [], "passed": False, "metrics": []}),
    ("validated", {"results": [], "passed": False, "data_name": []}),
    ("validated", {"results": [], "passed": False, "data_name": "\ud800"}),
    ("validated", {"results": [{"check": "f1 > 0", "passed": True, "value": [1]}], "passed": True}),
    ("observed", {"alarm": True, "rows": "many"}),
    ("observed", {"alarm": True, "rows": True}),
    ("observed", {"alarm": True, "report": [1]}),
    ("tagged", {"tags": {"team": {"name": "risk"}}}),
    ("noted", {"number": 2**70}),
    ("finding_closed", {"finding": 2**70}),
    ("erased", {"number": 2**70}),
    ("validated", {"results": [], "passed": False, "code": "x"}),
    ("validated", {"results": [], "passed": False, "importance": {str(n): 1 for n in range(201)}}),
    ("assessed", {"answers": 3}),
    ("assessed", {"answers": {"affects": ["people"]}}),
    ("assessed", {"answers": {"affects": "people", "who": "me"}}),
    ("card_edited", {"section": "everything"}),
    ("card_edited", {"section": ["ethics"]}),
    ("finding_opened", {"severity": "catastrophic"}),
    ("finding_opened", {"severity": ["critical"]}),
    ("finding_closed", {"finding": "1"}),
    ("finding_closed", {"finding": True}),
    ("loaded", {"place": "kitchen"}),
    ("loaded", {"place": ["server"]}),
    ("retired", {"number": "1"}),
    ("approved", {"alias": ["production"]}),
    ("approved", {"alias": "prodution"}),
    ("promoted", {"alias": None}),
    ("promoted", {"number": True, "alias": "production"}),
    ("promoted", {"number": -1, "alias": "production"}),
    ("promoted", {"number": 2**53, "alias": "production"}),
    ("glass_broken", {"alias": "production", "ticket": "INC-1"}),
    ("policy_proposed", {"digest": "0" * 64}),
    ("lowering_asked", {"wanted": "low"}),
    ("created", {"name": "other", "stakes": "low"}),
]


@pytest.mark.parametrize(("kind", "body"), NONSENSE, ids=[f"{kind} {body}"[:60] for kind, body in NONSENSE])
def test_a_body_without_sense_is_refused_in_two_lines(medium: House, kind: str, body: dict[str, Any]) -> None:
    before = medium.catalog.position()
    with pytest.raises(NbMlopsError) as caught:
        medium.does("bob", kind, {"title": "is it right?"}, **{"number": 1, "data": "a" * 64, **body})
    assert str(caught.value).count("\n") == 1
    assert medium.catalog.position() == before


@pytest.mark.parametrize(
    "body",
    [
        {"format": None},
        {"format": ["skops"]},
        {"size_bytes": "3"},
        {"size_bytes": -5},
        {"size_bytes": True},
        {"files": {"m": {"sha256": digest(1), "size": "big"}}},
        {"trained_on": [1]},
        {"parent": {}},
        {"parent": True},
        {"again": []},
        {"tags": {"team": {"name": "risk"}}},
        {"tags": {"team": "\ud800"}},
        {"trained_on": "x"},
        {"runs_code": "no"},
        {"files": {}},
        {"files": {"m": "x"}},
        {"digest": "x"},
        {"tags": []},
        {"stakes": ["high"]},
    ],
)
def test_a_registration_without_sense_is_refused_in_two_lines(house: House, body: dict[str, Any]) -> None:
    with pytest.raises(NbMlopsError) as caught:
        house.registers("ann", 1, **body)
    assert str(caught.value).count("\n") == 1
    assert house.catalog.position() == 0


def test_named_data_needs_no_words_and_never_moves(house: House) -> None:
    first = house.does("ann", "data_named", model=None, name="holdout", data="a" * 64, rows=3)
    assert house.does("bob", "data_named", model=None, name="holdout", data="a" * 64, rows=3).id == first.id
    with pytest.raises(NbMlopsError, match=r"names other data already[^\n]*\nA name never moves"):
        house.does("bob", "data_named", model=None, name="holdout", data="b" * 64, rows=3)


@pytest.mark.parametrize("columns", ["x", [["a"]], [["a", 3]], [["a" * 201, "int64"]], [["a", "int64"]] * 201])
def test_columns_of_named_data_are_a_few_names_with_types(house: House, columns: Any) -> None:
    named = {"name": "holdout", "data": "a" * 64, "rows": 3}
    with pytest.raises(NbMlopsError, match="names with types"):
        house.does("ann", "data_named", model=None, **named, columns=columns)
    event = house.does("ann", "data_named", model=None, **named, columns=[["a", "int64"]], whatever="x")
    assert event.body == {**named, "columns": [["a", "int64"]]}
