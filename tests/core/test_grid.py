"""Cells of one fixed family: parts add up to the whole, whatever the order, partition or spread of the values."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nb_mlops.core.errors import BadInput
from nb_mlops.core.grid import COARSEST_SHIFT, MOST_CELLS, Grid, lower_edges, ordered
from nb_mlops.profiling.numbers import numbers_of

finite = st.floats(allow_nan=False, allow_infinity=False)


def grid_of(values):
    return numbers_of(np.asarray(values, float))[0].grid


@given(st.lists(finite, max_size=60), st.integers(0, 60))
@settings(max_examples=200, deadline=None)
def test_two_parts_add_up_to_the_grid_of_the_whole(values, cut):
    assert grid_of(values[:cut]) + grid_of(values[cut:]) == grid_of(values)


@given(st.lists(finite, min_size=2, max_size=50))
@settings(deadline=None)
def test_order_of_values_is_order_of_keys(values):
    keys = ordered(np.sort(np.array(values) + 0.0))
    assert (keys[1:] >= keys[:-1]).all()


@pytest.mark.parametrize("draw", ["normal", "standard_cauchy", "lognormal", "far", "whole", "exponents", "islands"])
def test_ten_thousand_values_in_parts_have_the_same_cells_as_in_one(draw):
    rng = np.random.default_rng(4)
    special = {
        "far": lambda n: 1e6 + rng.normal(size=n),
        "islands": lambda n: rng.choice([-1.0, 1.0], n) * rng.uniform(1, 2, n),
        "whole": lambda n: rng.integers(-3000, 3000, n).astype(float),
        "exponents": lambda n: rng.choice([-1.0, 1.0], n) * 2.0 ** rng.uniform(-1000, 1000, n),
    }
    values = special[draw](30_000) if draw in special else getattr(rng, draw)(size=30_000)
    parts = [grid_of(part) for part in np.array_split(rng.permutation(values), [10, 3_000, 12_000])]
    whole = grid_of(values)
    assert parts[0] + parts[1] + (parts[2] + parts[3]) == whole
    assert whole.count == 30_000
    assert len(whole.keys) <= MOST_CELLS
    assert whole.shift <= COARSEST_SHIFT


def test_few_different_values_are_kept_exactly():
    grid = grid_of(np.repeat([-1.5, 0.0, 0.1, 7.0], [1, 2, 3, 4]))
    assert grid.is_exact
    assert grid.counts == (1, 2, 3, 4)
    assert np.allclose(lower_edges(np.array(grid.keys), grid.shift), [-1.5, 0.0, 0.1, 7.0], rtol=1e-9)


def test_a_narrow_spread_about_a_large_mean_is_still_resolved():
    grid = grid_of(1e6 + np.random.default_rng(0).normal(size=50_000))
    assert max(grid.counts) / grid.count < 0.02


def test_quantiles_are_near_those_of_the_values():
    values = np.random.default_rng(0).lognormal(size=50_000)
    grid = grid_of(values)
    for share in (0.1, 0.5, 0.9):
        assert grid.quantile(share) == pytest.approx(np.quantile(values, share), rel=0.03)


@pytest.mark.parametrize(
    "bad",
    [
        None,
        {},
        {"shift": 3, "steps": [], "counts": []},
        {"shift": 20, "steps": [1], "counts": []},
        {"shift": 20, "steps": [1, 0], "counts": [1, 1]},
        {"shift": 20, "steps": [1], "counts": [-1]},
        {"shift": 50, "steps": [2**40], "counts": [1]},
        {"shift": 20, "steps": [1.5], "counts": [1]},
        {"shift": 20, "steps": [1] * 2000, "counts": [1] * 2000},
    ],
)
def test_a_grid_that_cannot_be_is_refused(bad):
    with pytest.raises(BadInput):
        Grid.from_dict(bad)
