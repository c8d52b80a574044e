"""One connection in use: runs a query with named values, written once for both databases as `:name`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any, Protocol

_NAMED = re.compile(r":([a-z_][a-z0-9_]*)")


class Cursor(Protocol):
    """What both drivers' cursors have in common (PEP 249)."""

    @property
    def description(self) -> Any:
        """None when the last statement gives no rows."""
        ...

    def execute(self, sql: str, values: Any = ..., /) -> Any:
        """Runs one statement."""
        ...

    def executemany(self, sql: str, values: Any, /) -> Any:
        """Runs one statement for each set of values."""
        ...

    def fetchall(self) -> Sequence[Any]:
        """All rows of the last statement."""
        ...


class Session:
    """Runs statements on one connection, inside or outside a transaction as its store has begun one."""

    def __init__(self, cursor: Cursor, *, percent: bool) -> None:
        """`percent`: the driver writes `%(name)s` where SQLite writes `:name`."""
        self._cursor = cursor
        self._percent = percent

    def run(self, sql: str, values: Mapping[str, Any] | None = None) -> list[tuple[Any, ...]]:
        """The rows that a statement gives; none for one that only changes something."""
        self._cursor.execute(self._in_dialect(sql), values or {})
        return list(self._cursor.fetchall()) if self._cursor.description else []

    def run_many(self, sql: str, many: Iterable[Mapping[str, Any]]) -> None:
        """The same statement for each set of values."""
        self._cursor.executemany(self._in_dialect(sql), list(many))

    def one(self, sql: str, values: Mapping[str, Any] | None = None) -> tuple[Any, ...] | None:
        """The first row, or None."""
        rows = self.run(sql, values)
        return rows[0] if rows else None

    def script(self, statements: Sequence[str]) -> None:
        """Statements without values, one after the other."""
        for statement in statements:
            self._cursor.execute(statement)

    def _in_dialect(self, sql: str) -> str:
        return _percented(sql) if self._percent else sql


@lru_cache(maxsize=512)
def _percented(sql: str) -> str:
    return _NAMED.sub(r"%(\1)s", sql)
