"""Rows shared with training: leaks are found, chance duplicates are not."""

from __future__ import annotations

import numpy as np
import pandas as pd
import polars as pl
import pytest

from nb_mlops.core.row_sketch import RowSketch
from nb_mlops.evaluation import sketch_rows
from nb_mlops.evaluation.overlap import excess_overlap
from tests.evaluation.models import features, result, two_classes


def test_held_out_rows_of_their_own_share_nothing():
    assert excess_overlap(sketch_rows(features(1_000)), features(500, 1)).number == 0.0


@pytest.mark.parametrize("rows", [1_500, 60_000])  # kept exactly, and by a sample
@pytest.mark.parametrize("leaked", [0.1, 0.5, 1.0])
def test_the_leaked_share_is_found(rows, leaked):
    train, fresh = features(rows), features(rows // 2, 1)
    cut = int(len(fresh) * leaked)
    held_out = pd.concat([train[:cut], fresh[cut:]], ignore_index=True)
    assert excess_overlap(sketch_rows(train), held_out).number == pytest.approx(leaked, abs=0.04)


def test_duplicates_by_chance_are_no_leak():
    random = np.random.default_rng(0)
    draw = lambda rows: pd.DataFrame({"a": random.integers(0, 40, rows), "b": random.integers(0, 40, rows)})  # noqa: E731
    found = excess_overlap(sketch_rows(draw(1_000)), draw(1_000))
    assert found.number == 0.0
    assert "have a twin" in found.detail


def test_the_kind_of_table_does_not_matter():
    train = features(500).assign(city=["Oslo", None] * 250)
    held_out = train[:100]
    for other in (
        pl.from_pandas(held_out),
        held_out.astype({"city": "category", "a": object}),
        held_out[["city", "c", "b", "a"]],
    ):
        assert excess_overlap(sketch_rows(train), other).number == 1.0


def test_frames_with_numbers_as_column_names_and_arrays_work():
    array = features(100).to_numpy()
    assert excess_overlap(sketch_rows(pd.DataFrame(array)), array).number == 1.0


def test_rows_stay_the_same_when_names_are_taken_off_or_given():
    named = features(100)
    array = named.to_numpy()
    assert excess_overlap(sketch_rows(named), array, list(named.columns)).number == 1.0
    assert excess_overlap(sketch_rows(array), named).number == 1.0
    assert excess_overlap(sketch_rows(array), features(100, 1)).number == 0.0


@pytest.mark.parametrize("training", [None, RowSketch.of({"z": np.zeros(3)}), RowSketch.of({"a": np.zeros(0)})])
def test_what_cannot_be_known_is_not_applicable(training):
    found = result("excess_overlap <= 0.01", two_classes(), training_rows=training)
    assert (found.passed, found.status) == (True, "not applicable")


def test_texts_coded_by_arrow_hash_as_python_objects_do() -> None:
    frame = pd.DataFrame({"word": pd.Series(["a", None, "b", "a"], dtype="str"), "number": [1.0, 2.0, None, 4.0]})
    assert sketch_rows(frame) == sketch_rows(frame.astype({"word": object}))
    assert sketch_rows(frame) == sketch_rows({name: frame[name].to_numpy(object) for name in frame})
