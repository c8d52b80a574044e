"""The values of a text, category or boolean column: exact counts up to 1,000 of them, above that counts per hash cell.

Which of the two it is depends only on how many values differ, so merged parts equal the whole. Columns that look like
identifiers or free text give up their values before they leave the process (`to_dict`): what is stored then are counts
in 64 cells, in which thousands of values share a place.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from nb_mlops.core.distinct import Distinct
from nb_mlops.core.errors import BadInput
from nb_mlops.core.hashing import hash_texts
from nb_mlops.core.numeric import read_distinct
from nb_mlops.core.reading import count_of, counts_of, object_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from nb_mlops.core.shown import Json

MOST_VALUES = 1000
CELLS = 1024
PRIVATE_CELLS = 64
LENGTH_CLASSES = 12  # 0, 1, 2-3, 4-7, … characters
LONGEST_VALUE = 120
_PRIVATE_SIZE = 50  # below 50 rows nearly all values differ in any column
_PRIVATE_SHARE = 0.9
_FREE_TEXT_LENGTH = 40


@dataclass(frozen=True, slots=True)
class Categories:
    """Counts per value (`values`, ascending) or, above 1,000 values, per hash cell (`cells`)."""

    values: tuple[tuple[str, int], ...] | None = ()
    cells: tuple[int, ...] = ()
    letters: int = 0  # characters in all values together
    lengths: tuple[int, ...] = (0,) * LENGTH_CLASSES
    addresses: int = 0  # rows whose value holds an '@'
    distinct: Distinct = field(default_factory=Distinct)
    is_hidden: bool = False  # read back from storage, where a private column's values never went

    @classmethod
    def of(cls, counts: Mapping[str, int]) -> Categories:
        """Categories from the count of each value (exact however many; then kept as values or as cells)."""
        texts = list(counts)
        times = np.fromiter(counts.values(), np.int64, len(texts))
        sizes = np.fromiter((len(text) for text in texts), np.int64, len(texts))
        classes = np.minimum(np.frexp(sizes.astype(np.float64))[1], LENGTH_CLASSES - 1)
        lengths = np.bincount(classes, weights=times, minlength=LENGTH_CLASSES).astype(np.int64)
        hashes = hash_texts(texts)
        is_few = len(texts) <= MOST_VALUES
        return cls(
            values=_sorted_values(counts) if is_few else None,
            cells=() if is_few else tuple(_cells(hashes, times).tolist()),
            letters=int(sizes @ times),
            lengths=tuple(lengths.tolist()),
            addresses=sum(count for text, count in counts.items() if "@" in text),
            distinct=Distinct.of(hashes),
        )

    def __add__(self, other: Categories) -> Categories:
        values, cells = self._merged(other)
        return Categories(
            values=values,
            cells=cells,
            letters=self.letters + other.letters,
            lengths=tuple(a + b for a, b in zip(self.lengths, other.lengths, strict=True)),
            addresses=self.addresses + other.addresses,
            distinct=self.distinct + other.distinct,
            is_hidden=self.is_hidden or other.is_hidden,
        )

    def _merged(self, other: Categories) -> tuple[tuple[tuple[str, int], ...] | None, tuple[int, ...]]:
        if self.values is not None and other.values is not None:
            both = Counter(dict(self.values))
            both.update(dict(other.values))
            if len(both) <= MOST_VALUES:
                return _sorted_values(both), ()
        width = min(self._width, other._width)
        return None, tuple((self.in_cells(width) + other.in_cells(width)).tolist())

    @property
    def _width(self) -> int:
        return len(self.cells) if self.values is None else CELLS

    @property
    def count(self) -> int:
        """How many values there are, repeats included."""
        return sum(self.lengths)

    @property
    def distinct_count(self) -> int:
        """How many values differ: exact while they are kept, else estimated within some 13 %."""
        return self.distinct.estimate if self.values is None else len(self.values)

    @property
    def is_private(self) -> bool:
        """Whether the values look like identifiers, addresses or free text, so that they must not be stored."""
        if self.is_hidden:
            return True
        if not self.count:
            return False
        is_free_text = self.letters > _FREE_TEXT_LENGTH * self.count
        is_identifier = self.count >= _PRIVATE_SIZE and self.distinct_count > _PRIVATE_SHARE * self.count
        return is_free_text or is_identifier or self.addresses > self.count / 2

    def in_cells(self, width: int = CELLS) -> NDArray[np.int64]:
        """Counts in `width` hash cells (64 or 1,024), the same for a value wherever it was seen."""
        if self.values is None:
            cells = np.array(self.cells, np.int64)
        else:
            times = np.fromiter((count for _, count in self.values), np.int64, len(self.values))
            cells = _cells(hash_texts([text for text, _ in self.values]), times)
        summed: NDArray[np.int64] = cells.reshape(width, -1).sum(axis=1)
        return summed

    def to_dict(self) -> dict[str, Json]:
        """The categories as JSON; without the values where these are private."""
        written: dict[str, Json] = {
            "letters": self.letters,
            "lengths": [*self.lengths],
            "addresses": self.addresses,
            "distinct": [*self.distinct.smallest],
        }
        if self.is_private:
            return {**written, "hidden": True, "cells": [*self.in_cells(PRIVATE_CELLS).tolist()]}
        if self.values is None:
            return {**written, "cells": [*self.cells]}
        return {**written, "values": [[text, count] for text, count in self.values]}

    @classmethod
    def from_dict(cls, given: object) -> Categories:
        """The categories that `to_dict` wrote; raises BadInput for anything else."""
        fields = object_of(given, "The values of a column")
        read = cls(
            values=_read_values(fields["values"]) if "values" in fields else None,
            cells=() if "values" in fields else counts_of(fields, "cells", lengths=(CELLS, PRIVATE_CELLS)),
            letters=count_of(fields, "letters"),
            lengths=counts_of(fields, "lengths", lengths=(LENGTH_CLASSES,)),
            addresses=count_of(fields, "addresses"),
            distinct=read_distinct(fields.get("distinct")),
            is_hidden=fields.get("hidden") is True,
        )
        kept = sum(count for _, count in read.values) if read.values is not None else sum(read.cells)
        if kept != read.count:
            raise BadInput("A column's values do not add up to its count.", "The profile was changed by hand.")
        return read


def value_text(value: str) -> str:
    """A value as it is kept: no lone surrogates, long ones cut with a hash in place of the rest."""
    clean = value.encode("utf-8", "backslashreplace").decode()
    if len(clean) <= LONGEST_VALUE:
        return clean
    return f"{clean[: LONGEST_VALUE - 20]}…#{int(hash_texts([clean])[0]):016x}"


def _cells(hashes: NDArray[np.uint64], times: NDArray[np.int64]) -> NDArray[np.int64]:
    places = (hashes >> np.uint64(54)).astype(np.int64)  # the upper ten bits: 1,024 cells, and 64 nest in them
    return np.bincount(places, weights=times, minlength=CELLS).astype(np.int64)


def _sorted_values(counts: Mapping[str, int]) -> tuple[tuple[str, int], ...]:
    return tuple(sorted(counts.items()))


def _read_values(given: object) -> tuple[tuple[str, int], ...]:
    if not isinstance(given, list) or len(given) > MOST_VALUES:
        raise BadInput(f"A column's values are not a list of at most {MOST_VALUES}.", "It was changed by hand.")
    counts: dict[str, int] = {}
    for pair in given:
        if not isinstance(pair, list) or len(pair) != 2 or not isinstance(pair[0], str) or len(pair[0]) > 500:
            raise BadInput("A column's values are not pairs of text and count.", "It was changed by hand.")
        counts[pair[0]] = count_of({"count": pair[1]}, "count")
    return _sorted_values(counts)
