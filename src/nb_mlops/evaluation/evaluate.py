"""Judges checks on held-out data: works out what they need, measures each thing once, and holds it to its limit."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from nb_mlops.core.checks import Check
from nb_mlops.core.measures import (
    CALIBRATION,
    DRIFT,
    INTERVAL_ENDS,
    LATENCY,
    MIN_SEGMENT_ROWS,
    OVERLAP,
    SIZE,
    SPECIAL,
    Measure,
    Value,
)
from nb_mlops.core.row_sketch import RowSketch
from nb_mlops.core.validation import CheckResult
from nb_mlops.evaluation.answers import Answers
from nb_mlops.evaluation.calibration import calibration_error
from nb_mlops.evaluation.held_out import HeldOut
from nb_mlops.evaluation.latency import Latency, timed
from nb_mlops.evaluation.metrics import Metric, Scorers, metric_named, refuse_bad_scorers, wants_numbers
from nb_mlops.evaluation.overlap import excess_overlap
from nb_mlops.evaluation.resampling import LEVEL, Resampling, interval, resample_count
from nb_mlops.evaluation.segments import BySegment, Segments

Estimators = Callable[[str], Any]  # the estimator at an alias, or None where nothing is there


@dataclass(frozen=True, slots=True)
class Evaluation:
    """What the checks came to, and everything that was measured on the way, by the name it has in a check line."""

    results: tuple[CheckResult, ...]
    metrics: dict[str, float]
    segments: dict[str, dict[str, float]]  # `f1.by(region)` to the value in each segment
    rows: int

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
    by: Any = None,
    beside: Any = None,
    weight: Any = None,
    scorers: Scorers | None = None,
    positive: object = None,
    production: Estimators | None = None,
    size_bytes: int | None = None,
    training_rows: RowSketch | None = None,
    drift: Callable[[], float | None] | None = None,
    seed: int = 0,
) -> Evaluation:
    """The result of each check, in order, for `estimator` on the held-out rows `X` (n × columns) and `y` (n).

    `by` is a table or mapping with columns for segments that are not in `X`, or names of columns of `X` by which every
    metric is shown whether or not a check asks for it; `weight` n non-negative numbers;
    `scorers` one's own, called as `scorer(estimator, X, y)`; `positive` the positive class of two; `production` gives
    the estimator at an alias, measured on the same rows; `drift` the largest distance of a column from the baseline.
    Raises BadInput for data with gaps, unknown metrics or columns, and metrics that do not fit the task.
    """
    refuse_bad_scorers(scorers or {})
    names = {measure.name for check in checks for measure in check.needs()}
    data = HeldOut.of(X, y, estimator=estimator, weight=weight, positive=positive, numbers_wanted=wants_numbers(names))
    measuring = Measuring(
        data,
        estimator,
        by=beside if _names(by) or by is None else by,
        scorers=scorers or {},
        production=production,
        size_bytes=size_bytes,
        training_rows=training_rows,
        drift=drift,
        seed=seed,
    )
    measuring.refuse_unknown(checks)
    results = tuple(check.judge(measuring.value) for check in checks)
    if shown := _names(by):
        measuring.show_segments(checks, shown)
    return Evaluation(results, measuring.numbers(), measuring.segment_values(), data.rows)


class Measuring:
    """The measures of one evaluation, each computed when first looked up and kept."""

    def __init__(
        self,
        data: HeldOut,
        estimator: Any,
        *,
        by: Any,
        scorers: Scorers,
        production: Estimators | None,
        size_bytes: int | None,
        training_rows: RowSketch | None,
        drift: Callable[[], float | None] | None,
        seed: int,
    ) -> None:
        self.data = data
        self._by = None if _names(by) else by
        self._scorers = scorers
        self._production = production
        self._size_bytes = size_bytes
        self._training_rows = training_rows
        self._drift = drift
        self._seed = seed
        self._own = Answers(estimator, data)
        self._answers: dict[str | None, Answers | None] = {None: self._own}
        self._values: dict[Measure, Value] = {}
        self._segments: dict[str, Segments] = {}
        self._by_segment: dict[Measure, BySegment] = {}
        self._intervals: dict[Measure, tuple[Value, Value]] = {}
        self._latencies: dict[str | None, Latency] = {}

    def refuse_unknown(self, checks: Sequence[Check]) -> None:
        """Raises BadInput for a metric or a column that is not there, before the model is asked anything."""
        for check in checks:
            for measure in sorted(check.needs(), key=str):
                if measure.name not in SPECIAL:
                    self._metric(measure)
                if measure.by is not None:
                    self._segments_by(measure.by)

    def value(self, measure: Measure) -> Value:
        """The value of a measure, computed once."""
        if measure not in self._values:
            self._values[measure] = self._measured(measure)
        return self._values[measure]

    def numbers(self) -> dict[str, float]:
        """All numbers measured so far, by the name of their measure."""
        return {str(measure): value.number for measure, value in self._values.items() if value.number is not None}

    def segment_values(self) -> dict[str, dict[str, float]]:
        """The value in each segment, by measure (`f1.by(region)`)."""
        return {str(measure): found.values for measure, found in self._by_segment.items()}

    def show_segments(self, checks: Sequence[Check], columns: Sequence[str]) -> None:
        """Measures each plain metric of the checks by each of these columns, for the report alone."""
        needed = {measure for check in checks for measure in check.needs()}
        names = sorted({measure.name for measure in needed if measure.name not in SPECIAL})
        for name in names:
            for column in columns:
                self._whole_segments(Measure(name, by=column), self._metric(Measure(name)), self._own)

    def _measured(self, measure: Measure) -> Value:
        if measure.name == SIZE:
            return _size(self._size_bytes)
        if measure.name == OVERLAP:
            return excess_overlap(self._training_rows, self.data.X)
        if measure.name == DRIFT:
            return _drift(self._drift)
        answers = self._answers_of(measure.source)
        if answers is None:
            return Value.not_applicable(f"nothing is in {measure.source}")
        if measure.name == LATENCY:
            return self._latency(measure, answers)
        if measure.name == CALIBRATION:
            return calibration_error(answers)
        metric = self._metric(measure)
        if measure.by is not None:
            return self._segmented(measure, metric, answers)
        if measure.statistic in INTERVAL_ENDS:
            return self._interval(measure, metric, answers)[INTERVAL_ENDS.index(measure.statistic)]
        number = metric.of(answers)
        if not math.isfinite(number):
            return Value(number, "not defined on these rows")
        return Value(number, "by a scorer of one's own" if measure.name in self._scorers else "")

    def _answers_of(self, source: str | None) -> Answers | None:
        """The answers of the version under validation (None) or at an alias; None where nothing is there."""
        if source not in self._answers:
            found = None if self._production is None or source is None else self._production(source)
            self._answers[source] = None if found is None else Answers(found, self.data, who=f"The model in {source}")
        return self._answers[source]

    def _metric(self, measure: Measure) -> Metric:
        return metric_named(measure.name, self.data, self._scorers)

    def _segments_by(self, column: str) -> Segments:
        if column not in self._segments:
            self._segments[column] = Segments.of(column, self._by, self.data.X, rows=self.data.rows)
        return self._segments[column]

    def _segmented(self, measure: Measure, metric: Metric, answers: Answers) -> Value:
        """One statistic over segments; the values by segment serve all four."""
        whole = Measure(measure.name, by=measure.by, source=measure.source)
        return self._whole_segments(whole, metric, answers).statistic(str(measure.statistic))

    def _whole_segments(self, whole: Measure, metric: Metric, answers: Answers) -> BySegment:
        """The metric in each segment, computed once."""
        if whole not in self._by_segment:
            self._by_segment[whole] = self._segments_by(str(whole.by)).measured(metric, answers)
        return self._by_segment[whole]

    def _interval(self, measure: Measure, metric: Metric, answers: Answers) -> tuple[Value, Value]:
        """Both ends of the bootstrap interval; one resampling serves both."""
        whole = Measure(measure.name, source=measure.source)
        if whole not in self._intervals:
            self._intervals[whole] = self._resampled(metric, answers)
        return self._intervals[whole]

    def _resampled(self, metric: Metric, answers: Answers) -> tuple[Value, Value]:
        rows = self.data.rows
        if rows < MIN_SEGMENT_ROWS:
            few = Value.too_few(f"{rows} rows; an interval takes {MIN_SEGMENT_ROWS}")
            return few, few
        strata = None if self.data.classes is None else self.data.y
        count = resample_count(rows, most=metric.most_resamples)
        values = metric.resampled(answers, Resampling(strata, rows, count=count, seed=self._seed))
        detail = f"{LEVEL:.0%} bootstrap interval, {count:,} resamples of {rows:,} rows"
        low, high = interval(values)
        return Value(low, detail), Value(high, detail)

    def _latency(self, measure: Measure, answers: Answers) -> Value:
        """One percentile; the calls timed serve all."""
        if measure.source not in self._latencies:
            self._latencies[measure.source] = timed(answers)
        return self._latencies[measure.source].percentile(str(measure.statistic))


def _names(by: Any) -> list[str]:
    """The columns of the data that `by` names; none where it is itself a table of columns."""
    if isinstance(by, str):
        return [by]
    return list(by) if isinstance(by, list | tuple) and all(isinstance(name, str) for name in by) else []


def _size(size_bytes: int | None) -> Value:
    """Megabytes (10⁶ bytes) of the stored artifact."""
    if size_bytes is None:
        return Value.not_applicable("the model is not stored, so its size is not known")
    return Value(size_bytes / 1e6, f"{size_bytes:,} bytes")


def _drift(largest: Callable[[], float | None] | None) -> Value:
    """The largest distance of a column from the baseline."""
    found = largest() if largest is not None else None
    if found is None:
        return Value.not_applicable("the version has no baseline (register it with data=)")
    return Value(float(found), "largest distance of a column from the baseline")
