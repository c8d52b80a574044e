"""Which versions, and in what order: `--where "metrics.roc_auc > 0.8 and tags.team == 'risk'"`, `--sort -roc_auc`.

    filter      comparison, joined by and / or and brackets
    comparison  field (== != < <= > >=) value, either way round, or a chain: 0.7 < metrics.f1 <= 0.9
    field       metrics.x, params.x, tags.x (or tags("git-commit")), created_at, number

A comparison with something that a version does not have is never true, `!=` included, as with NULL in SQL. Metrics
and `number` compare with numbers, tags with texts, params with either (a number and a text are never equal),
`created_at` with an ISO date or time, UTC unless it says otherwise; a date stands for the whole day.

The tree (`Compare`, `And`, `Or`) is plain, so that a catalog can turn it into SQL with bound parameters.
"""

from __future__ import annotations

import ast
import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import MAXYEAR, UTC, datetime, timedelta
from typing import Any

from nb_mlops.core.errors import BadInput, near
from nb_mlops.core.expressions import parse, refused
from nb_mlops.core.measures import is_bare
from nb_mlops.core.printable import one_line

EXAMPLE = "metrics.roc_auc > 0.8 and tags.team == 'risk'"
SORT_EXAMPLE = "-roc_auc"
NAMED = ("metrics", "params", "tags")  # fields of many names
SINGLE = ("created_at", "number")
MAX_SORT_LENGTH = 210

Operand = float | int | str | datetime
Row = Mapping[str, Any]

_SIGNS: dict[type[ast.cmpop], str] = {
    ast.Eq: "==",
    ast.NotEq: "!=",
    ast.Lt: "<",
    ast.LtE: "<=",
    ast.Gt: ">",
    ast.GtE: ">=",
}
_TURNED = {"==": "==", "!=": "!=", "<": ">", "<=": ">=", ">": "<", ">=": "<="}
_HOLDS: dict[str, Callable[[Any, Any], bool]] = {
    "==": lambda left, right: left == right,
    "!=": lambda left, right: left != right,
    "<": lambda left, right: left < right,
    "<=": lambda left, right: left <= right,
    ">": lambda left, right: left > right,
    ">=": lambda left, right: left >= right,
}


@dataclass(frozen=True, slots=True)
class Field:
    """What of a version is compared or sorted by: `metrics.roc_auc`, `created_at`."""

    kind: str  # one of NAMED or SINGLE
    name: str = ""  # of the metric, parameter or tag

    def __str__(self) -> str:
        if not self.name:
            return self.kind
        return f"{self.kind}.{self.name}" if is_bare(self.name) else f"{self.kind}({_quoted(self.name)})"

    def of(self, row: Row) -> Any:
        """The field's value in a row, None where the row has none (or NaN, which compares with nothing)."""
        found = row.get(self.kind)
        if self.name:
            found = found.get(self.name) if isinstance(found, Mapping) else None
        if isinstance(found, Mapping):  # a cross-validated metric counts by its mean
            found = found.get("mean")
        if isinstance(found, float) and math.isnan(found):
            return None
        if self.kind == "created_at" and isinstance(found, str):
            return _moment(found)
        return found


@dataclass(frozen=True, slots=True)
class Compare:
    """A field held against a value."""

    field: Field
    sign: str
    value: Operand

    def __str__(self) -> str:
        value = self.value.isoformat() if isinstance(self.value, datetime) else self.value
        return f"{self.field} {self.sign} {_quoted(value) if isinstance(value, str) else repr(value)}"

    def matches(self, row: Row) -> bool:
        """Whether the comparison is true of the row."""
        found = self.field.of(row)
        if found is None:
            return False
        if self.field.kind == "tags":
            found = str(found)
        if isinstance(found, str) != isinstance(self.value, str) or not isinstance(found, int | float | str | datetime):
            return self.sign == "!="
        return _HOLDS[self.sign](found, self.value)


@dataclass(frozen=True, slots=True)
class And:
    """All of these."""

    parts: tuple[Node, ...]

    def __str__(self) -> str:
        return " and ".join(f"({part})" if isinstance(part, Or) else str(part) for part in self.parts)

    def matches(self, row: Row) -> bool:
        """Whether every part is true of the row."""
        return all(part.matches(row) for part in self.parts)


@dataclass(frozen=True, slots=True)
class Or:
    """Any of these."""

    parts: tuple[Node, ...]

    def __str__(self) -> str:
        return " or ".join(str(part) for part in self.parts)

    def matches(self, row: Row) -> bool:
        """Whether any part is true of the row."""
        return any(part.matches(row) for part in self.parts)


Node = Compare | And | Or


@dataclass(frozen=True, slots=True)
class Filter:
    """A `--where` text, understood.

    >>> Filter.parse("metrics.f1 > 0.5").matches({"metrics": {"f1": 0.6}})
    True
    """

    tree: Node

    @classmethod
    def parse(cls, text: str) -> Filter:
        """The filter that `text` spells; BadInput, with a good one as hint, for anything else."""
        return cls(_node(parse(text, example=EXAMPLE, keywords=frozenset({"and", "or", "True", "False"}))))

    def __str__(self) -> str:
        return str(self.tree)

    def fields(self) -> tuple[Field, ...]:
        """The fields that it compares, in reading order."""
        return tuple(_fields(self.tree))

    def matches(self, row: Row) -> bool:
        """Whether a row (`metrics`, `params`, `tags` as mappings, `created_at`, `number`) is wanted."""
        return self.tree.matches(row)


@dataclass(frozen=True, slots=True)
class Sort:
    """An order of versions by one field; a bare word is a metric, a `-` before it means largest first."""

    field: Field
    descending: bool = False

    @classmethod
    def parse(cls, text: str) -> Sort:
        """The order that `text` spells: `-roc_auc`, `params.depth`, `created_at`; BadInput for anything else."""
        if not isinstance(text, str) or len(text) > MAX_SORT_LENGTH:
            raise BadInput(f"An order is at most {MAX_SORT_LENGTH} characters.", f"Try {SORT_EXAMPLE}")
        bare = text.strip()
        descending = bare.startswith("-")
        node = parse(bare[1:] if descending else bare, example=SORT_EXAMPLE)
        if isinstance(node, ast.Name) and node.id not in SINGLE and node.id not in NAMED:
            return cls(Field("metrics", _public(node.id)), descending)
        return cls(_field(node, example=SORT_EXAMPLE), descending)

    def __str__(self) -> str:
        return f"-{self.field}" if self.descending else str(self.field)

    def ordered(self, rows: Iterable[Row]) -> list[Row]:
        """The rows in this order; those without the field come last either way, numbers before texts."""
        having: list[Row] = []
        lacking: list[Row] = []
        for row in rows:
            (lacking if self.field.of(row) is None else having).append(row)

        def rank(row: Row) -> tuple[bool, Any]:
            found = self.field.of(row)
            known = isinstance(found, int | float | datetime)
            return not known, found if known else str(found)

        return sorted(having, key=rank, reverse=self.descending) + lacking


def _fields(node: Node) -> Iterator[Field]:
    """The field of a comparison, or those of all parts."""
    if isinstance(node, Compare):
        yield node.field
        return
    for part in node.parts:
        yield from _fields(part)


def _node(node: ast.expr) -> Node:
    """The part of a filter that a node of the syntax tree stands for."""
    if isinstance(node, ast.BoolOp):
        parts = tuple(_node(value) for value in node.values)
        return And(parts) if isinstance(node.op, ast.And) else Or(parts)
    if not isinstance(node, ast.Compare):
        raise BadInput(f"{one_line(ast.unparse(node), most=60)} is no comparison.", f"Try {EXAMPLE}")
    terms = [node.left, *node.comparators]
    if len(terms) > 3:
        raise BadInput("A comparison has two or three terms.", f"Try {EXAMPLE}")
    pairs = zip(terms, node.ops, terms[1:], strict=False)
    compared = tuple(_comparison(left, _sign(op), right) for left, op, right in pairs)
    return compared[0] if len(compared) == 1 else And(compared)


def _sign(op: ast.cmpop) -> str:
    """The comparison as it was typed; BadInput for `in` and `is`."""
    if type(op) not in _SIGNS:
        raise BadInput("A filter compares with == != < <= > or >=.", f"Try {EXAMPLE}")
    return _SIGNS[type(op)]


def _comparison(left: ast.expr, sign: str, right: ast.expr) -> Node:
    """A field against a value, whichever stands first."""
    if _is_value(left):
        if _is_value(right):
            raise BadInput("A comparison needs a field of a version.", f"Try {EXAMPLE}")
        left, right, sign = right, left, _TURNED[sign]
    field = _field(left)
    if not _is_value(right):
        raise BadInput(f"{field} is compared with a number or a quoted text.", f"Try {EXAMPLE}")
    return _typed(field, sign, _value(right))


def _typed(field: Field, sign: str, value: float | int | str) -> Node:
    """The comparison, once the value is of the kind that the field has."""
    if field.kind == "created_at":
        return _when(field, sign, value)
    if field.kind in ("metrics", "number") and (isinstance(value, str | bool)):
        raise BadInput(f"{field} is a number, so it is compared with a number.", f"Try {field} {sign} 0.8")
    if field.kind == "tags" and not isinstance(value, str):
        if sign not in ("==", "!=") or isinstance(value, bool):
            raise BadInput(f"{field} is a text, so it is compared with a text.", f"Try {field} {sign} '{value}'")
        value = repr(value)
    return Compare(field, sign, value)


def _when(field: Field, sign: str, value: object) -> Node:
    """A comparison with a moment; a date alone stands for its whole day."""
    if not isinstance(value, str):
        raise BadInput("created_at is compared with a quoted date.", "Try created_at >= '2026-11-01'")
    start = _moment(value)
    if start is None:
        raise BadInput(f"{one_line(value, most=60)!r} is not a date.", "Try created_at >= '2026-11-01'")
    if len(value.strip()) > len("2026-11-01"):
        return Compare(field, sign, start)
    if start.year == MAXYEAR:
        raise BadInput(f"{one_line(value, most=60)!r} is not a date of this world.", "Try created_at >= '2026-11-01'")
    end = start + timedelta(days=1)
    if sign == "==":
        return And((Compare(field, ">=", start), Compare(field, "<", end)))
    if sign == "!=":
        return Or((Compare(field, "<", start), Compare(field, ">=", end)))
    return {
        "<": Compare(field, "<", start),
        "<=": Compare(field, "<", end),
        ">": Compare(field, ">=", end),
        ">=": Compare(field, ">=", start),
    }[sign]


def _moment(text: str) -> datetime | None:
    """The aware UTC time that an ISO text spells, or None."""
    try:
        moment = datetime.fromisoformat(text.strip())
        aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        return aware.astimezone(UTC)
    except (ValueError, OverflowError):  # no date, or one that its offset moves out of the calendar
        return None


def _field(node: ast.expr, *, example: str = EXAMPLE) -> Field:
    """The field that a name, `kind.name` or `kind("name")` stands for."""
    if isinstance(node, ast.Name) and node.id in SINGLE:
        return Field(node.id)
    if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id in NAMED:
        return Field(node.value.id, _public(node.attr))
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in NAMED:
        given = node.args[0] if len(node.args) == 1 and not node.keywords else None
        if isinstance(given, ast.Constant) and isinstance(given.value, str) and given.value:
            return Field(node.func.id, given.value)
    if isinstance(node, ast.Name):
        nearest = near(node.id, (*NAMED, *SINGLE)) or f"A metric is written metrics.{node.id}, a tag tags.{node.id}."
        raise BadInput(f"{node.id} is not a field of a version.", nearest)
    raise refused(node, example)


def _public(name: str) -> str:
    """The name, unless it is one that Python keeps for itself."""
    if name.startswith("__"):
        raise BadInput(f"{one_line(name, most=60)} is not a name that a version has.", f"Try {EXAMPLE}")
    return name


def _is_value(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) or (isinstance(node, ast.UnaryOp) and isinstance(node.operand, ast.Constant))


def _value(node: ast.expr) -> float | int | str:
    """The number, text or bool that was typed; BadInput for one that overflows or bears a strange sign."""
    negative = isinstance(node, ast.UnaryOp)
    constant = node.operand if isinstance(node, ast.UnaryOp) else node
    value = constant.value if isinstance(constant, ast.Constant) else None
    if isinstance(node, ast.UnaryOp) and not isinstance(node.op, ast.USub | ast.UAdd):
        raise refused(node, EXAMPLE)
    if isinstance(value, str) and not negative:
        return value
    if not isinstance(value, int | float) or (negative and isinstance(value, bool)) or not _is_sane(value):
        raise BadInput(f"{one_line(ast.unparse(node), most=60)} is no value to compare with.", f"Try {EXAMPLE}")
    return -value if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub) else value


def _is_sane(value: int | float) -> bool:
    """Whether a database can hold the number: finite, and whole ones within 64 bits."""
    return abs(value) < 2**63 if isinstance(value, int) else math.isfinite(value)


def _quoted(text: str) -> str:
    return f'"{text}"' if "'" in text else f"'{text}'"
