"""Check lines: `roc_auc >= production.roc_auc - 0.005`. Python-looking, parsed here, never evaluated by Python.

    check    term (== != < <= > >=) term, or a chain of three: 0.2 <= base_rate <= 0.3
    term     number, measure, term + - * / term, -term, (term)
    measure  [production. | staging. | alias("pre-prod").] metric [.by(column).min | .ci_low | .noisy | .p99 ...]

A check on one metric of two models that leaves a margin is decided by the interval of their paired difference
(`core/paired.py`) where the one who measures can give it.

Two numbers that differ by rounding alone (one part in 10¹²) count as equal, so that `0.1 + 0.2 <= 0.3` holds.
"""

from __future__ import annotations

import ast
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from nb_mlops.core.errors import BadInput
from nb_mlops.core.expressions import parse
from nb_mlops.core.measures import Measure, Value
from nb_mlops.core.paired import Ends, Paired, Spread, paired
from nb_mlops.core.placeholders import expand
from nb_mlops.core.printable import one_line
from nb_mlops.core.terms import EXAMPLE, Number, Term, amount, measures_of, read_term
from nb_mlops.core.validation import CheckResult, Outcome, figures

MAX_LINES = 200
MAX_TEXT = 100_000  # characters of a cell of check lines
ROUNDING = 1e-12  # relative; what float arithmetic on a limit may lose

Lookup = Callable[[Measure], Value]

_COMPARISONS: dict[type[ast.cmpop], str] = {
    ast.Eq: "==",
    ast.NotEq: "!=",
    ast.Lt: "<",
    ast.LtE: "<=",
    ast.Gt: ">",
    ast.GtE: ">=",
}
_UNJUDGED: tuple[Outcome, ...] = ("not applicable", "too few")


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
        terms = tuple(read_term(each) for each in (node.left, *node.comparators))
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
        return frozenset(measure for term in self.terms for measure in measures_of(term))

    def paired(self) -> Paired | None:
        """What the check says of one metric of two models; None where it is about something else."""
        return paired(self.terms[0], self.signs[0], self.terms[1]) if len(self.terms) == 2 else None

    def judge(self, lookup: Lookup, spread: Spread | None = None) -> CheckResult:
        """How the check comes out when `lookup` gives the value of each measure, `spread` the ends of differences.

        A measure that is not applicable or has too few rows lets the check pass, and the result says so. A value that
        is no number (NaN, a division by zero) fails.
        """
        values = {measure: lookup(measure) for term in self.terms for measure in measures_of(term)}
        amounts = [amount(term, values) for term in self.terms]
        subject = self._subject()
        for status in _UNJUDGED:
            lacking = [f"{measure}: {value.detail}" for measure, value in values.items() if value.status == status]
            if lacking:
                return CheckResult(str(self), amounts[subject], None, True, "; ".join(lacking), status)
        notes = [value.detail for value in values.values() if value.detail]
        found = self._compared([math.nan if amount is None else amount for amount in amounts], subject, notes)
        pair = self.paired()
        return found if pair is None or spread is None else _by_difference(found, pair, spread(pair), values)

    def _subject(self) -> int:
        """Which term is judged: the middle of a chain, else the first that measures something."""
        if len(self.terms) == 3:
            return 1
        return 0 if any(measures_of(self.terms[0])) else 1

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


def _by_difference(found: CheckResult, pair: Paired, ends: Ends | str, values: Mapping[Measure, Value]) -> CheckResult:
    """The result with the paired difference: it decides where a margin is left, and is shown where none is."""
    own, other = values[pair.own].number, values[pair.other].number
    if own is None or other is None or not (math.isfinite(own) and math.isfinite(other)):
        return found
    margin = pair.allows_worse(other)
    if isinstance(ends, str):
        return replace(found, detail=_noted(found.detail, f"decided by the point: {ends}")) if margin else found
    what = "paired difference" if pair.factor == 1 else f"paired {pair}:"
    said = f"{what} {own - pair.factor * other:.4g}"
    if not margin:
        low, high = ends.central
        return replace(found, detail=_noted(found.detail, f"{said} (95% interval {low:.4g} to {high:.4g}, {ends.how})"))
    end = pair.end(ends)
    holds = _holds(end, pair.sign, pair.limit)
    shown, limit = figures(end, pair.limit)
    side = "lower" if pair.wants_more else "upper"
    said += f", 95% {side} end {shown} {'' if holds else 'not '}{pair.sign} {limit} ({ends.how})"
    if found.passed and not holds:
        detail = _noted(f"{found.check} is not shown by these rows: {said}", found.detail, "more rows narrow it")
        return replace(found, passed=False, status="failed", detail=detail)
    return replace(found, detail=_noted(found.detail, said) if not found.passed else _noted(said, found.detail))


def _noted(*notes: str) -> str:
    return "; ".join(note for note in notes if note)


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
