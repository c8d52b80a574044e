"""One profile for one table, whatever library holds it; and a named answer for every odd column."""

import datetime as dt
import decimal

import narwhals as nw
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
import scipy.sparse

from nb_mlops.core.errors import BadInput, NotFound, Unsupported
from nb_mlops.profiling import profile

ROWS = 300


@pytest.fixture
def frame():
    rng = np.random.default_rng(0)
    start = dt.datetime(2026, 3, 1)  # noqa: DTZ001 - most tables have naive times
    return pd.DataFrame(
        {
            "number": np.where(rng.random(ROWS) < 0.1, np.nan, rng.normal(size=ROWS)),
            "whole": rng.integers(0, 9, ROWS),
            "word": [None if i % 10 == 0 else "abc"[i % 3] for i in range(ROWS)],
            "truth": rng.random(ROWS) < 0.4,
            "day": [start + dt.timedelta(hours=i) for i in range(ROWS)],
        }
    )


def facts(made):
    return {name: (c.kind, c.rows, c.nulls, c.numbers, c.values) for name, c in made.columns.items()}


@pytest.mark.parametrize(
    "held",
    [
        pl.from_pandas,
        pa.Table.from_pandas,
        lambda frame: pa.Table.from_pandas(frame).to_batches()[0],
        nw.from_native,
        lambda frame: frame.convert_dtypes(dtype_backend="numpy_nullable"),
        lambda frame: frame.convert_dtypes(dtype_backend="pyarrow"),
        lambda frame: frame.astype({"word": object}),
        lambda frame: frame.astype({"word": "category"}),
        lambda frame: frame.astype({"word": pd.StringDtype("python")}),
        lambda frame: {name: frame[name] for name in frame},
        lambda frame: frame.to_dict("records"),
        lambda frame: pl.from_pandas(frame).lazy(),
        lambda frame: pl.from_pandas(frame).with_columns(pl.col("word").cast(pl.Categorical)),
    ],
    ids=range(13),
)
def test_the_same_table_has_the_same_profile_in_every_library(frame, held):
    assert facts(profile(held(frame))) == facts(profile(frame))


def test_two_threads_give_what_one_gives(frame):
    large = pd.concat([frame] * 200, ignore_index=True)
    assert facts(profile(large, threads=2)) == facts(profile(large, threads=1))


def test_files_are_read(frame, tmp_path):
    frame.to_parquet(tmp_path / "a.parquet")
    frame.to_csv(tmp_path / "a.csv", index=False)
    assert facts(profile(tmp_path / "a.parquet")) == facts(profile(frame))
    assert profile(str(tmp_path / "a.csv")).columns["number"].numbers.count == frame["number"].count()


@pytest.mark.parametrize(
    "name", ["missing.parquet", "missing.csv", "model.pkl", "broken.parquet", "../../etc/passwd", ""]
)
def test_a_file_that_is_no_table_is_refused(tmp_path, name):
    (tmp_path / "broken.parquet").write_bytes(b"PAR1 not really")
    with pytest.raises(BadInput):
        profile(str(tmp_path / name))


@pytest.mark.parametrize(
    "thing", [None, 3, "churn", object(), [1, 2], np.zeros((2, 2, 2)), {"a": "text"}, {"a": [1], "b": [1, 2]}]
)
def test_what_is_no_table_is_refused(thing):
    with pytest.raises(BadInput):
        profile(thing)


def test_arrays_have_numbered_columns_and_structured_ones_their_names():
    assert [*profile(np.zeros((3, 2))).columns] == ["x0", "x1"]
    assert [*profile(np.zeros(3)).columns] == ["x0"]
    assert [*profile(np.zeros(3, [("a", "f8"), ("b", "U3")])).columns] == ["a", "b"]


def test_a_sparse_matrix_counts_its_zeros_and_a_wide_one_is_sent_elsewhere():
    matrix = scipy.sparse.csr_matrix(np.array([[0.0, 2.0], [0.0, 0.0], [1.0, 0.0]]))
    assert profile(matrix).columns["x1"].numbers.zeros == 2
    with pytest.raises(Unsupported, match="sparse matrix of 5,000 columns"):
        profile(scipy.sparse.csr_matrix((3, 5000)))


class Rude:
    def __str__(self):
        raise RuntimeError("no text for you")

    __repr__ = __str__
    __hash__ = object.__hash__


@pytest.mark.parametrize(
    ("values", "kind", "note"),
    [
        ([None, None], "empty", "no values"),
        ([np.nan] * 3, "empty", "no values"),
        ([], "empty", "no rows"),
        ([1, "a", None], "categorical", "mixed types: int, str"),
        ([[1], [2]], "nested", "not looked into"),
        ([{"a": 1}], "nested", "not looked into"),
        ([b"\x00", b"x"], "categorical", "bytes objects"),
        ([Rude()], "unreadable", "could not be read: RuntimeError"),
        (["2026-01-01", "2026-01-02"], "categorical", "looks like dates kept as text"),
        (["1.5", "2", "3"], "categorical", "looks like numbers kept as text"),
        ([decimal.Decimal("1.5"), None], "numeric", ""),
        ([10**400, 1], "numeric", ""),
        ([True, None, False], "boolean", ""),
        ([dt.date(2026, 1, 1), dt.datetime(2026, 1, 2, tzinfo=dt.UTC)], "datetime", ""),
        ([dt.timedelta(1)], "numeric", ""),
        ([1 + 2j], "unreadable", "could not be read"),
        ([f"id-{i}" for i in range(200)], "text", ""),
        (["\ud800 half a letter"], "categorical", ""),
    ],
)
def test_every_odd_column_has_a_named_answer(values, kind, note):
    objects = np.empty(len(values), object)
    objects[:] = values
    source = np.array(values) if values and isinstance(values[0], complex) else objects
    made = profile({"odd": source, "sound": np.arange(len(values))})
    assert made.columns["odd"].kind == kind
    assert note in " ".join(made.columns["odd"].notes)
    assert made.columns["sound"].present == len(values)
    assert made.to_bytes()


@pytest.mark.parametrize(
    ("values", "seconds"),
    [
        (pa.array([dt.time(0, 1)]), 60.0),
        (pa.array([dt.timedelta(minutes=2)]), 120.0),
        (pa.array([dt.date(1970, 1, 2)]), 86_400.0),
        (np.array(["1970-02"], "M8[M]"), 31 * 86_400.0),
        (pd.Series(["1970-01-01 01:00"], dtype="datetime64[ns, Europe/Berlin]"), 0.0),
    ],
)
def test_times_are_seconds(values, seconds):
    column = profile(pa.table({"t": values}) if isinstance(values, pa.Array) else {"t": values}).columns["t"]
    assert column.numbers.low == seconds


def test_zoned_times_are_instants():
    frame = pd.DataFrame({"t": pd.to_datetime(["2026-01-01 01:00"]).tz_localize("Europe/Berlin")})
    utc = pd.DataFrame({"t": pd.to_datetime(["2026-01-01 00:00"]).tz_localize("UTC")})
    assert profile(frame).columns["t"].numbers == profile(utc).columns["t"].numbers
    assert profile(pl.from_pandas(frame)).columns["t"].numbers == profile(utc).columns["t"].numbers


def test_names_that_repeat_or_are_no_text_are_told_apart():
    frame = pd.DataFrame([[1, 2, 3, 4]], columns=["a", "a", 7, ("b", "c")])
    made = profile(frame)
    assert [*made.columns] == ["a", "a #2", "7", "b / c"]
    assert "more than once" in made.columns["a #2"].notes[0]


def test_ignored_columns_are_left_out_and_the_target_is_known(frame):
    made = profile(frame, ignore=["day"], target="truth")
    assert "day" not in made.columns
    assert made.columns["truth"].role == "target"
    with pytest.raises(NotFound, match="wrod"):
        profile(frame, ignore=["wrod"])
