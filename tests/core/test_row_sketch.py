"""Row sketches: the same for the same rows however they are held, and mergeable."""

from __future__ import annotations

import json

import numpy as np
import pytest

from nb_mlops.core.errors import BadInput
from nb_mlops.core.row_sketch import Coded, RowSketch, row_hashes


def table(rows, seed=0):
    random = np.random.default_rng(seed)
    return {"a": random.normal(size=rows), "b": random.integers(0, 9, rows)}


def part(columns, where):
    return {name: values[where] for name, values in columns.items()}


def test_rows_hash_alike_whatever_the_type_or_order_of_the_columns():
    numbers = {"a": np.array([1, 0, 2]), "b": np.array(["x", None, "y"], object)}
    others = {
        "b": Coded(np.array([1, -1, 0]), np.array(["y", "x"], object)),
        "a": np.array([1.0, -0.0, np.float32(2)], object),
    }
    assert (row_hashes(numbers) == row_hashes(others)).all()


@pytest.mark.parametrize("missing", [None, np.nan, float("nan"), np.datetime64("NaT")])
def test_all_that_is_missing_hashes_alike(missing):
    assert row_hashes({"a": np.array([missing, "x"], object)})[0] == row_hashes({"a": np.array([np.nan])})[0]


def test_values_that_differ_hash_apart():
    hashes = row_hashes({"a": np.arange(200_000) / 8, "b": np.tile([0.0, 1.0], 100_000)})
    assert len(np.unique(hashes)) == 200_000
    assert row_hashes({"a": np.array([1.0])}) != row_hashes({"b": np.array([1.0])})
    assert row_hashes({"a": np.array(["1"], object)}) != row_hashes({"a": np.array([1])})


def test_low_and_high_bits_are_both_random():
    hashes = row_hashes({"a": np.arange(65_536.0)})
    for shift in (0, 32, 56):
        counts = np.bincount((hashes >> np.uint64(shift)).astype(np.uint8), minlength=256)
        assert 150 < counts.min() <= counts.max() < 400  # 256 expected


@pytest.mark.parametrize("rows", [0, 3, 500, 20_000])
def test_merging_parts_gives_the_sketch_of_the_whole(rows):
    whole = {name: np.concatenate([values, values[: rows // 3]]) for name, values in table(rows).items()}
    cut = len(whole["a"]) // 2
    merged = RowSketch.of(part(whole, slice(cut)), size=128) + RowSketch.of(part(whole, slice(cut, None)), size=128)
    assert merged == RowSketch.of(whole, size=128)


def test_a_table_of_few_distinct_rows_is_found_beyond_its_many_copies():
    sketch = RowSketch.of({"a": np.repeat(np.arange(300.0), 400)}, size=256)
    assert len(sketch.hashes) == 256
    assert set(sketch.counts.tolist()) == {400}
    assert sketch.twins().share == 1.0


def test_a_sketch_comes_back_from_json_and_is_small():
    sketch = RowSketch.of(table(20_000))
    text = json.dumps(sketch.to_dict())
    assert RowSketch.from_dict(json.loads(text)) == sketch
    assert len(text) < 24_000


@pytest.mark.parametrize("stored", [{}, {"hashes": "?"}, {"hashes": "AAAA", "repeated": [], "columns": [], "rows": 1}])
def test_a_broken_sketch_is_bad_input(stored):
    with pytest.raises(BadInput):
        RowSketch.from_dict(stored)


def test_columns_of_different_lengths_are_refused():
    with pytest.raises(BadInput, match="different lengths"):
        RowSketch.of({"a": np.zeros(2), "b": np.zeros(3)})
