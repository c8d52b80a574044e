"""One column's distribution: the baseline as a filled shape, windows over it as lines."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, TypedDict

from nb_mlops.core.shape import OTHERS
from nb_mlops.notebook import svg
from nb_mlops.notebook.html import Html, cut

if TYPE_CHECKING:
    from collections.abc import Sequence

    from nb_mlops.core.drift import DriftReport, WindowDrift
    from nb_mlops.core.shape import Shape

MOST_LINES = 12
MOST_TICKED = 12
_WIDTH, _HEIGHT = 300.0, 118.0
_LEFT, _TOP, _BOTTOM = 2.0, 20.0, 100.0


class Style(TypedDict):
    """How a window's line is drawn."""

    width: float
    strength: float
    class_: str


def overlaid(value: DriftReport, name: str) -> Html | None:
    """The column in the baseline and in (the last) windows; alarmed windows stand out. None where it has no shape."""
    found = [(window, window.columns[name]) for window in value.windows if name in window.columns]
    shaped = [(window, column.alarm, column.shape) for window, column in found[-MOST_LINES:]]
    drawn = [(window, alarm, shape) for window, alarm, shape in shaped if shape is not None]
    if not drawn:
        return None
    first = drawn[0][2]
    same = [each for each in drawn if (each[2].edges, len(each[2].before)) == (first.edges, len(first.before))]
    draw = _of_numbers if first.edges else _of_values
    key = f"filled: baseline · {'lines: windows' if len(value.windows) > 1 else 'line: now'}"
    return svg.drawing(
        _WIDTH,
        _HEIGHT,
        svg.words(name, _LEFT, 11, most=24, class_="h"),
        svg.words(key, _WIDTH, 11, anchor="end", strength=0.6),
        *draw(same),
        svg.stroke(f"M{_LEFT} {_BOTTOM}H{_WIDTH:g}", strength=0.5),
        title=f"Distribution of {cut(name, 60)}",
        described=_described(name, same),
    )  # fmt: skip


def _of_numbers(drawn: Sequence[tuple[WindowDrift, bool, Shape]]) -> list[Html]:
    first = drawn[0][2]
    low, high = first.edges[0], first.edges[-1]
    across = [_LEFT + (edge - low) / (high - low) * (_WIDTH - _LEFT) for edge in first.edges]
    most = max(max((*shape.before, *shape.now)) for _, _, shape in drawn) or 1.0
    baseline = svg.area(across, [_y(share, most) for share in first.before], _BOTTOM)
    if len(first.before) <= MOST_TICKED:
        return [baseline, _ticked(drawn, across, most), *_ends(low, high)]
    centres = [(left + right) / 2 for left, right in pairwise(across)]
    lines = []
    for at, (_, alarm, shape) in enumerate(drawn):
        points = [*zip(centres, (_y(share, most) for share in shape.now), strict=True)]
        lines.append(svg.line(points, **_style(at, len(drawn), alarm)))
    return [baseline, svg.strokes(lines), *_ends(low, high)]


def _ends(low: float, high: float) -> list[Html]:
    return [
        svg.words(f"{low:.4g}", _LEFT, _BOTTOM + 13, strength=0.7),
        svg.words(f"{high:.4g}", _WIDTH, _BOTTOM + 13, anchor="end", strength=0.7),
    ]


def _ticked(drawn: Sequence[tuple[WindowDrift, bool, Shape]], across: Sequence[float], most: float) -> Html:
    """A level stroke in each bin for each window: for few bins, between which a line would claim values."""
    width = across[1] - across[0]
    ticks = []
    for at, (_, alarm, shape) in enumerate(drawn):
        places = [(x + 1, _y(share, most)) for x, share in zip(across, shape.now, strict=False)]
        ticks.append(svg.ticks(places, width - 2, **_style(at, len(drawn), alarm)))
    return svg.strokes(ticks)


def _of_values(drawn: Sequence[tuple[WindowDrift, bool, Shape]]) -> list[Html]:
    """The most common values; what is neither common nor new is left out, as its sum would dwarf the rest."""
    labels, before = drawn[0][2].labels, drawn[0][2].before
    used = [any(shape.before[at] or shape.now[at] for _, _, shape in drawn) for at in range(len(labels))]
    shown = [at for at, label in enumerate(labels) if used[at] and label != OTHERS]
    width = (_WIDTH - _LEFT) / len(shown)
    most = max(max(shape.before[at], shape.now[at]) for _, _, shape in drawn for at in shown) or 1.0
    fits = int((width - 2) / svg.LETTER)
    across = [_LEFT + place * width for place in range(len(shown) + 1)]
    bars = [
        svg.box(x + 1, y, width - 2, _BOTTOM - y, strength=0.18, tip=labels[at])
        for at, x, y in ((at, x, _y(before[at], most)) for at, x in zip(shown, across, strict=False))
    ]
    named = [
        svg.words(labels[at], x + width / 2, _BOTTOM + 13, anchor="middle", strength=0.7, most=fits)
        for at, x in zip(shown, across, strict=False)
        if fits >= 3
    ]
    kept = [(window, alarm, shape._replace(now=tuple(shape.now[at] for at in shown))) for window, alarm, shape in drawn]
    return [*bars, _ticked(kept, across, most), *named]


def _style(at: int, count: int, alarm: bool) -> Style:
    """Later windows are stronger; an alarm is thicker and has its tone."""
    strength = 0.35 + 0.65 * (at + 1) / count
    return {"width": 1.6 if alarm else 1.0, "strength": strength, "class_": "bad" if alarm else ""}


def _y(share: float, most: float) -> float:
    return _BOTTOM - share / most * (_BOTTOM - _TOP)


def _described(name: str, drawn: Sequence[tuple[WindowDrift, bool, Shape]]) -> str:
    alarmed = [window.label for window, alarm, _ in drawn if alarm]
    return f"{name}: {len(drawn)} windows over the baseline" + (f"; alarm in {', '.join(alarmed)}" if alarmed else "")
