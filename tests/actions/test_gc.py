"""Sweeping removes leftovers, and never a byte that a version names."""

from __future__ import annotations

import os
from collections.abc import Callable
from copy import copy
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from nb_mlops.actions.audit import audit, verify
from nb_mlops.actions.connect import open_registry
from nb_mlops.actions.gc import gc
from nb_mlops.actions.load import load
from nb_mlops.actions.registry import Registry
from nb_mlops.actions.retire import retire
from nb_mlops.core.errors import BadInput, NotFound, Refused
from nb_mlops.core.version import Version


def test_leftovers_go_after_their_grace_and_versions_stay(tmp_path: object, registered: Callable[..., Version]) -> None:
    place = open_registry(f"{tmp_path}/models", "ann")
    version = registered(place)
    leftover = place.blobs.put(b"a registration that was cut off")
    assert gc(registry=place).removed == 0
    assert gc(grace_hours=0, dry_run=True, registry=place).unnamed == 1
    os.utime(place.blobs.path(leftover), (0, 0))
    assert gc(registry=place).removed == 1
    assert not place.blobs.has(leftover)
    assert load(version, check=True, registry=place) is not None


@pytest.mark.parametrize("hours", [-1.0, float("nan")])
def test_a_grace_period_is_a_time(tmp_path: object, hours: float) -> None:
    with pytest.raises(BadInput):
        gc(grace_hours=hours, registry=f"{tmp_path}/models")


def test_what_ended_is_kept_as_long_as_its_stakes_say(ann: Registry, registered: Callable[..., Version]) -> None:
    registered(ann)
    kept = registered(ann, seed=1)
    retire("churn@1", registry=ann)
    assert gc(retired=True, grace_hours=0, registry=ann).ended == ()
    later = replace(ann, catalog=at_time(ann, days=31), clock=lambda: ann.clock() + timedelta(days=31))
    assert gc(retired=True, dry_run=True, registry=later).ended == ("churn@1",)
    assert gc(retired=True, grace_hours=0, registry=later).removed > 0
    with pytest.raises(NotFound, match="let go"), pytest.warns(UserWarning, match="retired"):
        load("churn@1", registry=later)
    assert load(kept, registry=later) is not None
    assert "bytes of churn@1 removed" in audit("churn", registry=later).to_text()
    assert verify(registry=later).whole


def test_the_end_of_a_model_is_the_end_of_its_versions(ann: Registry, registered: Callable[..., Version]) -> None:
    registered(ann)
    kept = registered(ann, "other")
    retire("churn", reason="replaced", registry=ann)
    assert gc(retired=True, grace_hours=0, registry=ann).ended == ()
    later = replace(ann, catalog=at_time(ann, days=31), clock=lambda: ann.clock() + timedelta(days=31))
    assert gc(retired=True, grace_hours=0, registry=later).ended == ("churn@1",)
    with pytest.raises(NotFound, match=r"let go .* \(retired\)"), pytest.warns(UserWarning, match="retired"):
        load("churn@1", registry=later)
    assert load(kept, registry=later) is not None
    assert verify(registry=later).whole


def test_a_client_cannot_let_bytes_go_before_their_time(ann: Registry, registered: Callable[..., Version]) -> None:
    registered(ann)
    for state in ("live", "retired"):
        if state == "retired":
            retire("churn@1", registry=ann)
        with pytest.raises(Refused, match="are kept"):
            ann.append("erased", "churn", {"number": 1})


def at_time(registry: Registry, *, days: int) -> Any:
    """The same catalog with its clock set forward."""
    catalog: Any = copy(registry.catalog)
    catalog._clock = lambda: datetime.now(UTC) + timedelta(days=days)
    return catalog
