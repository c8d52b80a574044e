"""`drift`: a table against the training data of a version; looking is free, a recorded look counts."""

from __future__ import annotations

import os
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from nb_mlops.actions.baseline import read_baseline
from nb_mlops.actions.connect import current
from nb_mlops.actions.find import find_version
from nb_mlops.core.errors import BadInput, Refused
from nb_mlops.core.rows import WindowRow

if TYPE_CHECKING:
    from nb_mlops.actions.registry import Registry
    from nb_mlops.core.drift import DriftReport
    from nb_mlops.core.profile import Profile
    from nb_mlops.core.version import Version


def profile(table: Any, like: Profile | None = None) -> Profile:
    """The profile of a table: a small summary per column; two of them add up (`a + b`).

    With `like`, a baseline, numbers are counted on its grid. Raises BadInput for what is not a table.
    """
    from nb_mlops.profiling import profile as profile_table

    return profile_table(table, like=like)


def drift(
    ref: str | Version | Profile | None,
    table: Any,
    *,
    time: str | None = None,
    every: str | None = None,
    by: str | None = None,
    record: bool = False,
    registry: Registry | str | None = None,
) -> DriftReport:
    """The report of `table` (a frame, or the path of a Parquet or CSV file) against a version's baseline.

    `time` and `every` ("7d", "1mo") cut it into windows, `by` into segments. With `record` it is a look that counts:
    it spends a share of the version's yearly budget of false alarms, and the same rows again are the same look.
    Raises Refused for a version without a baseline.
    """
    from nb_mlops.core.drift import LOOK, alpha_of_look, compare
    from nb_mlops.core.profile import Profile
    from nb_mlops.profiling.windows import windows

    if isinstance(ref, Profile):
        if record:
            raise BadInput("A look is put on a version's record; a profile has none.", "Give a ref: churn@production.")
        return compare(ref, windows(table, time=time, every=every, by=by, like=ref))
    place = current(registry)
    version = find_version(place, ref, writing=record)
    baseline = read_baseline(place, version)
    if baseline is None:
        raise Refused(f"{version.ref} has no baseline.", "Register it with its training data: --data X,y")
    cut = windows(_inputs(table, baseline.profile, time, by), time=time, every=every, by=by, like=baseline.profile)
    looks = len(place.catalog.find(WindowRow, model=version.row.model, number=version.number))
    budget = alpha_of_look(looks + 1) if record else LOOK
    report = compare(baseline.profile, cut, budget=budget)
    return _recorded(place, version, report, table) if record else report


def _inputs(table: Any, baseline: Profile, *more: str | None) -> Any:
    """Without the columns the model never saw: identifiers and targets beside its inputs are not drift."""
    names = getattr(table, "columns", None)
    if names is None or isinstance(table, str | os.PathLike | dict):
        return table
    wanted = [*baseline.columns, *(name for name in more if name)]
    known = [str(name) for name in names]
    if not set(known) & set(baseline.columns):
        return table
    kept = [name for name in known if name in wanted]
    return table if len(kept) == len(known) else table[kept]


def _recorded(registry: Registry, version: Version, report: DriftReport, table: Any) -> DriftReport:
    from nb_mlops.capture.data import fingerprint

    body = {
        "number": version.number,
        "data": fingerprint(table).sha256,
        "rows": sum(window.rows for window in report.windows),
        "alarm": report.alarm,
        "report": {
            "verdict": report.verdict,
            "budget": report.budget,
            "windows": [[window.label, window.rows, window.verdict, window.effect] for window in report.windows],
            "columns": [[name, column.verdict, column.effect] for name, column in list(report.columns.items())[:50]],
        },
    }
    event = registry.append("observed", version.name, body)
    word = f"recorded as look {event.body['look']} of {version.ref} in {registry.address}"
    return replace(report, notes=(*report.notes, word))
