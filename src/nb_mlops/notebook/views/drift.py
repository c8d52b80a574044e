"""A drift report: heat map of columns by windows, ranked columns, overlaid distributions of those that moved most."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nb_mlops.notebook import svg
from nb_mlops.notebook.html import Html, Tone, badge, cut, fold, heading, line, mark, muted, table, tag, view
from nb_mlops.notebook.views.distribution import overlaid

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from nb_mlops.core.column_drift import ColumnDrift, Verdict
    from nb_mlops.core.drift import DriftReport, WindowDrift

MOST_COLUMNS = 20
MOST_WINDOWS = 53
MOST_DISTRIBUTIONS = 4
_NAMES = 150  # px for the names beside the heat map
_MAP = 560
_ROW = 19
_LEGEND = 400
_MOST_TIPS = 80
_TONES: dict[Verdict, Tone] = {"alarm": "bad", "quiet": "good", "too few rows": "warn", "not judged": "plain"}


def report(value: DriftReport) -> Html:
    """The report."""
    return view(
        heading(value.headline, badge(value.verdict, _TONES[value.verdict])),
        line(muted(_about(value))),
        _heat_map(value) if len(value.windows) > 1 else None,
        _ranked(value),
        _distributions(value),
        _windows(value) if len(value.windows) > 1 else None,
        label=f"drift report: {value.headline}",
    )


def _about(value: DriftReport) -> str:
    rows = sum(window.rows for window in value.windows)
    where = f" in {len(value.windows)} windows" if len(value.windows) > 1 else ""
    sure = f"alarm: surely more than {value.floor:.0%} of rows moved, false in at most {_chance(value.budget)} of looks"
    return " · ".join([f"{rows:,} rows{where} against {value.baseline_rows:,}", sure, *value.notes])


def _chance(share: float) -> str:
    return f"{share:.0%}" if share >= 0.01 else f"{share:.2g}" if share < 1e-4 else f"{share:.2%}"


def _heat_map(value: DriftReport) -> Html:
    names, windows = value.order[:MOST_COLUMNS], value.windows[-MOST_WINDOWS:]
    width = min(max(_MAP // len(windows), 10), 47)
    height = len(names) * _ROW
    left_out = _left_out(len(value.order) - len(names), len(value.windows) - len(windows))
    labels = [svg.words(name, _NAMES - 8, at * _ROW + 13, anchor="end", most=22) for at, name in enumerate(names)]
    return tag(
        "div",
        svg.drawing(
            _NAMES + max(len(windows) * width + 30, _LEGEND),
            height + 38,
            *labels,
            *_cells(names, windows, width),
            *_axis(windows, width, height + 13),
            _legend(height + 32),
            title="Drift of each column in each window",
            described=f"{value.headline}. Darker is further from the baseline; a diamond is an alarm.",
        ),
        muted(left_out) if left_out else None,
    )


def _cells(names: Sequence[str], windows: Sequence[WindowDrift], width: int) -> Iterator[Html | None]:
    """The cells, those of one shade as one shape (a shape for each would be most of the page); tips where few alarm."""
    shades: dict[tuple[str, float], list[tuple[float, float]]] = {}
    alarms: list[tuple[float, float, str]] = []
    questions: list[tuple[float, float]] = []
    for at_row, name in enumerate(names):
        for at, window in enumerate(windows):
            column, x, y = window.columns.get(name), float(_NAMES + at * width), float(at_row * _ROW)
            if column is None or column.verdict == "not judged":
                continue
            shades.setdefault(_shade(column), []).append((x, y))
            if column.alarm:
                alarms.append((x + (width - 1) / 2, y + _ROW / 2 - 0.5, f"{name}, {window.label}: {column.effect:.1%}"))
            elif column.verdict == "too few rows":
                questions.append((x + width / 2, y + 13))
    for (tone, strength), places in sorted(shades.items()):
        yield svg.boxes(places, width - 1, _ROW - 1, strength=strength, class_=tone)
    if len(alarms) <= _MOST_TIPS:
        for x, y, tip in alarms:
            yield svg.diamonds([(x, y)], tip=tip, class_="bad")
    else:
        yield svg.diamonds([(x, y) for x, y, _ in alarms], class_="bad")
    for x, y in questions:
        yield svg.words("?", x, y, anchor="middle", strength=0.5)


def _shade(column: ColumnDrift) -> tuple[str, float]:
    """Tone and strength of a cell, in steps of 0.04; a quiet cell is never as strong as an alarm could be."""
    strength = 0.04 + 0.5 * min(column.effect / 0.4, 1.0) ** 0.6
    if column.verdict == "too few rows":
        return "", 0.04
    return ("bad", round(strength * 25) / 25) if column.alarm else ("", round(min(strength, 0.3) * 25) / 25)


def _axis(windows: Sequence[WindowDrift], width: int, y: float) -> list[Html]:
    longest = max(len(window.label) for window in windows[:200])
    step = max(1, -(-int(min(longest, 18) * svg.LETTER + 8) // width))
    return [
        svg.words(window.label, _NAMES + at * width, y, strength=0.7, most=18)
        for at, window in enumerate(windows)
        if at % step == 0
    ]


def _legend(y: float) -> Html:
    shades = [svg.box(_NAMES + 12 * at, y - 9, 12, 10, strength=s) for at, s in enumerate((0.04, 0.12, 0.2, 0.28))]
    return tag(
        "g",
        *shades,
        svg.words("further from the baseline", _NAMES + 54, y, strength=0.7),
        svg.diamonds([(_NAMES + 210, y - 4)], class_="bad"),
        svg.words("alarm", _NAMES + 218, y, strength=0.7),
        svg.words("? too few rows to tell", _NAMES + 262, y, strength=0.7),
    )


def _left_out(columns: int, windows: int) -> str:
    parts = [
        f"{columns:,} columns that moved less" if columns else "",
        f"{windows:,} earlier windows" if windows else "",
    ]
    told = " and ".join(part for part in parts if part)
    return f"Not drawn: {told}." if told else ""


def _ranked(value: DriftReport) -> Html:
    columns = list(value.columns.items())
    head = ["", "column", "moved", "", "what happened", "p, adjusted", "sees from"]
    shown = [_row(value, name, column) for name, column in columns[:MOST_COLUMNS]]
    told = table(head, shown, numeric=(2, 5, 6), named=False)
    if len(columns) <= MOST_COLUMNS:
        return told
    more = [[name, f"{column.effect:.1%}", cut(column.sentence, 90)] for name, column in columns[MOST_COLUMNS:]]
    return tag("div", told, fold(f"{len(more):,} columns more", table(["column", "moved", ""], more, numeric=(1,))))


def _row(value: DriftReport, name: str, column: ColumnDrift) -> list[object]:
    tone = _TONES[column.verdict]
    is_judged = column.verdict != "not judged" and column.what not in ("gone", "kind")
    full = max(value.largest_effect, 0.1)  # so that the columns can be told apart
    tone_of_bar = "bad" if column.alarm else ""
    drawn = svg.bar(column.effect / full, mark=value.floor / full, class_=tone_of_bar)
    said = column.sentence if len(value.windows) == 1 else f"{column.sentence}{_where(value, name, column)}"
    return [
        mark(tone, column.verdict),
        tag("span", cut(name, 40), title=name) if len(name) > 40 else name,
        f"{column.effect:.1%}" if is_judged else "",
        drawn if is_judged else "",
        cut(said, 140),
        _p_text(column.p_value) if is_judged else "",
        f"{column.sees:.1%}" if is_judged and column.sees < 1 else "",
    ]


def _where(value: DriftReport, name: str, column: ColumnDrift) -> str:
    window = next((each for each in value.windows if each.columns.get(name) is column), None)
    return f" in {window.label}" if window is not None and column.effect > 0 else ""


def _p_text(p_value: float) -> str:
    return "< 1e-9" if p_value < 1e-9 else f"{p_value:.1g}" if p_value < 0.01 else f"{p_value:.2f}"


def _distributions(value: DriftReport) -> Html | None:
    """Those that raised an alarm, else the three that moved most: a quiet report shows what quiet looks like."""
    moved = [name for name, column in value.columns.items() if column.alarm] or list(value.order[:3])
    drawn = [overlaid(value, name) for name in moved[: MOST_DISTRIBUTIONS + 4]]
    kept = [drawing for drawing in drawn if drawing is not None][:MOST_DISTRIBUTIONS]
    return svg.side_by_side(kept) if kept else None


def _windows(value: DriftReport) -> Html:
    """The same as the heat map in words, for those who cannot see it."""
    rows = [
        [window.label, f"{window.rows:,}", window.verdict, f"{window.effect:.1%}", cut(_alarmed(window), 120)]
        for window in value.windows
    ]
    return fold(
        "windows as a table", table(["window", "rows", "verdict", "most moved", "columns"], rows, numeric=(1, 3))
    )


def _alarmed(window: WindowDrift) -> str:
    return ", ".join(f"{name} {column.effect:.1%}" for name, column in window.columns.items() if column.alarm)
