"""Check lines: `roc_auc >= production.roc_auc - 0.005`. Python-looking, parsed here, never evaluated by Python.

    check    term (== != < <= > >=) term, or a chain of three: 0.2 <= base_rate <= 0.3
    term     number, measure, term + - * / term, -term, (term)
    measure  [production. | staging. | alias("pre-prod").] metric [.by(column).min | .ci_low | .p99 ...]

Two numbers that differ by rounding alone (one part in 10¹²) count as equal, so that `0.1 + 0.2 <= 0.3` holds.
"""

from __future__ import annotations

import ast
import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from nb_mlops.core.errors import BadInput, near
from nb_mlops.core.expressions import one_line, parse, refused
from nb_mlops.core.measures import (
    BARE_ALIASES,
    INTERVAL_ENDS,
    OWN_ONLY,
    PERCENTILES,
    SEGMENT_STATISTICS,
    SPECIAL,
    Measure,
    Value,
)
from nb_mlops.core.placeholders import expand
from nb_mlops.core.ref import alias_name
from nb_mlops.core.validation import CheckResult, Outcome, figures

MAX_LINES = 200
MAX_TEXT = 100_000  # characters of a cell of check lines
ROUNDING = 1e-12  # relative; what float arithmetic on a limit may lose
EXAMPLE = "roc_auc >= 0.85"

Lookup = Callable[[Measure], Value]

_COMPARISONS: dict[type[ast.cmpop], str] = {
    ast.Eq: "==",
    ast.NotEq: "!=",
    ast.Lt: "<",
    ast.LtE: "<=",
    ast.Gt: ">",
    ast.GtE: ">=",
}
_OPERATORS: dict[type[ast.operator], str] = {ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/"}
_UNJUDGED: tuple[Outcome, ...] = ("not applicable", "too few")
_ASKED = (*SEGMENT_STATISTICS, *INTERVAL_ENDS, *PERCENTILES, "by")


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


@dataclass(frozen=True, slots=True)
class Check:
    """One check line, understood: terms with a comparison between each two neighbours.

    >>> str(Check.parse("roc_auc>=0.850"))
    'roc_auc >= 0.85'
    """

    terms: tuple[Term, ...]
    signs: tuple[str, ...]

    @classmethod
    def parse(cls, line: str) -> Check:
        """The check that `line` spells; BadInput, with a good line as hint, for anything else."""
        node = parse(line, example=EXAMPLE)
        if not isinstance(node, ast.Compare):
            raise BadInput(f"There is no comparison in {one_line(line.strip(), most=60)!r}.", f"Try {EXAMPLE}")
        if len(node.ops) > 2:
            raise BadInput("A check compares two or three terms.", "Try 0.2 <= recall <= 0.4, or one line for each.")
        terms = tuple(_term(each) for each in (node.left, *node.comparators))
        signs = tuple(_COMPARISONS.get(type(op), "") for op in node.ops)
        if not all(signs):
            raise BadInput("A check compares with == != < <= > or >=.", f"Try {EXAMPLE}")
        check = cls(terms, signs)
        if not check.needs():
            raise BadInput(f"{one_line(line.strip(), most=60)!r} measures nothing.", f"Try {EXAMPLE}")
        return check

    def __str__(self) -> str:
        words = [str(self.terms[0])]
        for sign, term in zip(self.signs, self.terms[1:], strict=True):
            words += [sign, str(term)]
        return " ".join(words)

    def needs(self) -> frozenset[Measure]:
        """All measures that judging this check will look up."""
        return frozenset(measure for term in self.terms for measure in _measures(term))

    def judge(self, lookup: Lookup) -> CheckResult:
        """How the check comes out when `lookup` gives the value of each measure.

        A measure that is not applicable or has too few rows lets the check pass, and the result says so. A value that
        is no number (NaN, a division by zero) fails.
        """
        values = {measure: lookup(measure) for term in self.terms for measure in _measures(term)}
        amounts = [_amount(term, values) for term in self.terms]
        subject = self._subject()
        for status in _UNJUDGED:
            lacking = [f"{measure}: {value.detail}" for measure, value in values.items() if value.status == status]
            if lacking:
                return CheckResult(str(self), amounts[subject], None, True, "; ".join(lacking), status)
        notes = [value.detail for value in values.values() if value.detail]
        return self._compared([math.nan if amount is None else amount for amount in amounts], subject, notes)

    def _subject(self) -> int:
        """Which term is judged: the middle of a chain, else the first that measures something."""
        if len(self.terms) == 3:
            return 1
        return 0 if any(_measures(self.terms[0])) else 1

    def _compared(self, amounts: list[float], subject: int, notes: list[str]) -> CheckResult:
        """The result once each term has its amount."""
        pairs = list(zip(amounts, self.signs, amounts[1:], strict=False))
        wrong = [at for at, (left, sign, right) in enumerate(pairs) if not _holds(left, sign, right)]
        at = wrong[0] if wrong else 0
        other = at if at != subject else at + 1
        value, limit = amounts[subject], amounts[other]
        if wrong:
            left, right = figures(pairs[at][0], pairs[at][2])
            notes.insert(0, f"{self.terms[at]} {_is(self.terms[at], left)} not {self.signs[at]} {right}")
        elif value != limit and _equal(value, limit):
            notes.append(f"equal to the limit within rounding ({ROUNDING:g})")
        return CheckResult(str(self), value, limit, not wrong, "; ".join(notes), "failed" if wrong else "passed")


def parse_lines(text: str, names: Mapping[str, object] | None = None) -> list[Check]:
    """The checks of a cell: one a line, `#` comments and blank lines allowed, `{name}` taken from `names`.

    Raises BadInput, with the line's number, for the first line that is no check, and where there is none at all: a
    validation without checks would pass on anything.
    """
    if not isinstance(text, str) or len(text) > MAX_TEXT:
        raise BadInput(f"Check lines are text of at most {MAX_TEXT:,} characters.", f"Try {EXAMPLE}")
    lines = text.splitlines()
    if len(lines) > MAX_LINES:
        raise BadInput(f"These are {len(lines):,} lines; a validation takes at most {MAX_LINES}.", "Split it.")
    checks = []
    for number, line in enumerate(lines, start=1):
        bare = without_comment(line).strip()
        if not bare:
            continue
        try:
            checks.append(Check.parse(expand(bare, names or {})))
        except BadInput as error:
            raise BadInput(f"Line {number}: {error.message}", error.hint) from error
    if not checks:
        raise BadInput("There is no check line, so nothing would be validated.", f"Try {EXAMPLE}")
    return checks


def without_comment(line: str) -> str:
    """The line up to the first `#` that stands outside quotes."""
    quote = ""
    for at, char in enumerate(line):
        if quote:
            quote = "" if char == quote else quote
        elif char in "\"'":
            quote = char
        elif char == "#":
            return line[:at]
    return line


def _term(node: ast.expr) -> Term:
    """The term that a node of the syntax tree stands for."""
    if isinstance(node, ast.Constant):
        return Number(_number(node))
    if isinstance(node, ast.BinOp) and type(node.op) in _OPERATORS:
        sign, right = _OPERATORS[type(node.op)], _term(node.right)
        if sign == "/" and right == Number(0.0):
            raise BadInput("A check divides by zero.", f"Try {EXAMPLE}")
        return Sum(sign, _term(node.left), right)
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        inner = _term(node.operand)
        return Number(-inner.value) if isinstance(inner, Number) else Minus(inner)
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.UAdd):
        return _term(node.operand)
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
        allowed = INTERVAL_ENDS
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


def _measures(term: Term) -> Iterator[Measure]:
    """The measures of a term, left to right."""
    if isinstance(term, Measure):
        yield term
    elif isinstance(term, Sum):
        yield from _measures(term.left)
        yield from _measures(term.right)
    elif isinstance(term, Minus):
        yield from _measures(term.term)


def _amount(term: Term, values: Mapping[Measure, Value]) -> float | None:
    """What a term comes to; None where a measure has no number, NaN where it cannot be computed."""
    if isinstance(term, Number):
        return term.value
    if isinstance(term, Measure):
        return values[term].number
    if isinstance(term, Minus):
        inner = _amount(term.term, values)
        return None if inner is None else -inner
    left, right = _amount(term.left, values), _amount(term.right, values)
    if left is None or right is None:
        return None
    if term.sign == "+":
        return left + right
    if term.sign == "-":
        return left - right
    if term.sign == "*":
        return left * right
    return left / right if right else math.nan


def _holds(left: float, sign: str, right: float) -> bool:
    """Whether the comparison holds; never where either side is NaN."""
    if math.isnan(left) or math.isnan(right):
        return False
    if _equal(left, right):
        return sign in ("==", "<=", ">=")
    if sign in ("==", "!="):
        return sign == "!="
    return left < right if sign in ("<", "<=") else left > right


def _equal(left: float, right: float) -> bool:
    """Whether two numbers are the same but for rounding."""
    return left == right or math.isclose(left, right, rel_tol=ROUNDING, abs_tol=1e-15)


def _is(term: Term, shown: str) -> str:
    """`0.71 is` after a measure; just `is` after a number, which has been printed already."""
    return "is" if isinstance(term, Number) else f"{shown} is"


def _inside(term: Term, sign: str, *, right: bool) -> str:
    """A term as part of another, in brackets where it would be read differently without."""
    if not isinstance(term, Sum):
        return f"({term})" if right and str(term).startswith("-") else str(term)
    looser = term.sign in "+-" and sign in "*/"
    equal_rank = (term.sign in "+-") == (sign in "+-")
    return f"({term})" if looser or (right and equal_rank) else str(term)
