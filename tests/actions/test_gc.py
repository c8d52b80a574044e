"""Sweeping removes leftovers, and never a byte that a version names."""

from __future__ import annotations

import os
from collections.abc import Callable

import pytest

from nb_mlops.actions.connect import open_registry
from nb_mlops.actions.gc import gc
from nb_mlops.actions.load import load
from nb_mlops.core.errors import BadInput
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
