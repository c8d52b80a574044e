"""Lists: models, versions, what waits for me. A version's metrics get a column each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from nb_mlops.core.version import short
from nb_mlops.notebook.html import Html, alerts, badge, cut, facts, heading, join, line, muted, notes, table, view

if TYPE_CHECKING:
    from nb_mlops.core.listing import Listing
    from nb_mlops.core.model import Model

_MOST_SPREAD = 8  # columns that one dict may become
_TITLES = {"created_at": "created", "at": "when", "actor": "by", "size_bytes": "bytes"}


def listing(found: Listing[Any]) -> Html:
    """The list as a table."""
    title = found.title or "list"
    if not found.items:
        return view(heading(title), line(muted(found.empty)), label=title)
    rows = [item.to_dict() for item in found.items]
    columns = _spread(found.columns, rows)
    cells = [[_cell(_at(row, path)) for path in columns] for row in rows]
    numeric = [at for at, path in enumerate(columns) if all(_is_number(_at(row, path)) for row in rows)]
    head = [_TITLES.get(path[-1], cut(path[-1], 40)) for path in columns]
    count = muted(f" {len(rows):,}")
    return view(heading(title, count), table(head, cells, numeric=numeric), label=title)


def model(value: Model) -> Html:
    """One model."""
    badges = [badge(f"{alias} → @{number}", "good") for alias, number in sorted(value.aliases.items())]
    rows = [("newest", f"{value.name}@{value.latest}" if value.latest else ""), ("owner", value.owner)]
    return view(
        heading(value.name, *badges, badge(f"{value.stakes} stakes"), _retired(value)),
        alerts(value.alerts),
        facts([*rows, ("purpose", value.purpose)]),
        notes(value.notes),
        label=f"model {value.name}",
    )


def _retired(value: Model) -> Html | None:
    return badge("retired", "warn") if value.state == "retired" else None


def _spread(columns: Sequence[str], rows: Sequence[Mapping[str, Any]]) -> list[tuple[str, ...]]:
    """Each column as a path; a dict of many values becomes a column for each of its commonest names."""
    paths: list[tuple[str, ...]] = []
    for column in columns:
        path = tuple(column.split(".", 1))
        held = [found for row in rows if isinstance(found := _at(row, path), Mapping) and "mean" not in found]
        names = Counter(name for found in held for name in found)
        paths += [(*path, name) for name, _ in names.most_common(_MOST_SPREAD)] if names else [path]
    return [path for path in paths if any(_at(row, path) not in (None, "", [], {}) for row in rows)]


def _at(row: Mapping[str, Any], path: tuple[str, ...]) -> Any:
    value: Any = row
    for part in path:
        value = value.get(part) if isinstance(value, Mapping) else None
    return value


def _cell(value: Any) -> object:
    if value is None:
        return ""
    if isinstance(value, list):
        return join([badge(item, "bad" if "@" in str(item) else "good") for item in value], " ")
    if isinstance(value, str) and len(value) > 19 and value[4:5] == "-" and value[10:11] == "T":
        return value[:16].replace("T", " ")
    return short(value) if not isinstance(value, str) else cut(value, 120)


def _is_number(value: Any) -> bool:
    if isinstance(value, Mapping):
        return "mean" in value
    return value is None or (isinstance(value, int | float) and not isinstance(value, bool))
