"""Which rows a table holds, in some 16 kB: enough to tell later whether held-out rows were trained on.

A bottom-k sketch: of all distinct row hashes the `k` smallest, with how often each occurs. Any two sketches merge into
the one of both tables, and a table of at most `k` distinct rows is kept exactly. Since hashes are random, the rows
whose hash lies below the largest one kept are a fair sample of distinct rows, in any other table as well.
Source: Beyer, Haas, Reinwald, Sismanis and Gemulla, "On synopses for distinct-value estimation", SIGMOD 2007.
"""

from __future__ import annotations

import base64
import hashlib
import struct
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from nb_mlops.core.errors import BadInput
from nb_mlops.core.shown import Json

SIZE = 2_048  # hashes kept: 16 kB
CHUNK = 1 << 15  # rows hashed at a time, so that the work stays in the processor's cache

Hashes = NDArray[np.uint64]
_MIX_1 = np.uint64(0xBF58476D1CE4E5B9)
_MIX_2 = np.uint64(0x94D049BB133111EB)


@dataclass(frozen=True, slots=True, eq=False)
class Coded:
    """A column of few distinct values: `values[codes]`, where -1 is what is missing."""

    codes: NDArray[np.integer[Any]]
    values: NDArray[Any]

    def __len__(self) -> int:
        return len(self.codes)


Column = NDArray[Any] | Coded


@dataclass(frozen=True, slots=True)
class Share:
    """How many of the rows looked at have a property, and the standard error of their share."""

    rows: int
    having: int
    standard_error: float

    @classmethod
    def of(cls, having: NDArray[np.bool_], counts: NDArray[np.integer[Any]]) -> Self:
        """From distinct rows with their counts: copies of a row stand or fall together, so rows vary as clusters.

        The error is that of a ratio of cluster totals (Cochran, "Sampling techniques", 1977, section 2.11).
        """
        rows, found = int(counts.sum()), int(counts[having].sum())
        if not rows:
            return cls(0, 0, 0.0)
        spread = np.square(counts * (having - found / rows)).sum()
        return cls(rows, found, float(np.sqrt(spread)) / rows)

    @property
    def share(self) -> float:
        """Between 0 and 1; 0 of no rows."""
        return self.having / self.rows if self.rows else 0.0


@dataclass(frozen=True, slots=True, eq=False)
class RowSketch:
    """The smallest hashes of a table's distinct rows, ascending, and how often each row occurs."""

    columns: tuple[str, ...]  # those that were hashed, sorted
    hashes: Hashes
    counts: NDArray[np.int64]
    rows: int  # of the whole table
    size: int = SIZE

    @classmethod
    def of(cls, columns: Mapping[str, Column], *, size: int = SIZE) -> Self:
        """The sketch of a table given as equally long columns; BadInput where they differ in length."""
        hashed = row_hashes(columns)
        kept, counts = _smallest(hashed, size)
        return cls(tuple(sorted(columns)), kept, counts, len(hashed), size)

    def __add__(self, other: RowSketch) -> RowSketch:
        """The sketch of both tables together."""
        if self.columns != other.columns or self.size != other.size:
            raise BadInput("These two sketches are of other columns or of another size.", "Sketch both tables alike.")
        hashes, where = np.unique(np.concatenate([self.hashes, other.hashes]), return_inverse=True)
        counts = np.bincount(where, np.concatenate([self.counts, other.counts])).astype(np.int64)
        kept = slice(0, self.size)
        return RowSketch(self.columns, hashes[kept], counts[kept], self.rows + other.rows, self.size)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, RowSketch) and self.to_dict() == other.to_dict()

    def __hash__(self) -> int:
        return hash((self.columns, self.rows, self.hashes.tobytes()))

    @property
    def is_exact(self) -> bool:
        """Whether every distinct row is kept."""
        return len(self.hashes) < self.size

    def twins(self) -> Share:
        """The share of rows that occur more than once, estimated from those kept."""
        return Share.of(self.counts > 1, self.counts)

    def shared(self, hashes: Hashes) -> Share:
        """The share of other rows, given by their hashes, that are here, estimated from those that can be looked up."""
        sample = hashes if self.is_exact else hashes[hashes <= self.hashes[-1]]
        distinct, counts = np.unique(sample, return_counts=True)
        return Share.of(np.isin(distinct, self.hashes, assume_unique=True), counts)

    def to_dict(self) -> dict[str, Json]:
        """The sketch as JSON: hashes little-endian in base64, counts only where they are not 1."""
        odd = np.flatnonzero(self.counts != 1)
        return {
            "columns": list(self.columns),
            "rows": self.rows,
            "size": self.size,
            "hashes": base64.b64encode(self.hashes.astype("<u8").tobytes()).decode("ascii"),
            "repeated": [[int(at), int(self.counts[at])] for at in odd],
        }

    @classmethod
    def from_dict(cls, stored: Mapping[str, Any]) -> Self:
        """The sketch that `to_dict` wrote; BadInput for anything else."""
        try:
            hashes = np.frombuffer(base64.b64decode(stored["hashes"], validate=True), "<u8").astype(np.uint64)
            counts = np.ones(len(hashes), np.int64)
            for at, count in stored["repeated"]:
                counts[int(at)] = int(count)
            columns = tuple(str(name) for name in stored["columns"])
            return cls(columns, hashes, counts, int(stored["rows"]), int(stored["size"]))
        except (KeyError, TypeError, ValueError, IndexError, OverflowError) as error:
            raise BadInput("The stored row sketch cannot be read.", "Register the model again.") from error


def row_hashes(columns: Mapping[str, Column]) -> Hashes:
    """One hash per row, the same for any order of columns, on any machine, in any process.

    Numbers and bools hash by their value as float64 (so 1, 1.0 and True agree, and whole numbers above 2⁵³ by their
    rounded value), everything else by its text; all that is missing (None, NaN, NaT) hashes alike.
    """
    lengths = {len(values) for values in columns.values()}
    if len(lengths) != 1:
        raise BadInput(f"The columns of a table have different lengths: {sorted(lengths)}.", "Give one table.")
    known: dict[str, int] = {}
    keys = {name: _key(name) for name in columns}
    distinct = {name: _distinct(column, known) for name, column in columns.items() if isinstance(column, Coded)}
    total = np.zeros(lengths.pop(), np.uint64)
    for start in range(0, len(total), CHUNK):
        part = total[start : start + CHUNK]
        for name, column in columns.items():
            rows = slice(start, start + CHUNK)
            if isinstance(column, Coded):
                words = distinct[name][column.codes[rows]]
            else:
                words = _words(column[rows], known)
            mixed = words >> np.uint64(32)
            mixed ^= words
            mixed *= keys[name]
            mixed ^= mixed >> np.uint64(29)
            mixed *= _MIX_1
            part += mixed
        _finish(part)
    return total


def _smallest(hashed: Hashes, size: int) -> tuple[Hashes, NDArray[np.int64]]:
    """The `size` smallest distinct hashes, ascending, with their counts, without sorting all of them."""
    wanted = 2 * size
    while wanted < len(hashed):
        limit = np.partition(hashed, wanted)[wanted]
        kept, counts = np.unique(hashed[hashed <= limit], return_counts=True)
        if len(kept) >= size:
            return kept[:size], counts[:size]
        wanted *= 4  # many rows are the same: look further
    kept, counts = np.unique(hashed, return_counts=True)
    return kept[:size], counts[:size]


def _key(name: str) -> np.uint64:
    """The odd multiplier of a column, from its name."""
    digest = hashlib.blake2b(name.encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return np.uint64(int.from_bytes(digest, "little") | 1)


def _distinct(column: Coded, known: dict[str, int]) -> Hashes:
    """The 64 bits of each distinct value; those of what is missing come last, where the code -1 finds them."""
    return np.append(_words(column.values, known), _NAN_BITS)


def _words(values: NDArray[Any], known: dict[str, int]) -> Hashes:
    """Each value as 64 bits; `known` remembers the texts hashed so far."""
    if values.dtype.kind in "biuf":
        numbers = values.astype(np.float64)  # a copy: the next two lines write to it
        numbers += 0.0  # -0.0 becomes 0.0
        numbers[np.isnan(numbers)] = np.nan  # one NaN of the many that there are
        return numbers.view(np.uint64)
    if values.dtype.kind in "mM":
        moments = values.astype(f"{values.dtype.kind}8[us]")
        return np.where(np.isnat(moments), _NAN_BITS, moments.astype(np.int64).view(np.uint64))
    return np.fromiter((_word(value, known) for value in values.tolist()), np.uint64, count=len(values))


def _word(value: object, known: dict[str, int]) -> int:
    """The 64 bits of an object: of its number if it is one, else of its text; each distinct text is hashed once."""
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, bool | int | float) and abs(value) <= _LARGEST:
        return int.from_bytes(struct.pack("<d", value + 0.0), "little")
    text = value if isinstance(value, str) else str(value)
    if not isinstance(value, str) and text in _MISSING:
        return int(_NAN_BITS)
    found = known.get(text)
    if found is None:
        digest = hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest()
        found = known[text] = int.from_bytes(digest, "little")
    return found


def _finish(words: Hashes) -> None:
    """Spreads every bit over all others, in place (the finaliser of SplitMix64, Steele, Lea and Flood 2014)."""
    words ^= words >> np.uint64(30)
    words *= _MIX_1
    words ^= words >> np.uint64(27)
    words *= _MIX_2
    words ^= words >> np.uint64(31)


_NAN_BITS = np.array([np.nan]).view(np.uint64)[0]
_LARGEST = sys.float_info.max
_MISSING = frozenset({"None", "nan", "NaN", "NaT", "<NA>"})  # what None, NaN, NaT and pandas.NA print as
