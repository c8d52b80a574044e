"""The slice of a version: of all the cells that ran, those its last one depends on, in the order they ran.

`Flow` looks forward over the cells; here is the way back: a cell belongs to the slice when it changed something that
is still needed. Where the answer is uncertain a cell is taken in; where it cannot be known, the slice says
"slice incomplete: ..." and why.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from nb_mlops.capture.flow import SETTINGS_MADE, Flow
from nb_mlops.capture.pure import BUILTINS
from nb_mlops.core.lineage import Cell, Slice


def slice_of(cells: Sequence[Cell], targets: Iterable[str] = ()) -> Slice:
    """The cells that the last one, and the names in `targets` after it, depend on; the last one always belongs."""
    return sliced(cells, targets)[0]


def sliced(cells: Sequence[Cell], targets: Iterable[str] = ()) -> tuple[Slice, tuple[str, ...]]:
    """`slice_of`, and one sentence for each name that the slice used and a cell outside it changed later."""
    flow = _taken_up(cells)
    found = _walked_back(flow, list(targets))
    changed = _changed_after_use(flow, found)
    _kept.append(flow)
    return found, changed


# The last flow, so that the next registration of a long notebook only looks at what ran since. A flow is taken out
# while it is used: two threads never share one.
_kept: list[Flow] = []


def _taken_up(cells: Sequence[Cell]) -> Flow:
    """The kept flow with the new cells added, when its cells are the first of these; else a new one."""
    try:
        flow = _kept.pop()
    except IndexError:
        flow = Flow()
    _kept.clear()
    seen = len(flow.cells)
    if seen > len(cells) or any(kept != given for kept, given in zip(flow.cells, cells, strict=False)):
        flow, seen = Flow(), 0
    for cell in cells[seen:]:
        flow.add(cell)
    return flow


def _walked_back(flow: Flow, targets: list[str]) -> Slice:
    """The last cell and what it needs, from the last to the first."""
    if not flow.cells:
        return Slice((), False, ("slice incomplete: no cell is known to have run",))
    needed = {*targets, SETTINGS_MADE}
    unset = [name for name in targets if name not in flow.objects and name not in BUILTINS]
    notes = [f"no cell that ran here sets `{name}`" for name in unset]
    homeless = bool(unset)  # a name is read that only a star import can have brought
    taken: list[Cell] = []
    last = len(flow.cells) - 1
    for index in range(last, -1, -1):
        facts, cell = flow.facts[index], flow.cells[index]
        changed = facts.writes & needed
        if index != last and not (changed or facts.opaque or (facts.stars and homeless)):
            continue
        if index != last and cell.failed:
            if named := _named(changed):
                notes.append(f"{cell.name} failed and is left out, but it may have changed {named}")
            continue
        taken.append(cell)
        needed = (needed - facts.kills) | facts.reads
        homeless = homeless or bool(facts.missing)
        notes.extend(_doubts(flow, index))
    said = tuple(f"slice incomplete: {note}" for note in dict.fromkeys(reversed(notes)))
    return Slice(tuple(reversed(taken)), not said, said)


def _doubts(flow: Flow, index: int) -> list[str]:
    """Why running this cell again may not do what it did."""
    facts, name = flow.facts[index], flow.cells[index].name
    star = next((module for earlier in flow.facts[: index + 1] for module in earlier.stars), None)
    maybe = f"; it may come from `from {star} import *`" if star else ""
    shown = sorted(read for read in facts.reads if read == "Out" or (read[:1] == "_" and read[1:].isdigit()))
    return [
        *(f"{name} runs {what}, which cannot be followed" for what in facts.opaque),
        *(f"{name} uses {note}" for note in facts.notes),
        *(f"{name} uses `{missing}`, which no cell that ran here sets{maybe}" for missing in sorted(facts.missing)),
        *(f"{name} uses `{output}`, whose number changes when cells run again" for output in shown),
    ]


def _changed_after_use(flow: Flow, found: Slice) -> tuple[str, ...]:
    """One sentence for each name that a cell of the slice used and a cell outside it changed later."""
    inside = {id(cell) for cell in found.cells}
    users: dict[str, Cell] = {}
    said: dict[str, str] = {}
    for cell, facts in zip(flow.cells, flow.facts, strict=True):
        if id(cell) in inside:
            users.update(dict.fromkeys((name for name in facts.reads if not name.startswith("<")), cell))
            continue
        for name in sorted(facts.writes & users.keys()):
            if name not in flow.origins and name not in said:
                said[name] = f"{name} was changed by {cell.name} after {users[name].name} had used it"
    return tuple(said.values())


def _named(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in sorted(names) if not name.startswith("<"))
