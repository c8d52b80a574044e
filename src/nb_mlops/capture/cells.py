"""The cells that ran in this kernel, in the order they ran, as they were typed.

A `CellLog` listens to IPython's own events; cells from before it was attached come from IPython's history. It belongs
to its shell and is bounded: what falls off the far end is counted, so that a slice can say that it is incomplete.
"""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple
from weakref import WeakKeyDictionary, ref

from nb_mlops.core.lineage import Cell

MOST_CELLS = 10_000
MOST_CHARACTERS = 20_000_000
_READ_AT_ONCE = 20_000  # characters: a cell up to this long is analysed when it ended (0.3 ms), not at registration


class CellLog:
    """The cells of one shell; `attach` makes it listen, `detach` makes it stop."""

    def __init__(self, shell: Any) -> None:
        self._shell = ref(shell)  # weak: the log must not keep a shell that the program has dropped
        self.dropped = 0  # how many cells are no longer kept
        self._cells: deque[Cell] = deque()
        self._characters = 0
        self._running: Cell | None = None
        self._nested = 0

    def cells(self) -> tuple[Cell, ...]:
        """All cells that ran, the running one last."""
        return (*self._cells, *([self._running] if self._running is not None else []))

    @property
    def running(self) -> Cell | None:
        """The cell that is running now."""
        return self._running

    def started(self, info: Any) -> None:
        """IPython's `pre_run_cell`. A cell that another one runs (`shell.run_cell`) is part of that one."""
        # Any: IPython hands over an ExecutionInfo, whose attributes have grown from release to release.
        shell = self._shell()
        number = _next_number(shell) if info.store_history else None  # without history there is no In[...]
        if self._running is not None and (number is None or number == self._running.number):
            self._nested += 1
            return
        if self._running is not None:  # its end was never told: an interrupt may do that
            self._keep(self._running)
        self._nested = 0
        source = info.raw_cell
        given = getattr(info, "cell_id", None)
        cell_id = given if isinstance(given, str) and given else _front_end_id(shell)
        self._running = Cell(cell_id, number, source if isinstance(source, str) else "")

    def finished(self, result: Any) -> None:
        """IPython's `post_run_cell`."""
        if self._nested:
            self._nested -= 1
            return
        cell, self._running = self._running, None
        if cell is None:
            return
        number = getattr(result, "execution_count", None) if cell.number is not None else None
        failed = getattr(result, "success", True) is False
        exact = number if isinstance(number, int) else cell.number
        self._keep(replace(cell, failed=failed, number=exact) if failed or exact != cell.number else cell)

    def take_history(self) -> None:
        """The cells IPython remembers from before; the newest is the one that runs now."""
        shell = self._shell()
        history = getattr(shell, "history_manager", None)
        sources = list(getattr(history, "input_hist_raw", None) or [])
        failed = getattr(history, "exceptions", None) or {}
        numbered = [(number, source) for number, source in enumerate(sources) if number and isinstance(source, str)]
        ended = getattr(getattr(shell, "last_execution_result", None), "execution_count", None)
        if numbered and numbered[-1][0] != ended:
            number, source = numbered.pop()
            self._running = Cell(_front_end_id(shell), number, source)
        for number, source in numbered:
            self._keep(Cell(None, number, source, number in failed))

    def _keep(self, cell: Cell) -> None:
        self._cells.append(cell)
        self._characters += len(cell.source)
        while self._cells and (len(self._cells) > MOST_CELLS or self._characters > MOST_CHARACTERS):
            self._characters -= len(self._cells.popleft().source)
            self.dropped += 1
        if len(cell.source) <= _READ_AT_ONCE:
            from nb_mlops.capture.effects import effects_of  # late: loading the extension does not wait for the slicer

            try:
                effects_of(cell.source)
            except Exception:  # noqa: BLE001 - it only saves time; a fault shows, and is told, when a version is registered
                return


class _Attached(NamedTuple):
    log: CellLog
    hooks: tuple[tuple[str, Any], ...]


_attached: WeakKeyDictionary[Any, _Attached] = WeakKeyDictionary()


def attach(shell: Any) -> CellLog:
    """The shell's log, listening from now on; attaching again gives the same one."""
    if shell in _attached:
        return _attached[shell].log
    log = CellLog(shell)
    log.take_history()
    # The hooks are kept: a bound method is another object each time, and IPython removes by identity of equals.
    hooks = (("pre_run_cell", log.started), ("post_run_cell", log.finished))
    for event, hook in hooks:
        shell.events.register(event, hook)
    _attached[shell] = _Attached(log, hooks)
    return log


def detach(shell: Any) -> None:
    """Stops listening; for `%unload_ext`."""
    attached = _attached.pop(shell, None)
    if attached is None:
        return
    for event, hook in attached.hooks:
        shell.events.unregister(event, hook)


def log_of(shell: Any | None) -> CellLog | None:
    """The shell's log, attached when it is not yet; None where there is no shell."""
    return None if shell is None else attach(shell)


@dataclass(frozen=True, slots=True)
class SavedCell:
    """A code cell as the notebook file has it."""

    id: str | None
    source: str


def saved_cells(text: bytes) -> tuple[SavedCell, ...]:
    """The code cells of a notebook file in its order; empty when it is no notebook.

    Read as plain JSON: nbformat would cost up to 1.75 s for what two keys say.
    """
    try:
        read = json.loads(text)
    except (ValueError, RecursionError):
        return ()
    cells = read.get("cells") if isinstance(read, dict) else None
    return tuple(
        SavedCell(one["id"] if isinstance(one.get("id"), str) else None, _source(one))
        for one in (cells if isinstance(cells, list) else [])
        if isinstance(one, dict) and one.get("cell_type") == "code"
    )


def order_notes(ran: Sequence[Cell], saved: Sequence[SavedCell]) -> tuple[str, ...]:
    """Where the order the cells ran in is not the saved notebook's order, and which of them it no longer has.

    `ran` are the cells of a slice: a cell off to the side may run whenever its author likes.
    """
    if not saved:
        return ()
    by_id = {one.id: place for place, one in enumerate(saved) if one.id}
    by_source: dict[str, list[int]] = {}
    for number, one in enumerate(saved):
        by_source.setdefault(one.source.strip(), []).append(number)
    notes: list[str] = []
    gone: list[str] = []
    furthest, before = -1, ""
    for cell in ran:
        place = _place(cell, by_id, by_source, after=furthest)
        if place is None:
            gone.append(cell.name)
            continue
        if saved[place].source.strip() != cell.source.strip():
            notes.append(f"{cell.name} was edited after it ran")
        if place < furthest:
            notes.append(f"{cell.name} ran after {before}, but stands above it in the notebook")
        else:
            furthest, before = place, cell.name
    if gone:
        notes.append(f"not in the notebook as last saved: {', '.join(gone[:10])}{', ...' if len(gone) > 10 else ''}")
    return tuple(notes)


def _place(cell: Cell, by_id: Mapping[str, int], by_source: Mapping[str, list[int]], *, after: int) -> int | None:
    """Where the cell stands: by its id, else by its text (of equal texts the one that fits the order)."""
    if cell.id is not None and cell.id in by_id:
        return by_id[cell.id]
    places = by_source.get(cell.source.strip())
    if not places:
        return None
    return next((place for place in places if place >= after), places[0])


def _source(cell: Mapping[str, Any]) -> str:
    source = cell.get("source", "")
    if isinstance(source, list):
        return "".join(line for line in source if isinstance(line, str))
    return source if isinstance(source, str) else ""


def _next_number(shell: Any | None) -> int | None:
    """The number of the cell that is about to run. IPython 9 counts up before `pre_run_cell`, 8 after the cell."""
    count = getattr(shell, "execution_count", None)
    stored = len(getattr(getattr(shell, "history_manager", None), "input_hist_raw", None) or [])
    return stored if isinstance(count, int) and stored in (count, count - 1) else count


def _front_end_id(shell: Any | None) -> str | None:
    """The cell's id as JupyterLab and VS Code send it with the request; nbclient sends none."""
    get_parent = getattr(shell, "get_parent", None)
    try:
        given = get_parent()["metadata"].get("cellId") if get_parent else None
    except (AttributeError, KeyError, TypeError):
        return None  # no request, or one without metadata: the id is unknown then
    return given if isinstance(given, str) else None
