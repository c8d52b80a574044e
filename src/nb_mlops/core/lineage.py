"""What produced a version: notebook, cells, parameters, data, environment and commit, as far as it could be known.

`None` always means "unknown", and `Lineage.warnings` says why. Everything here is text that somebody else wrote
(cell sources, branch names, paths): `to_text()` takes the control characters out, views escape the rest.
"""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar, TypeVar

from nb_mlops.core.errors import Damaged
from nb_mlops.core.shown import Json, Shown

if TYPE_CHECKING:
    from nb_mlops.core.dataprint import DataPrint

_Part = TypeVar("_Part")
UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Notebook:
    """Where the code ran: `where` is 'jupyterlab', 'vscode', 'papermill', 'colab', 'jupyter', 'ipython' or 'python'."""

    path: str | None = None
    sha256: str | None = None  # of the file as last saved, which may be older than what ran
    where: str = UNKNOWN

    def to_dict(self) -> dict[str, Json]:
        """The notebook as JSON."""
        return {"path": self.path, "sha256": self.sha256, "where": self.where}

    @classmethod
    def from_dict(cls, given: Json) -> Notebook:
        """The notebook that `to_dict` wrote; raises Damaged."""
        made = _mapping(given, "notebook")
        return cls(_text_or_none(made, "path"), _text_or_none(made, "sha256"), _text(made, "where", UNKNOWN))


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell as it was typed and run; `number` is the 3 of In [3]. A failed cell may have stopped half way."""

    id: str | None
    number: int | None
    source: str
    failed: bool = False

    @property
    def name(self) -> str:
        """How a person names the cell: `In [3]`."""
        return f"In [{self.number}]" if self.number is not None else "In [?]"

    def to_dict(self) -> dict[str, Json]:
        """The cell as JSON."""
        return {"id": self.id, "number": self.number, "source": self.source, "failed": self.failed}

    @classmethod
    def from_dict(cls, given: Json) -> Cell:
        """The cell that `to_dict` wrote; raises Damaged."""
        made = _mapping(given, "cell")
        number = made.get("number")
        if number is not None and (not isinstance(number, int) or isinstance(number, bool)):
            raise Damaged("The lineage's cell number is not a number.", _HINT)
        return cls(_text_or_none(made, "id"), number, _text(made, "source", ""), made.get("failed") is True)


@dataclass(frozen=True, slots=True)
class Slice:
    """The cells that the last of them depends on, in the order they ran; where `complete` is False, `notes` say why."""

    cells: tuple[Cell, ...] = ()
    complete: bool = True
    notes: tuple[str, ...] = ()

    @property
    def source(self) -> str:
        """The cells' text, one after the other, with a blank line between."""
        return "\n\n".join(cell.source for cell in self.cells)

    @property
    def sha256(self) -> str:
        """The digest of what the cells say: running the same cells again, under other numbers, gives the same one."""
        framed = "".join(f"{len(cell.source)}:{cell.source}" for cell in self.cells)
        return hashlib.sha256(framed.encode("utf-8", "surrogatepass")).hexdigest()

    def to_dict(self) -> dict[str, Json]:
        """The slice as JSON."""
        return {
            "cells": [cell.to_dict() for cell in self.cells],
            "complete": self.complete,
            "notes": list(self.notes),
        }

    @classmethod
    def from_dict(cls, given: Json) -> Slice:
        """The slice that `to_dict` wrote; raises Damaged."""
        made = _mapping(given, "slice")
        cells = tuple(Cell.from_dict(cell) for cell in _list(made, "cells"))
        return cls(cells, made.get("complete") is True, _texts(made, "notes"))


@dataclass(frozen=True, slots=True)
class Environment:
    """Python, platform and the installed packages by normalised name; `local` ones came from a folder or a URL."""

    python: str
    platform: str
    packages: dict[str, str] = field(default_factory=dict)
    local: tuple[str, ...] = ()
    complete: bool = True

    @property
    def lock(self) -> str:
        """One `name==version` a line, sorted: what `pip install -r` takes. Local packages are commented out."""
        lines = (
            f"{'# not from an index: ' if name in self.local else ''}{name}=={self.packages[name]}"
            for name in sorted(self.packages)
        )
        return "".join(f"{line}\n" for line in lines)

    def to_dict(self) -> dict[str, Json]:
        """The environment as JSON."""
        return {
            "python": self.python,
            "platform": self.platform,
            "packages": dict(sorted(self.packages.items())),
            "local": list(self.local),
            "complete": self.complete,
        }

    @classmethod
    def from_dict(cls, given: Json) -> Environment:
        """The environment that `to_dict` wrote; raises Damaged."""
        made = _mapping(given, "environment")
        packages = _mapping(made.get("packages", {}), "packages")
        return cls(
            _text(made, "python", UNKNOWN),
            _text(made, "platform", UNKNOWN),
            {name: _text(packages, name, "") for name in packages},
            _texts(made, "local"),
            made.get("complete") is True,
        )


@dataclass(frozen=True, slots=True)
class Git:
    """The commit checked out; `dirty`: whether tracked files differed from it. `remote` is without credentials."""

    commit: str | None = None
    branch: str | None = None
    dirty: bool | None = None
    remote: str | None = None
    author: str | None = None

    def to_dict(self) -> dict[str, Json]:
        """The state of the repository as JSON."""
        return {
            "commit": self.commit,
            "branch": self.branch,
            "dirty": self.dirty,
            "remote": self.remote,
            "author": self.author,
        }

    @classmethod
    def from_dict(cls, given: Json) -> Git:
        """The state that `to_dict` wrote; raises Damaged."""
        made = _mapping(given, "git")
        dirty = made.get("dirty")
        return cls(
            _text_or_none(made, "commit"),
            _text_or_none(made, "branch"),
            dirty if isinstance(dirty, bool) else None,
            _text_or_none(made, "remote"),
            _text_or_none(made, "author"),
        )


@dataclass(frozen=True, slots=True)
class Run:
    """An experiment tracker's run that was active: `tool` is 'mlflow' or 'wandb'."""

    tool: str
    id: str
    url: str | None = None

    def to_dict(self) -> dict[str, Json]:
        """The run as JSON."""
        return {"tool": self.tool, "id": self.id, "url": self.url}

    @classmethod
    def from_dict(cls, given: Json) -> Run:
        """The run that `to_dict` wrote; raises Damaged."""
        made = _mapping(given, "run")
        return cls(_text(made, "tool", UNKNOWN), _text(made, "id", UNKNOWN), _text_or_none(made, "url"))


@dataclass(frozen=True, slots=True, repr=False)
class Lineage(Shown):
    """What produced a version. Each part may be unknown (None); `warnings` say what a reader should not overlook."""

    kind: ClassVar[str] = "lineage"

    notebook: Notebook | None = None
    cell: Cell | None = None
    slice: Slice | None = None
    parameters: dict[str, Json] = field(default_factory=dict)
    data: tuple[DataPrint, ...] = ()
    environment: Environment | None = None
    git: Git | None = None
    runs: tuple[Run, ...] = ()
    data_source: str | None = None
    warnings: tuple[str, ...] = ()
    ref: str | None = field(default=None, compare=False)  # the version it was read from; known there, so not stored
    aliases: tuple[str, ...] = field(default=(), compare=False)  # what pointed to that version when it was read

    def to_dict(self) -> dict[str, Json]:
        """The lineage as JSON."""
        return {
            "notebook": self.notebook.to_dict() if self.notebook else None,
            "cell": self.cell.to_dict() if self.cell else None,
            "slice": self.slice.to_dict() if self.slice else None,
            "parameters": dict(self.parameters),
            "data": [dict(part.to_dict()) for part in self.data],
            "environment": self.environment.to_dict() if self.environment else None,
            "git": self.git.to_dict() if self.git else None,
            "runs": [run.to_dict() for run in self.runs],
            "data_source": self.data_source,
            "warnings": list(self.warnings),
        }

    @classmethod
    def from_dict(cls, given: Json) -> Lineage:
        """The lineage that `to_dict` wrote, keys of later versions left aside; raises Damaged."""
        made = _mapping(given, "lineage")
        return cls(
            notebook=_part(made, "notebook", Notebook.from_dict),
            cell=_part(made, "cell", Cell.from_dict),
            slice=_part(made, "slice", Slice.from_dict),
            parameters=dict(_mapping(made.get("parameters") or {}, "parameters")),
            data=_data(_list(made, "data")),
            environment=_part(made, "environment", Environment.from_dict),
            git=_part(made, "git", Git.from_dict),
            runs=tuple(Run.from_dict(run) for run in _list(made, "runs")),
            data_source=_text_or_none(made, "data_source"),
            warnings=_texts(made, "warnings"),
        )

    def to_text(self) -> str:
        """One line for each part, "unknown" where it is, and the warnings below."""
        rows = {
            "notebook": _notebook_line(self.notebook),
            "cell": self.cell.name if self.cell else UNKNOWN,
            "slice": _slice_line(self.slice),
            "parameters": ", ".join(f"{name}={value!r}" for name, value in self.parameters.items()) or "none",
            "data": ", ".join(str(part) for part in self.data) or UNKNOWN,
            "source of data": self.data_source or UNKNOWN,
            "environment": _environment_line(self.environment),
            "git": _git_line(self.git),
            "runs": ", ".join(f"{run.tool} {run.url or run.id}" for run in self.runs) or "none",
        }
        lines = [f"{name:<15} {_plain(value)}" for name, value in rows.items()]
        return "\n".join([*lines, *(f"! {_plain(warning)}" for warning in self.warnings)])


def _notebook_line(notebook: Notebook | None) -> str:
    if notebook is None:
        return UNKNOWN
    digest = f", sha256 {notebook.sha256[:12]}" if notebook.sha256 else ""
    return f"{notebook.path or UNKNOWN} ({notebook.where}{digest})"


def _slice_line(part: Slice | None) -> str:
    if part is None:
        return UNKNOWN
    cells = ", ".join(cell.name for cell in part.cells)
    return f"{cells or 'no cells'}{'' if part.complete else ' (incomplete)'}"


def _environment_line(environment: Environment | None) -> str:
    if environment is None:
        return UNKNOWN
    return f"Python {environment.python}, {len(environment.packages)} packages, {environment.platform}"


def _git_line(git: Git | None) -> str:
    if git is None:
        return UNKNOWN
    state = {True: ", with uncommitted changes", False: ", clean", None: ""}[git.dirty]
    return f"{(git.commit or UNKNOWN)[:12]} on {git.branch or UNKNOWN}{state}"


def _plain(text: str, *, most: int = 300) -> str:
    """Text that cannot move a terminal's cursor or hide in it: control and format characters shown as escapes."""
    cut = text if len(text) <= most else text[: most - 3] + "..."
    return "".join(
        character.encode("unicode_escape").decode("ascii") if unicodedata.category(character)[0] == "C" else character
        for character in cut
    )


_HINT = "The registry's copy is not what was written: run `nb-mlops verify`."


def _mapping(given: Json, what: str) -> Mapping[str, Json]:
    if not isinstance(given, dict):
        raise Damaged(f"The lineage's {what} is not an object.", _HINT)
    return given


def _list(made: Mapping[str, Json], key: str) -> list[Json]:
    given = made.get(key) or []
    if not isinstance(given, list):
        raise Damaged(f"The lineage's {key} is not a list.", _HINT)
    return given


def _text(made: Mapping[str, Json], key: str, default: str) -> str:
    given = made.get(key, default)
    if not isinstance(given, str):
        raise Damaged(f"The lineage's {key} is not text.", _HINT)
    return given


def _text_or_none(made: Mapping[str, Json], key: str) -> str | None:
    return None if made.get(key) is None else _text(made, key, "")


def _texts(made: Mapping[str, Json], key: str) -> tuple[str, ...]:
    return tuple(_text({key: item}, key, "") for item in _list(made, key))


def _part(made: Mapping[str, Json], key: str, parse: Callable[[Json], _Part]) -> _Part | None:
    given = made.get(key)
    return None if given is None else parse(given)


def _data(given: list[Json]) -> tuple[DataPrint, ...]:
    if not given:
        return ()
    from nb_mlops.core.dataprint import DataPrint  # late: a lineage without data needs none of it

    return tuple(DataPrint.from_dict(dict(_mapping(part, "data"))) for part in given)
