"""The rows that events make, in memory: what `verify` compares with the store, and how `as_of` looks at a past day."""

from __future__ import annotations

from typing import Any

from nb_mlops.core.event import Event
from nb_mlops.core.projection import project
from nb_mlops.core.rows import ROWS, R, Row


class Replayed:
    """Rows by table and key, made by adding events in order; also the facts that projecting asks for."""

    def __init__(self) -> None:
        self.rows: dict[str, dict[tuple[Any, ...], Row]] = {kind.TABLE: {} for kind in ROWS}

    @property
    def count(self) -> int:
        """How many rows there are."""
        return sum(map(len, self.rows.values()))

    def add(self, event: Event) -> list[Row]:
        """The rows that the next event made or changed; raises what a forged one makes the projection raise."""
        changed = project(event, self)
        for row in changed:
            self.rows[row.TABLE][row.key] = row
        return changed

    def get(self, kind: type[R], *key: Any) -> R | None:
        """The row of this key, or None."""
        row = self.rows[kind.TABLE].get(key)
        return row if isinstance(row, kind) else None

    def find(self, kind: type[R], /, **equal: Any) -> list[R]:
        """All rows whose columns equal the given values, ordered by key."""
        rows = [row for _, row in sorted(self.rows[kind.TABLE].items())]
        return [row for row in rows if isinstance(row, kind) and all(getattr(row, k) == v for k, v in equal.items())]

    def how_many(self, kind: type[Row], distinct: str = "", **equal: Any) -> int:
        """How many rows `find` would give, or values of a column."""
        found = self.find(kind, **equal)
        return len({getattr(row, distinct) for row in found}) if distinct else len(found)

    def last(self, kind: type[R], **equal: Any) -> R | None:
        """The last of the rows that `find` would give."""
        found = self.find(kind, **equal)
        return found[-1] if found else None
