"""A validation report: one row per check, segments and all that was measured below it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from nb_mlops.core.validation import CheckResult, figures
from nb_mlops.notebook.html import Html, Tone, badge, code, cut, fold, heading, mark, muted, notes, table, tag, view

if TYPE_CHECKING:
    from nb_mlops.core.check_cell import CheckCell
    from nb_mlops.core.validation import ValidationReport

_TONES: dict[str, Tone] = {"passed": "good", "failed": "bad", "not judged": "bad"}
MOST_IMPORTANT = 20  # columns shown


def report(value: ValidationReport) -> Html:
    """The report."""
    rows = [_row(result) for result in value.results]
    return view(
        heading(f"validation of {value.ref}", _verdict(value)),
        tag("p", muted(_about(value))),
        table(["", "check", "measured", "limit", ""], rows, numeric=(2, 3), named=False) if rows else None,
        notes(value.notes) if value.notes else None,
        tag("p", muted(value.claim())) if value.claimed_ci else None,
        _segments(value),
        _importance(value),
        _measured(value),
        label=f"validation of {value.ref}",
    )


def _verdict(value: ValidationReport) -> Html:
    good = sum(result.status == "passed" for result in value.results)
    count = len(value.results)
    return badge(f"{good} of {count} check{'' if count == 1 else 's'} passed", "good" if value.passed else "bad")


def _about(value: ValidationReport) -> str:
    parts = [f"{value.rows:,} rows", value.data_name or ""]
    parts.append(f"{value.not_held_out}: no evidence" if value.not_held_out else "")
    parts.append(value.attempts())
    parts.append("draft: not recorded" if value.draft else "")
    return " · ".join(part for part in parts if part)


def _row(result: CheckResult) -> list[object]:
    tone = _TONES.get(result.status, "plain")
    measured, limit = ("", "") if result.value is None else figures(result.value, result.limit)
    named = tag("span", tag("code", cut(result.check, 160)), muted(" (policy)") if result.required else None)
    said = cut(result.detail, 240)
    return [mark(tone, result.status), named, measured, limit, muted(said) if tone == "good" else said]


def _segments(value: ValidationReport) -> Html | None:
    if not value.segments:
        return None
    return fold("by segment", *(_segment(name, found) for name, found in list(value.segments.items())[:10]))


def _segment(measure: str, found: Mapping[str, float]) -> Html:
    rows = [[cut(name, 60), f"{number:.4g}"] for name, number in found.items()]
    return table([cut(measure, 60), ""], rows, numeric=(1,))


def _importance(value: ValidationReport) -> Html | None:
    if not value.importance:
        return tag("p", muted(value.importance_how)) if value.importance_how else None
    shown = list(value.importance.items())[:MOST_IMPORTANT]
    rest = len(value.importance) - len(shown)
    rows = [[cut(name, 60), f"{drop:.4g}"] for name, drop in shown]
    more = tag("p", muted(f"and {rest:,} more")) if rest else None
    return fold(
        "importance of columns", tag("p", muted(value.importance_how)), table(["", ""], rows, numeric=(1,)), more
    )


def _measured(value: ValidationReport) -> Html | None:
    if not value.metrics:
        return None
    return fold("all that was measured", code("\n".join(f"{k:<28} {v:.6g}" for k, v in value.metrics.items())))


def check_cell(written: CheckCell) -> Html:
    """The text of a `%%validate` cell."""
    where = "It was put below." if written.is_put else "Run the form’s cell once more to have it below, or copy it."
    return view(
        heading(f"the cell that validates {written.ref}"),
        code(written.text),
        tag("p", muted(where)),
        label=f"checks of {written.ref}",
    )
