"""The measures of one evaluation: what each name in a check line comes to, computed when first looked up and kept."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from nb_mlops.core.checks import Check
from nb_mlops.core.errors import NbMlopsError
from nb_mlops.core.measures import (
    CALIBRATION,
    DRIFT,
    INTERVAL_ENDS,
    LATENCY,
    LEAKAGE,
    MEMORY,
    MIN_SEGMENT_ROWS,
    OVERLAP,
    SIZE,
    SPECIAL,
    Measure,
    Value,
)
from nb_mlops.core.paired import Ends, Paired
from nb_mlops.core.row_sketch import RowSketch
from nb_mlops.evaluation.answers import Answers, Floats
from nb_mlops.evaluation.calibration import calibration_error
from nb_mlops.evaluation.held_out import HeldOut
from nb_mlops.evaluation.intervals import Asked, samples
from nb_mlops.evaluation.latency import Latency, timed
from nb_mlops.evaluation.leakage import largest_skill
from nb_mlops.evaluation.memory import peak_memory
from nb_mlops.evaluation.metrics import Metric, Scorers, metric_named
from nb_mlops.evaluation.overlap import excess_overlap
from nb_mlops.evaluation.resampling import LEVEL, MOST, interval, one_sided
from nb_mlops.evaluation.robustness import missing, noisy
from nb_mlops.evaluation.segments import BySegment, Segments

MOST_SHOWN_ROWS = 200_000  # beyond, a paired interval that decides nothing is left out
MOST_SPREAD = 20_000_000  # values of a sparse table

Estimators = Callable[[str], Any]  # the estimator at an alias, or None where nothing is there


@dataclass(frozen=True, slots=True, kw_only=True)
class Beside:
    """What is known beside the model and the rows."""

    by: Any = None  # a table with columns for segments
    scorers: Scorers = field(default_factory=dict)
    production: Estimators | None = None
    size_bytes: int | None = None
    training_rows: RowSketch | None = None
    drift: Callable[[], float | None] | None = None
    seed: int = 0


class Measuring:
    """The measures of one evaluation. `checks` says what will be asked, so that all resampling is done at once."""

    def __init__(self, data: HeldOut, estimator: Any, checks: Sequence[Check], beside: Beside) -> None:
        self.data = data
        self.own = Answers(estimator, data)
        self._beside = beside
        self._answers: dict[str | None, Answers | None] = {None: self.own}
        self._values: dict[Measure, Value] = {}
        self._segments: dict[str, Segments] = {}
        self._by_segment: dict[Measure, BySegment] = {}
        self._planned = _planned(checks)
        self._samples: dict[Measure | Paired, tuple[Floats, ...]] = {}
        self._latencies: dict[str | None, Latency] = {}

    @property
    def is_cheap(self) -> bool:
        """Whether rows can be looked at unasked: a large sparse table would have to be spread out."""
        X = self.data.X
        return not hasattr(X, "toarray") or X.shape[0] * X.shape[1] <= MOST_SPREAD

    def refuse_unknown(self, check: Check) -> None:
        """Raises BadInput for a metric or a column that is not there, before the model is asked anything."""
        for measure in sorted(check.needs(), key=str):
            if measure.name not in SPECIAL:
                self.metric(measure)
            if measure.by is not None:
                self._segments_by(measure.by)

    def value(self, measure: Measure) -> Value:
        """The value of a measure, computed once."""
        if measure not in self._values:
            self._values[measure] = self._measured(measure)
        return self._values[measure]

    def spread(self, pair: Paired) -> Ends | str:
        """What resampling says of the difference of two models, both on the same draws; or why it says nothing."""
        if self.data.rows < MIN_SEGMENT_ROWS:
            return f"{self.data.rows} rows; a paired interval takes {MIN_SEGMENT_ROWS}"
        if not self._is_worth(pair):
            return "an interval that decides nothing would take long"
        own, other = self._sampled(pair)
        differences = own - pair.factor * other
        lower, upper = one_sided(differences)
        if math.isnan(lower) or math.isnan(upper):
            return "the metric is not defined on some resamples"
        how = f"{len(differences):,} resamples of {self.data.rows:,} rows"
        return Ends(lower, upper, interval(differences), how)

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
                self._whole_segments(Measure(name, by=column), self.metric(Measure(name)), self.own)

    def metric(self, measure: Measure) -> Metric:
        """The metric that a measure names."""
        return metric_named(measure.name, self.data, self._beside.scorers)

    def _measured(self, measure: Measure) -> Value:
        beside = self._beside
        about_version: dict[str, Callable[[], Value]] = {
            SIZE: lambda: _size(beside.size_bytes),
            OVERLAP: lambda: excess_overlap(beside.training_rows, self.data.X, self.own.fitted_names),
            DRIFT: lambda: _drift(beside.drift),
            LEAKAGE: lambda: largest_skill(self.own),
        }
        if measure.name in about_version:
            return about_version[measure.name]()
        answers = self._answers_of(measure.source)
        if answers is None:
            return Value.not_applicable(f"nothing is in {measure.source}")
        about_model: dict[str, Callable[[], Value]] = {
            LATENCY: lambda: self._latency(measure, answers),
            CALIBRATION: lambda: calibration_error(answers),
            MEMORY: lambda: peak_memory(answers),
        }
        if measure.name in about_model:
            return about_model[measure.name]()
        return self._of_metric(measure, answers)

    def _of_metric(self, measure: Measure, answers: Answers) -> Value:
        metric = self.metric(measure)
        if measure.by is not None:
            return self._segmented(measure, metric, answers)
        if measure.statistic in INTERVAL_ENDS:
            return self._interval(measure)[INTERVAL_ENDS.index(measure.statistic)]
        if measure.statistic is not None:
            return {"noisy": noisy, "missing": missing}[measure.statistic](metric, answers)
        number = metric.of(answers)
        if not math.isfinite(number):
            return Value(number, "not defined on these rows")
        return Value(number, "by a scorer of one's own" if measure.name in self._beside.scorers else "")

    def _answers_of(self, source: str | None) -> Answers | None:
        """The answers of the version under validation (None) or at an alias; None where nothing is there."""
        if source not in self._answers:
            find = self._beside.production
            found = None if find is None or source is None else find(source)
            self._answers[source] = None if found is None else Answers(found, self.data, who=f"The model in {source}")
        return self._answers[source]

    def _segments_by(self, column: str) -> Segments:
        if column not in self._segments:
            self._segments[column] = Segments.of(column, self._beside.by, self.data.X, rows=self.data.rows)
        return self._segments[column]

    def _segmented(self, measure: Measure, metric: Metric, answers: Answers) -> Value:
        """One statistic over segments; the values by segment serve all four."""
        whole = Measure(measure.name, by=measure.by, source=measure.source)
        return self._whole_segments(whole, metric, answers).statistic(str(measure.statistic))

    def _whole_segments(self, whole: Measure, metric: Metric, answers: Answers) -> BySegment:
        """The metric in each segment, computed once."""
        if whole not in self._by_segment:
            self._by_segment[whole] = self._segments_by(str(whole.by)).measured(metric, answers, seed=self._beside.seed)
        return self._by_segment[whole]

    def _interval(self, measure: Measure) -> tuple[Value, Value]:
        """Both ends of the bootstrap interval."""
        rows = self.data.rows
        if rows < MIN_SEGMENT_ROWS:
            few = Value.too_few(f"{rows} rows; an interval takes {MIN_SEGMENT_ROWS}")
            return few, few
        (values,) = self._sampled(Measure(measure.name, source=measure.source))
        detail = f"{LEVEL:.0%} bootstrap interval, {len(values):,} resamples of {rows:,} rows"
        low, high = interval(values)
        return Value(low, detail), Value(high, detail)

    def _sampled(self, key: Measure | Paired) -> tuple[Floats, ...]:
        """The resampled values of a metric, or of two models; what else was planned is drawn at the same time."""
        if key not in self._samples:
            asked = {each: found for each in self._planned if each != key and (found := self._ready(each))}
            asked[key] = self._asked(key)
            self._samples |= samples(asked, self.data, seed=self._beside.seed)
            self._planned = ()
        return self._samples[key]

    def _ready(self, key: Measure | Paired) -> Asked:
        """What is to be drawn, where it can be: what cannot be measured is said by its own check, not by another."""
        try:
            if isinstance(key, Paired) and not self._is_worth(key):
                return ()
            asked = self._asked(key)
            for metric, answers in asked:
                metric.of(answers)
        except NbMlopsError:
            return ()
        return asked

    def _is_worth(self, pair: Paired) -> bool:
        """Whether the difference is resampled: always where it decides, to be shown only where that is quick."""
        other = self.value(pair.other).number
        quick = self.metric(pair.own).most_resamples == MOST and self.data.rows <= MOST_SHOWN_ROWS
        return quick or (other is not None and pair.allows_worse(other))

    def _asked(self, key: Measure | Paired) -> Asked:
        measures = (key.own, key.other) if isinstance(key, Paired) else (key,)
        found = [(self.metric(measure), self._answers_of(measure.source)) for measure in measures]
        return tuple((metric, answers) for metric, answers in found if answers is not None)

    def _latency(self, measure: Measure, answers: Answers) -> Value:
        """One percentile; the calls timed serve all."""
        if measure.source not in self._latencies:
            self._latencies[measure.source] = timed(answers)
        return self._latencies[measure.source].percentile(str(measure.statistic))


def _planned(checks: Sequence[Check]) -> tuple[Measure | Paired, ...]:
    """What the checks will ask resamples of."""
    found: dict[Measure | Paired, None] = {}
    for check in checks:
        pair = check.paired()
        if pair is not None:
            found[pair] = None
        for measure in check.needs():
            if measure.statistic in INTERVAL_ENDS and measure.by is None and measure.name not in SPECIAL:
                found[Measure(measure.name, source=measure.source)] = None
    return tuple(found)


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
