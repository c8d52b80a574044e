"""Values as canonical bytes, the same whatever library and memory layout they come from.

Numbers are little-endian (every NaN the same, -0.0 as 0.0), texts are their lengths and UTF-8, missing values a bit
mask; a missing float is NaN. The digest of a data print is defined by this file: what it yields never changes.
"""

from __future__ import annotations

import hashlib
import sys
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable

    import numpy.typing as npt


def of_numbers(values: npt.NDArray[Any], missing: npt.NDArray[np.bool_] | None = None) -> Iterable[Any]:
    """Fixed-width values; floats carry their missing values as NaN, the others as a mask."""
    kind = values.dtype.kind
    if kind == "f":
        clean = values + values.dtype.type(0)  # a copy in which -0.0 is 0.0
        clean[np.isnan(clean)] = np.nan
        yield _little(clean)
        return
    if kind in "mM":
        missing = np.isnat(values)
        values = np.where(missing, 0, values.astype("i8"))
    if kind == "c":
        yield from of_numbers(np.ascontiguousarray(values.real))
        yield from of_numbers(np.ascontiguousarray(values.imag))
        return
    if kind == "V":
        yield np.ascontiguousarray(values).tobytes()
        return
    yield _mask(missing)
    yield _little(np.where(missing, values.dtype.type(0), values) if missing is not None and missing.any() else values)


def _little(values: npt.NDArray[Any]) -> npt.NDArray[np.uint8] | bytes:
    if values.dtype.kind == "f" and values.dtype.itemsize > 8:
        values = values.astype("<f8")  # a long double has bytes that mean nothing
    ordered = np.ascontiguousarray(values, dtype=values.dtype.newbyteorder("<"))
    return ordered.reshape(-1).view(np.uint8)


def _mask(missing: npt.NDArray[np.bool_] | None) -> bytes:
    return b"\0" if missing is None or not missing.any() else b"\1" + np.packbits(missing).tobytes()


def of_arrow(column: Any) -> Iterable[Any]:
    """An Arrow array or chunked array of any type."""
    import pyarrow as pa

    types = pa.types
    part = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
    if types.is_dictionary(part.type):
        part = part.dictionary_decode()
    kind = part.type
    if types.is_string(kind) or types.is_large_string(kind) or types.is_string_view(kind) or types.is_null(kind):
        return _of_arrow_texts(part.cast(pa.large_string()))
    if types.is_floating(kind):
        return of_numbers(part.fill_null(np.nan).to_numpy(zero_copy_only=False))
    if types.is_boolean(kind):
        return of_numbers(part.fill_null(False).to_numpy(zero_copy_only=False), _missing(part))
    if types.is_temporal(kind) and kind.bit_width in (32, 64):
        part = part.view(pa.int32() if kind.bit_width == 32 else pa.int64())
        return of_numbers(part.fill_null(0).to_numpy(zero_copy_only=False), _missing(part))
    if types.is_integer(kind):
        return of_numbers(part.fill_null(0).to_numpy(zero_copy_only=False), _missing(part))
    return of_objects(np.fromiter(part.to_pylist(), dtype=object, count=len(part)))


def _missing(part: Any) -> npt.NDArray[np.bool_] | None:
    return part.is_null().to_numpy(zero_copy_only=False) if part.null_count else None


def _of_arrow_texts(texts: Any) -> Iterable[Any]:
    missing = _missing(texts)
    if missing is not None:
        texts = texts.fill_null("")
    _, offsets, letters = texts.buffers()
    ends = np.frombuffer(offsets, dtype="<i8")[texts.offset : texts.offset + len(texts) + 1] if offsets else np.zeros(1)
    yield _mask(missing)
    yield np.diff(ends).astype("<u4")
    if letters is not None and len(texts):
        yield memoryview(letters)[int(ends[0]) : int(ends[-1])]


def of_objects(values: npt.NDArray[Any]) -> Iterable[Any]:
    """Python objects: texts as texts where all are, else each by type and value."""
    try:
        return [b"text", *of_texts(values)]
    except (TypeError, ValueError):  # not all are texts
        return [b"mixed", "\0".join(_words(value) for value in values.ravel().tolist()).encode(errors="surrogatepass")]


def of_texts(values: npt.NDArray[Any]) -> list[Any]:
    """Texts and missing values held as Python objects; raises TypeError where there is anything else."""
    values = np.ascontiguousarray(values).ravel()
    if "pyarrow" in sys.modules or "pandas" in sys.modules:
        found = _by_arrow(values)
        if found is not None:
            return found
    items = values.tolist()
    missing = np.fromiter((_is_missing(item) for item in items), dtype=bool, count=len(items))
    if missing.any():
        items = np.where(missing, "", values).tolist()
    letters = "".join(items).encode(errors="surrogatepass")
    if len(letters) != sum(map(len, items)):
        items = [item.encode(errors="surrogatepass") for item in items]
    lengths = np.fromiter(map(len, items), dtype="<u4", count=len(items))
    return [_mask(missing), lengths, letters]


def _by_arrow(values: npt.NDArray[Any]) -> list[Any] | None:
    """The same bytes, made by Arrow; None where Arrow is not installed or would not read these as texts."""
    try:
        import pyarrow as pa
    except ImportError:
        return None
    try:
        made = _few_texts(values, pa)
        if made is None:
            made = pa.array(values, from_pandas=True)
    except (pa.ArrowInvalid, pa.ArrowTypeError, UnicodeEncodeError):
        return None
    if not (pa.types.is_string(made.type) or pa.types.is_large_string(made.type)):
        return None
    return list(_of_arrow_texts(made.cast(pa.large_string())))


def _few_texts(values: npt.NDArray[Any], pyarrow: Any) -> Any:
    """Texts that are few objects named many times, as most categories are: each object is read once."""
    pandas = sys.modules.get("pandas")
    if pandas is None or len(values) < 1_000:
        return None
    addresses = np.frombuffer(values.tobytes(), dtype=np.intp)
    if len(set(addresses[:1_000].tolist())) > 500:
        return None
    codes, distinct = pandas.factorize(addresses)
    first = np.empty(len(distinct), dtype=np.intp)
    first[codes[::-1]] = np.arange(len(values) - 1, -1, -1)
    return pyarrow.array(values[first], from_pandas=True).take(pyarrow.array(codes))


def _is_missing(item: object) -> bool:
    return item is None or (isinstance(item, float) and item != item) or type(item).__name__ in {"NAType", "NaTType"}


def _words(value: object) -> str:
    """A value as type and text; of an object whose text may name an address, the type alone."""
    if _is_missing(value):
        return "missing"
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, np.ndarray):
        return f"array:{value.dtype}{value.shape}:{hashlib.sha256(value.tobytes()).hexdigest()}"
    if isinstance(value, dict):
        return f"dict:{{{','.join(f'{_words(key)}={_words(item)}' for key, item in value.items())}}}"
    if isinstance(value, list | tuple):
        return f"{type(value).__name__}:[{','.join(_words(item) for item in value)}]"
    words = repr(value)
    return type(value).__qualname__ if " at 0x" in words else f"{type(value).__qualname__}:{words}"
