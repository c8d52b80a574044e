"""From evidence to production and back: gates, approvals, promotions, rollbacks, audit."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from nb_mlops.actions.approve import approve, reject, request
from nb_mlops.actions.audit import audit, verify
from nb_mlops.actions.connect import open_registry
from nb_mlops.actions.describe import add_alias, describe, discard, note, tag
from nb_mlops.actions.gate import gate
from nb_mlops.actions.look import get, models
from nb_mlops.actions.pending import pending
from nb_mlops.actions.promote import promote
from nb_mlops.actions.registry import Registry
from nb_mlops.actions.rollback import rollback
from nb_mlops.actions.validate import validate
from nb_mlops.core.errors import BadInput, Conflict, GateClosed, NotFound, Refused
from nb_mlops.core.version import Version
from tests.actions.conftest import table

Registered = Callable[..., Version]
STATED = {"stakes": "medium", "owner": "ann@example.org", "purpose": "keep customers"}


def validated(registry: Registry, ref: str, *, check: str = "roc_auc >= 0.6", seed: int = 77) -> None:
    validate(ref, [check], data=table(seed=seed), registry=registry)


def test_low_stakes_promote_at_once(ann: Registry, registered: Registered) -> None:
    promotion = promote(registered(ann), registry=ann)
    assert promotion.moved
    assert get("churn@production", registry=ann).ref == "churn@1"


def test_medium_stakes_wait_for_evidence_and_a_second_person(
    ann: Registry, bob: Registry, registered: Registered
) -> None:
    registered(ann, **STATED)
    with pytest.raises(GateClosed, match="a passed validation"):
        promote("churn@1", registry=ann)
    validated(ann, "churn@1")
    with pytest.raises(GateClosed, match="an approval by another person"):
        promote("churn@1", registry=ann)
    approve("churn@1", registry=bob)
    assert promote("churn@1", registry=ann).decision.allowed


def test_ones_own_version_cannot_be_approved(ann: Registry, registered: Registered) -> None:
    registered(ann, **STATED)
    with pytest.raises(Refused, match="does not count"):
        approve("churn@1", registry=ann)


def test_new_evidence_lapses_an_approval(ann: Registry, bob: Registry, registered: Registered) -> None:
    registered(ann, **STATED)
    validated(ann, "churn@1")
    approve("churn@1", registry=bob)
    validated(ann, "churn@1", seed=78)
    with pytest.raises(GateClosed, match="lapsed"):
        promote("churn@1", registry=ann)


def test_a_failed_validation_is_on_record_and_closes_the_gate(ann: Registry, registered: Registered) -> None:
    registered(ann, **STATED)
    validated(ann, "churn@1", check="roc_auc >= 0.999")
    decision = gate("churn@1", registry=ann)
    assert "attempt 1 of 1" in decision.missing[0].detail


def test_the_training_data_is_no_evidence(ann: Registry, bob: Registry, registered: Registered) -> None:
    registered(ann, **STATED)
    validate("churn@1", ["roc_auc >= 0.6"], data=table(seed=0), registry=ann)
    assert gate("churn@1", registry=ann).missing[0].detail == "not held out: the data it was trained on"


def test_a_draft_leaves_no_trace(ann: Registry, registered: Registered) -> None:
    registered(ann)
    before = ann.catalog.position()
    validate("churn@1", ["roc_auc >= 0.6"], data=table(seed=9), draft=True, registry=ann)
    assert ann.catalog.position() == before


def test_production_is_measured_on_the_same_rows(ann: Registry, registered: Registered) -> None:
    promote(registered(ann), registry=ann)
    registered(ann, seed=1)
    report = validate("churn@2", ["roc_auc >= production.roc_auc - 0.05"], data=table(seed=9), registry=ann)
    assert report.passed


def test_segments_may_be_cut_by_a_column_the_model_does_not_take(ann: Registry, registered: Registered) -> None:
    registered(ann)
    X, y = table(seed=9)
    held_out = X.assign(region=["north", "south"] * 200)
    report = validate("churn@1", ["roc_auc.by(region).min >= 0.5"], data=(held_out, y), by=["region"], registry=ann)
    assert report.passed
    assert set(report.segments["roc_auc.by(region)"]) == {"north", "south"}


def test_promoting_again_says_so_and_does_nothing(ann: Registry, registered: Registered) -> None:
    registered(ann)
    promote("churn@1", registry=ann)
    before = ann.catalog.position()
    assert not promote("churn@1", registry=ann).moved
    assert ann.catalog.position() == before


def test_rolling_back_to_what_is_there_says_so_and_does_nothing(ann: Registry, registered: Registered) -> None:
    for seed in range(2):
        promote(registered(ann, seed=seed), registry=ann)
    before = ann.catalog.position()
    found = rollback("churn", to=2, expect=2, registry=ann)
    assert "churn@2 is production already; nothing was done" in found.to_text()
    assert not found.moved
    assert ann.catalog.position() == before


def test_run_all_on_an_old_notebook_moves_nothing(ann: Registry, registered: Registered) -> None:
    for seed in range(2):
        promote(registered(ann, seed=seed), registry=ann)
    with pytest.raises(Refused, match="older than churn@2"):
        promote("churn@1", registry=ann)
    assert get("churn@production", registry=ann).number == 2


def test_rollback_goes_to_the_version_before_that_was_not_rolled_back(ann: Registry, registered: Registered) -> None:
    for seed in range(4):
        promote(registered(ann, seed=seed), registry=ann)
    assert rollback("churn", expect=4, registry=ann).ref == "churn@3"
    promote("churn@4", registry=ann)
    assert rollback("churn", expect=4, registry=ann).ref == "churn@3"
    assert rollback("churn", expect="churn@3", registry=ann).ref == "churn@2"


def test_rollback_must_expect_what_is_there(ann: Registry, registered: Registered) -> None:
    for seed in range(2):
        promote(registered(ann, seed=seed), registry=ann)
    with pytest.raises(Conflict, match="is churn@2"):
        rollback("churn", expect=1, registry=ann)
    with pytest.raises(BadInput, match="Nobody is watching"):
        rollback("churn", watched=False, registry=ann)


def test_rollback_goes_only_where_the_alias_has_been(ann: Registry, registered: Registered) -> None:
    registered(ann)
    promote(registered(ann, seed=1), registry=ann)
    with pytest.raises(Refused, match="has never been production"):
        rollback("churn", to=1, expect=2, registry=ann)
    with pytest.raises(Refused, match="nothing came before"):
        rollback("churn", expect=2, registry=ann)


@pytest.mark.parametrize("wrong", ["churn", "other@1", "latest", "production", "0", "../x", -1])
def test_a_rollback_target_is_a_version_of_the_model(ann: Registry, registered: Registered, wrong: object) -> None:
    promote(registered(ann), registry=ann)
    with pytest.raises((BadInput, Refused)):
        rollback("churn", to=wrong, expect=1, registry=ann)  # type: ignore[arg-type]


def test_what_waits_for_me_is_what_others_asked_and_i_have_not_answered(
    ann: Registry, bob: Registry, registered: Registered
) -> None:
    registered(ann)
    request("churn@1", comment="please", registry=ann)
    assert [waiting.ref for waiting in pending(registry=bob)] == ["churn@1"]
    assert len(pending(registry=ann)) == 0
    reject("churn@1", comment="not yet", registry=bob)
    assert len(pending(registry=bob)) == 0
    with pytest.raises(GateClosed, match="rejection"):
        promote("churn@1", registry=ann)


def test_a_typo_is_never_a_new_alias(ann: Registry, registered: Registered) -> None:
    registered(ann)
    with pytest.raises(NotFound, match="Did you mean production"):
        promote("churn@1", to="prodution", registry=ann)
    add_alias("pre-prod", registry=ann)
    assert promote("churn@1", to="pre-prod", registry=ann).alias == "pre-prod"


def test_stakes_rise_freely_and_fall_only_until_something_was_decided(
    ann: Registry, bob: Registry, registered: Registered
) -> None:
    registered(ann)
    assert describe("churn", stakes="high", registry=ann).stakes == "high"
    asked = describe("churn", stakes="low", registry=bob)
    assert (asked.stakes, "0 of 2 others agree" in asked.to_text()) == ("high", True)
    assert describe("churn", stakes="low", registry=ann).stakes == "low"
    promote("churn@1", registry=ann)
    describe("churn", stakes="medium", registry=ann)
    assert models(registry=ann)[0].stakes == "medium"


def test_raised_stakes_say_what_the_next_registration_will_ask_for(ann: Registry, registered: Registered) -> None:
    registered(ann)
    raised = describe("churn", stakes="medium", registry=ann)
    assert "there is no owner and no purpose yet" in raised.to_text()
    assert '%mlops stakes churn --owner "…" --purpose "…"' in raised.to_text()
    owned = describe("churn", owner="ann", registry=ann)
    assert '%mlops stakes churn --purpose "…"' in owned.to_dict()["notes"][0]
    assert describe("churn", purpose="to keep customers", registry=ann).notes == ()


def test_only_an_unused_version_of_ones_own_is_discarded(ann: Registry, bob: Registry, registered: Registered) -> None:
    registered(ann)
    with pytest.raises(Refused, match="somebody else"):
        discard("churn@1", registry=bob)
    discard("churn@1", registry=ann)
    with pytest.raises(Refused, match="was discarded"):
        get("churn@1", registry=ann)
    promote(registered(ann, seed=1), registry=ann)
    with pytest.raises(Refused, match="was used"):
        discard("churn@2", registry=ann)
    assert registered(ann, seed=3).number == 3


def test_tags_change_and_the_version_does_not(ann: Registry, registered: Registered) -> None:
    digest = registered(ann, tags={"team": "risk"}).digest
    version = tag("churn@1", {"team": None, "season": "winter"}, registry=ann)
    assert (version.tags, version.digest) == ({"season": "winter"}, digest)


def test_the_audit_tells_who_did_what_and_why(ann: Registry, bob: Registry, registered: Registered) -> None:
    registered(ann)
    promote("churn@1", reason="first model", registry=ann)
    note("churn@1", "looks fine", registry=bob)
    story = audit("churn", registry=ann)
    assert story.whole
    assert [entry.act for entry in story.entries] == ["created", "registered", "promoted", "noted"]
    assert [(entry.actor, entry.said) for entry in story.entries[2:]] == [
        ("ann@example.org", "first model"),
        ("bob@example.org", "looks fine"),
    ]


def test_a_registry_that_was_used_verifies(ann: Registry, bob: Registry, registered: Registered) -> None:
    registered(ann, **STATED)
    validated(ann, "churn@1")
    approve("churn@1", registry=bob)
    promote("churn@1", registry=ann)
    assert verify(registry=ann).whole


def test_verify_finds_bytes_that_are_gone(registered: Registered, tmp_path: Path) -> None:
    place = open_registry(tmp_path / "folder", "ann")
    version = registered(place)
    (tmp_path / "folder" / "blobs" / version.row.record).unlink()
    found = verify(registry=place)
    assert not found.whole
    assert "record" in found.findings[0].where


def test_the_file_refuses_to_forget(registered: Registered, tmp_path: Path) -> None:
    place = open_registry(tmp_path / "folder", "ann")
    registered(place)
    with sqlite3.connect(tmp_path / "folder" / "catalog.sqlite") as database, pytest.raises(sqlite3.DatabaseError):
        database.execute("delete from events")
