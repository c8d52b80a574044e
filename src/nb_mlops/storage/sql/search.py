"""Finds versions by metrics, tags, time and number among very many, newest first or sorted.

    filter ──> few versions can match? ──> their positions, off the facets
          └──> many can?                ──> walk the versions in order, probing the facets
    then, a page at a time until there are enough: fetch rows, let the filter itself decide

So SQL only narrows, and the answer is what `core.filters` says, whatever the store. A field that is not indexed
(params) narrows nothing: then every version of the model is looked at.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

from nb_mlops.core.event import stamp
from nb_mlops.core.filters import And, Compare, Filter, Node, Or, Sort
from nb_mlops.core.rows import ModelRow, VersionRow
from nb_mlops.storage.selection import matches, select
from nb_mlops.storage.sql import facets, rows
from nb_mlops.storage.sql.session import Session

_FEW = 4_000  # matches of one comparison below which its positions are fetched: two milliseconds
_SMALL = 2_000  # versions of a model up to which it is simply walked
_CHUNK = 200  # rows fetched at once

_INCLUSIVE = {"<": "<=", "<=": "<=", ">": ">=", ">=": ">=", "==": "="}  # inclusive: what was cut may be equal


def search(
    session: Session, model: str | None, where: Filter | None, sort: Sort | None, limit: int
) -> list[VersionRow]:
    """At most `limit` versions that match and are not discarded, newest first unless sorted."""
    query = _Query(session, model, where)
    if sort is not None and sort.field.kind not in ("metrics", "tags"):
        everything = _rows(query, query.newest_first(), most=None)
        return select(everything, where=where, sort=sort, limit=limit)
    positions = query.newest_first() if sort is None else query.sorted_by(sort)
    return list(_rows(query, positions, most=limit))


def _rows(query: _Query, positions: Iterable[int], *, most: int | None) -> Iterator[VersionRow]:
    """The versions at these positions that match, in this order."""
    given = 0
    chunk: list[int] = []
    size = _CHUNK if most is None else max(1, min(_CHUNK, most))
    for position in _and_an_end(positions):
        if position:
            chunk.append(position)
        if chunk and (not position or len(chunk) >= size):
            for row in query.fetch(chunk):
                if most is not None and given >= most:
                    return
                given += 1
                yield row
            chunk = []
        if most is not None and given >= most:
            return


def _and_an_end(positions: Iterable[int]) -> Iterator[int]:
    yield from positions
    yield 0


class _Query:
    """One search: its conditions as SQL, and its candidates where they are few."""

    def __init__(self, session: Session, model: str | None, where: Filter | None) -> None:
        self._session = session
        self._model = model
        self._where = where
        self._values: dict[str, Any] = {}
        scope = ["v.state <> 'discarded'"]
        if model is not None:
            scope.append("v.model = :model")
            self._values["model"] = model
        self._scope = " AND ".join(scope)
        self._order = "v.position" if model is None else "v.number"  # the same order, each with its index
        self._is_small = model is not None and self._latest(model) <= _SMALL
        self._few = None if where is None or self._is_small else self._positions(where.tree)
        self._condition = (where and self._narrowed(where.tree)) or "1 = 1"

    def fetch(self, positions: list[int]) -> list[VersionRow]:
        """The matching versions at these positions, in this order."""
        found = rows.at_positions(self._session, positions)
        return [row for row in found if self._model in (None, row.model) and matches(row, self._where)]

    def newest_first(self) -> Iterator[int]:
        """The positions of versions that can match."""
        if self._few is not None:
            return iter(sorted(self._few, reverse=True))
        return self._growing(
            f"SELECT v.position FROM versions v WHERE {self._scope} AND {self._condition} "  # noqa: S608  no value in it
            f"ORDER BY {self._order} DESC LIMIT :most"
        )

    def sorted_by(self, sort: Sort) -> Iterator[int]:
        """The same, ordered by a metric or tag; those without it come last."""
        self._values["sorted"] = facets.name_of(sort.field.kind, sort.field.name)
        if self._few is not None:
            yield from self._few_sorted(self._few, sort)
            return
        yield from self._growing(self._walk_sorted(sort))
        yield from self._growing(
            f"SELECT v.position FROM versions v WHERE {self._scope} AND {self._condition} "  # noqa: S608  no value in it
            "AND NOT EXISTS (SELECT 1 FROM facets s WHERE s.position = v.position AND s.name = :sorted) "
            f"ORDER BY {self._order} DESC LIMIT :most"
        )

    def _walk_sorted(self, sort: Sort) -> str:
        """A small model is walked and sorted; else the facets are walked in their order (CROSS JOIN keeps it)."""
        tables = "versions v CROSS JOIN facets s" if self._is_small else "facets s CROSS JOIN versions v"
        direction = "DESC" if sort.descending else "ASC"
        return (
            f"SELECT v.position FROM {tables} WHERE s.position = v.position AND s.name = :sorted "  # noqa: S608  no value in it
            f"AND {self._scope} AND {self._condition} ORDER BY s.value {direction}, s.position DESC LIMIT :most"
        )

    def _few_sorted(self, positions: set[int], sort: Sort) -> list[int]:
        values: dict[int, bytes] = {}
        name = self._values["sorted"]
        for position, found in facets.stored_facets(self._session, positions).items():
            values.update((position, value) for facet, value in found if facet == name)
        newest = sorted(positions, reverse=True)
        having = sorted((one for one in newest if one in values), key=values.__getitem__, reverse=sort.descending)
        return having + [one for one in newest if one not in values]

    def _growing(self, sql: str) -> Iterator[int]:
        """The positions that a statement gives, asking for more only when they are used up."""
        seen = 0
        for most in (_CHUNK, 16 * _CHUNK, 2**62):
            found = self._session.run(sql, {**self._values, "most": most})
            yield from (row[0] for row in found[seen:])
            if len(found) < most:
                return
            seen = len(found)

    def _latest(self, model: str) -> int:
        row = rows.fetch(self._session, ModelRow, (model,))
        return row.latest if row else 0

    def _positions(self, node: Node) -> set[int] | None:
        """The positions that can match, where they are few; None where they are many or not indexed."""
        if isinstance(node, And):
            known = [found for part in node.parts if (found := self._positions(part)) is not None]
            return set.intersection(*known) if known else None
        if isinstance(node, Or):
            parts = [self._positions(part) for part in node.parts]
            return None if None in parts else set().union(*(part for part in parts if part is not None))
        condition, values = _facet_condition(node, "x")
        if not condition:
            return None
        sql = f"SELECT position FROM facets f WHERE {condition} LIMIT :most"  # noqa: S608  no value in it
        counted = self._session.one(f"SELECT count(*) FROM ({sql}) found", {**values, "most": _FEW})  # noqa: S608
        if counted is None or counted[0] >= _FEW:
            return None
        return {row[0] for row in self._session.run(sql, {**values, "most": _FEW})}

    def _narrowed(self, node: Node) -> str:
        """A condition on `v` that is true at least where the filter is; '' where nothing can be said."""
        if isinstance(node, Compare):
            return self._compared(node)
        parts = [self._narrowed(part) for part in node.parts]
        if isinstance(node, Or):
            return f"({' OR '.join(parts)})" if all(parts) else ""
        return " AND ".join(part for part in parts if part)

    def _compared(self, node: Compare) -> str:
        name = f"w{len(self._values)}"
        if node.field.kind in ("created_at", "number") and node.sign != "!=":
            self._values[name] = stamp(node.value) if isinstance(node.value, datetime) else node.value
            sign = "=" if node.sign == "==" else node.sign
            return f"v.{node.field.kind} {sign} :{name}"
        condition, values = _facet_condition(node, name)
        self._values |= values
        if not condition:
            return ""
        return f"EXISTS (SELECT 1 FROM facets f WHERE f.position = v.position AND {condition})"  # noqa: S608  no value in it


def _facet_condition(node: Compare, prefix: str) -> tuple[str, dict[str, Any]]:
    """What a facet must be for the comparison to be true; '' where facets cannot say it."""
    if node.field.kind not in ("metrics", "tags"):
        return "", {}
    name = facets.name_of(node.field.kind, node.field.name)
    if node.sign == "!=":
        # a metric that is no number differs from every number and has no facet; a tag always has one
        return ("f.name = :" + f"{prefix}_name", {f"{prefix}_name": name}) if node.field.kind == "tags" else ("", {})
    value = facets.text_value(node.value) if isinstance(node.value, str) else facets.number_value(float(node.value))  # type: ignore[arg-type]
    condition = f"f.name = :{prefix}_name AND f.value {_INCLUSIVE[node.sign]} :{prefix}_value"
    return condition, {f"{prefix}_name": name, f"{prefix}_value": value}
