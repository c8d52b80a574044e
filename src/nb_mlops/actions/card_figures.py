"""The figures of a card: each check of a validation, every metric with its interval, what the model lives on."""

from __future__ import annotations

import re
from collections.abc import Mapping

from nb_mlops.core.card import Table
from nb_mlops.core.rows import ValidationRow
from nb_mlops.core.validation import CheckResult, figures
from nb_mlops.core.version import short

MOST = 50  # checks
SEGMENT = re.compile(r"(?P<metric>.+?)\.by\((?P<column>.*)\)(?:\.(?P<statistic>\w+))?")


def measured(row: ValidationRow) -> list[Table]:
    """Two tables of a validation: its checks, and all that was measured."""
    named = f"{row.rows:,} rows{f' of {row.data_name}' if row.data_name else ''}, evidence #{row.sequence}"
    checks = tuple(
        (one.check, *(figures(one.value, one.limit) if one.value is not None else ("", "")), one.status, one.detail)
        for one in results_of(row)[:MOST]
    )
    tables = [Table(f"checks on {named}", ("check", "measured", "limit", "verdict", "how"), checks)] if checks else []
    found = _with_intervals(row)
    if found:
        tables.append(Table(f"measured on {named}", ("metric", "groups", "value", "95% interval"), found))
    weighed = list(weights_of(row).items())[:20]
    if weighed:
        shown = tuple((name, short(drop)) for name, drop in weighed)
        tables.append(Table(f"what it lives on, {named}", ("column", "loss when shuffled"), shown))
    return tables


def results_of(row: ValidationRow) -> tuple[CheckResult, ...]:
    """The checks of a validation; what another program recorded in a shape unknown here is left out."""
    known = [result for result in row.results if isinstance(result, Mapping) and {"check", "passed"} <= result.keys()]
    return tuple(CheckResult.from_dict(result) for result in known)


def numbers_of(row: ValidationRow) -> dict[str, float]:
    """What was measured, by name; what is no number is left out."""
    found = {name: _number(value) for name, value in sorted(row.metrics.items())}
    return {name: value for name, value in found.items() if value is not None}


def weights_of(row: ValidationRow) -> dict[str, float]:
    """By how much the metric gets worse when a column is shuffled, the column it lives on most first."""
    found = [(name, number) for name, drop in row.importance.items() if (number := _number(drop)) is not None]
    return dict(sorted(found, key=lambda pair: (-pair[1], pair[0])))


def _with_intervals(row: ValidationRow) -> tuple[tuple[str, ...], ...]:
    """Each metric once, with both ends of its interval where they were measured."""
    given = {name: short(value) for name, value in numbers_of(row).items()}
    ends = {name: shown for name, shown in given.items() if name.endswith((".ci_low", ".ci_high"))}
    bases = sorted({name for name in given if name not in ends} | {_base(name) for name in ends})
    rows = []
    for name in bases[: 4 * MOST]:
        low, high = ends.get(f"{name}.ci_low", ""), ends.get(f"{name}.ci_high", "")
        interval = f"{low or '…'} to {high or '…'}" if low or high else ""
        cut = SEGMENT.fullmatch(name)
        groups = f"{cut['statistic'] or ''} by {cut['column']}".strip() if cut else ""
        value = given.get(name, "")
        rows.append((cut["metric"] if cut else name, groups, value, interval))
    return tuple(rows)


def _base(name: str) -> str:
    return name.rpartition(".")[0]


def _number(stored: object) -> float | None:
    """A stored number, NaN and infinities from text; None for anything else."""
    try:
        return float(stored) if isinstance(stored, int | float | str) else None
    except ValueError:
        return None
