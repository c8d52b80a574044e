"""A fit's data, kept so that it costs next to nothing and a later change is noticed.

Where the library copies on write (pandas 3, polars) or cannot write (Arrow), a shallow copy is the data as it was.
Where it writes in place (NumPy, SciPy), the object itself is kept with a checksum of its values: nothing is copied,
and `changed()` tells whether it is still what it was. Large objects are held weakly, so that `del X` frees them.
"""

from __future__ import annotations

import copy
import marshal
import sys
import weakref
import zlib
from collections.abc import Sized
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import numpy.typing as npt

    Checksum = Callable[[Any], int | None]

SAMPLE_ABOVE_BYTES = 200_000_000  # INTERFACE: a checksum of more than this is taken of a sample
HOLD_UP_TO_BYTES = 200_000_000  # what is larger is held weakly
_SAMPLE_BYTES = 16_000_000
_RUNS = 256  # contiguous runs of rows in a sample: few pages of a memory-mapped file are touched
_CHUNK_BYTES = 4_000_000
_IMMUTABLE = frozenset({bool, int, float, str, bytes, type(None)})


class Kept:
    """One argument of a fit: `value` is None once it is gone, `changed()` None where nobody can tell."""

    __slots__ = ("_checksum", "_seen", "_strong", "_weak", "held_bytes", "sampled")

    def __init__(self, value: object, *, held_bytes: int = 0, sampled: bool = False) -> None:
        self._strong: object | None = value
        self._weak: Callable[[], object | None] | None = None
        self._checksum: Checksum | None = None
        self._seen: int | None = None
        self.held_bytes = held_bytes
        self.sampled = sampled

    @property
    def value(self) -> object | None:
        """The data, or None when it no longer exists."""
        if self._strong is not None or self._weak is None:
            return self._strong
        return self._weak()

    def changed(self) -> bool | None:
        """Whether `value` differs from what the fit was given; None when it is gone or cannot be compared."""
        value = self.value
        if value is None or self._checksum is None:
            return None
        return self._checksum(value) != self._seen

    def loosen(self) -> None:
        """Holds the data weakly from now on, where it was held only to outlive its last name."""
        if self.held_bytes and self._weak is not None:
            self._strong, self.held_bytes = None, 0


def keep(value: object) -> Kept:
    """The cheapest way to still have `value` later, and to know whether it was changed in between."""
    if type(value) in _IMMUTABLE:
        return _as_it_was(value)
    if isinstance(value, np.ndarray):
        return _watched(value, _checksum_of_array, size=_owned_bytes(value), seen_bytes=value.nbytes)
    if isinstance(value, list | tuple):
        return _shallow_list(value)
    return _snapshot(value) or _sparse(value) or _only_referred(value)


def columns_of(value: object) -> tuple[str, ...] | None:
    """The column names of a table, or None where it has none (NumPy, lists, sparse)."""
    if isinstance(value, np.ndarray):
        named: tuple[str, ...] | None = value.dtype.names
        return named
    names = getattr(value, "column_names", None)  # Arrow's `columns` holds the data
    if names is None:
        names = getattr(value, "columns", None)
    if names is None:
        return None
    return tuple(str(name) for name in names)


def _snapshot(value: object) -> Kept | None:
    """A shallow copy that later writes to the original do not reach, where the library gives one."""
    pandas, polars, arrow = (sys.modules.get(name) for name in ("pandas", "polars", "pyarrow"))
    if pandas and isinstance(value, pandas.DataFrame | pandas.Series) and _copies_on_write(pandas):
        return _as_it_was(value.copy(deep=False))
    if pandas and isinstance(value, pandas.DataFrame):
        return _watched(value, _checksum_of_frame, size=int(value.memory_usage().sum()))
    if pandas and isinstance(value, pandas.Series):
        return _watched(value, lambda series: _checksum_of_array(series.to_numpy()), size=int(value.memory_usage()))
    if polars and isinstance(value, polars.DataFrame | polars.Series):
        return _as_it_was(value.clone())  # the buffers are shared, and in-place methods replace them
    if arrow and isinstance(value, arrow.Table | arrow.RecordBatch | arrow.ChunkedArray | arrow.Array):
        return _as_it_was(value)
    return None


def _copies_on_write(pandas: Any) -> bool:
    return int(pandas.__version__.partition(".")[0]) >= 3 or pandas.options.mode.copy_on_write is True


def _as_it_was(value: object) -> Kept:
    kept = Kept(value)
    kept._checksum, kept._seen = lambda _: 0, 0
    return kept


def _watched(value: Any, checksum: Checksum, *, size: int, seen_bytes: int | None = None) -> Kept:
    sampled = (size if seen_bytes is None else seen_bytes) > SAMPLE_ABOVE_BYTES
    kept = Kept(value, held_bytes=size, sampled=sampled)
    kept._checksum, kept._seen, kept._weak = checksum, checksum(value), weakref.ref(value)
    if size > HOLD_UP_TO_BYTES:
        kept.loosen()
    return kept


def _only_referred(value: object) -> Kept:
    """For a Pool, a tensor, anything unknown: whether it changes cannot be told."""
    try:
        reference = weakref.ref(value)
    except TypeError:  # it takes no weak reference; holding it for the model's life could hold anything
        return Kept(None)
    kept = Kept(None)
    kept._weak = reference
    return kept


def _shallow_list(value: list[Any] | tuple[Any, ...]) -> Kept:
    copied = copy.copy(value)
    if set(map(type, copied)) <= _IMMUTABLE:  # a list of texts or numbers: the copy is the data as it was
        return _as_it_was(copied)
    kept = Kept(copied, sampled=_step(copied) > 1)
    kept._seen = _checksum_of_list(copied)
    kept._checksum = None if kept._seen is None else _checksum_of_list
    return kept


def _checksum_of_list(values: Sequence[Any]) -> int | None:
    """CRC-32 of the rows, of evenly spread ones where there are many; None where they are no plain values."""
    try:
        return zlib.crc32(marshal.dumps(list(values[:: _step(values)]), 2))  # version 2 does not depend on identity
    except ValueError:
        return None


def _step(values: Sequence[Any]) -> int:
    row_bytes = int(getattr(values[0], "nbytes", 0)) or 8 * len(values[0]) if isinstance(values[0], Sized) else 8
    return max(1, len(values) * row_bytes // _SAMPLE_BYTES)


def _sparse(value: Any) -> Kept | None:
    sparse = sys.modules.get("scipy.sparse")
    if sparse is None or not sparse.issparse(value) or value.format not in {"csr", "csc", "bsr", "coo"}:
        return None
    parts = _sparse_parts(value)
    size = sum(_owned_bytes(part) for part in parts)
    return _watched(value, _checksum_of_sparse, size=size, seen_bytes=max(part.nbytes for part in parts))


def _sparse_parts(matrix: Any) -> list[npt.NDArray[Any]]:
    if matrix.format == "coo":
        return [matrix.data, matrix.row, matrix.col]
    # scikit-learn sorts the indices of what it is given in place: that is no change of the data
    ordered = matrix if matrix.has_sorted_indices else matrix.sorted_indices()
    return [ordered.data, ordered.indices, ordered.indptr]


def _checksum_of_sparse(matrix: Any) -> int:
    crc = 0
    for part in _sparse_parts(matrix):
        crc = _checksum_of_array(part, crc)
    return crc


def _checksum_of_frame(frame: Any) -> int:
    crc = 0
    for position in range(frame.shape[1]):
        crc = _checksum_of_array(frame.iloc[:, position].to_numpy(), crc)
    return crc


def _checksum_of_array(array: npt.NDArray[Any], crc: int = 0) -> int:
    """CRC-32 of the values, of spread runs of rows above 200 MB; of object arrays, of which objects they hold."""
    crc = zlib.crc32(repr((array.dtype.str, array.shape)).encode(), crc)
    if array.ndim == 0 or array.size == 0:
        return crc
    if array.nbytes <= SAMPLE_ABOVE_BYTES:
        return _checksum_of_all(array, crc)
    row_bytes = max(1, array.nbytes // len(array))
    runs = min(_RUNS, len(array), max(2, _SAMPLE_BYTES // row_bytes))
    length = max(1, _SAMPLE_BYTES // runs // row_bytes)
    for start in np.linspace(0, max(0, len(array) - length), runs).astype(int):
        crc = zlib.crc32(_bytes_of(array[start : start + length]), crc)
    return crc


def _checksum_of_all(array: npt.NDArray[Any], crc: int) -> int:
    rows = array.T if array.flags.f_contiguous else array
    if rows.flags.c_contiguous and not rows.dtype.hasobject:
        return zlib.crc32(_bytes_of(rows), crc)
    step = max(1, _CHUNK_BYTES * len(rows) // rows.nbytes)
    for start in range(0, len(rows), step):
        crc = zlib.crc32(_bytes_of(rows[start : start + step]), crc)
    return crc


def _bytes_of(part: npt.NDArray[Any]) -> Any:
    # Any: numpy's stubs know an array as a buffer only from Python 3.12
    if part.dtype.hasobject:
        return part.tobytes()  # the addresses of the objects
    return np.ascontiguousarray(part).reshape(-1).view(np.uint8)


def _owned_bytes(array: npt.NDArray[Any]) -> int:
    """The memory that a reference to `array` keeps: a view keeps the whole array it looks into."""
    size = array.nbytes
    while isinstance(array.base, np.ndarray):
        array = array.base
        size = max(size, array.nbytes)
    return size
