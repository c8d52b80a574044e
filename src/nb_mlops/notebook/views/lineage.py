"""Lineage drawn: data, notebook, cells, parameters, environment and commit on the left, the version, its aliases."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from nb_mlops.core.version import short
from nb_mlops.notebook.html import Html, code, cut, fold, heading, join, notes, tag, view

if TYPE_CHECKING:
    from nb_mlops.core.lineage import Cell, Lineage

_BOX, _GAP = 350, 8  # width of a box and the space between boxes, in px
_CHARACTERS = 46  # of 12 px text fit into a box
_MIDDLE, _MIDDLE_BOX = 430, 160
_RIGHT, _RIGHT_BOX = 660, 140
_ONE_LINE, _LINE = 40, 16
_MOST_CODE = 12_000  # characters of cells in one output


@dataclass(frozen=True)
class _Node:
    """A box: what it is, and at most three lines about it; unknown ones are dashed."""

    title: str
    lines: tuple[str, ...]
    known: bool = True

    @property
    def height(self) -> int:
        return _ONE_LINE + _LINE * (len(self.lines) - 1)


def lineage(value: Lineage) -> Html:
    """The graph, the warnings, and the cells and packages to unfold."""
    ref = value.ref or "this version"
    return view(
        heading(f"lineage of {ref}"),
        _graph(list(_sources(value)), ref, value.aliases[:6]),
        notes(value.warnings),
        _cells(value),
        _packages(value),
        label=f"lineage of {ref}",
    )


def _sources(value: Lineage) -> Iterator[_Node]:
    yield _data(value)
    yield _notebook(value)
    yield _slice(value)
    if value.parameters:
        first = list(value.parameters.items())[:3]
        yield _Node("parameters", tuple(f"{name} = {short(given)}" for name, given in first))
    yield _environment(value)
    yield _git(value)
    for run in value.runs[:2]:
        yield _Node(f"{run.tool} run", (run.url or run.id,))


def _data(value: Lineage) -> _Node:
    lines = [str(part) for part in value.data[:2]]
    lines += [value.data_source] if value.data_source else []
    return _Node("data", tuple(lines) or ("unknown",), bool(lines))


def _notebook(value: Lineage) -> _Node:
    found = value.notebook
    if found is None or not found.path:
        return _Node("notebook", ("unknown" if found is None else f"unknown, run in {found.where}",), known=False)
    return _Node("notebook", (_tail(found.path), f"run in {found.where}"))


def _slice(value: Lineage) -> _Node:
    if value.slice is None or not value.slice.cells:
        return _Node("code", (value.cell.name if value.cell else "unknown",), value.cell is not None)
    names = [cell.name for cell in value.slice.cells]
    shown = ", ".join(names[:5]) + (f" and {len(names) - 5} more" if len(names) > 5 else "")
    complete = "all it depends on" if value.slice.complete else "incomplete: see below"
    return _Node("code", (shown, complete))


def _environment(value: Lineage) -> _Node:
    found = value.environment
    if found is None:
        return _Node("environment", ("unknown",), known=False)
    return _Node("environment", (f"Python {found.python}, {len(found.packages)} packages", found.platform))


def _git(value: Lineage) -> _Node:
    found = value.git
    if found is None or not found.commit:
        return _Node("git", ("no commit",), known=False)
    state = {True: "with uncommitted changes", False: "clean", None: ""}[found.dirty]
    commit = f"{found.commit[:12]} on {found.branch or 'no branch'}"
    return _Node("git", (commit, state) if state else (commit,))


def _graph(sources: list[_Node], ref: str, aliases: tuple[str, ...]) -> Html:
    tops, total = [], 0
    for node in sources:
        tops.append(total)
        total += node.height + _GAP
    total -= _GAP
    middle = total / 2
    boxes = [_box(0, top, _BOX, node) for top, node in zip(tops, sources, strict=True)]
    edges = [
        _edge(_BOX, top + node.height / 2, _MIDDLE, middle, node.known) for top, node in zip(tops, sources, strict=True)
    ]
    centre = _box(_MIDDLE, middle - _ONE_LINE / 2, _MIDDLE_BOX, _Node("version", (ref,)), strong=True, most=22)
    ends = []
    first = middle - (len(aliases) * (_ONE_LINE + _GAP) - _GAP) / 2
    for at, alias in enumerate(aliases):
        top = first + at * (_ONE_LINE + _GAP)
        ends.append(_box(_RIGHT, top, _RIGHT_BOX, _Node("alias", (alias,)), most=18))
        ends.append(_edge(_MIDDLE + _MIDDLE_BOX, middle, _RIGHT, top + _ONE_LINE / 2, True))
    width = _RIGHT + _RIGHT_BOX if aliases else _MIDDLE + _MIDDLE_BOX
    said = f"{', '.join(node.title for node in sources)} lead to {ref}" + (f", {', '.join(aliases)}" if aliases else "")
    return _svg(width + 2, total + 2, cut(said, 300), *edges, *boxes, centre, *ends)


def _box(x: float, y: float, width: float, node: _Node, *, strong: bool = False, most: int = _CHARACTERS) -> Html:
    dash = "" if node.known else "4 3"
    frame = tag(
        "rect",
        x=f"{x:g}", y=f"{y:g}", width=f"{width:g}", height=f"{node.height}", rx="4", fill="currentColor",
        fill_opacity=".06" if node.known else "0", stroke="currentColor",
        stroke_opacity=".75" if strong else ".3", stroke_dasharray=dash,
    )  # fmt: skip
    title = tag(
        "text", cut(node.title, 40), x=f"{x + 10:g}", y=f"{y + 15:g}", font_size="11", fill="currentColor",
        fill_opacity=".65",
    )  # fmt: skip
    lines = [
        tag(
            "text", cut(text, most), x=f"{x + 10:g}", y=f"{y + 31 + _LINE * at:g}", font_size="12", fill="currentColor",
            font_weight="600" if strong else "", fill_opacity="" if node.known else ".7",
        )
        for at, text in enumerate(node.lines)
    ]  # fmt: skip
    # Text outside <text> is not drawn; where a viewer takes the drawing away, it keeps the words apart.
    return tag("g", frame, title, ": ", join(lines, ", "), "; ")


def _edge(x: float, y: float, to_x: float, to_y: float, known: bool) -> Html:
    half = (x + to_x) / 2
    path = f"M{x:g} {y:g}C{half:g} {y:g} {half:g} {to_y:g} {to_x:g} {to_y:g}"
    return tag(
        "path", d=path, fill="none", stroke="currentColor", stroke_opacity=".4", stroke_dasharray="" if known else "4 3"
    )


def _svg(width: float, height: float, label: str, *children: Html) -> Html:
    return tag(
        "svg", *children, xmlns="http://www.w3.org/2000/svg", viewBox=f"-1 -1 {width:g} {height:g}", width=f"{width:g}",
        height=f"{height:g}", role="img", aria_label=label,
    )  # fmt: skip


def _cells(value: Lineage) -> Html | None:
    if value.slice is None or not value.slice.cells:
        return None
    cells, said = value.slice.cells, value.slice.notes
    return fold(f"the code, {len(cells)} cells", join(_sources_of(cells)), notes(said))


def _sources_of(cells: tuple[Cell, ...]) -> Iterator[Html]:
    left = _MOST_CODE
    for at, cell in enumerate(cells):
        if left <= 0:
            yield tag("p", f"… and {len(cells) - at} cells more: `.slice.source` has them all")
            return
        yield join([tag("p", cell.name, class_="m"), code(cell.source, most=left)])
        left -= len(cell.source)


def _packages(value: Lineage) -> Html | None:
    if value.environment is None or not value.environment.packages:
        return None
    return fold("packages", code(value.environment.lock, most=6_000))


def _tail(path: str) -> str:
    """The end of a path, where its name is."""
    return path if len(path) <= _CHARACTERS else f"…{path[1 - _CHARACTERS :]}"
