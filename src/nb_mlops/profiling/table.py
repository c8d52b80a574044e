"""Any table a data scientist has at hand, as named columns of one of two shapes: a NumPy array or an Arrow array.

Nothing is copied where the library can lend its memory. Text goes by Arrow where pyarrow is installed (pandas and
polars keep it so already), else through Python objects.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Any

import numpy as np

from nb_mlops.core.errors import BadInput, Unsupported

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from numpy.typing import NDArray

MOST_SPARSE_COLUMNS = 1000


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its name, its type as the table's library calls it, and a function that gives its values.

    The values are a one-dimensional NumPy array, a pyarrow Array or ChunkedArray, or `Coded`.
    """

    name: str
    dtype: str
    read: Callable[[], Any]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Coded:
    """Values as codes into a list of categories; -1 is null."""

    codes: NDArray[np.integer[Any]]
    categories: tuple[object, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """Columns of equal length; names are unique."""

    rows: int
    columns: tuple[Column, ...]

    def column(self, name: str) -> Column | None:
        """The column of this name, if there is one."""
        return next((column for column in self.columns if column.name == name), None)


def as_table(table: object) -> Table:
    """The columns of a pandas, polars, pyarrow or narwhals frame, arrays, a dict of them, a sparse matrix or a file.

    Raises BadInput for what is no table and Unsupported for tables that no engine here reads.
    """
    if isinstance(table, Table):
        return table
    if isinstance(table, str | PurePath):
        return as_table(read_table(table))
    module = type(table).__module__.partition(".")[0]
    reader = _READERS.get(module)
    if reader is not None and (read := reader(table)) is not None:
        return read
    if isinstance(table, Mapping):
        return _from_mapping(table)
    if isinstance(table, np.ndarray):
        return _from_array(table)
    if hasattr(table, "__arrow_c_stream__"):  # duckdb relations and every other library that speaks Arrow
        import pyarrow as pa

        return as_table(pa.table(table))
    if isinstance(table, list | tuple) and table and all(isinstance(row, Mapping) for row in table):
        names = dict.fromkeys(name for row in table for name in row)
        return _from_mapping({name: [row.get(name) for row in table] for name in names})
    raise BadInput(
        f"A {type(table).__name__} is not a table.",
        "Give a pandas, polars or pyarrow table, a NumPy array, a dict of arrays, or the path of a Parquet or CSV.",
    )


def _from_pandas(frame: Any) -> Table | None:
    import pandas as pd

    if isinstance(frame, pd.Series | pd.Index):
        frame = frame.to_frame(name=frame.name if frame.name is not None else "values")
    if not isinstance(frame, pd.DataFrame):
        return None
    columns = ((name, frame.iloc[:, place]) for place, name in enumerate(frame.columns))
    return _named(len(frame), ((_label(name), str(each.dtype), _pandas_reader(each)) for name, each in columns))


def _pandas_reader(series: Any) -> Callable[[], Any]:
    import pandas as pd

    dtype = series.dtype
    if isinstance(dtype, np.dtype):
        return lambda: series.to_numpy()
    if isinstance(dtype, pd.CategoricalDtype):
        return lambda: Coded(series.cat.codes.to_numpy(), tuple(dtype.categories))
    if isinstance(dtype, pd.DatetimeTZDtype):
        return lambda: series.dt.tz_convert("UTC").dt.tz_localize(None).to_numpy()
    if isinstance(dtype, pd.SparseDtype):
        return lambda: series.sparse.to_dense().to_numpy()
    if pd.api.types.is_bool_dtype(dtype):
        return lambda: series.to_numpy(dtype=object, na_value=None)
    if isinstance(dtype, pd.PeriodDtype):
        return lambda: series.dt.to_timestamp().to_numpy()
    if pd.api.types.is_numeric_dtype(dtype) and not _is_arrow(dtype):
        return lambda: series.to_numpy(dtype=np.float64, na_value=np.nan)
    if hasattr(series.array, "__arrow_array__") and _has_pyarrow():
        return lambda: series.array.__arrow_array__()
    return lambda: series.to_numpy(dtype=object)


def _is_arrow(dtype: object) -> bool:
    return type(dtype).__name__ == "ArrowDtype"


def _from_polars(frame: Any) -> Table | None:
    import polars as pl

    if isinstance(frame, pl.LazyFrame):
        frame = frame.collect()
    if isinstance(frame, pl.Series):
        frame = frame.to_frame()
    if not isinstance(frame, pl.DataFrame):
        return None
    return _named(frame.height, ((name, str(frame[name].dtype), _polars_reader(frame[name])) for name in frame.columns))


def _polars_reader(series: Any) -> Callable[[], Any]:
    if series.dtype.is_numeric() and not series.dtype.is_decimal() and not series.null_count():
        return lambda: series.to_numpy()
    return lambda: series.to_arrow()


def _from_arrow(table: Any) -> Table | None:
    import pyarrow as pa

    if isinstance(table, pa.Array | pa.ChunkedArray):
        table = pa.table({"values": table})
    if isinstance(table, pa.RecordBatch):
        table = pa.Table.from_batches([table])
    if not isinstance(table, pa.Table):
        return None
    columns = zip(table.column_names, table.columns, strict=True)
    return _named(table.num_rows, ((name, str(each.type), _given(each)) for name, each in columns))


def _from_narwhals(frame: Any) -> Table | None:
    import narwhals as nw

    return as_table(nw.to_native(frame))


def _from_scipy(matrix: Any) -> Table | None:
    if len(matrix.shape) != 2:
        return None
    rows, width = matrix.shape
    if width > MOST_SPARSE_COLUMNS:
        raise Unsupported(
            f"A sparse matrix of {width:,} columns is not profiled (at most {MOST_SPARSE_COLUMNS:,}).",
            "Profile the table that it was made from: drift can be read there.",
        )
    by_column = matrix.tocsc()

    def dense(place: int) -> Callable[[], Any]:
        return lambda: by_column[:, [place]].toarray().ravel()

    return _named(rows, ((f"x{place}", str(matrix.dtype), dense(place)) for place in range(width)))


def _from_mapping(columns: Mapping[Any, Any]) -> Table:
    arrays = [(_label(name), _as_array(values)) for name, values in columns.items()]
    lengths = {name: len(values) for name, values in arrays}
    if len(set(lengths.values())) > 1:
        shown = ", ".join(f"{name} {length:,}" for name, length in list(lengths.items())[:5])
        raise BadInput(f"The columns differ in length: {shown}.", "Give arrays of one length.")
    rows = next(iter(lengths.values()), 0)
    return _named(rows, ((name, str(getattr(each, "dtype", "object")), _given(each)) for name, each in arrays))


def _as_array(values: Any) -> Any:
    if isinstance(values, np.ndarray):
        return values if values.ndim == 1 else _as_objects(values)
    if hasattr(values, "to_numpy") or hasattr(values, "__array__"):
        return np.asarray(values)
    if isinstance(values, str | bytes) or not hasattr(values, "__len__"):
        raise BadInput("A column of this dict is not an array.", "Give a dict of arrays or lists of one length.")
    values = list(values)
    is_plain = all(isinstance(each, bool | int | float | np.number) for each in values)
    if is_plain and len({type(each) is bool for each in values}) <= 1:
        return np.array(values) if values else np.empty(0)
    return _as_objects(values)


def _as_objects(values: Any) -> NDArray[np.object_]:
    objects = np.empty(len(values), object)
    for place, each in enumerate(values):
        objects[place] = each
    return objects


def _from_array(array: NDArray[Any]) -> Table:
    if array.dtype.names:
        return _from_mapping({name: array[name] for name in array.dtype.names})
    if array.ndim == 1:
        array = array[:, None]
    if array.ndim != 2:
        raise BadInput(f"An array of shape {array.shape} is not a table.", "Give an array of rows and columns.")
    columns = ((f"x{place}", str(array.dtype), _given(array[:, place])) for place in range(array.shape[1]))
    return _named(len(array), columns)


def read_table(file: str | PurePath) -> object:
    """The whole table of a Parquet or CSV file, as a pandas frame; raises BadInput for what cannot be read."""
    path = str(file)
    plain = path.partition("?")[0].lower()
    _check_regular(path)
    try:
        if plain.endswith((".parquet", ".pq")):
            import pandas as pd

            return pd.read_parquet(path)
        if plain.endswith((".csv", ".csv.gz", ".csv.zip", ".tsv")):
            import pandas as pd

            return pd.read_csv(path, sep="\t" if plain.endswith(".tsv") else ",")
    except ImportError as error:
        raise Unsupported(f"{_place(path)} cannot be read here: {error}.", "pip install pyarrow") from error
    except (OSError, ValueError) as error:  # pandas' and Arrow's parse errors are ValueErrors
        # What a remote store raises may repeat an address with its secrets: neither shown nor chained.
        remote = "://" in path
        said = f"{error.strerror}." if isinstance(error, OSError) and error.strerror else _short(str(error))
        reason = f"{type(error).__name__}." if remote else said
        message = f"{_place(path)} cannot be read: {reason}"
        raise BadInput(message, "Check the path and the file.") from (None if remote else error)
    raise BadInput(f"{_place(path)} is no table that can be read.", "Give a .parquet or .csv file, or a data frame.")


def _check_regular(path: str) -> None:
    """Refuses pipes and devices under a table's name: reading one never ends."""
    place = Path(path)
    try:
        odd = "://" not in path and place.exists() and not place.is_dir() and not place.is_file()
    except (OSError, ValueError):  # no path at all: what reads it says so
        return
    if odd:
        raise BadInput(f"{_place(path)} is not a regular file.", "Give a .parquet or .csv file, or a data frame.")


def _place(path: str) -> str:
    """The path for a message; of an address, neither who logs in nor what stands behind `?`."""
    scheme, found, rest = path.partition("://")
    if not found:
        return _short(path)
    login, at, place = rest.partition("?")[0].rpartition("@")
    return _short(f"{scheme}://{'***@' if at else ''}{place if at else place or login}")


def _of_cluster(table: object) -> Table | None:
    raise Unsupported(
        f"A {type(table).__module__.partition('.')[0]} table is not read yet.",
        "Take a sample into memory: `.toPandas()` or `.compute()` on some of its rows.",
    )


def _named(rows: int, columns: Iterable[tuple[str, str, Callable[[], Any]]]) -> Table:
    """A table whose repeated names are told apart, as `name`, `name #2`, …"""
    seen: dict[str, int] = {}
    named = []
    for name, dtype, read in columns:
        seen[name] = seen.get(name, 0) + 1
        while seen[name] > 1 and f"{name} #{seen[name]}" in seen:
            seen[name] += 1
        if seen[name] == 1:
            named.append(Column(name, dtype, read))
            continue
        other = f"{name} #{seen[name]}"
        seen[other] = 1
        named.append(Column(other, dtype, read, (f"the table has {name!r} more than once",)))
    return Table(rows, tuple(named))


def _given(values: Any) -> Callable[[], Any]:
    return lambda: values


def _label(name: object) -> str:
    """A column's name as text; of a MultiIndex, its parts joined."""
    text = " / ".join(map(str, name)) if isinstance(name, tuple) else str(name)
    return text.encode("utf-8", "backslashreplace").decode()


def _short(text: str) -> str:
    return ascii(text[:200])[1:-1]


def _has_pyarrow() -> bool:
    return find_spec("pyarrow") is not None


_READERS: dict[str, Callable[[Any], Table | None]] = {
    "pandas": _from_pandas,
    "geopandas": _from_pandas,
    "polars": _from_polars,
    "pyarrow": _from_arrow,
    "narwhals": _from_narwhals,
    "scipy": _from_scipy,
    "pyspark": _of_cluster,
    "dask": _of_cluster,
    "dask_expr": _of_cluster,
}
