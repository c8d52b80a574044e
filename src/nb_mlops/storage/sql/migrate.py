"""Numbered migrations, each a file of SQL per database, applied once and in order, never edited once released."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import cache
from importlib import resources
from typing import NamedTuple

from nb_mlops.core.errors import Unsupported
from nb_mlops.core.event import stamp
from nb_mlops.core.identity import folded
from nb_mlops.storage.sql.session import Session

_FOLDED = 3  # the step after which the names of people are folded: no database does it as Python does
# After this step, these tables hold more of what older events told: their rows are made again.
_MADE_AGAIN = {2: ("models", "moves", "notes", "versions"), 3: ("models",)}

_FILE = re.compile(r"(\d{4})_(\w+)\.sql")


class Migration(NamedTuple):
    """One step of the schema."""

    number: int
    name: str
    statements: tuple[str, ...]


@cache
def migrations(dialect: str) -> tuple[Migration, ...]:
    """The steps for `sqlite` or `postgresql`, in order."""
    return tuple(sorted(_read(dialect)))


def newest(dialect: str) -> int:
    """The number of the last step this program knows."""
    return migrations(dialect)[-1].number


def migrate(session: Session, dialect: str, applied: int) -> None:
    """Applies what is missing; its caller holds the lock and the transaction."""
    for step in migrations(dialect):
        if step.number > applied:
            session.script(step.statements)
            values = {"number": step.number, "name": step.name, "applied_at": stamp(datetime.now(UTC))}
            sql = "INSERT INTO migrations (number, name, applied_at) VALUES (:number, :name, :applied_at)"
            session.run(sql, values)
    if applied < _FOLDED:
        _fold_names(session)
    again = frozenset(table for number, tables in _MADE_AGAIN.items() if number > applied > 0 for table in tables)
    if again:
        from nb_mlops.storage.sql.rebuild import rebuild

        rebuild(session, again)


def _fold_names(session: Session) -> None:
    for key, name in session.run("SELECT id, name FROM actors WHERE name IS NOT NULL"):
        session.run("UPDATE actors SET folded = :folded WHERE id = :id", {"folded": folded(name), "id": key})


def check_not_newer(applied: int, dialect: str) -> None:
    """Raises Unsupported where a newer program has been at work: its rules must not be written past."""
    if applied > newest(dialect):
        message = "This registry was written by a newer nb_mlops, whose rules this one does not know."
        raise Unsupported(message, "Upgrade: pip install --upgrade nb-mlops")


def _read(dialect: str) -> Iterator[Migration]:
    for file in (resources.files("nb_mlops.storage.sql") / "migrations" / dialect).iterdir():
        named = _FILE.fullmatch(file.name)
        if named:
            yield Migration(int(named[1]), named[2], tuple(_statements(file.read_text(encoding="utf-8"))))


def _statements(script: str) -> Iterator[str]:
    """The statements of a script; a trigger's body, or one in dollar quotes, holds semicolons of its own."""
    gathered = ""
    for line in script.splitlines(keepends=True):
        gathered += line
        is_end = line.partition("--")[0].rstrip().endswith(";")
        if is_end and not line.startswith(" ") and gathered.count("$$") != 1:
            yield gathered
            gathered = ""
