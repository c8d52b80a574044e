"""Whether one policy asks less than another: every single thing that a policy can ask for is looked at."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Any

import pytest

from nb_mlops.core.policy.order import looser_level
from nb_mlops.core.policy.requirements import Level, Requirements

EVERYTHING = Requirements(
    validation=True,
    held_out=True,
    data="holdout",
    checks=("f1 >= 0.5",),
    validated_by_other=True,
    ci=True,
    evidence_days=90,
    evidence_expires=True,
    evidence_reason="the seasons",
    approvals=2,
    independent=True,
    approval_days=30,
    comment=True,
    card=("limits",),
    baseline=True,
    monitor_days=30,
    rollback_to_approved=True,
    break_glass="ticket",
)
LESS: dict[str, Any] = {"break_glass": "reason"}  # where less is not nothing
ASKS_NOTHING = {"evidence_reason"}  # the words beside an interval, not the interval
LEVEL = Level(owner_and_purpose=True, traceable=True, no_code=True, formats=("skops",), uses=True)


@pytest.mark.parametrize("name", [one.name for one in fields(Requirements) if one.name not in ASKS_NOTHING])
def test_whatever_an_alias_does_not_ask_any_more_is_seen(name: str) -> None:
    nothing = Requirements()
    assert getattr(EVERYTHING, name) != getattr(nothing, name), "name what it asks in EVERYTHING, and in order.py"
    less = replace(EVERYTHING, **{name: LESS.get(name, getattr(nothing, name))})
    before, after = Level(aliases={"production": EVERYTHING}), Level(aliases={"production": less})
    assert [one.where for one in looser_level(before, after, "high", "high")] == [f"high.production.{name}"]
    assert list(looser_level(after, before, "high", "high")) == []


@pytest.mark.parametrize("name", [one.name for one in fields(Level) if one.name != "aliases"])
def test_whatever_a_level_does_not_ask_any_more_is_seen(name: str) -> None:
    less = replace(LEVEL, **{name: 30 if name == "retention_days" else getattr(Level(), name)})
    assert [one.where for one in looser_level(LEVEL, less, "high", "high")] == [f"high.{name}"]
