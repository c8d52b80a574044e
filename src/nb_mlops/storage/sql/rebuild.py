"""Rows made again from their histories, where a migration gave them something that older events already told."""

from __future__ import annotations

from typing import Any

from nb_mlops.core.event import Event
from nb_mlops.core.projection import project
from nb_mlops.core.rows import R, Row, VersionRow
from nb_mlops.storage.sql import queries, rows
from nb_mlops.storage.sql.session import Session


def rebuild(session: Session, tables: frozenset[str]) -> None:
    """Projects every history anew and stores the rows of these tables; its caller holds the lock."""
    for history in sorted(queries.histories(session)):
        held = _Held()
        for stored in queries.all_events(session, history):
            for row in project(Event.from_bytes(stored.data, position=stored.position), held):
                held.rows[(row.TABLE, row.key)] = row
        for (table, _), row in held.rows.items():
            if table in tables:
                more = {"position": rows.position_of(session, row)} if isinstance(row, VersionRow) else {}
                rows.put(session, row, more)


class _Held:
    """The rows of one history so far: the facts that projecting asks for."""

    def __init__(self) -> None:
        self.rows: dict[tuple[str, tuple[Any, ...]], Row] = {}

    def get(self, kind: type[R], *key: Any) -> R | None:
        row = self.rows.get((kind.TABLE, key))
        return row if isinstance(row, kind) else None

    def find(self, kind: type[R], **equal: Any) -> list[R]:
        found = [row for (table, _), row in sorted(self.rows.items(), key=lambda one: one[0]) if table == kind.TABLE]
        return [row for row in found if isinstance(row, kind) and all(getattr(row, k) == v for k, v in equal.items())]

    def last(self, kind: type[R], **equal: Any) -> R | None:
        found = self.find(kind, **equal)
        return found[-1] if found else None
