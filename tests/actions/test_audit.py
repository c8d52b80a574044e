"""The audit as a story: filtered, exported, and what stood behind an alias on a day."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from nb_mlops.actions.approve import approve
from nb_mlops.actions.as_of import as_of
from nb_mlops.actions.audit import audit
from nb_mlops.actions.connect import open_registry
from nb_mlops.actions.describe import describe, note
from nb_mlops.actions.promote import promote
from nb_mlops.actions.registry import Registry
from nb_mlops.actions.rollback import rollback
from nb_mlops.actions.validate import validate
from nb_mlops.core.errors import BadInput, NotFound
from nb_mlops.core.event import Actor
from nb_mlops.core.version import Version
from nb_mlops.storage.catalog_memory import MemoryCatalog
from tests.actions.conftest import table

Registered = Callable[..., Version]
MONDAY = datetime(2026, 11, 2, 9, tzinfo=UTC)


class Calendar:
    """A clock that a test sets."""

    def __init__(self) -> None:
        self.now = MONDAY

    def __call__(self) -> datetime:
        return self.now

    def next_day(self) -> None:
        self.now += timedelta(days=1)


@pytest.fixture
def calendar() -> Calendar:
    return Calendar()


@pytest.fixture
def ann(tmp_path: Path, calendar: Calendar) -> Registry:
    """An empty registry on Monday, the second of November."""
    place = open_registry(f"memory://{tmp_path.name}", "ann@example.org")
    return replace(place, catalog=MemoryCatalog(clock=calendar))


@pytest.fixture
def bob(ann: Registry) -> Registry:
    return replace(ann, actor=Actor("bob@example.org"))


@pytest.fixture
def lived(ann: Registry, bob: Registry, registered: Registered, calendar: Calendar) -> Registry:
    """Monday registered, Tuesday validated and approved, Wednesday live, Thursday more evidence and high stakes."""
    registered(ann, stakes="medium", owner="ann", purpose="keep customers")
    calendar.next_day()
    validate("churn@1", ["roc_auc >= 0.6"], data=table(seed=77), registry=ann)
    approve("churn@1", comment="=fine()", registry=bob)
    calendar.next_day()
    promote("churn@1", reason="the first", registry=ann)
    calendar.next_day()
    validate("churn@1", ["roc_auc >= 0.999"], data=table(seed=78), registry=bob)
    describe("churn", stakes="high", registry=ann)
    return ann


def test_on_the_day_it_went_live_it_says_who_why_and_on_what(lived: Registry) -> None:
    then = as_of("churn@production", "2026-11-04", registry=lived)
    assert (then.ref, then.stakes, then.owner, then.policy) == ("churn@1", "medium", "ann", "the default")
    assert then.moved == "promoted by ann@example.org, 2026-11-04 09:00"
    assert then.reason == "the first"
    assert [(one.by, one.comment) for one in then.approvals] == [("bob@example.org", "=fine()")]
    assert [(one.passed, one.checks) for one in then.evidence] == [(True, ("✓ roc_auc >= 0.6",))]
    assert then.decision is not None
    assert then.decision.allowed


def test_what_came_later_is_not_told_and_what_was_known_later_is_told_later(lived: Registry) -> None:
    later = as_of("churn@production", "2026-11-05", registry=lived)
    assert later.stakes == "high"
    assert [one.passed for one in later.evidence] == [True, False]
    assert len(later.approvals) == 1  # those that counted when it moved


def test_a_day_means_its_end_in_utc_and_a_moment_means_itself(lived: Registry) -> None:
    assert as_of("churn@production", date(2026, 11, 4), registry=lived).ref == "churn@1"
    assert as_of("churn@production", "2026-11-04T08:59", registry=lived).ref is None
    assert as_of("churn@production", "2026-11-04T10:00+01:00", registry=lived).ref == "churn@1"
    assert "as of 2026-11-04 23:59:59 UTC" in as_of("churn", "2026-11-04", registry=lived).to_text()


def test_before_anything_there_is_a_clear_answer(lived: Registry) -> None:
    then = as_of("churn@production", "2026-11-03", registry=lived)
    assert "as of 2026-11-03 23:59:59 UTC: nothing" in then.to_text()
    assert then.notes == ("next: churn@1 became production, 2026-11-04 09:00",)
    never = as_of("churn@staging", "2020-01-01", registry=lived)
    assert "there was none yet" in never.to_text()


def test_of_a_day_that_is_not_over_it_says_so(lived: Registry) -> None:
    then = as_of("churn@production", "2026-11-05", registry=lived)
    assert then.notes == ("that is not over yet: this is what stands now",)
    assert as_of("churn@production", "2026-11-05T09:00", registry=lived).notes == ()


def test_after_a_rollback_it_tells_both_the_way_back_and_what_it_had_stood_on(
    lived: Registry, ann: Registry, registered: Registered, calendar: Calendar
) -> None:
    registered(ann, "fraud")
    promote("fraud@1", registry=ann)
    promote(registered(ann, "fraud", seed=1), registry=ann)
    calendar.next_day()
    rollback("fraud", expect="fraud@2", reason="drifts", registry=ann)
    then = as_of("fraud@production", "2026-11-06", registry=ann)
    assert (then.ref, then.previous, then.reason) == ("fraud@1", "fraud@2", "drifts")
    assert then.moved.startswith("rolled back by ann")
    assert then.decision is not None


@pytest.mark.parametrize("when", ["yesterday", "", "2026-13-01", "01.11.2026", "9999-12-31T23:59-14:00", 7])
def test_what_is_no_date_is_refused_with_a_date(when: str, lived: Registry) -> None:
    with pytest.raises(BadInput, match="2026-11-01"):
        as_of("churn@production", when, registry=lived)


def test_a_version_or_a_typo_is_no_alias(lived: Registry) -> None:
    with pytest.raises(BadInput, match="is a version"):
        as_of("churn@1", "2026-11-04", registry=lived)
    with pytest.raises(NotFound, match="Did you mean production"):
        as_of("churn@prodution", "2026-11-04", registry=lived)


@pytest.mark.parametrize(
    ("asked", "acts"),
    [
        ({"since": "2026-11-04"}, ["promoted", "validated", "described"]),
        ({"until": "2026-11-02"}, ["created", "registered"]),
        ({"since": "2026-11-03", "until": date(2026, 11, 3)}, ["validated", "approved"]),
        ({"who": "BOB"}, ["approved", "validated"]),
        ({"kind": "promoted"}, ["promoted"]),
        ({"kind": ["approved", "promoted"], "who": "ann"}, ["promoted"]),
        ({"kind": "rolled_back"}, []),
    ],
)
def test_the_story_is_filtered(asked: dict[str, object], acts: list[str], lived: Registry) -> None:
    told = audit("churn", registry=lived, **asked)
    assert [entry.act for entry in told.entries] == acts
    assert told.whole
    assert f"{len(acts)} of 7 events (" in told.to_text()


def test_a_filter_that_cannot_be_meant_is_refused(lived: Registry) -> None:
    with pytest.raises(BadInput, match="Did you mean promoted"):
        audit("churn", kind="promotd", registry=lived)
    with pytest.raises(BadInput, match="ends before it begins"):
        audit("churn", since="2026-11-04", until="2026-11-03", registry=lived)


def test_the_registrys_own_history_is_a_story_too(lived: Registry) -> None:
    assert [entry.told for entry in audit("registry", registry=lived).entries] == ["model churn made"]


def test_the_story_becomes_a_frame(lived: Registry) -> None:
    frame = audit("churn", registry=lived).to_pandas()
    assert list(frame["act"])[-1] == "described"
    assert frame["at"].max() == MONDAY + timedelta(days=3)
    assert list(audit("churn", who="nobody", registry=lived).to_pandas().columns) == list(frame.columns)


def test_in_a_spreadsheet_nothing_that_was_said_runs(lived: Registry, tmp_path: Path) -> None:
    for said in ("+1", "-1", "@SUM(A1)", "\t=1", " =1"):
        note("churn@1", said, registry=lived)
    audit("churn", registry=lived).export(tmp_path / "told.csv")
    with (tmp_path / "told.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    said = [row["said"] for row in rows if row["said"]]
    assert "'=fine()" in said
    assert not [text for text in said if text.lstrip()[0] in "=+-@"]


def test_a_page_holds_every_event_escaped_and_runs_nothing(lived: Registry, tmp_path: Path) -> None:
    for number in range(250):
        note("churn@1", f"<script>alert({number})</script>", registry=lived)
    audit("churn", registry=lived).export(tmp_path / "told.html")
    page = (tmp_path / "told.html").read_text(encoding="utf-8")
    assert page.count("&lt;script&gt;") == 250
    assert "<script" not in page


def test_json_is_what_code_reads(lived: Registry, tmp_path: Path) -> None:
    told = audit("churn", kind="promoted", registry=lived)
    told.export(tmp_path / "told.json")
    assert json.loads((tmp_path / "told.json").read_text()) == told.to_dict()


@pytest.mark.parametrize("name", ["told.xlsx", "told", "missing/told.csv"])
def test_a_file_that_cannot_be_is_refused(name: str, lived: Registry, tmp_path: Path) -> None:
    with pytest.raises(BadInput):
        audit("churn", registry=lived).export(tmp_path / name)


def test_evidence_on_training_data_is_said_to_be_none(ann: Registry, registered: Registered) -> None:
    registered(ann, stakes="low")
    validate("churn@1", ["roc_auc >= 0.6"], data=table(seed=0), registry=ann)
    promote("churn@1", reason="the first", registry=ann)
    assert "the data it was trained on" in audit("churn", registry=ann).to_text()
    assert (
        "(no evidence: the data it was trained on)" in as_of("churn@production", "2100-01-01", registry=ann).to_text()
    )
