"""`%load_ext nb_mlops`: magics, the `%%register` transformer, completion, and the session that sees cells and fits.

Unloading takes all of it away again. Nothing heavy is imported here: each magic's room comes when it is first used.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from nb_mlops.actions import session
from nb_mlops.notebook.complete import Matcher
from nb_mlops.notebook.magics import magics_of
from nb_mlops.notebook.transform import Begin, End, RegisterCell

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

Table = dict[str, Callable[..., object]]


@dataclass(frozen=True)
class _Loaded:
    """What was put into one shell, and what had stood there before."""

    shell: InteractiveShell
    transformer: RegisterCell
    matcher: Matcher
    magics: dict[str, Table]
    before: dict[str, Table]


_loaded: list[_Loaded] = []  # at most one: a process has one shell


def load(shell: InteractiveShell) -> None:
    """Puts everything into `shell`; loading twice is harmless."""
    if any(loaded.shell is shell for loaded in _loaded):
        return
    transformer, matcher = RegisterCell(shell, _begin(shell), _end(shell)), Matcher(shell)
    magics = magics_of(shell, source=lambda: transformer.source)
    tables = shell.magics_manager.magics
    before = {kind: {name: old for name, old in tables[kind].items() if name in magics[kind]} for kind in magics}
    for kind, made in magics.items():
        tables[kind].update(made)
    shell.input_transformers_cleanup.append(transformer)
    shell.events.register("post_run_cell", transformer.keep_as_typed)
    shell.events.register("post_run_cell", matcher.refresh_after)
    shell.Completer.custom_matchers.append(matcher.match)
    session.start(shell)
    _loaded[:] = [_Loaded(shell, transformer, matcher, magics, before)]


def unload(shell: InteractiveShell) -> None:
    """Takes everything out of `shell` again; what had the same name before is back."""
    for loaded in [loaded for loaded in _loaded if loaded.shell is shell]:
        _loaded.remove(loaded)
        session.stop()
        shell.Completer.custom_matchers.remove(loaded.matcher.match)
        shell.events.unregister("post_run_cell", loaded.matcher.refresh_after)
        shell.events.unregister("post_run_cell", loaded.transformer.keep_as_typed)
        shell.input_transformers_cleanup.remove(loaded.transformer)
        for kind, made in loaded.magics.items():
            table = shell.magics_manager.magics[kind]
            for name, magic in made.items():
                if table.get(name) is magic:
                    del table[name]
            table.update(loaded.before[kind])


def _begin(shell: InteractiveShell) -> Begin:
    def begin(line: str) -> object:
        from nb_mlops.notebook.making import begin_register

        return begin_register(shell, line)

    return begin


def _end(shell: InteractiveShell) -> End:
    def end(line: str, begun: object) -> object:
        from nb_mlops.notebook.making import end_register

        return end_register(shell, line, begun)

    return end
