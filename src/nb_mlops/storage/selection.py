"""Which of some versions a person asked for, and in what order: the same answer whatever the store."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import islice
from typing import TYPE_CHECKING, Any

from nb_mlops.core.rows import VersionRow

if TYPE_CHECKING:
    from nb_mlops.core.filters import Filter, Sort


def select(
    newest_first: Iterable[VersionRow], *, where: Filter | None, sort: Sort | None, limit: int
) -> list[VersionRow]:
    """At most `limit` of the versions that match, newest first unless sorted; equal ones stay newest first."""
    matching = (row for row in newest_first if matches(row, where))
    if sort is None:
        return list(islice(matching, limit))
    ordered = sort.ordered({**_fields(row), "row": row} for row in matching)
    return [found["row"] for found in ordered[:limit]]


def matches(row: VersionRow, where: Filter | None) -> bool:
    """Whether a version is in use and what the filter asks for."""
    return row.state != "discarded" and (where is None or where.matches(_fields(row)))


def _fields(row: VersionRow) -> Mapping[str, Any]:
    """What filters may name."""
    return {
        "metrics": row.metrics,
        "params": row.params,
        "tags": row.tags,
        "created_at": row.created_at,
        "number": row.number,
    }
