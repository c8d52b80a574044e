"""The number kernel: what it says of an array is what NumPy says of it, by whichever path it went."""

import numpy as np
import pytest

from nb_mlops.core.grid import lower_edges
from nb_mlops.profiling.numbers import BLOCK, CHUNK, numbers_of


def arrays():
    rng = np.random.default_rng(5)
    normal = rng.normal(size=3 * CHUNK + 17)
    yield "normal", normal
    yield (
        "with nulls and infinities",
        np.where(rng.random(len(normal)) < 0.1, rng.choice([np.nan, np.inf, -np.inf], len(normal)), normal),
    )
    yield "negative", -np.exp(normal)
    yield "whole", rng.integers(-500, 70_000, 2 * CHUNK)
    yield "steps of a tenth", np.round(normal, 1)
    yield "float32", normal.astype(np.float32)
    yield "unsigned", rng.integers(0, 255, CHUNK + 1).astype(np.uint8)
    yield "every second of a matrix", np.asfortranarray(rng.normal(size=(1000, 4)))[::2, 1]
    yield "huge and tiny", rng.choice([1e300, -1e300, 5e-324, 0.0], 1000)
    yield "two far islands", rng.choice([-1.0, 1.0], CHUNK) * rng.uniform(1, 2, CHUNK)
    yield "more than a block", np.tile(normal[:1000], BLOCK // 1000 + 100)


@pytest.mark.parametrize(("name", "values"), [*arrays()])
def test_the_kernel_agrees_with_numpy(name, values):
    found, nulls = numbers_of(values)
    finite = values[np.isfinite(values)].astype(float)
    assert nulls == np.isnan(values.astype(float)).sum()
    assert (found.count, found.below, found.above) == (len(finite), (values == -np.inf).sum(), (values == np.inf).sum())
    assert (found.low, found.high) == (finite.min(), finite.max())
    assert found.zeros == np.isclose(finite, 0, atol=1e-307).sum()
    with np.errstate(over="ignore"):
        assert found.mean == pytest.approx(finite.mean(), rel=1e-9, abs=1e-9)
        assert found.sd == pytest.approx(finite.std(ddof=1), rel=1e-9)


@pytest.mark.parametrize(("name", "values"), [*arrays()])
def test_each_cell_counts_the_values_between_its_edges(name, values):
    grid = numbers_of(values)[0].grid
    finite = np.sort(values[np.isfinite(values)].astype(float)) + 0.0
    low = lower_edges(np.array(grid.keys), grid.shift)
    below = np.searchsorted(finite, low, side="left")
    assert np.diff(np.append(below, len(finite))).tolist() == list(grid.counts)


def test_minus_zero_is_zero():
    assert numbers_of(np.array([0.0, -0.0]))[0].grid.counts == (2,)


def test_the_array_is_not_changed():
    values = np.array([3.0, np.nan, -1.0, np.inf] * 5000)
    before = values.copy()
    numbers_of(values)
    assert np.array_equal(values, before, equal_nan=True)


def test_a_baseline_makes_cells_no_coarser_than_both_need():
    rng = np.random.default_rng(0)
    like, values = numbers_of(rng.normal(size=200_000))[0].grid, rng.normal(size=100_000)
    assert numbers_of(values, like=like)[0].grid + like == numbers_of(values)[0].grid + like
