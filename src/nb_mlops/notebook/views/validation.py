"""A validation report: one row per check, segments and all that was measured below it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from nb_mlops.core.validation import CheckResult, figures
from nb_mlops.notebook.html import Html, Tone, badge, code, cut, fold, heading, mark, muted, table, tag, view

if TYPE_CHECKING:
    from nb_mlops.core.validation import ValidationReport

_TONES: dict[str, Tone] = {"passed": "good", "failed": "bad"}


def report(value: ValidationReport) -> Html:
    """The report."""
    rows = [_row(result) for result in value.results]
    return view(
        heading(f"validation of {value.ref}", _verdict(value)),
        tag("p", muted(_about(value))),
        table(["", "check", "measured", "limit", ""], rows, numeric=(2, 3), named=False) if rows else None,
        _segments(value),
        _measured(value),
        label=f"validation of {value.ref}",
    )


def _verdict(value: ValidationReport) -> Html:
    good = sum(result.status == "passed" for result in value.results)
    count = len(value.results)
    return badge(f"{good} of {count} check{'' if count == 1 else 's'} passed", "good" if value.passed else "bad")


def _about(value: ValidationReport) -> str:
    parts = [f"{value.rows:,} rows", value.data_name or ""]
    parts.append("the data it was trained on: no evidence" if value.on_training_data else "")
    parts.append(f"attempt {value.attempt}" if value.attempt is not None else "")
    parts.append("draft: not recorded" if value.draft else "")
    return " · ".join(part for part in parts if part)


def _row(result: CheckResult) -> list[object]:
    tone = _TONES.get(result.status, "plain")
    measured, limit = ("", "") if result.value is None else figures(result.value, result.limit)
    said = result.detail if tone != "good" else ""
    return [mark(tone, result.status), tag("code", cut(result.check, 160)), measured, limit, cut(said, 240)]


def _segments(value: ValidationReport) -> Html | None:
    if not value.segments:
        return None
    return fold("by segment", *(_segment(name, found) for name, found in list(value.segments.items())[:10]))


def _segment(measure: str, found: Mapping[str, float]) -> Html:
    rows = [[cut(name, 60), f"{number:.4g}"] for name, number in found.items()]
    return table([cut(measure, 60), ""], rows, numeric=(1,))


def _measured(value: ValidationReport) -> Html | None:
    if not value.metrics:
        return None
    return fold("all that was measured", code("\n".join(f"{k:<28} {v:.6g}" for k, v in value.metrics.items())))
