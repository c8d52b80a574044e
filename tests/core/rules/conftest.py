"""A registry in memory in which a story is told by short lines, and a clock that goes where a test wants it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from nb_mlops.core.card_text import PERSON_SECTIONS
from nb_mlops.core.event import Actor, Draft, Event
from nb_mlops.core.policy import Policy
from nb_mlops.core.rows import ModelRow
from nb_mlops.storage.catalog import Catalog
from nb_mlops.storage.catalog_memory import MemoryCatalog

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
PASSED = [{"check": "roc_auc >= 0.6", "passed": True, "status": "passed", "detail": ""}]


def digest(number: int) -> str:
    """A SHA-256 that a test can tell apart."""
    return f"{number:064x}"


class House:
    """A registry; `does("ann", "promoted", number=1, alias="production")`. Words are texts, `model` names another."""

    def __init__(self, catalog: Catalog | None = None) -> None:
        self.now = NOON
        self.catalog = catalog or MemoryCatalog(clock=lambda: self.now)

    def does(self, who: str, kind: str, words: Mapping[str, str] | None = None, **body: Any) -> Event:
        name = body.pop("model", "churn")
        people = body.pop("people", {})
        draft = Draft(kind, name, Actor(f"{who}@example.org"), self.now, body, words or {}, people)
        return self.catalog.append(draft)

    def registers(self, who: str, content: int, model: str = "churn", **more: Any) -> int:
        words = {"owner": "Ann", "purpose": "to keep customers"}
        key = digest(content)
        body = {"digest": key, "identity": key, "record": key, "baseline": key, "format": "skops", "size_bytes": 3}
        body |= {"files": {"model.skops": {"sha256": key}}, "trained_on": [digest(900_000 + content)]}
        words = more.pop("words", words)
        return int(self.does(who, "registered", words, **{"model": model, **body, **more}).body["number"])

    def validates(self, who: str, number: int = 1, *, data: int = 77, passed: bool = True, **more: Any) -> str:
        results = more.pop("results", [{**PASSED[0], "passed": passed}])
        return self.does(
            who, "validated", number=number, data=digest(data), rows=9, passed=passed, results=results, **more
        ).id

    def approves(self, who: str, number: int = 1, **more: Any) -> Event:
        more = {"alias": "production", **more}
        return self.does(who, "approved", {"comment": "looked at it"}, number=number, **more)

    def promotes(self, who: str, number: int = 1, **more: Any) -> Event:
        return self.does(who, "promoted", number=number, **{"alias": "production", **more})

    def writes_card(self, who: str, number: int = 1) -> None:
        for section in PERSON_SECTIONS:
            self.does(who, "card_edited", {"text": f"About {section}, in words."}, number=number, section=section)

    def applies(self, who: str, policy: Policy) -> Event:
        """As `nb-mlops policy apply` does it: the policy names people by numbers, and the draft says who they are."""
        people = {str(place): name for place, name in enumerate(policy.identities())}
        told = policy.renamed({name: number for number, name in people.items()})
        return self.does(who, "policy_applied", {"reason": "why"}, model=None, policy=told.to_dict(), people=people)

    def later(self, **time: float) -> None:
        self.now += timedelta(**time)

    def model(self, name: str = "churn") -> ModelRow:
        return self.catalog.find(ModelRow, name=name)[0]


@pytest.fixture
def house() -> House:
    """An empty registry."""
    return House()


@pytest.fixture
def high(house: House) -> House:
    """A model of high stakes: registered by Ann, its card written, validated by Val; not approved yet."""
    house.registers("ann", 1, stakes="high")
    house.writes_card("ann")
    house.validates("val")
    return house


@pytest.fixture
def medium(house: House) -> House:
    """A model of medium stakes: registered and validated by Ann; not approved yet."""
    house.registers("ann", 1, stakes="medium")
    house.validates("ann")
    return house
