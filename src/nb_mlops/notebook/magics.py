"""How a magic runs: its line is parsed by its Spec, one verb is called, its value comes back (and shows itself).

What each verb does stands by room of life: `making` (register, validate), `moving` (gate to rollback), `looking`
(models to card, drift) and `about` (%mlops). Here is what they share.
"""

from __future__ import annotations

import re
from collections import ChainMap
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Any

from nb_mlops.core.errors import BadInput
from nb_mlops.notebook.arguments import Parsed, Spec, parse
from nb_mlops.notebook.discarded import is_discarded
from nb_mlops.notebook.transform import run_as_cell
from nb_mlops.notebook.vocabulary import SPECS

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

_ROOMS = {
    "making": ("register", "validate"),
    "moving": ("gate", "request", "approve", "reject", "promote", "rollback"),
    "looking": ("models", "versions", "compare", "lineage", "audit", "card", "drift"),
    "about": ("mlops",),
}
_ROOM_OF = {verb: room for room, verbs in _ROOMS.items() for verb in verbs}


@dataclass(frozen=True)
class Call:
    """One use of a magic: what was typed, where, and the names around it."""

    shell: InteractiveShell
    parsed: Parsed
    names: Mapping[str, object]
    body: str = ""  # of a cell magic
    is_cell: bool = False  # `%%name`, whose body may be empty
    line: str = ""  # as it was typed

    def registry(self) -> dict[str, Any]:
        """`registry=` for the action: what `--registry` says, else the default."""
        return {"registry": self.parsed.registry}


def magics_of(shell: InteractiveShell, source: Callable[[], str]) -> dict[str, dict[str, Callable[..., object]]]:
    """IPython's tables of our line and cell magics; `source` gives the cell that runs, for the automagic guard."""
    found: dict[str, dict[str, Callable[..., object]]] = {"line": {}, "cell": {}}
    for spec in SPECS.values():
        if spec.is_line:
            found["line"][spec.name] = _line_magic(shell, spec, source)
        if spec.is_cell:
            found["cell"][spec.name] = _cell_magic(shell, spec)
    return found


def call(
    shell: InteractiveShell, spec: Spec, line: str, names: Mapping[str, object], body: str | None = None
) -> object:
    """Parses and runs one magic, a cell's with its body; gives the action's value."""
    made = Call(shell, parse(spec, line, names), names, body or "", body is not None, line)
    return verb_of(spec.name)(made)


def verb_of(name: str) -> Callable[[Call], object]:
    """The function behind a magic; its room is imported when it is first used, so that loading stays quick."""
    found: Callable[[Call], object] = getattr(import_module(f"nb_mlops.notebook.{_ROOM_OF[name]}"), name)
    return found


def _line_magic(shell: InteractiveShell, spec: Spec, source: Callable[[], str]) -> Callable[..., object]:
    def magic(line: str, local_ns: Mapping[str, object] | None = None) -> object:
        if spec.writes(line):
            refuse_bare(spec, source())
        value = call(shell, spec, line, names_around(shell, local_ns))
        return _shown(value)

    return _marked(magic, spec)


def _cell_magic(shell: InteractiveShell, spec: Spec) -> Callable[..., object]:
    def magic(line: str, cell: str, local_ns: Mapping[str, object] | None = None) -> object:
        if spec.name == "register":
            return run_as_cell(shell, line, cell)
        return _shown(call(shell, spec, line, names_around(shell, local_ns), cell))

    return _marked(magic, spec)


def names_around(shell: InteractiveShell, local: Mapping[str, object] | None = None) -> Mapping[str, object]:
    """The names a line may use: those of the function it stands in, then the notebook's."""
    return ChainMap(dict(local or {}), shell.user_ns)


def refuse_bare(spec: Spec, source: str) -> None:
    """Raises BadInput where automagic made a magic of plain words: `rollback churn` must not roll back."""
    # Automagic reads cells of one line only; `register = %register churn` is one, and no automagic.
    if re.fullmatch(rf"{spec.name}(?!\s*=[^=])(\s.*)?", source.strip()):
        raise BadInput(f"{spec.name} without a % does nothing: it would act by accident.", f"Write {spec.shown}.")


def _shown(value: object) -> object:
    """The value; where the line that runs drops it (in a loop, above the last line), it is shown at once."""
    if value is not None and is_discarded():
        from IPython.display import display

        display(value)  # type: ignore[no-untyped-call]  # IPython's own
    return value


def _marked(magic: Callable[..., object], spec: Spec) -> Callable[..., object]:
    """The function as IPython wants a magic: named, documented, its line left unexpanded, local names handed in."""
    magic.__name__ = magic.__qualname__ = spec.name
    magic.__doc__ = spec.help_text()
    magic._ipython_magic_no_var_expand = True  # type: ignore[attr-defined]  # else IPython evaluates what is in {…}
    magic.needs_local_scope = True  # type: ignore[attr-defined]
    return magic
