"""Projected rows to and from tables: the columns are the fields, dicts and lists are JSON text, times are stamps."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import fields
from datetime import datetime
from functools import cache
from typing import Any, get_args, get_origin, get_type_hints

from nb_mlops.core.errors import Damaged
from nb_mlops.core.event import stamp
from nb_mlops.core.rows import ROWS, ModelRow, R, Row, VersionRow
from nb_mlops.storage.sql.session import Session

Codec = tuple[Callable[[Any], Any], Callable[[Any], Any]]

_encode_json = json.JSONEncoder(ensure_ascii=True, separators=(",", ":")).encode  # ASCII: PostgreSQL stores no NUL
_decode_json = json.JSONDecoder().decode
_EMPTY: dict[Any, Callable[[], Any]] = {"{}": dict, "[]": list}  # most of them: made, not read
_JSON: Codec = (_encode_json, lambda text: _EMPTY[text]() if text in _EMPTY else _decode_json(text))
_TIME: Codec = (stamp, datetime.fromisoformat)
_BOOL: Codec = (int, bool)
_KINDS = {kind.TABLE: kind for kind in ROWS}


def fetch(session: Session, kind: type[R], key: tuple[Any, ...]) -> R | None:
    """The row of this key, or None."""
    found = session.one(_select(kind.TABLE, kind.KEY), dict(zip(kind.KEY, key, strict=True)))
    return _decoded(kind, found) if found else None


def find(session: Session, kind: type[R], equal: dict[str, Any], *, last_only: bool = False) -> list[R]:
    """The rows whose columns equal the given values, by key; `last_only`: the last of them."""
    given = {name: value for name, value in equal.items() if value is not None}
    null = tuple(name for name, value in equal.items() if value is None)
    sql = _select(kind.TABLE, tuple(given), null, last_only)
    return [_decoded(kind, row) for row in session.run(sql, _encoded_values(kind, given))]


def count(session: Session, kind: type[Row], distinct: str, equal: dict[str, Any]) -> int:
    """How many rows have the given values, or how many values of the column `distinct` those have."""
    assert {distinct or kind.KEY[0], *equal} <= _codecs(kind.TABLE).keys()  # a name from outside must never become SQL
    where = " AND ".join(f"{name} = :{name}" for name in equal) or "1 = 1"
    what = f"DISTINCT {distinct}" if distinct else "*"
    found = session.one(f"SELECT count({what}) FROM {kind.TABLE} WHERE {where}", _encoded_values(kind, equal))  # noqa: S608  names are ours
    return int(found[0]) if found else 0


def at_positions(session: Session, positions: list[int]) -> list[VersionRow]:
    """The versions of these positions, in this order."""
    named = {f"p{index}": position for index, position in enumerate(positions)}
    columns = _columns(VersionRow.TABLE)
    sql = f"SELECT position, {columns} FROM versions WHERE position IN ({_params(named)})"  # noqa: S608  names are ours
    found = {row[0]: _decoded(VersionRow, row[1:]) for row in session.run(sql, named)}
    return [found[position] for position in positions if position in found]


def put(session: Session, row: Row, more: dict[str, Any]) -> None:
    """Adds the row or replaces the one of its key; `more` are columns that are set when it is added."""
    codecs = _codecs(row.TABLE)
    values = {name: _encode(codec, getattr(row, name)) for name, codec in codecs.items()}
    session.run(_upsert(row.TABLE, tuple(more)), {**values, **more})


def position_of(session: Session, row: VersionRow) -> int | None:
    """Where a version was registered; None when it is new."""
    sql = "SELECT position FROM versions WHERE model = :model AND number = :number"
    found = session.one(sql, {"model": row.model, "number": row.number})
    return found[0] if found else None


def all_versions(session: Session) -> Iterator[dict[int, VersionRow]]:
    """Every version by its position, some hundred at a time."""
    after = -1
    columns = _columns(VersionRow.TABLE)
    sql = f"SELECT position, {columns} FROM versions WHERE position > :after ORDER BY position LIMIT 500"  # noqa: S608  names are ours
    while page := session.run(sql, {"after": after}):
        yield {row[0]: _decoded(VersionRow, row[1:]) for row in page}
        after = page[-1][0]


def models_by_name(session: Session, query: str, after: str, limit: int) -> list[ModelRow]:
    """Models whose name contains `query`, those after the name `after`."""
    wanted = "".join(f"!{char}" if char in "!%_" else char for char in query.lower().replace("\x00", "\ufffd"))
    sql = (
        f"SELECT {_columns(ModelRow.TABLE)} FROM models WHERE name > :after "  # noqa: S608  names are ours
        "AND name LIKE :wanted ESCAPE '!' ORDER BY name LIMIT :limit"
    )
    found = session.run(sql, {"after": after, "wanted": f"%{wanted}%", "limit": limit})
    return [_decoded(ModelRow, row) for row in found]


@cache
def _codecs(table: str) -> dict[str, Codec | None]:
    """How each column is written and read; None for what the database knows itself."""
    kind = _KINDS[table]
    hints = get_type_hints(kind)
    return {one.name: _codec(hints[one.name]) for one in fields(kind)}


def _codec(hint: Any) -> Codec | None:
    if get_origin(hint) in (dict, list):
        return _JSON
    kinds = [kind for kind in get_args(hint) or (hint,) if kind is not type(None)]  # `datetime | None` is a datetime
    return {datetime: _TIME, bool: _BOOL}.get(kinds[0])


def _encode(codec: Codec | None, value: Any) -> Any:
    return value if codec is None or value is None else codec[0](value)


def _encoded_values(kind: type[Row], equal: dict[str, Any]) -> dict[str, Any]:
    codecs = _codecs(kind.TABLE)
    return {name: _encode(codecs[name], value) for name, value in equal.items()}


def _decoded(kind: type[R], row: tuple[Any, ...]) -> R:
    names, decoders = _decoders(kind.TABLE)
    read = dict(zip(names, row, strict=True))
    try:
        for name, decode in decoders:
            if read[name] is not None:
                read[name] = decode(read[name])
    except (ValueError, TypeError, RecursionError) as error:  # only somebody else than us wrote that
        raise Damaged(f"A row of {kind.TABLE} cannot be read.", "Run `nb-mlops verify`; restore a backup.") from error
    return kind(**read)


@cache
def _decoders(table: str) -> tuple[tuple[str, ...], tuple[tuple[str, Callable[[Any], Any]], ...]]:
    """The columns of a table, and how those are read that the database does not know itself."""
    codecs = _codecs(table)
    return tuple(codecs), tuple((name, codec[1]) for name, codec in codecs.items() if codec)


@cache
def _columns(table: str) -> str:
    return ", ".join(_codecs(table))


def _params(names: dict[str, Any]) -> str:
    return ", ".join(f":{name}" for name in names)


@cache
def _select(table: str, equal: tuple[str, ...], null: tuple[str, ...] = (), last_only: bool = False) -> str:
    unknown = set(equal) | set(null)
    unknown -= _codecs(table).keys()
    assert not unknown, f"{table} has no {unknown}"  # a name from outside must never become SQL
    where = [f"{name} = :{name}" for name in equal] + [f"{name} IS NULL" for name in null]
    direction = " DESC" if last_only else ""
    order = ", ".join(f"{name}{direction}" for name in _KINDS[table].KEY)
    sql = f"SELECT {_columns(table)} FROM {table} WHERE {' AND '.join(where) or '1 = 1'} ORDER BY {order}"  # noqa: S608  names are ours
    return f"{sql} LIMIT 1" if last_only else sql


@cache
def _upsert(table: str, more: tuple[str, ...]) -> str:
    names = [*_codecs(table), *more]
    kept = {*_KINDS[table].KEY, *more}
    changes = ", ".join(f"{name} = excluded.{name}" for name in names if name not in kept)
    return (
        f"INSERT INTO {table} ({', '.join(names)}) VALUES ({', '.join(f':{name}' for name in names)}) "  # noqa: S608  names are ours
        f"ON CONFLICT ({', '.join(_KINDS[table].KEY)}) DO UPDATE SET {changes}"
    )
