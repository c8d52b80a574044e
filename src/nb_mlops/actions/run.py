"""`run` and `ci`: notebooks executed unattended by papermill, with registry, path and parameters handed to the kernel.

A closed gate or a failed check stops the notebook there; the executed notebook is kept either way.
"""

from __future__ import annotations

import json
import os
import sqlite3
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from nb_mlops.actions.connect import current
from nb_mlops.actions.registry import Registry
from nb_mlops.core.errors import BadInput, NotFound
from nb_mlops.core.listing import Listing
from nb_mlops.core.run import Run
from nb_mlops.storage.disk import reported

Progress = Callable[[str, int, int], None]  # (notebook, cells done, cells in all)

_MAX_REASON = 2_000


def run(
    notebook: str | os.PathLike[str],
    parameters: Mapping[str, Any] | None = None,
    *,
    output: str | os.PathLike[str] | None = None,
    must_pass: bool = True,
    progress: Progress | None = None,
    registry: Registry | str | None = None,
) -> Run:
    """Executes a notebook; gives how it came out and raises NotebookFailed where a cell did, unless it need not pass.

    `output` is where the executed notebook goes: a file or a folder; left out, `NAME-executed.ipynb` beside it.
    """
    source = Path(notebook).absolute()
    if not source.is_file():
        raise NotFound(f"There is no notebook {source}.", "Give the path of an .ipynb file.")
    place = current(registry)
    target = _target(source, output)
    begun = time.monotonic()
    with reported("making the folder of the executed notebook", target.parent):
        target.parent.mkdir(parents=True, exist_ok=True)
    with inherited(_environment(place, source, target, parameters or {})):
        cells, failure = _papermill(source, target, parameters or {}, progress)
    failed_cell, error, reason = failure or (None, "", "")
    done = Run(str(notebook), str(target), cells, round(time.monotonic() - begun, 2), failed_cell, error, reason)
    return done.raise_if_failed() if must_pass else done


def ci(
    folder: str | os.PathLike[str],
    *,
    output: str | os.PathLike[str] = "executed",
    progress: Progress | None = None,
    registry: Registry | str | None = None,
) -> Listing[Run]:
    """Executes every notebook of a folder in the order of their names, also those after one that failed."""
    root = Path(folder)
    target = Path(output)
    notebooks = sorted(path for path in root.glob("*.ipynb") if not path.stem.endswith("-executed"))
    if not notebooks:
        raise NotFound(f"There is no notebook in {root}.", "Give a folder that holds *.ipynb files.")
    with reported("making the folder of executed notebooks", target):
        target.mkdir(parents=True, exist_ok=True)
    runs = tuple(run(path, output=target, must_pass=False, progress=progress, registry=registry) for path in notebooks)
    return Listing(runs, ("notebook", "passed", "cells", "seconds", "error", "reason"), title=f"notebooks of {root}")


def _papermill(
    source: Path, target: Path, parameters: Mapping[str, Any], progress: Progress | None
) -> tuple[int, tuple[int, str, str] | None]:
    """The number of cells, and where and why it stopped (cell, error, reason), or None."""
    import papermill
    from papermill.exceptions import PapermillExecutionError

    from nb_mlops.capture.secrets import mask_plain

    cells, kernel = _look_at(source)

    def done(cell: Any, cell_index: int, **more: Any) -> None:
        if progress is not None:
            progress(source.name, min(cell_index + 1, cells), cells)

    try:
        papermill.execute_notebook(
            str(source),
            str(target),
            parameters=dict(parameters),
            cwd=str(source.parent),
            kernel_name=kernel,
            progress_bar=False,
            on_cell_complete=done,
            # Its warnings are about the machine (TCP without encryption); they would stand between our lines.
            extra_arguments=["--IPKernelApp.log_level=50"],
        )
    except PapermillExecutionError as error:
        return cells, (error.cell_index + 1, str(error.ename), mask_plain(str(error.evalue))[0][:_MAX_REASON])
    finally:
        _mask_secrets(target)
        _sign(target)
    return cells, None


def _sign(executed: Path) -> None:
    """Marks the executed notebook as one's own: JupyterLab strips styles and drawings from others'."""
    import nbformat
    from nbformat import sign

    if not executed.exists():
        return
    library: Any = nbformat  # which ships no types
    notary: Any = sign.NotebookNotary
    try:
        notary().sign(library.read(executed, as_version=4))
    except (OSError, sqlite3.Error):  # a home that cannot be written: the notebook shows itself without styles
        return


def _mask_secrets(executed: Path) -> None:
    """Takes secrets out of what papermill wrote of the parameters (a cell, the metadata) and of errors that stopped it.

    What people typed into cells stays as they typed it, and what their cells print stays as printed.
    """
    from nb_mlops.capture.secrets import mask, mask_plain, mask_value

    try:
        notebook = json.loads(executed.read_text(encoding="utf-8"))
    except (OSError, ValueError):  # papermill stopped before it wrote a notebook
        return
    before = json.dumps(notebook)
    for cell in notebook.get("cells", []):
        if {"injected-parameters", "papermill-error-cell-tag"} & set(cell.get("metadata", {}).get("tags", [])):
            source = cell["source"]
            cell["source"] = mask(source if isinstance(source, str) else "".join(source))[0]
        for output in cell.get("outputs", []):
            if output.get("output_type") == "error":
                output["evalue"] = mask_plain(output["evalue"])[0]
                output["traceback"] = [mask_plain(line)[0] for line in output["traceback"]]
    papermill = notebook.get("metadata", {}).get("papermill", {})
    for place in ("parameters", "environment_variables"):
        if place in papermill:
            papermill[place] = mask_value(place, papermill[place])[0]
    if json.dumps(notebook) != before:
        executed.write_text(json.dumps(notebook, indent=1, ensure_ascii=False), encoding="utf-8")


def _look_at(source: Path) -> tuple[int, str | None]:
    """How many cells a notebook has, and the kernel to run it with where it names none itself."""
    try:
        notebook = json.loads(source.read_text(encoding="utf-8"))
        named = "name" in notebook.get("metadata", {}).get("kernelspec", {})
        return len(notebook["cells"]), None if named else "python3"
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise BadInput(f"{source} is not a notebook.", "Open and save it in Jupyter once.") from error


def _target(source: Path, output: str | os.PathLike[str] | None) -> Path:
    if output is None:
        return source.with_name(f"{source.stem}-executed.ipynb")
    given = Path(output).absolute()
    return given if given.suffix == ".ipynb" else given / source.name


def _environment(registry: Registry, source: Path, target: Path, parameters: Mapping[str, Any]) -> dict[str, str]:
    """What the kernel of a notebook is told."""
    return {
        "NB_MLOPS_NOTEBOOK": str(source),
        "NB_MLOPS_PARAMETERS": json.dumps(parameters, default=str),
        "NB_MLOPS_UNATTENDED": "1",
        "NB_MLOPS_REGISTRY": registry.address,
        "NB_MLOPS_ACTOR": registry.actor.name,
        "NB_MLOPS_OUTBOX": os.environ.get("NB_MLOPS_OUTBOX") or str(target.parent / f"{target.stem}-outbox"),
    }


@contextmanager
def inherited(given: Mapping[str, str]) -> Iterator[None]:
    """Variables that a kernel inherits: they are set in this process, since papermill hands no environment on."""
    before = {name: os.environ.get(name) for name in given}
    os.environ.update(given)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
