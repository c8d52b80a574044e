"""The figures of a card: each check of a validation, every metric with its interval, what the model lives on."""

from __future__ import annotations

import re

from nb_mlops.core.card import Table
from nb_mlops.core.rows import ValidationRow
from nb_mlops.core.validation import CheckResult, figures
from nb_mlops.core.version import short

MOST = 50  # checks
SEGMENT = re.compile(r"(?P<metric>.+?)\.by\((?P<column>.*)\)(?:\.(?P<statistic>\w+))?")


def measured(row: ValidationRow) -> list[Table]:
    """Two tables of a validation: its checks, and all that was measured."""
    named = f"{row.rows:,} rows{f' of {row.data_name}' if row.data_name else ''}, evidence #{row.sequence}"
    results = [CheckResult.from_dict(result) for result in row.results[:MOST]]
    checks = tuple(
        (one.check, *(figures(one.value, one.limit) if one.value is not None else ("", "")), one.status, one.detail)
        for one in results
    )
    tables = [Table(f"checks on {named}", ("check", "measured", "limit", "verdict", "how"), checks)] if checks else []
    found = _with_intervals(row)
    if found:
        tables.append(Table(f"measured on {named}", ("metric", "groups", "value", "95% interval"), found))
    weighed = sorted(row.importance.items(), key=lambda pair: (-float(pair[1]), pair[0]))[:20]
    if weighed:
        shown = tuple((name, short(float(drop))) for name, drop in weighed)
        tables.append(Table(f"what it lives on, {named}", ("column", "loss when shuffled"), shown))
    return tables


def _with_intervals(row: ValidationRow) -> tuple[tuple[str, ...], ...]:
    """Each metric once, with both ends of its interval where they were measured."""
    given = {name: short(_number(value)) for name, value in row.metrics.items()}
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


def _number(stored: object) -> object:
    """A stored number; NaN and infinities are stored as text."""
    return float(stored) if stored in ("NaN", "Infinity", "-Infinity", "nan", "inf", "-inf") else stored
