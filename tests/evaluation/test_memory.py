"""The peak of memory while predicting, as tracemalloc sees it."""

from __future__ import annotations

import tracemalloc

import numpy as np
import pytest

from tests.evaluation.models import result, two_classes, value

X, Y = two_classes()[1:]


class Hungry:
    classes_ = np.array([0, 1])

    def predict(self, X):
        return np.zeros(5_000_000)[: len(X)].astype(int)


def test_what_predicting_allocates_is_counted_in_millions_of_bytes():
    assert value("memory_mb", (Hungry(), X, Y)) == pytest.approx(40, rel=0.05)
    assert (
        "peak while predicting 400 rows at once, as tracemalloc sees it"
        in result("memory_mb < 1", two_classes()).detail
    )


def test_production_is_measured_too():
    found = result("memory_mb <= production.memory_mb", two_classes(), production=lambda alias: Hungry())
    assert found.passed
    assert found.limit == pytest.approx(40, rel=0.05)


def test_a_tracer_that_runs_already_goes_on():
    tracemalloc.start()
    try:
        assert value("memory_mb", (Hungry(), X, Y)) == pytest.approx(40, rel=0.05)
        assert tracemalloc.is_tracing()
    finally:
        tracemalloc.stop()
    value("memory_mb", (Hungry(), X, Y))
    assert not tracemalloc.is_tracing()
