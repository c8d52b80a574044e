"""Rows made again from their histories, where a migration gave them something that older events already told."""

from __future__ import annotations

from nb_mlops.core.event import Event
from nb_mlops.core.replayed import Replayed
from nb_mlops.core.rows import VersionRow
from nb_mlops.storage.sql import queries, rows
from nb_mlops.storage.sql.session import Session


def rebuild(session: Session, tables: frozenset[str]) -> None:
    """Projects every history anew and stores the rows of these tables; its caller holds the lock."""
    for history in sorted(queries.histories(session)):
        made = Replayed()
        for stored in queries.all_events(session, history):
            made.add(Event.from_bytes(stored.data, position=stored.position))
        for table in sorted(tables):
            for row in made.rows[table].values():
                more = {"position": rows.position_of(session, row)} if isinstance(row, VersionRow) else {}
                rows.put(session, row, more)
