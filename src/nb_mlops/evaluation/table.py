"""The rows and columns of whatever the data is in: a NumPy array, a sparse matrix, pandas, polars, pyarrow."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nb_mlops.core.errors import BadInput, near
from nb_mlops.core.printable import one_line

Rows = NDArray[np.intp]


def row_count(table: Any) -> int:
    """How many rows the table has."""
    shape = getattr(table, "shape", None)
    return int(shape[0]) if shape else len(table)


def column_names(table: Any) -> list[str] | None:
    """The names of the columns; None for an array, which has none."""
    if isinstance(table, Mapping):
        return [str(name) for name in table]
    frame = _frame(table)
    return None if frame is None else [str(name) for name in frame.columns]


def columns(table: Any) -> dict[str, NDArray[Any]]:
    """Every column as an array, by name; those of an array are called by their position."""
    if isinstance(table, Mapping):
        return {str(name): np.asarray(values) for name, values in table.items()}
    frame = _frame(table)
    if frame is not None:
        return {str(name): _values(frame.get_column(name)) for name in frame.columns}
    array = np.asarray(table.toarray() if hasattr(table, "toarray") else table)
    array = array.reshape(len(array), -1)
    return {str(at): array[:, at] for at in range(array.shape[1])}


def column(table: Any, name: str) -> NDArray[Any] | None:
    """One column as an array, or None where the table has no such column."""
    if isinstance(table, Mapping):
        return np.asarray(table[name]) if name in table else None
    frame = _frame(table)
    if frame is None or name not in (known := [str(each) for each in frame.columns]):
        return None
    return _values(frame.get_column(frame.columns[known.index(name)]))


def take(table: Any, rows: Rows | slice) -> Any:
    """Some rows of the table, in its own kind."""
    frame = _frame(table)
    if frame is None:
        if isinstance(table, list | tuple):
            table = np.asarray(table)
        return table[rows]
    return (frame[rows] if isinstance(rows, slice) else frame[rows.tolist()]).to_native()


def pick(table: Any, names: Sequence[str]) -> Any:
    """The table with just these columns, in this order; BadInput names those that are missing.

    An array has no names and comes back as it is.
    """
    known = column_names(table)
    if known is None or list(names) == known:
        return table
    missing = [name for name in names if name not in known]
    if missing:
        shown = ", ".join(one_line(name, most=40) for name in missing[:5]) + (", …" if len(missing) > 5 else "")
        hint = near(missing[0], known) or "check_table(ref, table) lists all that differs from the signature."
        raise BadInput(f"The data lacks {len(missing)} of the model's columns: {shown}.", hint)
    frame = _frame(table)
    return {name: table[name] for name in names} if frame is None else frame.select(list(names)).to_native()


def feature_names(table: Any) -> list[str] | None:
    """The names of columns that can be exchanged one by one: positions for an array; None where there are none."""
    if hasattr(table, "toarray"):  # sparse: each exchange would rebuild it
        return None
    if isinstance(table, list | tuple):
        table = np.asarray(table)
    if isinstance(table, np.ndarray):
        return [str(at) for at in range(table.shape[1])] if table.ndim == 2 and table.dtype.kind in "biuf" else None
    return column_names(table)


def with_column(table: Any, name: str, source: Any) -> Any:
    """The table with the column `name` of `source`, of the same kind and rows; the given tables stay as they are."""
    if isinstance(table, list | tuple | np.ndarray):
        array = np.array(table, dtype=np.result_type(np.asarray(table), np.asarray(source)))
        array[:, int(name)] = np.asarray(source)[:, int(name)]
        return array
    if isinstance(table, Mapping):
        return {**table, name: source[name]}
    if hasattr(table, "iloc"):  # pandas, also where its column names are no texts
        at = [str(each) for each in table.columns].index(name)
        changed = table.copy(deep=False)
        changed.isetitem(at, source.iloc[:, at].array)
        return changed
    return _frame(table).with_columns(_frame(source).get_column(name)).to_native()


def gathered(table: Any, rows: Sequence[Rows]) -> Any:
    """A table of the same kind whose column at each place holds these rows of it: as many row lists as columns."""
    if isinstance(table, list | tuple | np.ndarray):
        array = np.asarray(table)
        return np.column_stack([array[chosen, at] for at, chosen in enumerate(rows)])
    if isinstance(table, Mapping):
        return {name: np.asarray(table[name])[chosen] for name, chosen in zip(table, rows, strict=True)}
    if hasattr(table, "iloc"):
        made = table.take(rows[0]).reset_index(drop=True)
        for at, chosen in enumerate(rows):
            made.isetitem(at, table.iloc[:, at].array.take(chosen))
        return made
    frame = _frame(table)
    chosen_of = zip(frame.columns, rows, strict=True)
    return frame[rows[0].tolist()].with_columns(*(frame.get_column(name)[each] for name, each in chosen_of)).to_native()


def with_values(table: Any, name: str, values: NDArray[Any] | None) -> Any:
    """The table with other values in one column; None makes all of them missing (NaN, or None beside texts)."""
    if isinstance(table, list | tuple | np.ndarray):
        array = np.asarray(table)
        array = array.astype(np.float64) if values is None or values.dtype.kind == "f" else array.copy()
        array[:, int(name)] = np.nan if values is None else values
        return array
    if isinstance(table, Mapping):
        column = np.asarray(table[name])
        gone = np.full(len(column), np.nan) if column.dtype.kind in "biuf" else np.full(len(column), None)
        return {**table, name: gone if values is None else values}
    if hasattr(table, "iloc"):
        at = [str(each) for each in table.columns].index(name)
        changed = table.copy(deep=False)
        column = table.iloc[:, at]
        changed.isetitem(at, column.where([False] * len(column)).array if values is None else values)
        return changed
    import narwhals.stable.v2 as nw

    frame = _frame(table)
    given = [None] * len(frame) if values is None else values.tolist()
    dtype = frame.schema[name] if values is None else None
    return frame.with_columns(nw.new_series(name, given, dtype, backend=frame.implementation)).to_native()


def _frame(table: Any) -> Any:
    """The table as a narwhals frame, or None where it is an array."""
    if isinstance(table, np.ndarray | list | tuple | Mapping) or hasattr(table, "toarray"):
        return None
    import narwhals.stable.v2 as nw

    names = [str(name) for name in getattr(table, "columns", ())] if hasattr(table, "iloc") else []
    if len(set(names)) < len(names):  # pandas allows it; narwhals refuses with an error of its own
        raise BadInput("Two columns of the data bear the same name.", "Rename one of them.")
    frame = nw.from_native(table, eager_only=True, pass_through=True)
    return frame if isinstance(frame, nw.DataFrame) else None


def _values(series: Any) -> NDArray[Any]:
    """A narwhals column as an array; what is missing is None or NaN."""
    native = series.to_native()
    if hasattr(native, "dtype") and str(native.dtype) == "category":  # pandas: keep the categories, not their codes
        return np.asarray(native.astype(object))
    return np.asarray(series.to_numpy())
