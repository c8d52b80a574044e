"""A table's columns as streams of canonical bytes, whatever library holds it: what a data print is a digest of."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from nb_mlops.capture.value_bytes import of_arrow, of_numbers, of_objects, of_texts
from nb_mlops.core.errors import BadInput

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    import numpy.typing as npt

    Read = Callable[[int, int], Iterable[Any]]  # start, stop -> buffers


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its name, its type in words, and `read(start, stop)` for the canonical bytes of these rows."""

    name: str
    kind: str
    read: Read


def read_table(table: Any, *, prefix: str) -> tuple[list[Column], int, int]:
    """A table's columns, rows and size in memory, in bytes."""
    if isinstance(table, np.ndarray) and table.ndim:
        return _array_columns(table, prefix=prefix), len(table), table.nbytes
    if isinstance(table, list | tuple):
        return _read_list(table, prefix=prefix)
    library = type(table).__module__.partition(".")[0]
    if library == "scipy" and hasattr(table, "tocsr"):
        return [_sparse_column(table)], table.shape[0], int(table.data.nbytes)
    if library == "pandas" or (hasattr(table, "iloc") and hasattr(table, "memory_usage")):
        return _read_pandas(table, prefix=prefix)
    return _read_arrow(table, prefix=prefix)


def _read_list(rows: Sequence[Any], *, prefix: str) -> tuple[list[Column], int, int]:
    try:
        made = np.asarray(rows)
    except ValueError:  # rows of different lengths
        made = np.array([], dtype=object)
    if made.dtype.kind in "OUS" or made.shape[:1] != (len(rows),):
        made = np.fromiter(rows, dtype=object, count=len(rows))
        return [_array_column(prefix, made)], len(rows), made.nbytes
    return _array_columns(made, prefix=prefix), len(rows), made.nbytes


def _read_pandas(table: Any, *, prefix: str) -> tuple[list[Column], int, int]:
    if not hasattr(table, "iloc"):
        table = table.to_series()
    if table.ndim == 1:
        name = prefix if table.name is None else str(table.name)
        return [_series_column(name, table)], len(table), int(table.memory_usage(index=False))
    names = [str(name) for name in table.columns]
    columns = [_series_column(name, table.iloc[:, position]) for position, name in enumerate(names)]
    return columns, len(table), int(table.memory_usage(index=False).sum())


def _read_arrow(table: Any, *, prefix: str) -> tuple[list[Column], int, int]:
    made = _as_arrow(table)
    if hasattr(made, "column_names"):
        columns = [_arrow_column(name, made.column(place)) for place, name in enumerate(made.column_names)]
        return columns, made.num_rows, made.nbytes
    name = getattr(table, "name", None)
    return [_arrow_column(name if isinstance(name, str) and name else prefix, made)], len(made), made.nbytes


def _as_arrow(table: Any) -> Any:
    """An Arrow table or chunked array; by narwhals where the library does not speak Arrow itself."""
    try:
        import pyarrow as pa

        if isinstance(table, pa.RecordBatch):
            return pa.Table.from_batches([table])
        if isinstance(table, pa.Table | pa.ChunkedArray):
            return table
        if isinstance(table, pa.Array):
            return pa.chunked_array([table])
        if hasattr(table, "to_arrow"):
            made = table.to_arrow()
            return pa.chunked_array([made]) if isinstance(made, pa.Array) else made
        if hasattr(table, "__arrow_c_stream__"):
            return pa.table(table)
        import narwhals

        return narwhals.from_native(table, eager_only=True).to_arrow()
    except (ImportError, TypeError, ValueError) as error:
        raise BadInput(
            f"{type(table).__name__} is no table in memory that can be read here.",
            "Give a pandas, polars or Arrow table, an array, or a list of rows; collect a lazy one first.",
        ) from error


def _array_columns(array: npt.NDArray[Any], *, prefix: str, wide: int = 256) -> list[Column]:
    """The columns of an array: its fields, or x0, x1, …; above `wide` columns one that stands for all."""
    if array.dtype.names:
        return [_array_column(name, array[name]) for name in array.dtype.names]
    if array.ndim <= 1:
        return [_array_column(prefix, array)]
    if array.ndim == 2 and array.shape[1] <= wide:
        return [_array_column(f"{prefix}{position}", array[:, position]) for position in range(array.shape[1])]
    shape = "x".join(str(length) for length in array.shape[1:])
    column = _array_column(prefix, array)
    return [Column(f"{prefix}0…", f"{column.kind}[{shape}]", column.read)]


def _array_column(name: str, values: npt.NDArray[Any]) -> Column:
    """A column of an array of any type; rows run along its first axis."""
    if values.dtype.kind == "O":
        return Column(name, "object", lambda start, stop: of_objects(values[start:stop]))
    if values.dtype.kind == "U":
        return Column(name, "str", lambda start, stop: of_texts(values[start:stop].astype(object)))
    return Column(name, _kind_of(values.dtype), lambda start, stop: of_numbers(values[start:stop]))


def _sparse_column(matrix: Any) -> Column:
    """All columns of a SciPy sparse matrix or array as one, row by row, zeros left out and indices in order."""
    rows = matrix.tocsr()
    if not rows.has_canonical_format or not np.all(rows.data):
        rows = rows.copy()
        rows.sum_duplicates()
        rows.eliminate_zeros()

    def read(start: int, stop: int) -> Iterable[Any]:
        inside = slice(rows.indptr[start], rows.indptr[stop])
        yield np.diff(rows.indptr[start : stop + 1]).astype("<i8")
        yield np.ascontiguousarray(rows.indices[inside]).astype("<i8", copy=False)
        yield from of_numbers(rows.data[inside])

    return Column("x0…", f"sparse {_kind_of(rows.dtype)}[{rows.shape[1]}]", read)


def _series_column(name: str, series: Any) -> Column:
    """A column of a pandas frame."""
    kind = series.dtype
    if isinstance(kind, np.dtype):
        return _array_column(name, series.to_numpy())
    words = str(kind)
    if words == "category":
        return _category_column(name, series)
    if hasattr(kind, "tz"):
        stamps = series.array.to_numpy(dtype=f"datetime64[{kind.unit}]")
        return Column(name, words, lambda start, stop: of_numbers(stamps[start:stop]))
    if getattr(kind, "storage", None) == "pyarrow" or words.endswith("[pyarrow]"):
        column = _arrow_column(name, _arrow().chunked_array(_chunks(series.array)))
        return Column(name, words if words.endswith("[pyarrow]") else "str", column.read)
    if getattr(kind, "storage", None) == "python":
        return Column(name, "str", lambda start, stop: of_texts(series.iloc[start:stop].to_numpy(dtype=object)))
    if hasattr(kind, "numpy_dtype") and hasattr(series.array, "isna"):
        return _masked_column(name, series)
    return Column(name, words, lambda start, stop: of_objects(series.iloc[start:stop].to_numpy(dtype=object)))


def _arrow_column(name: str, column: Any) -> Column:
    """A column of an Arrow table: a ChunkedArray."""
    return Column(name, _arrow_kind(column.type), lambda start, stop: of_arrow(column.slice(start, stop - start)))


def _category_column(name: str, series: Any) -> Column:
    """The categories (their order is part of the type) at the head of every block, then the codes."""
    categories = series.cat.categories
    head = b"".join(bytes(part) for part in of_objects(categories.to_numpy(dtype=object)))
    head += b"ordered" if series.cat.ordered else b""
    digest = hashlib.sha256(head).digest()
    codes = series.cat.codes.to_numpy()
    return Column(name, "category", lambda start, stop: [digest, codes[start:stop].astype("<i4")])


def _masked_column(name: str, series: Any) -> Column:
    kind = series.dtype.numpy_dtype

    def read(start: int, stop: int) -> Iterable[Any]:
        part = series.iloc[start:stop]
        missing = part.isna().to_numpy()
        filled = part.to_numpy(dtype=kind, na_value=kind.type(np.nan if kind.kind == "f" else 0))
        return of_numbers(filled, missing)

    return Column(name, str(series.dtype), read)


def _kind_of(dtype: np.dtype[Any]) -> str:
    return str(dtype.newbyteorder("="))


def _arrow_kind(kind: Any) -> str:
    """NumPy's word for an Arrow type, where there is one."""
    types = _arrow().types
    if types.is_string(kind) or types.is_large_string(kind) or types.is_string_view(kind):
        return "str"
    if types.is_dictionary(kind):
        return "category"
    if types.is_timestamp(kind):
        return f"datetime64[{kind.unit}{f', {kind.tz}' if kind.tz else ''}]"
    try:
        return str(np.dtype(kind.to_pandas_dtype()))
    except (NotImplementedError, TypeError):
        return str(kind)


def _chunks(array: Any) -> list[Any]:
    made = array.__arrow_array__()
    return list(made.chunks) if hasattr(made, "chunks") else [made]


def _arrow() -> Any:
    import pyarrow as pa

    return pa
