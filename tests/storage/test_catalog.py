"""The contract of every catalog: one suite over memory, SQLite and PostgreSQL."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from nb_mlops.core.errors import BadInput, Conflict, GateClosed, NotFound
from nb_mlops.core.event import REGISTRY, Actor
from nb_mlops.core.rows import AliasNameRow, AliasRow, ModelRow, MoveRow, ValidationRow, VersionRow
from nb_mlops.storage.catalog import Catalog

if TYPE_CHECKING:
    from conftest import DraftOf

BEN = Actor("ben@example.org")


def test_an_empty_catalog_answers_with_nothing(catalog: Catalog) -> None:
    assert catalog.models() == catalog.versions(None) == catalog.find(MoveRow) == [*catalog.events("x")] == []
    assert catalog.get(ModelRow, "x") is catalog.event("x") is catalog.last(VersionRow) is None
    assert catalog.names(["x"]) == catalog.texts(["x"]) == {}
    assert catalog.position() == 0
    assert catalog.verify().whole


def test_a_registration_makes_the_model_and_its_first_version(catalog: Catalog, registration: DraftOf) -> None:
    sent = registration(1, metrics={"auc": 0.9, "n": 3}, tags={"team": "risk"}, parent=None, runs_code=True)
    event = catalog.append(sent)
    assert (event.id, event.kind, event.sequence, event.body["number"]) == (sent.id, "registered", 2, 1)
    [model] = catalog.find(ModelRow, name="churn")
    assert (model.stakes, model.latest, model.created_by) == ("low", 1, event.actor)
    version = catalog.get(VersionRow, model.id, 1)
    assert version is not None
    assert (version.metrics, version.tags, version.runs_code) == ({"auc": 0.9, "n": 3}, {"team": "risk"}, True)
    assert version.created_at == event.time
    assert catalog.names([event.actor, "nobody"]) == {event.actor: "ann@example.org"}


def test_numbers_are_dense_and_positions_are_in_commit_order(catalog: Catalog, registration: DraftOf) -> None:
    events = [catalog.append(registration(content, model)) for content, model in enumerate(["a", "b", "a", "a", "b"])]
    assert [event.body["number"] for event in events] == [1, 1, 2, 3, 2]
    positions = [event.position for event in events]
    assert positions == sorted(positions)
    assert catalog.position() == positions[-1] == 5 + 2 * 2


def test_an_unchanged_registration_gives_the_earlier_event(catalog: Catalog, registration: DraftOf) -> None:
    first = catalog.append(registration(1))
    assert catalog.append(registration(1)).id == first.id
    assert catalog.append(registration(1, again=True)).body["number"] == 2


def test_the_same_draft_twice_is_recorded_once(catalog: Catalog, registration: DraftOf) -> None:
    sent = registration(1, again=True, texts={"owner": "Ada"}, metrics={"auc": 1.0})
    first = catalog.append(sent)
    assert catalog.append(sent) == first
    assert catalog.position() == first.position


@pytest.mark.parametrize("change", ["body", "kind", "actor", "text"])
def test_the_same_id_with_something_else_is_refused(catalog: Catalog, draft: DraftOf, change: str) -> None:
    catalog.append(draft("alias_added", None, name="pre-prod", id=7))
    catalog.append(draft("alias_added", None, name="canary", id=8))
    sent = draft("alias_added", None, name="pre-prod", id=7)
    other = {
        "body": replace(sent, body={"name": "other"}),
        "kind": replace(sent, kind="noted"),
        "actor": replace(sent, actor=BEN),
        "text": replace(sent, texts={"reason": "another"}),
    }
    with pytest.raises(Conflict, match="recorded already"):
        catalog.append(other[change])
    assert catalog.position() == 2


def test_a_changed_text_under_the_same_id_is_refused(catalog: Catalog, draft: DraftOf, registration: DraftOf) -> None:
    catalog.append(registration(1))
    sent = draft("noted", number=1, texts={"note": "first"})
    catalog.append(sent)
    with pytest.raises(Conflict):
        catalog.append(replace(sent, texts={"note": "second"}))


def test_what_a_rule_refuses_leaves_nothing(catalog: Catalog, draft: DraftOf, registration: DraftOf) -> None:
    with pytest.raises(NotFound):
        catalog.append(draft("promoted", number=1, alias="production"))
    with pytest.raises(BadInput, match="too large"):
        catalog.append(registration(1, params={"text": "x" * 300_000}))
    assert catalog.position() == 0
    assert catalog.models() == []
    assert catalog.verify().whole


def test_a_closed_gate_raises_with_its_reasons(catalog: Catalog, draft: DraftOf, registration: DraftOf) -> None:
    texts = {"owner": "Ada", "purpose": "churn"}
    catalog.append(registration(1, stakes="medium", texts=texts))
    with pytest.raises(GateClosed) as caught:
        catalog.append(draft("promoted", number=1, alias="production"))
    assert not caught.value.decision.allowed
    assert catalog.find(AliasRow) == []


def test_promotions_and_rollbacks_move_the_alias(catalog: Catalog, draft: DraftOf, registration: DraftOf) -> None:
    for content in (1, 2):
        catalog.append(registration(content))
        catalog.append(draft("promoted", number=content, alias="production", texts={"reason": f"number {content}"}))
    [model] = catalog.models()
    assert catalog.get(AliasRow, model.id, "production").number == 2
    catalog.append(draft("rolled_back", alias="production"))
    assert catalog.get(AliasRow, model.id, "production").number == 1
    moves = catalog.find(MoveRow, model=model.id, alias="production")
    assert [(move.kind, move.number, move.previous) for move in moves] == [
        ("promoted", 1, None),
        ("promoted", 2, 1),
        ("rolled_back", 1, 2),
    ]
    assert catalog.last(MoveRow, model=model.id) == moves[-1]
    assert list(catalog.texts([moves[0].reason]).values()) == ["number 1"]
    assert catalog.find(MoveRow, reason=None) == moves[2:]


def test_rows_are_counted_as_they_are_found(catalog: Catalog, draft: DraftOf, registration: DraftOf) -> None:
    catalog.append(registration(1))
    for data in (1, 2, 1):
        catalog.append(draft("validated", number=1, data=f"{data:064x}", passed=False, results=[]))
    assert catalog.how_many(ValidationRow, number=1) == len(catalog.find(ValidationRow)) == 3
    assert catalog.how_many(ValidationRow, number=1, data=f"{1:064x}", passed=False) == 2
    assert catalog.how_many(ValidationRow, "data", number=1) == 2
    assert [row.attempt for row in catalog.find(ValidationRow)] == [1, 1, 2]
    assert (catalog.how_many(ValidationRow, number=2), catalog.how_many(MoveRow)) == (0, 0)


def test_events_are_read_back_in_order_from_any_place(catalog: Catalog, registration: DraftOf) -> None:
    for content in range(5):
        last = catalog.append(registration(content))
    assert [event.sequence for event in catalog.events(last.history)] == [1, 2, 3, 4, 5, 6]
    assert [event.sequence for event in catalog.events(last.history, after=4)] == [5, 6]
    assert [*catalog.events(last.history)][-1] == last == catalog.event(last.id)
    assert [event.kind for event in catalog.events(REGISTRY)] == ["model_created"]


def test_texts_come_back_whatever_they_hold(catalog: Catalog, draft: DraftOf, registration: DraftOf) -> None:
    catalog.append(registration(1))
    note = "'; DROP TABLE events; -- \x00 <script>𝄞"
    event = catalog.append(draft("noted", number=1, texts={"note": note}))
    assert catalog.texts([event.texts["note"]]) == {event.texts["note"]: note}
    assert note.encode("utf-8", "replace") not in event.to_bytes()
    assert catalog.verify().whole


def test_strange_values_in_bodies_come_back(catalog: Catalog, registration: DraftOf) -> None:
    values = {"nul": "\x00", "quote": "'\"%s :name ?", "wide": "𝄞", "nan": float("nan"), "big": 2**53 - 1, "none": None}
    catalog.append(registration(1, params=values, tags={"%(x)s": ":y", "\x00": "\x00"}))
    [version] = catalog.versions(None)
    assert version.params == {**values, "nan": "NaN"}
    assert version.tags == {"%(x)s": ":y", "\x00": "\x00"}
    assert catalog.verify().whole


def test_models_are_listed_by_name_a_page_at_a_time(catalog: Catalog, registration: DraftOf) -> None:
    for name in ("churn", "risk/churn", "fraud", "a_b", "axb"):
        catalog.append(registration(1, name))
    assert [row.name for row in catalog.models()] == ["a_b", "axb", "churn", "fraud", "risk/churn"]
    assert [row.name for row in catalog.models("CHURN")] == ["churn", "risk/churn"]
    assert [row.name for row in catalog.models("a_b")] == ["a_b"]
    assert [row.name for row in catalog.models(after="axb", limit=2)] == ["churn", "fraud"]
    assert catalog.models("%") == catalog.models("\x00") == catalog.models("' OR 1=1 --") == []


def test_an_alias_for_all_models_is_of_the_registry(catalog: Catalog, draft: DraftOf) -> None:
    event = catalog.append(draft("alias_added", None, name="pre-prod"))
    assert event.history == REGISTRY
    assert catalog.get(AliasNameRow, "pre-prod").actor == event.actor


@pytest.mark.parametrize("spelt", [" ann@example.org", "Ann@Example.ORG", "\uff41nn@example.org"])
def test_another_spelling_is_the_same_person_shown_as_first_typed(
    catalog: Catalog, draft: DraftOf, registration: DraftOf, spelt: str
) -> None:
    first = catalog.append(registration(1))
    later = catalog.append(draft("noted", number=1, by=Actor(spelt), texts={"note": "me again"}))
    assert later.actor == first.actor == catalog.find_actor(spelt)
    assert catalog.names([first.actor]) == {first.actor: "ann@example.org"}
    assert catalog.verify().whole


def test_the_first_event_of_a_person_binds_the_name_and_no_later_one_does(
    catalog: Catalog, draft: DraftOf, registration: DraftOf
) -> None:
    catalog.append(registration(1))
    catalog.append(draft("tagged", number=1, tags={"team": "risk"}))
    [first] = catalog.events(REGISTRY)
    assert list(first.texts) == ["actor"]
    assert "ann" not in str(first.texts)
    assert [event.texts for event in catalog.events(catalog.models()[0].id)] == [{}, {}, {}]


def test_a_text_cannot_pass_as_a_bound_name(catalog: Catalog, draft: DraftOf, registration: DraftOf) -> None:
    catalog.append(registration(1))
    with pytest.raises(BadInput, match="may be called"):
        catalog.append(draft("noted", number=1, texts={"note": "x", "actor:ann": "eve"}))
