"""The terms of a check: numbers, measures and + - * / between them. Read from a syntax tree, printed, worked out.

`read_term` takes the nodes it knows (a number, a name with what is asked of it, arithmetic) and refuses all others;
nothing is ever evaluated by Python.
"""

from __future__ import annotations

import ast
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from nb_mlops.core.errors import BadInput, near
from nb_mlops.core.expressions import refused
from nb_mlops.core.measures import (
    BARE_ALIASES,
    INTERVAL_ENDS,
    OWN_ONLY,
    PERCENTILES,
    SEGMENT_STATISTICS,
    SPECIAL,
    WORSENED,
    Measure,
    Value,
)
from nb_mlops.core.printable import one_line
from nb_mlops.core.ref import alias_name

EXAMPLE = "roc_auc >= 0.85"

_OPERATORS: dict[type[ast.operator], str] = {ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/"}
_ASKED = (*SEGMENT_STATISTICS, *INTERVAL_ENDS, *WORSENED, *PERCENTILES, "by")


@dataclass(frozen=True, slots=True)
class Number:
    """A number as it was typed."""

    value: float

    def __str__(self) -> str:
        return repr(int(self.value)) if self.value.is_integer() and abs(self.value) < 1e15 else repr(self.value)


@dataclass(frozen=True, slots=True)
class Sum:
    """Two terms and + - * or / between them."""

    sign: str
    left: Term
    right: Term

    def __str__(self) -> str:
        left, right = _inside(self.left, self.sign, right=False), _inside(self.right, self.sign, right=True)
        return f"{left} {self.sign} {right}"


@dataclass(frozen=True, slots=True)
class Minus:
    """A term with its sign turned."""

    term: Term

    def __str__(self) -> str:
        return f"-({self.term})" if isinstance(self.term, Sum | Minus) else f"-{self.term}"


Term = Number | Measure | Sum | Minus


def read_term(node: ast.expr) -> Term:
    """The term that a node of the syntax tree stands for; BadInput, with a good check as hint, for anything else."""
    if isinstance(node, ast.Constant):
        return Number(_number(node))
    if isinstance(node, ast.BinOp) and type(node.op) in _OPERATORS:
        sign, right = _OPERATORS[type(node.op)], read_term(node.right)
        if sign == "/" and right == Number(0.0):
            raise BadInput("A check divides by zero.", f"Try {EXAMPLE}")
        return Sum(sign, read_term(node.left), right)
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        inner = read_term(node.operand)
        return Number(-inner.value) if isinstance(inner, Number) else Minus(inner)
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.UAdd):
        return read_term(node.operand)
    if isinstance(node, ast.Name | ast.Attribute | ast.Call):
        return _measure(node)
    raise refused(node, EXAMPLE)


def _number(node: ast.Constant) -> float:
    """A finite number; BadInput for a text, a bool, or one that overflows."""
    if isinstance(node.value, bool) or not isinstance(node.value, int | float):
        raise BadInput(f"{one_line(repr(node.value), most=60)} is not a number.", f"Try {EXAMPLE}")
    number = float(node.value)
    if not math.isfinite(number):
        raise BadInput("A number in a check is finite.", f"Try {EXAMPLE}")
    return number


def _measure(node: ast.expr) -> Measure:
    """The measure that a chain of names, dots and the two calls we know stands for."""
    source, steps = _steps(node)
    name, *asked = steps
    if not isinstance(name, str):
        raise BadInput(".by(column) and alias(…) stand beside a metric.", "Try f1.by(region).min >= 0.7")
    if name.lower() in ("nan", "inf", "infinity", "none", "true", "false"):
        raise BadInput(f"{name} is not a number that a check can hold.", f"Try {EXAMPLE}")
    by = asked.pop(0).column if asked and isinstance(asked[0], _By) else None  # type: ignore[union-attr]
    if len(asked) > 1 or any(isinstance(step, _By) for step in asked):
        raise BadInput(f"Too much is asked of {name}.", f"Try {name}.by(region).min or {name}.ci_low")
    statistic = str(asked[0]) if asked else None
    _refuse_statistic(name, by, statistic)
    if source is not None and name in OWN_ONLY:
        raise BadInput(f"{name} is measured on the version under validation only.", f"Try {name} without {source}.")
    return Measure(name, by, statistic, source)


def _refuse_statistic(name: str, by: str | None, statistic: str | None) -> None:
    """Raises BadInput where what is asked of a measure is not something that it has."""
    allowed: tuple[str, ...]
    if by is not None and name not in SPECIAL:
        allowed = SEGMENT_STATISTICS
    elif name in SPECIAL:
        allowed = SPECIAL[name]
        if by is not None:
            raise BadInput(f"{name} is not measured by segment.", "Try f1.by(region).min >= 0.7")
        if not allowed and statistic is None:
            return
    elif statistic is None:
        return
    else:
        allowed = (*INTERVAL_ENDS, *WORSENED)
    if statistic in allowed:
        return
    full = f"{name}.by({by})" if by else name
    ways = ", ".join(f"{full}.{each}" for each in allowed) or full
    if statistic is None:
        raise BadInput(f"{full} is more than one number.", f"It takes one of: {ways}")
    shown = one_line(statistic, most=60)
    raise BadInput(f"{full} has no .{shown}.", f"{near(statistic, _ASKED)} It takes: {ways}".strip())


@dataclass(frozen=True, slots=True)
class _By:
    column: str


def _steps(node: ast.expr) -> tuple[str | None, list[str | _By]]:
    """The alias in front, if any, and the words of the chain in reading order."""
    steps: list[str | _By] = []
    while not isinstance(node, ast.Name):
        if isinstance(node, ast.Attribute):
            steps.append(_public(node.attr))
            node = node.value
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "by":
            steps.append(_By(_column(node)))
            node = node.func.value
        elif _is_alias(node) and steps:
            return alias_name(_text(node)), steps[::-1]
        else:
            raise refused(node, EXAMPLE)
    steps.append(_public(node.id))
    steps.reverse()
    if steps[0] in BARE_ALIASES:
        if len(steps) == 1:
            raise BadInput(f"{steps[0]} is an alias; a metric follows it.", f"Try {steps[0]}.roc_auc")
        return str(steps[0]), steps[1:]
    if len(steps) > 1 and isinstance(steps[1], str) and steps[1] not in (*_ASKED, "max"):
        _refuse_dotted(str(steps[0]), steps[1])
    return None, steps


def _refuse_dotted(first: str, second: str) -> None:
    """Raises BadInput for `first.second` where neither an alias nor a thing to ask is meant."""
    nearest = near(second, _ASKED) or near(first, BARE_ALIASES)
    other = f'Another alias is written alias("{first.replace("_", "-").lower()}").{second}.'
    raise BadInput(f"{first}.{second} is not a measure.", nearest or other)


def _is_alias(node: ast.expr) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "alias"


def _public(name: str) -> str:
    """The name, unless it is one that Python keeps for itself."""
    if name.startswith("_") or len(name) > 100:
        raise BadInput(f"{one_line(name, most=60)} is not a name of a metric.", f"Try {EXAMPLE}")
    return name


def _text(node: ast.expr) -> str:
    """The one quoted text that a call was given."""
    if isinstance(node, ast.Call) and len(node.args) == 1 and not node.keywords:
        given = node.args[0]
        if isinstance(given, ast.Constant) and isinstance(given.value, str):
            return given.value
    raise BadInput("An alias is given as one quoted text.", 'Try roc_auc >= alias("pre-prod").roc_auc')


def _column(node: ast.Call) -> str:
    """The column that `.by(…)` names, bare or quoted."""
    given = node.args[0] if len(node.args) == 1 and not node.keywords else None
    if isinstance(given, ast.Name):
        return given.id
    if isinstance(given, ast.Constant) and isinstance(given.value, str) and given.value:
        return given.value
    raise BadInput("by(…) takes one column.", 'Try f1.by(region).min or f1.by("Home Region").min')


def measures_of(term: Term) -> Iterator[Measure]:
    """The measures of a term, left to right."""
    if isinstance(term, Measure):
        yield term
    elif isinstance(term, Sum):
        yield from measures_of(term.left)
        yield from measures_of(term.right)
    elif isinstance(term, Minus):
        yield from measures_of(term.term)


def amount(term: Term, values: Mapping[Measure, Value]) -> float | None:
    """What a term comes to; None where a measure has no number, NaN where it cannot be computed."""
    if isinstance(term, Number):
        return term.value
    if isinstance(term, Measure):
        return values[term].number
    if isinstance(term, Minus):
        inner = amount(term.term, values)
        return None if inner is None else -inner
    left, right = amount(term.left, values), amount(term.right, values)
    if left is None or right is None:
        return None
    if term.sign == "+":
        return left + right
    if term.sign == "-":
        return left - right
    if term.sign == "*":
        return left * right
    return left / right if right else math.nan


def _inside(term: Term, sign: str, *, right: bool) -> str:
    """A term as part of another, in brackets where it would be read differently without."""
    if not isinstance(term, Sum):
        return f"({term})" if right and str(term).startswith("-") else str(term)
    looser = term.sign in "+-" and sign in "*/"
    equal_rank = (term.sign in "+-") == (sign in "+-")
    return f"({term})" if looser or (right and equal_rank) else str(term)
