"""Profiles: parts add up to the whole, bytes come back as they were, private values never leave."""

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nb_mlops.core.errors import BadInput
from nb_mlops.core.profile import Profile
from nb_mlops.profiling import profile

numbers = st.lists(st.floats(width=32) | st.none(), max_size=40)
words = st.lists(st.sampled_from(["a", "b", "", "é"]) | st.none(), max_size=40)


def mixed(rows, seed=0):
    rng = np.random.default_rng(seed)
    return {
        "number": np.where(rng.random(rows) < 0.05, np.nan, rng.lognormal(size=rows)),
        "count": rng.poisson(3, rows),
        "word": rng.choice(["a", "b", "c"], rows),
        "place": rng.integers(0, 3000, rows).astype(str),
        "truth": rng.random(rows) < 0.3,
    }


def sliced(table, start, end):
    return {name: values[start:end] for name, values in table.items()}


@given(numbers, st.integers(0, 40))
@settings(max_examples=60, deadline=None)
def test_numbers_in_parts_add_up_to_the_whole(values, cut):
    values = np.array([np.nan if value is None else value for value in values])
    whole = profile({"x": values}).columns["x"]
    both = profile({"x": values[:cut]}).columns["x"] + profile({"x": values[cut:]}).columns["x"]
    assert (both.rows, both.nulls, both.family) == (whole.rows, whole.nulls, whole.family)
    if whole.numbers is not None:
        assert (both.numbers.grid, both.numbers.low, both.numbers.distinct) == (
            whole.numbers.grid,
            whole.numbers.low,
            whole.numbers.distinct,
        )
        assert both.numbers.mean == pytest.approx(whole.numbers.mean, rel=1e-9, abs=1e-9)


@given(words, st.integers(0, 40))
@settings(max_examples=60, deadline=None)
def test_words_in_parts_add_up_to_the_whole(values, cut):
    values = np.array([*values, None], object)[:-1]
    whole = profile({"x": values}).columns["x"]
    both = profile({"x": values[:cut]}).columns["x"] + profile({"x": values[cut:]}).columns["x"]
    assert (both.rows, both.nulls, both.values) == (whole.rows, whole.nulls, whole.values)


def test_a_table_cut_anywhere_adds_up_to_the_same_profile():
    table = mixed(20_000)
    whole = profile(table)
    merged = profile(sliced(table, 0, 300)) + profile(sliced(table, 300, 9_000)) + profile(sliced(table, 9_000, None))
    for name, column in whole.columns.items():
        other = merged.columns[name]
        assert other.values == column.values
        if column.numbers is not None:
            assert other.numbers.grid == column.numbers.grid
            assert other.numbers.sd == pytest.approx(column.numbers.sd, rel=1e-9)


def test_bytes_come_back_as_the_same_profile():
    made = profile(mixed(5_000))
    assert Profile.from_bytes(made.to_bytes()) == made
    assert Profile.from_bytes(made.to_bytes()).to_bytes() == made.to_bytes()


def test_a_column_takes_a_few_kilobytes():
    made = profile(mixed(100_000))
    assert len(made.to_bytes()) < 8_000 * len(made.columns)


@pytest.mark.parametrize(
    "values",
    [
        [f"customer {i}" for i in range(500)],
        [f"person{i % 5}@example.org" for i in range(500)],
        [f"It was a dark and stormy night, number {i % 30}, and nobody slept" for i in range(500)],
    ],
    ids=["identifiers", "addresses", "free text"],
)
def test_private_values_are_counted_and_never_stored(values):
    made = profile({"x": values})
    assert made.columns["x"].kind == "text"
    stored = made.to_bytes().decode()
    assert not any(value in stored for value in values)
    read = Profile.from_bytes(made.to_bytes())
    assert read.columns["x"].kind == "text"
    assert (read + read).columns["x"].present == 1000


def test_a_column_that_one_part_lacks_counts_as_missing_there():
    both = profile({"a": [1.0, 2.0], "b": ["x", "y"]}) + profile({"a": [3.0]})
    assert (both.rows, both.columns["b"].rows, both.columns["b"].nulls) == (3, 3, 1)


def test_parts_of_different_kinds_become_mixed_and_say_so():
    both = profile({"a": [1.0, 2.0]}) + profile({"a": ["x", "y"]})
    assert both.columns["a"].kind == "mixed"
    assert "numeric and categorical" in both.columns["a"].notes[0]


def test_a_profile_travels_between_processes():
    import pickle

    made = profile(mixed(100))
    assert pickle.loads(pickle.dumps(made)) == made


def bad_bytes():
    good = profile({"x": [1.0, 2.0], "w": ["a", "b"]}).to_dict()

    def changed(path, value):
        copy = json.loads(json.dumps(good))
        place = copy
        for key in path[:-1]:
            place = place[key]
        place[path[-1]] = value
        return json.dumps(copy).encode()

    numbers, values = ["columns", 0, "numbers"], ["columns", 1, "values"]
    yield from [b"", b"{", b"[]", b"null", b"\x80\x04K\x01.", b"\xff\xfe", b"[" * 100_000, b'{"profile": 1}']
    yield changed(["profile"], 2)
    yield changed(["columns", 0, "kind"], "exec")
    yield changed(["columns", 0, "role"], "king")
    yield changed(["columns", 0, "rows"], -1)
    yield changed(["columns", 0, "nulls"], 1)
    yield changed(["columns", 1, "name"], "x")
    yield changed([*numbers, "mean"], "1; drop table")
    yield changed([*numbers, "count"], 5)
    yield changed([*numbers, "grid"], None)
    yield changed([*numbers, "distinct"], [-1])
    yield changed([*values, "values"], [["a", 1], ["b", True]])
    yield changed([*values, "lengths"], [1])


@pytest.mark.parametrize("data", [*bad_bytes()])
def test_bytes_that_are_no_profile_are_refused(data):
    with pytest.raises(BadInput):
        Profile.from_bytes(data)
