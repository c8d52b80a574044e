"""The print of a table does not depend on how the table lies in memory, and on everything else it does."""

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from scipy import sparse
from sklearn.linear_model import LogisticRegression

from nb_mlops.capture import value_bytes
from nb_mlops.capture.data import fingerprint, split_xy
from nb_mlops.core.dataprint import DataPrint
from nb_mlops.core.errors import BadInput, Damaged


def table() -> pd.DataFrame:
    rng = np.random.default_rng(1)
    frame = pd.DataFrame({"n": rng.normal(size=300), "k": rng.integers(0, 9, 300), "b": rng.random(300) > 0.5})
    frame["s"] = pd.Series(np.array(["north", "süd", ""])[rng.integers(0, 3, 300)], dtype="str")
    frame["t"] = pd.Timestamp("2013-01-01") + pd.to_timedelta(rng.integers(0, 10**6, 300), unit="s")
    frame.loc[3, ["n", "s", "t"]] = None
    return frame


def numbers() -> np.ndarray:
    return np.random.default_rng(2).normal(size=(200, 4))


def digest(*data: object) -> str:
    return fingerprint(*data).sha256


def test_a_print_has_rows_columns_target_and_size():
    frame = table()
    made = fingerprint(frame, frame["k"], source="flights.parquet")
    assert (made.rows, made.bytes > 300 * 8, made.sampled, made.source) == (300, True, False, "flights.parquet")
    assert made.columns[:4] == (("n", "float64"), ("k", "int64"), ("b", "bool"), ("s", "str"))
    assert made.target == (("k", "int64"),)
    assert DataPrint.from_dict(made.to_dict()) == made
    assert repr(made).startswith("300 rows × 5 columns, sha256 ")


@pytest.mark.parametrize("key", ["sha256", "rows", "columns", "source", "target"])
def test_a_malformed_print_is_damaged(key):
    with pytest.raises(Damaged):
        DataPrint.from_dict({**fingerprint(numbers()).to_dict(), key: -1})


def test_the_same_table_in_pandas_polars_and_arrow_has_one_digest():
    frame = table()
    arrow = pa.Table.from_pandas(frame, preserve_index=False)
    chunked = pa.concat_tables([arrow.slice(0, 7), arrow.slice(7)])
    assert digest(frame) == digest(pl.from_pandas(frame)) == digest(arrow) == digest(chunked)
    assert digest(frame) == digest(arrow.combine_chunks().to_batches()[0])


def test_a_series_has_one_digest_in_pandas_polars_and_arrow():
    series = table()["s"]
    assert digest(series.rename("x")) == digest(pl.from_pandas(series.rename("x"))) == digest(pa.array(series))


def test_the_digest_does_not_depend_on_memory_layout_or_index():
    array, frame = numbers(), table()
    wide = np.empty((200, 8))
    wide[:, ::2] = array
    assert digest(array) == digest(np.asfortranarray(array)) == digest(wide[:, ::2]) == digest(array.astype(">f8"))
    assert digest(array) == digest(array.tolist()) == digest(pd.DataFrame(array, columns=["x0", "x1", "x2", "x3"]))
    shuffled_there_and_back = frame.sample(frac=1, random_state=0).sort_index()
    assert digest(frame) == digest(shuffled_there_and_back) == digest(frame.set_index(frame.index + 7))


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda frame: frame.assign(n=frame["n"] + 1e-12), id="value"),
        pytest.param(lambda frame: frame.assign(s=frame["s"].where(frame.index != 9, "sud")), id="text"),
        pytest.param(lambda frame: frame.assign(s=frame["s"].where(frame.index != 9, None)), id="missing"),
        pytest.param(lambda frame: frame.rename(columns={"n": "m"}), id="name"),
        pytest.param(lambda frame: frame[["k", "n", "b", "s", "t"]], id="column-order"),
        pytest.param(lambda frame: frame.iloc[::-1], id="row-order"),
        pytest.param(lambda frame: frame.iloc[:-1], id="rows"),
        pytest.param(lambda frame: frame.assign(k=frame["k"].astype("int32")), id="type"),
        pytest.param(lambda frame: frame.assign(s=frame["s"].astype(object)), id="object"),
        pytest.param(lambda frame: frame.assign(t=frame["t"].dt.tz_localize("UTC")), id="zone"),
    ],
)
def test_every_change_of_the_data_changes_the_digest(change):
    assert digest(change(table())) != digest(table())


def test_the_target_is_part_of_the_digest_and_must_fit():
    array = numbers()
    assert len({digest(array), digest(array, array[:, 0]), digest(array, array[:, 1])}) == 3
    with pytest.raises(BadInput, match="200 rows and y has 3"):
        fingerprint(array, [1, 2, 3])


def test_texts_cannot_flow_into_each_other():
    assert digest(["ab", "c"]) != digest(["a", "bc"])
    assert digest(["a", ""]) != digest(["a", None])


def test_every_nan_is_the_same_and_so_is_zero():
    other = np.array([0.0, np.nan])
    negative = np.array([-0.0, -np.nan])
    assert digest(other) == digest(negative)


def test_nullable_columns_keep_what_is_missing():
    whole = pd.DataFrame({"i": pd.array([1, 2, 0], dtype="Int64"), "b": pd.array([True, None, False], dtype="boolean")})
    holed = whole.assign(i=pd.array([1, 2, None], dtype="Int64"))
    assert digest(whole) != digest(holed)
    assert digest(holed) == digest(holed.copy())


def test_categories_and_their_order_are_part_of_the_type():
    one = pd.DataFrame({"c": pd.Categorical(["a", "b", None], categories=["a", "b"])})
    other = pd.DataFrame({"c": pd.Categorical(["a", "b", None], categories=["b", "a"])})
    ordered = pd.DataFrame({"c": pd.Categorical(["a", "b", None], categories=["a", "b"], ordered=True)})
    assert len({digest(one), digest(other), digest(ordered)}) == 3


def test_texts_as_objects_have_one_digest_with_and_without_arrow(monkeypatch):
    many = np.array(["north", "süd", None, np.nan, "x" * 50] * 400, dtype=object)
    apart = np.array([None if not isinstance(text, str) else (text + "!")[:-1] for text in many], dtype=object)
    expected = digest(many)
    assert digest(apart) == expected
    monkeypatch.setattr(value_bytes, "_by_arrow", lambda values: None)
    assert digest(many) == expected


def test_mixed_objects_are_told_apart_by_type_and_value():
    rows = [[1, "1", 1.0, None, b"1", (1,), {"a": 1}, np.arange(3)]]
    column = np.empty(8, dtype=object)
    column[:] = rows[0]
    other = column.copy()
    other[7] = np.arange(3) + 1
    assert digest(column) == digest(column.copy())
    assert digest(column) != digest(other)
    assert len({digest(np.array([value, [0]], dtype=object)) for value in (1, "1", 1.0, b"1", True)}) == 5


def test_objects_that_show_an_address_have_one_digest():
    class Thing:
        pass

    assert digest(np.array([Thing(), 1], dtype=object)) == digest(np.array([Thing(), 1], dtype=object))


def test_structured_arrays_have_names():
    array = np.array([(1, 2.0), (3, 4.0)], dtype=[("a", "i8"), ("b", "f8")])
    assert fingerprint(array).columns == (("a", "int64"), ("b", "float64"))
    assert digest(array) == digest(pd.DataFrame({"a": [1, 3], "b": [2.0, 4.0]}))


def test_sparse_formats_have_one_digest():
    dense = np.where(numbers() > 1, numbers(), 0)
    rows = sparse.csr_matrix(dense)
    with_zero = rows.copy()
    with_zero.data[:2] = 0
    without = sparse.csr_matrix(with_zero.toarray())
    assert digest(with_zero) == digest(without)
    assert digest(rows) == digest(rows.tocsc()) == digest(sparse.coo_array(dense))
    assert fingerprint(rows).columns == (("x0…", "sparse float64[4]"),)


def test_a_wide_array_is_one_column_in_words():
    assert fingerprint(np.zeros((3, 5_000))).columns == (("x0…", "float64[5000]"),)
    assert fingerprint(np.zeros((3, 28, 28))).columns == (("x0…", "float64[28x28]"),)


def test_texts_and_lists_are_one_column():
    assert fingerprint(["a text", "another"]).columns == (("x", "object"),)
    assert fingerprint([[1, 2], [3]]).rows == 2


@pytest.mark.parametrize(
    "empty", [table().iloc[:0], numbers()[:0], pl.from_pandas(table())[:0], sparse.csr_matrix((0, 3)), []]
)
def test_a_table_without_rows_has_a_print(empty):
    assert fingerprint(empty).rows == 0


def test_above_a_size_the_digest_is_of_a_sample():
    array = np.random.default_rng(0).normal(size=(2_000_000, 5))  # 80 MB; the sample is 64 MB
    made = fingerprint(array, sample_above_bytes=1e6)
    assert made.sampled
    assert made.sha256 == fingerprint(np.asfortranarray(array), sample_above_bytes=1e6).sha256
    array[0, 0] = 9
    assert made.sha256 != fingerprint(array, sample_above_bytes=1e6).sha256


@pytest.mark.parametrize("nothing", [3, "text", pl.LazyFrame({"a": [1]}), object(), np.array(1)])
def test_what_is_no_table_is_bad_input(nothing):
    with pytest.raises(BadInput, match="no table in memory"):
        fingerprint(nothing)


def test_a_pair_stays_a_pair():
    array = numbers()
    X, y = split_xy((array, array[:, 0]))
    assert X is array
    assert y.shape == (200,)
    assert split_xy(array)[1] is None


@pytest.mark.parametrize(
    "make", [lambda frame: frame, pl.from_pandas, pa.Table.from_pandas], ids=["pandas", "polars", "arrow"]
)
def test_the_target_and_ignored_columns_are_taken_out_of_the_table(make):
    X, y = split_xy(make(table()), target="k", ignore=["t", "s"])
    assert list(getattr(X, "column_names", X.columns)) == ["n", "b"]
    assert len(y) == 300


def test_x_is_the_columns_the_estimator_was_fitted_on_in_their_order():
    frame = table()[["n", "k", "b"]].fillna(0)
    model = LogisticRegression().fit(frame[["k", "n"]], frame["b"])
    X, _ = split_xy((frame, frame["b"]), estimator=model)
    assert list(X.columns) == ["k", "n"]
    assert list(split_xy(pl.from_pandas(frame), target="b", estimator=model)[0].columns) == ["k", "n"]
    with pytest.raises(BadInput, match="'k'"):
        split_xy(frame[["n"]], estimator=model)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ({"data": table(), "target": "kk"}, "no column 'kk'.\nDid you mean k"),
        ({"data": table(), "ignore": ["zz"]}, "Its columns: n, k"),
        ({"data": numbers(), "target": "k"}, "no column names"),
        ({"data": (table(), [1]), "target": "k"}, "given twice"),
        ({"data": (table(), [1])}, "y has 1"),
        ({"data": (1, 2, 3)}, "tuple of 3"),
    ],
)
def test_data_that_cannot_be_split_is_bad_input(arguments, says):
    with pytest.raises(BadInput, match=says):
        split_xy(**arguments)
