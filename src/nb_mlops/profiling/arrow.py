"""A column of Arrow memory: as polars, pandas' new strings, Parquet and DuckDB hand it over."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

import numpy as np

from nb_mlops.profiling.kinds import empty, not_looked_into, of_counts, of_numbers, of_truths, seconds

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from nb_mlops.core.profile import ColumnProfile


def of_arrow(values: Any, dtype: str, like: ColumnProfile | None) -> ColumnProfile:
    """The profile of a pyarrow Array or ChunkedArray."""
    from pyarrow import types

    kind, rows = values.type, len(values)
    if types.is_null(kind) or values.null_count == rows:
        return empty(rows, dtype)
    if types.is_boolean(kind):
        from pyarrow import compute

        return of_truths(compute.sum(values).as_py() or 0, rows - values.null_count, rows, dtype)
    if types.is_dictionary(kind):
        return _of_dictionary(values, dtype)
    if types.is_string(kind) or types.is_large_string(kind) or str(kind) == "string_view":
        return _of_strings(values, dtype)
    if types.is_timestamp(kind) or types.is_date(kind):
        return of_numbers(_instants(values), "datetime", dtype, like)
    if types.is_nested(kind):
        return not_looked_into("nested values", rows, values.null_count, dtype)
    if "binary" in str(kind):
        return not_looked_into("bytes", rows, values.null_count, dtype)
    return of_numbers(_numbers(values), "numeric", dtype, like)


def _numbers(values: Any) -> NDArray[Any]:
    """Numbers, decimals, and durations and times of day in seconds; nulls become NaN. TypeError for other types."""
    import pyarrow as pa
    from pyarrow import types

    kind = values.type
    if types.is_decimal(kind):
        return _array(values.cast(pa.float64()))
    if types.is_duration(kind):
        return seconds(_array(values))
    if types.is_time(kind):
        whole = pa.int32() if types.is_time32(kind) else pa.int64()
        return np.asarray(_array(values.cast(whole)) / {"s": 1, "ms": 1e3, "us": 1e6, "ns": 1e9}[kind.unit])
    if types.is_integer(kind) or types.is_floating(kind):
        return _array(values)
    raise TypeError(f"Arrow type {kind}")


def _instants(values: Any) -> NDArray[np.float64]:
    import pyarrow as pa
    from pyarrow import types

    unit = values.type.unit if types.is_timestamp(values.type) else "s"
    if types.is_date(values.type):
        values = values.cast(pa.date64()).cast(pa.timestamp("ms"))
        unit = "ms"
    return seconds(_array(values.cast(pa.timestamp(unit))))


def _array(values: Any) -> NDArray[Any]:
    is_chunked = hasattr(values, "chunks")
    return np.asarray(values.to_numpy() if is_chunked else values.to_numpy(zero_copy_only=False))


def _of_strings(values: Any, dtype: str) -> ColumnProfile:
    import pyarrow as pa
    from pyarrow import compute

    if str(values.type) == "string_view":
        values = values.cast(pa.large_string())
    return _of_dictionary(compute.dictionary_encode(values), dtype)


def _of_dictionary(values: Any, dtype: str) -> ColumnProfile:
    """Counts by code: one pass over small integers, and the texts only once each."""
    counts: Counter[str] = Counter()
    for chunk in getattr(values, "chunks", [values]):
        codes = chunk.indices.drop_null().to_numpy(zero_copy_only=False)
        times = np.bincount(codes, minlength=len(chunk.dictionary))
        for text, count in zip(chunk.dictionary.to_pylist(), times.tolist(), strict=True):
            if text is not None and count:
                counts[str(text)] += count
    return of_counts(counts, len(values), "categorical", dtype)
