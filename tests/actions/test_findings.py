"""Findings, emergencies, reviews, assessments, uses and the end of a version."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from nb_mlops.actions import uses
from nb_mlops.actions.approve import approve
from nb_mlops.actions.assess import assess
from nb_mlops.actions.audit import audit, verify
from nb_mlops.actions.describe import describe, note
from nb_mlops.actions.findings import close_finding, findings, open_finding, review
from nb_mlops.actions.gate import gate
from nb_mlops.actions.load import load
from nb_mlops.actions.look import get, models, versions
from nb_mlops.actions.pending import pending
from nb_mlops.actions.promote import promote
from nb_mlops.actions.register import register
from nb_mlops.actions.registry import Registry
from nb_mlops.actions.retire import retire
from nb_mlops.actions.rollback import rollback
from nb_mlops.actions.validate import validate
from nb_mlops.core.errors import BadInput, Conflict, GateClosed, NotFound, Refused
from nb_mlops.core.event import Actor
from nb_mlops.core.rows import UseRow
from nb_mlops.core.version import Version
from nb_mlops.notebook.views import drawn
from tests.actions.conftest import fitted, table

Registered = Callable[..., Version]
STATED = {"stakes": "medium", "owner": "ann@example.org", "purpose": "keep customers"}


def as_(registry: Registry, name: str) -> Registry:
    return replace(registry, actor=Actor(f"{name}@example.org"))


def checked(registry: Registry, ref: str, seed: int = 77) -> None:
    validate(ref, ["roc_auc >= 0.6"], data=table(seed=seed), registry=registry)


def test_an_open_critical_finding_closes_the_gate_until_it_is_answered(
    ann: Registry, bob: Registry, registered: Registered
) -> None:
    registered(ann)
    found = open_finding("churn@1", "leaks the target?", severity="critical", owner="ann@example.org", registry=bob)
    with pytest.raises(GateClosed, match="no open critical finding"):
        promote("churn@1", registry=ann)
    assert [(one.what, one.comment) for one in pending(registry=ann)] == [("finding", "critical: leaks the target?")]
    closed = close_finding("churn", found.number, "the column is known before the call", registry=ann)
    assert (closed.is_open, closed.closed_by) == (False, "ann@example.org")
    assert promote("churn@1", registry=ann).moved
    assert len(findings("churn", registry=ann)) == 0
    assert findings("churn@1", closed=True, registry=ann)[0].answer == "the column is known before the call"


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"title": "todo"}, "says what the question is"),
        ({"severity": "criticl"}, "Did you mean critical"),
        ({"due": "31.12.2026"}, "not a day"),
    ],
)
def test_a_finding_that_says_nothing_is_refused(
    ann: Registry, registered: Registered, given: dict[str, Any], says: str
) -> None:
    registered(ann)
    with pytest.raises(BadInput) as caught:
        open_finding("churn@1", **{"title": "is it fair?", "registry": ann, **given})
    assert says in str(caught.value)


def test_a_finding_that_is_not_there_and_one_that_is_closed(ann: Registry, registered: Registered) -> None:
    registered(ann)
    with pytest.raises(NotFound):
        close_finding("churn", 7, "nothing", registry=ann)
    found = open_finding("churn@1", "is it fair?", registry=ann)
    close_finding("churn", found.number, "by region, yes", registry=ann)
    with pytest.raises(Refused, match="closed already"):
        close_finding("churn", found.number, "again", registry=ann)


def test_broken_glass_passes_once_and_waits_for_somebody_else(
    ann: Registry, bob: Registry, registered: Registered
) -> None:
    registered(ann, **STATED)
    registered(ann, seed=1)
    with pytest.raises(Refused, match="a reason in words"):
        promote("churn@1", break_glass="INC-1", registry=ann)
    moved = promote("churn@1", reason="the old one crashes", break_glass="INC-1", registry=ann)
    assert moved.decision.broken_glass
    assert "BROKEN GLASS" in moved.to_text()
    assert "BROKEN GLASS" in audit("churn", registry=ann).to_text()
    with pytest.raises(Refused, match="nobody has reviewed"):
        promote("churn@2", reason="again", break_glass="INC-2", registry=ann)
    assert [one.what for one in pending(registry=bob)] == ["review"]
    with pytest.raises(Refused, match="somebody else's"):
        review("churn", "all is well", registry=ann)
    assert review("churn", "right to do; evidence follows", registry=bob) == "churn@1"
    with pytest.raises(Refused, match=r"INC-1 was used"):
        promote("churn@2", reason="again", break_glass="INC-1", registry=ann)
    assert verify(registry=ann).whole


def test_at_low_stakes_there_is_no_glass_to_break(ann: Registry, registered: Registered) -> None:
    registered(ann)
    assert not promote("churn@1", break_glass="INC-1", registry=ann).decision.broken_glass
    open_finding("churn@1", "is it fair?", severity="critical", registry=ann)


def test_what_was_let_through_by_broken_glass_is_no_way_back_at_high(ann: Registry, registered: Registered) -> None:
    given = {**STATED, "stakes": "high"}
    for seed in range(2):
        registered(ann, seed=seed, **given)
        promote(f"churn@{seed + 1}", reason="an outage", break_glass=f"INC-{seed}", registry=ann)
        review("churn", "was needed", registry=as_(ann, "eve"))
    with pytest.raises(Refused, match="never approved for production"):
        rollback("churn", expect=2, registry=ann)


def high(ann: Registry, seed: int) -> str:
    """A version of high stakes that three people brought into production."""
    options = {**STATED, "stakes": "high"} if seed == 0 else {}
    version = register(fitted(seed), "churn", data=table(seed=seed), registry=ann, **options)
    from nb_mlops.core.card_text import PERSON_SECTIONS

    for section in PERSON_SECTIONS:
        text = {"text": f"What a person says of {section}."}
        ann.append("card_edited", "churn", {"number": version.number, "section": section}, texts=text)
    checked(as_(ann, "bob"), version.ref)
    for name in ("bob", "eve"):
        approve(version.ref, comment="looked at everything", registry=as_(ann, name))
    return promote(version.ref, registry=ann).ref


def test_high_stakes_take_three_people_and_a_rollback_leaves_a_note_due(ann: Registry) -> None:
    assert [high(ann, seed) for seed in range(2)] == ["churn@1", "churn@2"]
    back = rollback("churn", expect=2, reason="drifts", registry=ann)
    assert (back.ref, "A note is due" in back.to_text()) == ("churn@1", True)
    assert [one.what for one in pending(registry=as_(ann, "eve"))] == ["note"]
    note("churn@2", "a sensor was replaced; retrained in June", registry=ann)
    assert len(pending(registry=as_(ann, "eve"))) == 0


def test_a_rollback_at_high_avoids_what_has_an_open_critical_finding(ann: Registry) -> None:
    for seed in range(2):
        high(ann, seed)
    open_finding("churn@1", "unfair to one region", severity="critical", registry=ann)
    with pytest.raises(Refused, match="open critical finding"):
        rollback("churn", expect=2, registry=ann)


def test_an_approval_without_evidence_or_without_a_reason_is_refused(ann: Registry, bob: Registry) -> None:
    register(fitted(), "churn", data=table(), registry=ann, **{**STATED, "stakes": "high"})
    with pytest.raises(Refused, match="no validation"):
        approve("churn@1", comment="fine", registry=bob)
    checked(bob, "churn@1")
    with pytest.raises(Refused, match="a reason in words"):
        approve("churn@1", registry=bob)


def test_evidence_that_came_while_one_was_looking_is_a_conflict(
    ann: Registry, bob: Registry, registered: Registered
) -> None:
    registered(ann, **STATED)
    checked(ann, "churn@1")
    seen = {"number": 1, "alias": "production", "evidence": None}
    with pytest.raises(Conflict, match="newer evidence"):
        bob.append("approved", "churn", seen)


def test_the_questionnaire_suggests_and_a_person_decides(ann: Registry, registered: Registered) -> None:
    registered(ann)
    assert [one.to_dict()["question"] for one in assess("churn", registry=ann)] == [  # type: ignore[union-attr]
        "affects",
        "decisions",
        "reversible",
        "regulated",
    ]
    answers = {"affects": "people", "decisions": "few", "reversible": "partly", "regulated": "no"}
    told = assess("churn", answers, registry=ann)
    assert "suggest high stakes: %mlops stakes churn high" in told.to_text()
    assert describe("churn", purpose="ranks calls", registry=ann).stakes == "low"
    with pytest.raises(BadInput, match="no answer"):
        assess("churn", {**answers, "affects": "everybody"}, registry=ann)


def test_loads_are_on_record_from_medium_up_and_once_a_day(
    ann: Registry, registered: Registered, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(uses, "_told", {})
    registered(ann, "toy")
    registered(ann, **STATED)
    for _ in range(2):
        load("toy@1", registry=ann)
        load("churn@1", registry=ann)
    assert [row.place for row in ann.catalog.find(UseRow)] == ["program"]
    assert len([one for one in audit("churn", registry=ann).entries if one.act == "loaded"]) == 1


def test_a_version_in_use_does_not_retire_and_one_used_lately_asks_first(
    ann: Registry, registered: Registered, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(uses, "_told", {})
    for seed in range(2):
        promote(registered(ann, seed=seed), registry=ann)
    with pytest.raises(Refused, match="in use does not retire"):
        retire("churn@2", yes=True, registry=ann)
    asked = retire("churn@1", registry=ann)
    assert (asked.done, "production pointed to churn@1 until" in asked.uses[0]) == (False, True)
    assert retire("churn@1", yes=True, registry=ann).done
    with pytest.raises(Refused, match="was retired"):
        promote("churn@1", to="staging", registry=ann)
    with pytest.warns(UserWarning, match=r"churn@1 was retired"):
        assert load("churn@1", registry=ann) is not None  # its record stays, and its bytes
    assert "churn@1 was retired: nothing can be promoted" in gate("churn@1", registry=ann).to_text().splitlines()[1]
    listed = versions("churn", registry=ann)
    assert [(one.ref, one.state) for one in listed] == [("churn@2", "live"), ("churn@1", "retired")]
    assert "retired" in listed.to_text()


def test_a_retired_model_takes_nothing_more(ann: Registry, registered: Registered) -> None:
    registered(ann)
    with pytest.raises(BadInput, match="takes a reason"):
        retire("churn", registry=ann)
    assert retire("churn", reason="replaced by churn-2", registry=ann).done
    with pytest.raises(Refused, match="was retired"):
        registered(ann, seed=1)
    assert "retired" in audit("churn", registry=ann).to_text()
    assert "churn was retired: nothing can be promoted" in gate("churn@1", registry=ann).missing[0].detail
    registered(ann, "other")
    for shown in (models(registry=ann), versions("churn", registry=ann), get("churn@1", registry=ann)):
        assert re.search(r"\bretired\b", shown.to_text())
        assert re.search(r"\bretired\b", str(drawn(shown)))
    assert "state" not in versions("other", registry=ann).columns


def test_the_gate_of_an_emergency_is_overdue_after_three_days(ann: Registry, registered: Registered) -> None:
    registered(ann, **STATED)
    registered(ann, seed=1)
    promote("churn@1", reason="an outage", break_glass="INC-1", registry=ann)
    later = replace(ann, clock=lambda: ann.clock() + timedelta(hours=73))
    assert any("overdue" in one.detail for one in gate("churn@2", registry=later).missing)
