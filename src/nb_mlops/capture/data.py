"""The training data as a registration needs it: which part is X and which y, and the print by which it is known again.

The digest depends on values, column names, types and the order of rows; not on the memory layout, on chunks, or on a
pandas index. The same numbers under the same names in pandas, polars and Arrow give the same digest; so do texts held
as pandas' `str`. A column of Python objects, a category and a nullable type are types of their own.
"""

from __future__ import annotations

import hashlib
import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from nb_mlops.capture.columns import Column, read_table
from nb_mlops.core.dataprint import DataPrint
from nb_mlops.core.errors import BadInput, near

if TYPE_CHECKING:
    from collections.abc import Sequence

BLOCK = 65_536  # rows read at a time; part of the digest's definition: never change it
_RUNS = 256  # of a sample, at most
_READS = 40_000  # of a run of one column
_SAMPLE_BYTES = 64e6
_THREADS = 2


def fingerprint(
    X: object, y: object = None, *, sample_above_bytes: float = 200e6, source: str | None = None
) -> DataPrint:
    """The print of a table, with its target where given; above `sample_above_bytes` of a sample of 64 MB.

    Takes pandas, polars, Arrow, NumPy (structured, too), SciPy sparse, lists, and whatever else Arrow or narwhals can
    read. Nothing is copied as a whole. Raises BadInput where X is no table in memory, or y has another length.
    """
    columns, rows, size = read_table(X, prefix="x")
    target, target_rows, _ = read_table(y, prefix="y") if y is not None else ([], rows, 0)
    if target_rows != rows:
        raise BadInput(f"X has {rows:,} rows and y has {target_rows:,}.", "Give the two that belong together.")
    runs = _runs(rows, size / max(1, rows), len(columns)) if size > sample_above_bytes else [(0, rows)]
    made = DataPrint(
        rows=rows,
        columns=_words(columns),
        target=_words(target),
        sha256="",
        sampled=runs != [(0, rows)],
        bytes=size,
        source=source,
    )
    return replace(made, sha256=_digest(made, _digests([*columns, *target], runs), runs))


def split_xy(
    data: object, *, target: str | None = None, ignore: Sequence[str] = (), estimator: object = None
) -> tuple[Any, Any]:
    """X and y out of `(X, y)`, of a table that holds the `target`, or of X alone (y is None then).

    `ignore` leaves columns out. Where the estimator knows the names it was fitted on, X is those columns in that order.
    Raises BadInput where a named column is not there, or X and y differ in length.
    """
    X, y = _pair(data)
    if target is not None and y is not None:
        raise BadInput("The target was given twice: as data=(X, y) and as target=.", "Leave one of them out.")
    if target is not None:
        X, y = _without(X, [target]), _column(X, target)
    if ignore:
        X = _without(X, list(ignore))
    X = _as_fitted(X, estimator)
    if y is not None and (rows := _length(X)) != (target_rows := _length(y)):
        raise BadInput(f"X has {rows:,} rows and y has {target_rows:,}.", "Give the two that belong together.")
    return X, y


def _words(columns: list[Column]) -> tuple[tuple[str, str], ...]:
    return tuple((column.name, column.kind) for column in columns)


def _digest(made: DataPrint, digests: list[bytes], runs: list[tuple[int, int]]) -> str:
    """SHA-256 over what the columns are and over the digest of each."""
    what = [1, made.rows, made.columns, made.target, runs if made.sampled else None]
    whole = hashlib.sha256(json.dumps(what, separators=(",", ":")).encode())
    for digest in digests:
        whole.update(digest)
    return whole.hexdigest()


def _runs(rows: int, row_bytes: float, columns: int) -> list[tuple[int, int]]:
    """The rows of a sample: evenly spread runs, that touch few pages of a file mapped into memory."""
    runs = min(_RUNS, max(8, _READS // max(1, columns)))
    length = max(1, int(_SAMPLE_BYTES / runs / row_bytes))
    if length * runs >= rows:
        return [(0, rows)]
    return [(int(start), int(start) + length) for start in np.linspace(0, rows - length, runs)]


def _digests(columns: list[Column], runs: list[tuple[int, int]]) -> list[bytes]:
    """One SHA-256 a column; hashing lets go of the interpreter, so two threads take every second column each."""
    lanes = [columns[lane::_THREADS] for lane in range(_THREADS)]
    rows = sum(stop - start for start, stop in runs)
    if rows * len(columns) < 1_000_000:
        done = [_lane(lane, runs) for lane in lanes]
    else:
        with ThreadPoolExecutor(_THREADS, thread_name_prefix="fingerprint") as threads:
            done = list(threads.map(lambda lane: _lane(lane, runs), lanes))
    return [done[position % _THREADS][position // _THREADS] for position in range(len(columns))]


def _lane(columns: list[Column], runs: list[tuple[int, int]]) -> list[bytes]:
    """Block by block and column by column within it: rows that lie together in memory are read together."""
    hashes = [hashlib.sha256() for _ in columns]
    for first, last in runs:
        for start in range(first, last, BLOCK):
            stop = min(start + BLOCK, last)
            for column, whole in zip(columns, hashes, strict=True):
                for part in column.read(start, stop):
                    whole.update(part)
    return [whole.digest() for whole in hashes]


def _pair(data: Any) -> tuple[Any, Any]:
    if not isinstance(data, tuple):
        return data, None
    if len(data) != 2:
        raise BadInput(f"data= is a tuple of {len(data)}.", "Give data=(X, y), or a table and target=.")
    return data


def _names(table: Any) -> list[Any] | None:
    """The column names, as the table has them; None where it has none."""
    names = getattr(table, "column_names", None)
    if names is None:
        names = getattr(table, "columns", None)
    if names is None and isinstance(table, np.ndarray):
        names = table.dtype.names
    return None if names is None else list(names)


def _known(table: Any, wanted: Sequence[Any]) -> list[Any]:
    names = _names(table)
    if names is None:
        raise BadInput(
            f"{type(table).__name__} has no column names, so {wanted[0]!r} is not in it.", "Give data=(X, y)."
        )
    for name in wanted:
        if name not in names:
            there = near(str(name), map(str, names)) or f"Its columns: {', '.join(map(str, names[:20]))}."
            raise BadInput(f"The table has no column {name!r}.", there)
    return names


def _without(table: Any, left_out: Sequence[Any]) -> Any:
    return _select(table, [name for name in _known(table, left_out) if name not in left_out])


def _select(table: Any, names: list[Any]) -> Any:
    return table.select(names) if hasattr(table, "select") and not hasattr(table, "iloc") else table[names]


def _column(table: Any, name: str) -> Any:
    _known(table, [name])
    return table.column(name) if hasattr(table, "column_names") else table[name]


def _as_fitted(table: Any, estimator: object) -> Any:
    """The columns the estimator was fitted on, in its order, where it knows them and the table has names."""
    fitted_on = _fitted_names(estimator)
    names = _names(table)
    if fitted_on is None or names is None or names == fitted_on:
        return table
    missing = [name for name in fitted_on if name not in names]
    if missing:
        listed = ", ".join(map(repr, missing[:5])) + (" …" if len(missing) > 5 else "")
        raise BadInput(f"The table lacks columns the model was fitted on: {listed}.", near(missing[0], map(str, names)))
    return _select(table, fitted_on)


def _fitted_names(estimator: object) -> list[str] | None:
    try:
        names = getattr(estimator, "feature_names_in_", None)
    except Exception:  # noqa: BLE001 - a property of a foreign class; without names the table is taken as it is
        return None
    return None if names is None else [str(name) for name in names]


def _length(values: Any) -> int:
    shape = getattr(values, "shape", None)
    return int(shape[0]) if shape else len(values)
