"""Hashes of values that are the same on every engine, version and machine: for hash cells and distinct counts.

Python's own `hash` changes with every process and pandas' with its version; a profile made today must meet one made in
a year, so the hash is written out here. It spreads values over cells; it is no protection against a forger.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

LONGEST = 256  # bytes of a text that take part; its whole length does too
_ODD = np.uint64(0x9E3779B97F4A7C15)
_MIX_1 = np.uint64(0xBF58476D1CE4E5B9)
_MIX_2 = np.uint64(0x94D049BB133111EB)


def hash_floats(values: NDArray[np.float64]) -> NDArray[np.uint64]:
    """A 64-bit hash per float; equal floats hash alike (so clear -0.0 first).

    One multiplication (Fibonacci hashing: Knuth, TAOCP 3, 6.4), as this runs over every value of a table: its upper
    bits are spread well enough to count with.
    """
    return values.view(np.uint64) * _ODD


def hash_texts(texts: Sequence[str]) -> NDArray[np.uint64]:
    """A 64-bit hash per text, from its UTF-8 bytes (lone surrogates pass)."""
    encoded = [text.encode("utf-8", "surrogatepass") for text in texts]
    lengths = np.fromiter((len(each) for each in encoded), np.int64, len(encoded))
    heads = np.frombuffer(b"".join(each[:LONGEST] for each in encoded), np.uint8)
    return hash_bytes(heads, lengths)


def hash_bytes(heads: NDArray[np.uint8], lengths: NDArray[np.int64]) -> NDArray[np.uint64]:
    """A hash per text whose first `LONGEST` bytes lie end to end in `heads`; `lengths` are the whole lengths.

    A weighted sum per position modulo 2**64 (multilinear hashing: Lemire & Kaser 2014), mixed with the length.
    """
    kept = np.minimum(lengths, LONGEST)
    sums = np.zeros(len(lengths), np.uint64)
    filled = np.flatnonzero(kept)
    if len(filled):
        starts = (np.cumsum(kept) - kept)[filled]
        position = np.arange(len(heads)) - np.repeat(starts, kept[filled])
        weights = mixed(np.arange(1, LONGEST + 1, dtype=np.uint64)) | np.uint64(1)
        sums[filled] = np.add.reduceat((heads.astype(np.uint64) + np.uint64(1)) * weights[position], starts)
    return mixed(sums + lengths.astype(np.uint64) * _ODD)


def mixed(numbers: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Each number with every bit spread over all others: splitmix64's finaliser (Steele, Lea & Flood 2014)."""
    mixing = numbers + _ODD
    mixing ^= mixing >> np.uint64(30)
    mixing *= _MIX_1
    mixing ^= mixing >> np.uint64(27)
    mixing *= _MIX_2
    mixing ^= mixing >> np.uint64(31)
    return mixing
