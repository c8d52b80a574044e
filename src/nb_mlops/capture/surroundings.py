"""All that surrounds a fit, gathered at once: each probe may say "unknown", none may stop a registration."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from nb_mlops.capture import cells as cell_logs
from nb_mlops.capture import notebook as notebooks
from nb_mlops.capture.environment import environment_of
from nb_mlops.capture.git import git_of
from nb_mlops.capture.notebook import notebook_of
from nb_mlops.capture.parameters import parameters_of
from nb_mlops.capture.runs import runs_of
from nb_mlops.capture.secrets import mask, mask_plain
from nb_mlops.capture.slices import sliced
from nb_mlops.core.lineage import Cell, Git, Lineage, Notebook, Slice

if TYPE_CHECKING:
    from nb_mlops.core.dataprint import DataPrint

_Known = TypeVar("_Known")


def surroundings(
    shell: Any | None,
    *,
    targets: Iterable[str] = (),
    cells: Sequence[Cell] | None = None,
    data: tuple[DataPrint, ...] = (),
    data_source: str | None = None,
    code: bool = True,
) -> Lineage:
    """The lineage of what the running cell made, secrets masked.

    `targets` are the names that are registered (the estimator's, the data's): their cells belong to the slice.
    `cells` stand in for the shell's own log. With `code=False` no cell text is kept, nor what is read from it.
    """
    asked = _Asked()
    ran = asked.of("cells", lambda: _ran(shell, cells)) or ()
    notebook = asked.of("notebook", lambda: notebook_of(shell)) or Notebook()
    traced = asked.of("slice", lambda: sliced(ran, targets)) if code and ran else None
    part, doubts = traced or (None, ())
    dropped = asked.of("cells", lambda: _dropped(shell, cells)) or 0
    if part is not None and dropped:
        note = f"slice incomplete: the first {dropped} cells of this session are no longer kept"
        part = Slice(part.cells, False, (*part.notes, note))
    order = asked.of("order", lambda: _order(notebook, part)) or ()
    # Last, and what cannot be masked is not kept: an unknown slice is better than a stored password.
    safe, hidden = (asked.of("masking", lambda: _safe(part)) if part else None) or (None, ())
    return Lineage(
        notebook=notebook,
        cell=asked.of("cell", lambda: _safe_cell(ran[-1])) if ran and code else None,
        slice=safe,
        parameters=asked.of("parameters", lambda: parameters_of(ran)) or {},
        data=data,
        environment=asked.of("environment", environment_of),
        git=asked.of("git", lambda: _git(notebook)),
        runs=asked.of("runs", runs_of) or (),
        data_source=mask_plain(data_source)[0] if data_source else None,
        warnings=(*doubts, *order, *hidden, *asked.unknown),
    )


class _Asked:
    """Asks probes, and keeps the reason of each that failed."""

    def __init__(self) -> None:
        self.unknown: list[str] = []

    def of(self, what: str, probe: Callable[[], _Known]) -> _Known | None:
        """The probe's answer, or None and a reason."""
        try:
            return probe()
        except Exception as error:  # noqa: BLE001 - a six-hour fit is not lost because a side fact cannot be known
            reason = mask_plain(str(error))[0].replace("\n", " ")[:200]
            self.unknown.append(f"{what}: unknown ({type(error).__name__}: {reason})")
            return None


def _ran(shell: Any | None, cells: Sequence[Cell] | None) -> tuple[Cell, ...]:
    if cells is not None:
        return tuple(cells)
    log = cell_logs.log_of(shell)
    return log.cells() if log is not None else ()


def _dropped(shell: Any | None, cells: Sequence[Cell] | None) -> int:
    log = cell_logs.log_of(shell) if cells is None else None
    return log.dropped if log is not None else 0


def _git(notebook: Notebook) -> Git | None:
    folder = Path(notebook.path).parent if notebook.path else None
    return git_of(str(folder) if folder is not None and folder.is_dir() else None)


def _order(notebook: Notebook, part: Slice | None) -> tuple[str, ...]:
    saved = notebooks.saved_notebook(notebook.path)
    return cell_logs.order_notes(part.cells, saved.cells) if saved and part else ()


def _safe(part: Slice) -> tuple[Slice, tuple[str, ...]]:
    """The slice without secrets, and how many there were."""
    count = sum(mask(cell.source)[1] for cell in part.cells)
    said = (f"{count} literals that look like secrets were masked in the code",) if count else ()
    return Slice(tuple(_safe_cell(cell) for cell in part.cells), part.complete, part.notes), said


def _safe_cell(cell: Cell) -> Cell:
    source, count = mask(cell.source)
    return Cell(cell.id, cell.number, source, cell.failed) if count else cell
