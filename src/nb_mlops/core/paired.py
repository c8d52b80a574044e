"""One metric of two models, held against each other: `roc_auc >= production.roc_auc - 0.005`.

Such a check is about a *difference*, and its noise is mostly shared: both models see the same rows. With a margin it is
a non-inferiority check, decided by the one-sided 95 % end of the paired difference instead of by two points: passing
means that the data speaks against "worse by more than the margin", not that nobody looked closely (Blackwelder,
"Proving the null hypothesis in clinical trials", Controlled Clinical Trials 3, 1982).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from nb_mlops.core.measures import SPECIAL, Measure
from nb_mlops.core.terms import Minus, Number, Sum, Term

_TURNED = {">=": "<=", ">": "<", "<=": ">=", "<": ">"}


@dataclass(frozen=True, slots=True)
class Ends:
    """What resampling says of a difference: its one-sided 95 % ends, and the central 95 %."""

    lower: float
    upper: float
    central: tuple[float, float]
    how: str  # `2,000 resamples of 400 rows`


@dataclass(frozen=True, slots=True)
class Paired:
    """`own - factor * other` held against `limit`: what a check on one metric of two models comes to."""

    own: Measure
    other: Measure
    factor: float
    sign: str
    limit: float

    @property
    def wants_more(self) -> bool:
        """Whether the difference has to be large enough, rather than small enough."""
        return self.sign in (">=", ">")

    def allows_worse(self, other: float) -> bool:
        """Whether there is a margin: a model exactly as good as the other would pass with room to spare."""
        room = (other - self.factor * other) - self.limit
        return (room if self.wants_more else -room) > 1e-12 * max(1.0, abs(other))

    def end(self, ends: Ends) -> float:
        """The end of the interval that has to keep to the limit."""
        return ends.lower if self.wants_more else ends.upper

    def __str__(self) -> str:
        return f"{self.own} - {self.other}" if self.factor == 1 else f"{self.own} - {self.other} * {self.factor:.10g}"


Spread = Callable[[Paired], "Ends | str"]  # the resampled difference, or why there is none


def paired(left: Term, sign: str, right: Term) -> Paired | None:
    """What the comparison of two terms says of two models, or None where it is about something else."""
    ahead, behind = linear(left), linear(right)
    if ahead is None or behind is None or sign not in _TURNED:
        return None
    weights, constant = _added(ahead, behind, -1.0)
    if len(weights) != 2:
        return None
    own, other = sorted(weights, key=lambda measure: measure.source is not None)
    if own.source == other.source or not _comparable(own, other) or weights[own] * weights[other] >= 0:
        return None
    scale = weights[own]
    return Paired(own, other, -weights[other] / scale, sign if scale > 0 else _TURNED[sign], -constant / scale + 0.0)


def _comparable(one: Measure, other: Measure) -> bool:
    """Whether both are one plain metric over all rows."""
    plain = all(measure.by is None and measure.statistic is None for measure in (one, other))
    return plain and one.name == other.name and one.name not in SPECIAL


Linear = tuple[dict[Measure, float], float]  # what each measure counts, and the constant beside them


def linear(term: Term) -> Linear | None:
    """A term as a weighted sum of measures and a constant; None where measures are multiplied or divided by."""
    if isinstance(term, Number):
        return {}, term.value
    if isinstance(term, Sum):
        return _of_sum(term)
    if isinstance(term, Minus):
        inner = linear(term.term)
        return None if inner is None else _added(({}, 0.0), inner, -1.0)
    return {term: 1.0}, 0.0


def _of_sum(term: Sum) -> Linear | None:
    left, right = linear(term.left), linear(term.right)
    if left is None or right is None:
        return None
    if term.sign in "+-":
        return _added(left, right, 1.0 if term.sign == "+" else -1.0)
    if term.sign == "*" and not left[0]:
        left, right = right, left
    if right[0] or (term.sign == "/" and not right[1]):
        return None
    return _added(({}, 0.0), left, right[1] if term.sign == "*" else 1 / right[1])


def _added(one: Linear, other: Linear, times: float) -> Linear:
    """`one + times * other`, without measures that cancel out."""
    weights = dict(one[0])
    for measure, weight in other[0].items():
        weights[measure] = weights.get(measure, 0.0) + times * weight
    return {measure: weight for measure, weight in weights.items() if weight}, one[1] + times * other[1]
