"""Metrics and tags of versions as one sorted table, so that a search among 100,000 versions reads few rows.

A value becomes bytes that sort as the value does: a number by the order-preserving form of its IEEE 754 bits, a text
by its UTF-8. Names and values are cut at 500 bytes, so a facet may say "perhaps"; the filter itself has the last word.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Iterable, Mapping
from typing import Any

from nb_mlops.core.rows import VersionRow
from nb_mlops.storage.sql.session import Session

_CUT = 500  # bytes; PostgreSQL's index entries must stay below 2,704

Facet = tuple[bytes, bytes]  # name, value


def facets(row: VersionRow) -> set[Facet]:
    """The facets of a version; of two names that are equal once cut, one stays."""
    found = {_name("metrics", name): _metric(value) for name, value in row.metrics.items()}
    found |= {_name("tags", name): text_value(str(value)) for name, value in row.tags.items() if value is not None}
    return {(name, value) for name, value in found.items() if value is not None}


def name_of(kind: str, name: str) -> bytes:
    """How a field is named in the table."""
    return _name(kind, name)


def number_value(number: float) -> bytes:
    """Eight bytes that sort as the numbers do.

    >>> number_value(-1.5) < number_value(0) < number_value(2e-9) < number_value(1e300)
    True
    """
    bits = int.from_bytes(struct.pack(">d", number + 0.0))  # + 0.0: minus zero equals zero
    flipped = bits ^ ((1 << 64) - 1) if bits >> 63 else bits | 1 << 63
    return flipped.to_bytes(8)


def text_value(text: str) -> bytes:
    """Bytes that sort as the texts do, by code points."""
    return text.encode("utf-8", "surrogatepass")[:_CUT]


def replace_facets(session: Session, position: int, row: VersionRow, *, is_new: bool) -> None:
    """Makes the table say what the version says."""
    if not is_new:
        session.run("DELETE FROM facets WHERE position = :position", {"position": position})
    many = [{"position": position, "name": name, "value": value} for name, value in facets(row)]
    if many:
        session.run_many("INSERT INTO facets (position, name, value) VALUES (:position, :name, :value)", many)


def stored_facets(session: Session, positions: Iterable[int]) -> Mapping[int, set[Facet]]:
    """What the table says of some versions."""
    found: dict[int, set[Facet]] = {position: set() for position in positions}
    wanted = sorted(found)
    for start in range(0, len(wanted), 500):
        named = {f"p{index}": position for index, position in enumerate(wanted[start : start + 500])}
        listed = ", ".join(f":{name}" for name in named)
        for position, name, value in session.run(
            f"SELECT position, name, value FROM facets WHERE position IN ({listed})",  # noqa: S608  names are ours
            named,
        ):
            found[position].add((bytes(name), bytes(value)))
    return found


def orphans(session: Session) -> int:
    """How many facets are of no version."""
    sql = "SELECT count(*) FROM facets f WHERE NOT EXISTS (SELECT 1 FROM versions v WHERE v.position = f.position)"
    row = session.one(sql)
    return int(row[0]) if row else 0


def _name(kind: str, name: str) -> bytes:
    return f"{kind}.{name}".encode("utf-8", "surrogatepass")[:_CUT]


def _metric(value: Any) -> bytes | None:
    """A metric's number; of folds, their mean."""
    number = value.get("mean") if isinstance(value, Mapping) else value
    if not isinstance(number, int | float) or math.isnan(number):
        return None
    return number_value(float(number))
