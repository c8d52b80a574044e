"""A data print: how much data there was, of which columns, and a digest by which the same data is known again."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from nb_mlops.core.errors import Damaged
from nb_mlops.core.shown import Shown

if TYPE_CHECKING:
    from nb_mlops.core.shown import Json

_SHA256 = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True, repr=False)
class DataPrint(Shown):
    """A table's rows, columns and digest.

    `columns` and `target` are pairs of name and type; `bytes` is the size in memory. With `sampled`, the digest covers
    spread runs of rows only: equal digests then make equal data likely, and different ones still prove a difference.
    """

    kind: ClassVar[str] = "data-print"

    rows: int
    columns: tuple[tuple[str, str], ...]
    sha256: str
    sampled: bool = False
    bytes: int = 0
    source: str | None = None
    target: tuple[tuple[str, str], ...] = ()

    def to_text(self) -> str:
        """One line: `1,000 rows × 30 columns, sha256 1f2e3d4c5b6a`."""
        columns = f"{len(self.columns):,} column{'' if len(self.columns) == 1 else 's'}"
        sampled = " (of a sample)" if self.sampled else ""
        source = f", from {self.source}" if self.source else ""
        return f"{self.rows:,} rows × {columns}, sha256 {self.sha256[:12]}{sampled}{source}"

    def to_dict(self) -> dict[str, Json]:
        """The print as JSON; `from_dict` reads it back."""
        return {
            "rows": self.rows,
            "columns": [list(column) for column in self.columns],
            "target": [list(column) for column in self.target],
            "sha256": self.sha256,
            "sampled": self.sampled,
            "bytes": self.bytes,
            "source": self.source,
        }

    @classmethod
    def from_dict(cls, made: Mapping[str, Json]) -> DataPrint:
        """The print that `to_dict` made; raises Damaged for anything else."""
        digest, source = made.get("sha256"), made.get("source")
        if not isinstance(digest, str) or not _SHA256.fullmatch(digest):
            raise Damaged("This is not a data print: its sha256 is missing or malformed.")
        if source is not None and not isinstance(source, str):
            raise Damaged("This is not a data print: its source is not a text.")
        return cls(
            rows=_count(made, "rows"),
            columns=_pairs(made.get("columns"), "columns"),
            target=_pairs(made.get("target", []), "target"),
            sha256=digest,
            sampled=made.get("sampled") is True,
            bytes=_count(made, "bytes"),
            source=source,
        )


def _count(made: Mapping[str, Json], key: str) -> int:
    count = made.get(key, 0)
    if not isinstance(count, int) or isinstance(count, bool) or count < 0:
        raise Damaged(f"This is not a data print: its {key} is no count.")
    return count


def _pairs(given: Json, key: str) -> tuple[tuple[str, str], ...]:
    if not isinstance(given, list):
        raise Damaged(f"This is not a data print: its {key} is no list.")
    return tuple(_pair(pair, key) for pair in given)


def _pair(given: Json, key: str) -> tuple[str, str]:
    match given:
        case [str(name), str(kind)]:
            return name, kind
        case _:
            raise Damaged(f"This is not a data print: its {key} is no list of names and types.")
