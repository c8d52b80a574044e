"""Building blocks of drawings: shapes as inline SVG that take their colour from the text around them.

Everything is drawn in `currentColor`, stronger or fainter, so a drawing reads in light and dark pages, in print and in
a saved notebook without scripts; a shape of class `good`, `bad` or `warn` gets the view's tone. Text is escaped by
`tag`. Every drawing carries a title and a description for those who cannot see it.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from nb_mlops.notebook.html import Html, cut, join, tag

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

LETTER = 6.1  # the width of an average letter at 11 px, to know what fits


def drawing(width: float, height: float, *children: Html | None, title: str, described: str = "") -> Html:
    """A whole drawing of this size in pixels; it shrinks with its page."""
    return tag(
        "svg",
        tag("title", title),
        tag("desc", described) if described else None,
        *children,
        xmlns="http://www.w3.org/2000/svg",
        viewBox=f"0 0 {_short(width)} {_short(height)}",
        width=_short(width),
        height=_short(height),
        role="img",
        aria_label=title,
        font_size="11",
        fill="currentColor",
    )


def group(*children: Html | None, x: float = 0, y: float = 0, class_: str = "", opacity: float = 1.0) -> Html:
    """Shapes moved together."""
    moved = f"translate({_short(x)} {_short(y)})" if x or y else ""
    return tag("g", *children, transform=moved, class_=class_, opacity=_short(opacity) if opacity < 1 else "")


def box(
    x: float, y: float, width: float, height: float, *, strength: float = 1.0, tip: str = "", class_: str = ""
) -> Html:
    """A filled rectangle; `strength` from 0 (nothing) to 1 (as dark as the text); `tip` shows when pointed at."""
    return tag(
        "rect",
        tag("title", tip) if tip else None,
        x=_short(x),
        y=_short(y) if y else "",
        width=_short(max(width, 0)),
        height=_short(max(height, 0)),
        fill_opacity=_short(strength) if strength < 1 else "",
        class_=class_,
    )


def boxes(
    places: Iterable[tuple[float, float]], width: float, height: float, *, strength: float = 1.0, class_: str = ""
) -> Html:
    """Rectangles of one size and shade, as one shape; `places` are their upper left corners."""
    w, h = _short(width), _short(height)
    path = "".join(f"M{_short(x)} {_short(y)}h{w}v{h}h-{w}z" for x, y in places)
    return tag("path", d=path, fill_opacity=_short(strength) if strength < 1 else "", class_=class_)


def diamonds(places: Iterable[tuple[float, float]], radius: int = 4, *, tip: str = "", class_: str = "") -> Html | None:
    """A diamond about each point: the shape of an alarm. None where there is no point."""
    r = f"{radius}"
    path = "".join(f"M{_short(x)} {_short(y - radius)}l{r} {r}-{r} {r}-{r}-{r}z" for x, y in places)
    return tag("path", tag("title", tip) if tip else None, d=path, class_=class_) if path else None


def line(points: Sequence[tuple[float, float]], *, width: float = 1.0, strength: float = 1.0, class_: str = "") -> Html:
    """A line through points, to the nearest pixel (so that a dozen stay small); to be put in `strokes`."""
    near = [(round(x), round(y)) for x, y in points]
    steps = (f"{x - x0} {y - y0}" for (x0, y0), (x, y) in pairwise(near))
    path = f"M{near[0][0]} {near[0][1]}l{' '.join(steps)}".replace(" -", "-")
    return stroke(path, width=width, strength=strength, class_=class_, in_group=True)


def ticks(
    places: Iterable[tuple[float, float]], length: float, *, width: float = 1.0, strength: float = 1.0, class_: str = ""
) -> Html:
    """Short level strokes, each starting at its place; to be put in `strokes`."""
    path = "".join(f"M{_short(x)} {_short(y)}h{_short(length)}" for x, y in places)
    return stroke(path, width=width, strength=strength, class_=class_, in_group=True)


def stroke(path: str, *, width: float = 1.0, strength: float = 1.0, class_: str = "", in_group: bool = False) -> Html:
    """A path drawn as a line; `path` is made of numbers by the caller, never of text."""
    return tag(
        "path",
        d=path,
        fill="" if in_group else "none",
        stroke="" if in_group else "currentColor",
        stroke_width=_short(width) if width != 1 else "",
        stroke_opacity=_short(strength) if strength < 1 else "",
        class_=class_,
    )


def area(edges: Sequence[float], heights: Sequence[float], floor: float, *, strength: float = 0.18) -> Html:
    """A filled outline of bars that touch: `edges` has one more entry than `heights` (both in pixels)."""
    top = "".join(f"V{_short(y)}H{_short(x)}" for x, y in zip(edges[1:], heights, strict=True))
    return tag("path", d=f"M{_short(edges[0])} {_short(floor)}{top}V{_short(floor)}z", fill_opacity=_short(strength))


def words(
    text: object, x: float, y: float, *, anchor: str = "", strength: float = 1.0, most: int = 60, class_: str = ""
) -> Html:
    """A line of text, cut at `most` characters; `anchor` 'middle' or 'end' puts its middle or end at x."""
    return tag(
        "text",
        cut(text, most),
        x=_short(x),
        y=_short(y),
        text_anchor=anchor,
        fill_opacity=_short(strength) if strength < 1 else "",
        class_=class_,
    )


def bar(share: float, *, width: int = 110, mark: float | None = None, class_: str = "") -> Html:
    """A bar from 0 to 1 beside its number on one line of a table, with an upright stroke at `mark`.

    The number says it all to those who cannot see it, so the bar is hidden from screen readers.
    """
    return tag(
        "svg",
        box(0, 2, max(width * min(max(share, 0.0), 1.0), 0.5), 9, strength=1 if class_ else 0.5, class_=class_),
        stroke(f"M{_short(width * mark)} 0v13", strength=0.6) if mark is not None else None,
        width=f"{width}",
        height="13",
        aria_hidden="true",
        fill="currentColor",
        # the view's rule for drawings would shrink it to nothing in a table cell
        style="max-width:none;margin:0;display:inline",
    )


def strokes(shapes: Iterable[Html]) -> Html:
    """Lines and ticks that were made with `in_group`: what they share is said once."""
    return tag("g", *shapes, fill="none", stroke="currentColor")


def side_by_side(drawings: Iterable[Html]) -> Html:
    """Drawings in a row that breaks where the page is narrow."""
    return tag("div", join(drawings), style="display:flex;flex-wrap:wrap;gap:.2em 1.6em")


def _short(number: float) -> str:
    """A number with at most two decimals, and no zero that says nothing."""
    text = f"{number:.2f}".rstrip("0").rstrip(".")
    return "0" if text in ("-0", "") else text.replace("0.", ".", 1) if text.startswith("0.") else text
