"""A history as a file for people elsewhere: .csv for a spreadsheet, .json for a program, .html to read and print."""

from __future__ import annotations

import csv
import io
import json
import os
from collections.abc import Callable
from pathlib import Path

from nb_mlops.core.errors import BadInput
from nb_mlops.core.history import History
from nb_mlops.core.page import page
from nb_mlops.core.shown import Shown
from nb_mlops.notebook.views.history import whole_history

_RUNS = ("=", "+", "-", "@", "\t", "\r", "\n")  # a spreadsheet takes such a cell for a formula


def export(told: Shown, path: str) -> None:
    """Writes the history to `path`, by its ending; what is there is replaced. Raises BadInput for another ending."""
    assert isinstance(told, History), "only histories are exported"
    target = Path(path).expanduser()
    write = _WRITERS.get(target.suffix.lower())
    if write is None:
        raise BadInput(f"{target.name or path} has none of the endings .csv, .json, .html.", "Choose one of them.")
    made = target.with_name(f".{target.name}.{os.getpid()}")
    try:
        made.write_bytes(write(told).encode("utf-8", "backslashreplace"))
        made.replace(target)
    except OSError as error:
        made.unlink(missing_ok=True)
        raise BadInput(f"{target} cannot be written: {os.strerror(error.errno or 0)}.", "Name another file.") from error


def cell(value: object) -> str:
    """A value as a cell that no spreadsheet runs.

    >>> cell("=cmd()"), cell(7)
    ("'=cmd()", '7')
    """
    text = str(value)
    return f"'{text}" if text.lstrip().startswith(_RUNS) or text.startswith(_RUNS) else text


def _csv(told: History) -> str:
    lines = io.StringIO(newline="")
    rows = [entry.to_dict() for entry in told.entries]
    columns = ["sequence", "at", "actor", "act", "told", "said", "hash"]
    writer = csv.writer(lines, quoting=csv.QUOTE_ALL)
    writer.writerow(columns)
    writer.writerows([cell(row[column]) for column in columns] for row in rows)
    return lines.getvalue()


def _json(told: History) -> str:
    return json.dumps(told.to_dict(), indent=1)


def _html(told: History) -> str:
    return page(f"history of {told.name}", whole_history(told))


_WRITERS: dict[str, Callable[[History], str]] = {".csv": _csv, ".json": _json, ".html": _html}
