"""`validate`: run checks on held-out data and put the outcome on record as evidence."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from nb_mlops.actions.baseline import read_baseline
from nb_mlops.actions.connect import current
from nb_mlops.actions.data import refuse_other_data
from nb_mlops.actions.find import find_version
from nb_mlops.actions.load import load_version
from nb_mlops.actions.registry import Registry
from nb_mlops.core.checks import Check, parse_lines
from nb_mlops.core.errors import BadInput, NotFound
from nb_mlops.core.policy import team_of
from nb_mlops.core.validation import ValidationReport
from nb_mlops.core.version import Version

MOST_NAME = 200  # characters of a column's name that the registry takes

if TYPE_CHECKING:
    from nb_mlops.evaluation.evaluate import Evaluation


def validate(
    ref: str | Version | None,
    checks: str | Sequence[str],
    *,
    data: Any,
    target: str | None = None,
    ignore: Sequence[str] = (),
    by: Any = None,
    weight: Any = None,
    scorers: Mapping[str, Callable[..., float]] | None = None,
    positive: object = None,
    on: str | None = None,
    draft: bool = False,
    trust: bool = False,
    importance: bool = True,
    names: Mapping[str, object] | None = None,
    registry: Registry | str | None = None,
) -> ValidationReport:
    """The report of `checks` (lines as text, or a list of them) on held-out `data`, recorded unless it is a draft.

    `data` is `(X, y)`, a table with `target` in it, or the path of a Parquet or CSV file; `by` names columns of it
    (also such that the model does not take) by which every metric is shown, or is a table of further columns; `names`
    what `{name}` in a line means; `on` what the data set is called; `importance` whether every column is shuffled once
    to see what the model lives on. What the policy requires is checked too, typed or not. A check that fails makes the
    report not pass; it raises only by `report.raise_if_failed()`. Raises BadInput for lines and data that cannot be
    meant, and Untrusted as `load` does.
    """
    text = checks if isinstance(checks, str) else "\n".join(checks)
    lines = parse_lines(text, names) if text.strip() else []
    place = current(registry)
    version = find_version(place, ref, writing=not draft)
    required = _required(place, version)
    if not lines and not required:
        raise BadInput("There is nothing to check.", "Give at least one line: roc_auc >= 0.8")
    estimator = load_version(place, version, trust=trust)
    table = _table(data)
    X, y = _held_out(table, target=target, ignore=ignore, estimator=estimator)
    options = {"by": by, "beside": _columns(table), "weight": weight, "scorers": scorers}
    options |= {"positive": _positive(version, positive), "required": required, "importance": importance}
    from nb_mlops.capture.ci import claimed_ci
    from nb_mlops.capture.data import fingerprint
    from nb_mlops.capture.measuring_code import measuring_code

    seen = fingerprint(X, y)
    if on is not None:
        refuse_other_data(place, on, seen)
    found = _evaluated(place, version, lines, estimator, X, y, trust=trust, **options)
    report = ValidationReport(
        ref=version.ref,
        results=found.results,
        rows=found.rows,
        data=seen.to_dict(),
        data_name=on,
        metrics=found.metrics,
        segments=found.segments,
        measured_at=place.clock(),
        draft=draft,
        on_training_data=seen.sha256 in version.row.trained_on,
        importance=found.importance.drops,
        importance_how=found.importance.how,
        notes=found.notes,
        code=measuring_code([result.check for result in found.results], scorers),
        claimed_ci=claimed_ci(),
    )
    return report if draft else _recorded(place, version, report, seen.sha256)


def _recorded(registry: Registry, version: Version, report: ValidationReport, sha256: str) -> ValidationReport:
    from dataclasses import replace

    stored = report.to_dict()
    body = {
        "number": version.number,
        "digest": version.digest,
        "data": sha256,
        "data_name": report.data_name,
        "passed": report.passed,
        "results": stored["results"],
        "metrics": stored["metrics"],
        "rows": report.rows,
        "code": report.code,
    }
    if report.claimed_ci:
        body["claimed_ci"] = report.claimed_ci
    if report.importance:
        body["importance"] = {name: drop for name, drop in report.importance.items() if len(name) <= MOST_NAME}
    if report.notes:
        body["notes"] = list(report.notes)
    event = registry.append("validated", version.name, body)
    in_all, data_sets = event.body.get("attempts_in_all"), event.body.get("data_sets")  # an older server counts neither
    attempt = event.body["attempt"]
    return replace(report, attempt=attempt, attempts_in_all=in_all, data_sets=data_sets, measured_at=event.time)


def _required(registry: Registry, version: Version) -> list[Check]:
    """The checks that the policy in force asks of this model, whatever alias it will take."""
    asked = registry.catalog.policy().required_checks(team_of(version.name), version.stakes)
    return [Check.parse(line) for line in asked]


def _evaluated(
    registry: Registry,
    version: Version,
    checks: list[Check],
    estimator: Any,
    X: Any,
    y: Any,
    *,
    trust: bool,
    **options: Any,
) -> Evaluation:
    from nb_mlops.evaluation.evaluate import evaluate

    baseline = read_baseline(registry, version)

    def at_alias(alias: str) -> Any:
        try:
            there = find_version(registry, f"{version.name}@{alias}")
        except NotFound:
            return None
        return load_version(registry, there, trust=trust)

    def drift() -> float | None:
        if baseline is None:
            return None
        from nb_mlops.actions.drift import drift as drift_of

        return drift_of(baseline.profile, X).largest_effect

    return evaluate(
        checks,
        estimator=estimator,
        X=X,
        y=y,
        **options,
        production=at_alias,
        size_bytes=version.size_bytes,
        training_rows=baseline.rows if baseline else None,
        drift=drift,
    )


def _table(data: Any) -> Any:
    """The data as given, or the table of the file it names."""
    if not isinstance(data, str | os.PathLike):
        return data
    from nb_mlops.profiling import read_table

    return read_table(os.fspath(data))


def _columns(table: Any) -> Any:
    """The table that segments are cut by: with the columns the model does not take; None where it has no names."""
    whole = table[0] if isinstance(table, tuple) and table else table
    return whole if hasattr(whole, "columns") else None


def _held_out(table: Any, *, target: str | None, ignore: Sequence[str], estimator: Any) -> tuple[Any, Any]:
    from nb_mlops.capture.data import split_xy

    X, y = split_xy(table, target=target, ignore=ignore, estimator=estimator)
    if table is None:
        raise BadInput("There is no held-out data to validate on.", "Give it: --data X_test,y_test, or data=(X, y).")
    if y is None:
        raise BadInput("Held-out data needs its target.", 'Give data=(X, y), or a table and target="column".')
    return X, y


def _positive(version: Version, given: object) -> object:
    """The positive class: the one given, else the one the signature names."""
    if given is not None or version.signature is None:
        return given
    return version.signature.output.positive
