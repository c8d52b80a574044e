"""Random stories, told to the catalog and to a simple model of the rules: both say the same at every step.

Short in `make test`, long in `make test-faults`.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from nb_mlops.core.errors import NbMlopsError
from nb_mlops.core.policy import DEFAULT, Policy
from nb_mlops.core.rows import AliasRow, FindingRow, GlassRow, ModelRow, MoveRow, VersionRow
from nb_mlops.storage.catalog import Catalog
from nb_mlops.storage.catalog_memory import MemoryCatalog
from nb_mlops.storage.catalog_sql import SqlCatalog
from tests.core.rules.conftest import House, digest
from tests.core.rules.simple_rules import LEVELS, POLICIES, Rules

WHO = st.sampled_from(["ann", "bob", "robert", "cid", "dan", "eve"])
NUMBER = st.integers(0, 20)  # counted from the newest version back; the last ones miss
MOST_VERSIONS = 9
LEFT_OUT = st.sampled_from(["card", "check", "approval", "age of evidence", "peace", "answer", "", "", ""])
DATA = {"training": 0, "autumn": 901, "winter": 902}


def policy(name: str) -> Policy:
    """One of the simple model's policies, as the catalog knows it."""
    levels = dict(DEFAULT.levels)
    for stakes, approvals in POLICIES[name].items():
        asks = replace(levels[stakes].aliases["production"], approvals=approvals)
        levels[stakes] = replace(levels[stakes], aliases={**levels[stakes].aliases, "production": asks})
    return replace(DEFAULT, levels=levels, people=(("bob@example.org", "robert@example.org"),))


class Story(RuleBasedStateMachine):
    """One model, several people, and all that can happen to it."""

    def __init__(self) -> None:
        super().__init__()
        self.rules = Rules()
        self.house = House(self.opened())
        self.allowed: set[int] = set()  # sequences of moves that the simple model let through

    def opened(self) -> Catalog:
        return MemoryCatalog(clock=lambda: self.house.now)

    def same(self, said: str, who: str, kind: str, words: dict[str, str] | None = None, **body: Any) -> str:
        """Does it, and compares what came of it with what the simple model said."""
        before = self.house.catalog.position()
        try:
            event = self.house.does(who, kind, words, **body)
            came = event.kind if self.house.catalog.position() > before else "same"
        except NbMlopsError as error:
            came = "no" if str(error).count("\n") == 1 else "not two lines"
        assert came == said, (kind, who, body)
        if came == "no":
            assert self.house.catalog.position() == before
        return came

    def number(self, back: int) -> int:
        """A version: mostly the newest or the one before it, seldom one that is not there."""
        newest = len(self.rules.versions)
        return newest + 1 if back == 20 else max(1, newest - (0 if back < 9 else 1 if back < 14 else back - 13))

    @initialize(who=WHO, content=st.integers(1, 3), level=st.sampled_from(LEVELS))
    def begins(self, who: str, content: int, level: str) -> None:
        self.house.applies("ann", policy("default"))
        self.registers(who, content)
        self.sets_stakes(who, level)

    @precondition(lambda self: len(self.rules.versions) < MOST_VERSIONS)
    @rule(who=WHO, content=st.integers(1, 3))
    def registers(self, who: str, content: int) -> None:
        said = self.rules.register(who, content)
        key = digest(content)
        body = {"digest": key, "identity": key, "record": key, "baseline": key, "format": "skops", "size_bytes": 3}
        body |= {"files": {"m": {"sha256": key}}, "trained_on": [digest(0)], "again": True}
        self.same(said, who, "registered", {"owner": "Ann", "purpose": "to keep customers"}, **body)

    @rule(who=WHO, number=NUMBER, data=st.sampled_from(sorted(DATA)), passed=st.sampled_from([True, True, True, False]))
    def validates(self, who: str, number: int, data: str, passed: bool) -> None:
        number = self.number(number)
        said = self.rules.validate(who, number, data, passed)
        results = [{"check": "roc_auc >= 0.6", "passed": passed, "detail": ""}]
        body = {"number": number, "data": digest(DATA[data]), "passed": passed, "results": results}
        self.same(said, who, "validated", **body)

    @rule(who=WHO, number=NUMBER, verdict=st.sampled_from(["yes", "yes", "yes", "no"]))
    def votes(self, who: str, number: int, verdict: str) -> None:
        number = self.number(number)
        said = self.rules.vote(who, number, verdict)
        kind = "approved" if verdict == "yes" else "rejected"
        self.same(said, who, kind, {"comment": "I looked"}, number=number, alias="production")

    @rule(who=WHO, number=NUMBER, left_out=LEFT_OUT)
    def gets_ready(self, who: str, number: int, left_out: str) -> None:
        """All that high stakes ask for, or all but one thing."""
        if left_out != "card":
            self.writes_card("ann", number)
        if left_out != "check":
            self.validates(who, number, "autumn", True)
        for signer in ("ann", "bob", "cid", "dan", "robert")[: 2 if left_out == "approval" else 5]:
            self.votes(signer, number, "yes")
        if left_out == "age of evidence":
            self.validates(who, number, "winter", True)
        if left_out == "peace":
            self.votes("eve", number, "no")
        if left_out == "answer":
            self.opens_finding("eve", number, True)

    @rule(who=WHO, content=st.integers(1, 9), left_out=LEFT_OUT, days=st.sampled_from([0, 0, 0, 29, 31, 91]))
    @precondition(lambda self: len(self.rules.versions) < MOST_VERSIONS)
    def goes_live(self, who: str, content: int, left_out: str, days: float) -> None:
        self.registers(who, content)
        self.gets_ready("val", 0, left_out)
        self.time_goes_by(days)
        self.promotes(who, 0, None)

    @rule(who=WHO, up=st.sampled_from(LEVELS), down=st.sampled_from(LEVELS))
    def raises_and_takes_back(self, who: str, up: str, down: str) -> None:
        self.sets_stakes(who, up)
        self.sets_stakes(who, down)

    @rule(who=WHO, number=NUMBER)
    def asks(self, who: str, number: int) -> None:
        number = self.number(number)
        self.same(self.rules.ask(who, number), who, "requested", number=number, alias="production")

    @rule(who=WHO, number=NUMBER, ticket=st.sampled_from([None, None, None, "INC-1", "INC-2", "INC-3"]))
    def promotes(self, who: str, number: int, ticket: str | None) -> None:
        number = self.number(number)
        said = self.rules.promote(who, number, ticket)
        body: dict[str, Any] = {"number": number, "alias": "production", "break_glass": ticket}
        self._moved(self.same(said, who, "promoted", {"reason": "it is time"}, **body))

    @rule(who=WHO, place=st.integers(0, 20))
    def rolls_back(self, who: str, place: int) -> None:
        """To a version that was live before; seldom to any."""
        before = [
            number for number, one in enumerate(self.rules.versions, 1) if one.was_live and number != self.rules.live
        ]
        number = before[place % len(before)] if before and place < 18 else self.number(place)
        said = self.rules.roll_back(number)
        self._moved(self.same(said, who, "rolled_back", number=number, alias="production"))

    def _moved(self, came: str) -> None:
        if came in ("promoted", "rolled_back"):
            last = self.house.catalog.last(MoveRow)
            assert last is not None
            self.allowed.add(last.sequence)

    @rule(who=WHO, level=st.sampled_from(LEVELS))
    def sets_stakes(self, who: str, level: str) -> None:
        self.same(self.rules.set_stakes(who, level), who, "described", stakes=level)

    @rule(who=WHO, name=st.sampled_from(sorted(POLICIES)))
    def applies(self, who: str, name: str) -> None:
        said = self.rules.apply(who, name)
        before = self.house.catalog.position()
        event = self.house.applies(who, policy(name))
        assert (event.kind if self.house.catalog.position() > before else "same") == said

    @rule(who=WHO, number=NUMBER)
    def writes_card(self, who: str, number: int) -> None:
        number = self.number(number)
        said = self.rules.write_card(number)
        for section in ("intended_use", "limits", "ethics", "oversight"):
            self.same(said, who, "card_edited", {"text": "What we know of it."}, number=number, section=section)

    @rule(who=WHO, number=NUMBER, critical=st.booleans())
    def opens_finding(self, who: str, number: int, critical: bool) -> None:
        number = self.number(number)
        said = self.rules.open_finding(who, number, critical)
        severity = "critical" if critical else "major"
        self.same(said, who, "finding_opened", {"title": "Is it fair?"}, number=number, severity=severity)

    @rule(who=WHO, number=NUMBER)
    def closes_finding(self, who: str, number: int) -> None:
        number = self.number(number)
        found = [
            row.sequence
            for row in self.house.catalog.find(FindingRow, number=number, severity="critical")
            if row.closed_at is None
        ]
        said = self.rules.close_finding(who, number)
        self.same(said, who, "finding_closed", {"answer": "It is, see the note."}, finding=(found or [0])[0])

    @rule(who=WHO, content=st.integers(1, 9), ticket=st.sampled_from(["INC-1", "INC-2", "INC-3"]))
    @precondition(lambda self: len(self.rules.versions) < MOST_VERSIONS and self.rules.stakes != "low")
    def breaks_glass(self, who: str, content: int, ticket: str) -> None:
        self.registers(who, content)
        self.promotes(who, 0, ticket)

    @rule(who=WHO)
    @precondition(lambda self: self.rules.glass is not None)
    def reviews(self, who: str) -> None:
        self.same(self.rules.review(who), who, "reviewed", {"review": "It was right."})

    @rule(who=WHO, number=NUMBER)
    def retires(self, who: str, number: int) -> None:
        number = self.number(number)
        self.same(self.rules.retire(number), who, "retired", number=number)

    @rule(who=WHO, number=NUMBER)
    def discards(self, who: str, number: int) -> None:
        number = self.number(number)
        self.same(self.rules.discard(who, number), who, "discarded", number=number)

    @rule(days=st.sampled_from([0.5, 20, 31, 91]))
    def time_goes_by(self, days: float) -> None:
        self.house.later(days=days)
        self.rules.day += days

    @invariant()
    def both_know_the_same(self) -> None:
        models = self.house.catalog.find(ModelRow)
        if not models:
            return
        [model] = models
        alias = self.house.catalog.get(AliasRow, model.id, "production")
        assert (alias.number if alias else None) == self.rules.live
        assert (model.stakes, model.latest) == (self.rules.stakes, len(self.rules.versions))
        states = [row.state for row in self.house.catalog.find(VersionRow)]
        assert states == [version.state for version in self.rules.versions]
        broken = [row for row in self.house.catalog.find(GlassRow) if row.reviewed_at is None]
        assert len(broken) == (self.rules.glass is not None)

    def teardown(self) -> None:
        moves = self.house.catalog.find(MoveRow)
        assert {move.sequence for move in moves} == self.allowed  # no alias moved that the simple rules did not let
        numbers = [row.number for row in self.house.catalog.find(VersionRow)]
        assert numbers == list(range(1, len(numbers) + 1))
        verification = self.house.catalog.verify()
        assert [str(finding) for finding in verification.findings] == []
        self.house.catalog.close()


class Both:
    """Two catalogs that are told the same: what one decides, the other decides."""

    def __init__(self, one: Catalog, other: Catalog) -> None:
        self.one, self.other = one, other

    def append(self, draft: Any) -> Any:
        came = [self._tried(catalog, draft) for catalog in (self.one, self.other)]
        assert self._told(came[0]) == self._told(came[1])
        if isinstance(came[0], NbMlopsError):
            raise came[0]
        return came[0]

    def verify(self) -> Any:
        assert self.other.verify().whole
        return self.one.verify()

    def close(self) -> None:
        self.one.close()
        self.other.close()

    def __getattr__(self, name: str) -> Any:
        return getattr(self.one, name)

    @staticmethod
    def _tried(catalog: Catalog, draft: Any) -> Any:
        try:
            return catalog.append(draft)
        except NbMlopsError as error:
            return error

    @staticmethod
    def _told(came: Any) -> object:
        if isinstance(came, NbMlopsError):
            return type(came), came.args[:2]
        return came.kind, came.id, came.sequence, came.position, came.time


class StoryOfTwo(Story):
    """The same stories on memory and in a file at once."""

    def opened(self) -> Catalog:
        self.folder = TemporaryDirectory(ignore_cleanup_errors=True)
        path = Path(self.folder.name) / "registry" / "catalog.sqlite"
        one = MemoryCatalog(clock=lambda: self.house.now)
        both: Any = Both(one, SqlCatalog.sqlite(path, clock=lambda: self.house.now))
        return both

    def teardown(self) -> None:
        super().teardown()
        self.folder.cleanup()


def tell(story: type[Story], *, stories: int, steps: int) -> None:
    quiet = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]
    options = settings(max_examples=stories, stateful_step_count=steps, deadline=None, suppress_health_check=quiet)
    run_state_machine_as_test(story, settings=options)


def test_the_catalog_agrees_with_the_simple_rules() -> None:
    tell(Story, stories=100, steps=30)


def test_memory_and_sqlite_decide_the_same() -> None:
    tell(StoryOfTwo, stories=10, steps=25)


@pytest.mark.slow
def test_the_catalog_agrees_with_the_simple_rules_at_length() -> None:
    tell(Story, stories=2_000, steps=50)


@pytest.mark.slow
def test_memory_and_sqlite_decide_the_same_at_length() -> None:
    tell(StoryOfTwo, stories=200, steps=50)
