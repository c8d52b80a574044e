"""Judges checks on held-out data: works out what they need, measures each thing once, and holds it to its limit."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from nb_mlops.core.checks import Check
from nb_mlops.core.errors import BadInput, Unsupported
from nb_mlops.core.held_out import MOST_OVERLAP
from nb_mlops.core.measures import OVERLAP, SPECIAL, Measure
from nb_mlops.core.row_sketch import RowSketch
from nb_mlops.core.terms import measures_of
from nb_mlops.core.validation import CheckResult
from nb_mlops.evaluation.held_out import HeldOut
from nb_mlops.evaluation.importance import Importance, importance_of
from nb_mlops.evaluation.leakage import leakage_note
from nb_mlops.evaluation.measuring import Beside, Estimators, Measuring
from nb_mlops.evaluation.metrics import Scorers, refuse_bad_scorers, wants_numbers

NOTED_OVERLAP = 0.01  # of the rows are in the training data: from here on a note says so


@dataclass(frozen=True, slots=True)
class Evaluation:
    """What the checks came to, and everything that was measured on the way, by the name it has in a check line."""

    results: tuple[CheckResult, ...]
    metrics: dict[str, float]
    segments: dict[str, dict[str, float]]  # `f1.by(region)` to the value in each segment
    rows: int
    importance: Importance
    notes: tuple[str, ...] = ()

    @property
    def passed(self) -> bool:
        """Whether no check failed."""
        return all(result.passed for result in self.results)


def evaluate(
    checks: Sequence[Check],
    *,
    estimator: Any,
    X: Any,
    y: Any,
    required: Sequence[Check] = (),
    by: Any = None,
    beside: Any = None,
    weight: Any = None,
    scorers: Scorers | None = None,
    positive: object = None,
    production: Estimators | None = None,
    size_bytes: int | None = None,
    training_rows: RowSketch | None = None,
    drift: Callable[[], float | None] | None = None,
    importance: bool = False,
    seed: int = 0,
) -> Evaluation:
    """The result of each check, in order, for `estimator` on the held-out rows `X` (n × columns) and `y` (n).

    How many of the rows were trained on is measured unasked, where `training_rows` are known.

    `required` are checks of the policy: those that `checks` lacks are added, and one that cannot be computed is not
    judged. `by` is a table or mapping with columns for segments that are not in `X`, or names of columns of `X` by
    which every metric is shown whether or not a check asks for it; `weight` n non-negative numbers;
    `scorers` one's own, called as `scorer(estimator, X, y)`; `positive` the positive class of two; `production` gives
    the estimator at an alias, measured on the same rows; `drift` the largest distance of a column from the baseline;
    `importance` also shuffles every column. Raises BadInput for data with gaps, unknown metrics or columns, and
    metrics that do not fit the task.
    """
    refuse_bad_scorers(scorers or {})
    asked = {str(check) for check in checks}
    must = {str(check) for check in required}
    every = [*checks, *{str(check): check for check in required if str(check) not in asked}.values()]
    names = {measure.name for check in checks or required for measure in check.needs()}
    data = HeldOut.of(X, y, estimator=estimator, weight=weight, positive=positive, numbers_wanted=wants_numbers(names))
    known = Beside(
        by=beside if _names(by) or by is None else by,
        scorers=scorers or {},
        production=production,
        size_bytes=size_bytes,
        training_rows=training_rows,
        drift=drift,
        seed=seed,
    )
    measuring = Measuring(data, estimator, every, known)
    for check in checks:
        measuring.refuse_unknown(check)
    results = tuple(_judged(check, measuring, str(check) in must, str(check) in asked) for check in every)
    if shown := _names(by):
        measuring.show_segments(checks, shown)
    notes = tuple(note for note in (_overlap(measuring), _note(measuring)) if note)
    found = _importance(measuring, every, seed) if importance else Importance({}, "")
    return Evaluation(results, measuring.numbers(), measuring.segment_values(), data.rows, found, notes)


def _judged(check: Check, measuring: Measuring, required: bool, typed: bool) -> CheckResult:
    """The result; what only the policy asks for and cannot be computed here is not judged."""
    try:
        if not typed:
            measuring.refuse_unknown(check)
        found = check.judge(measuring.value, measuring.spread)
    except (BadInput, Unsupported) as error:
        if typed:
            raise
        reason = f"{error.message.rstrip('.')} ({error.hint.rstrip('.')})" if error.hint else error.message
        detail = f"{check} is asked by the policy and cannot be computed here: {reason}"
        return CheckResult(str(check), None, None, False, detail, "not judged", True)
    return replace(found, required=True) if required else found


def _overlap(measuring: Measuring) -> str:
    """How many rows are in the training data, looked up unasked: no other name or order makes new rows of them."""
    try:
        shared = measuring.value(Measure(OVERLAP)) if measuring.is_cheap else None
    except Exception:  # noqa: BLE001 - a look that nobody asked for must not stop a validation, whatever a column holds
        return ""
    if shared is None or shared.number is None or not NOTED_OVERLAP < shared.number <= MOST_OVERLAP:
        return ""  # beyond, the headline says it
    return f"{shared.number:.1%} of these rows are in the training data: {shared.detail}"


def _note(measuring: Measuring) -> str:
    """Which feature gives the target away, if one does."""
    try:
        return leakage_note(measuring.own)
    except Exception:  # noqa: BLE001 - a look that nobody asked for must not stop a validation, whatever a column holds
        return ""


def _importance(measuring: Measuring, checks: Sequence[Check], seed: int) -> Importance:
    """The importance of columns for the first metric that a check holds this version to, or the usual one."""
    measures = (measure for check in checks for term in check.terms for measure in measures_of(term))
    usual = Measure("rmse" if measuring.data.classes is None else "accuracy")
    try:
        metric = measuring.metric(next((each for each in measures if each.name not in SPECIAL), usual))
    except (BadInput, Unsupported):  # a metric of the policy that does not fit: its check says so
        return Importance({}, "")
    return importance_of(metric, measuring.own, seed=seed)


def _names(by: Any) -> list[str]:
    """The columns of the data that `by` names; none where it is itself a table of columns."""
    if isinstance(by, str):
        return [by]
    return list(by) if isinstance(by, list | tuple) and all(isinstance(name, str) for name in by) else []
