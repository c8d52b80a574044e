"""`%%register` behaves like a cell: an input transformer turns its first line into a check and adds a registration.

    %%register churn            1  before(…)          # name, options, rights, space: wrong ones stop here
    model = fit(X, y)           2  model = fit(X, y)  # the user's own cell: same lines, breakpoints, await
                                3  after(…)           # its value, the version, takes the place of the cell's own

A nested `run_cell` would give two tracebacks and no `await`; and after a failure papermill would go on. What the
transformer adds is put out of sight in tracebacks (`_hide`). It changes nothing where the body is no Python: IPython
then shows the user's own syntax error.
"""

from __future__ import annotations

import ast
import linecache
import re
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from nb_mlops.core.errors import BadInput
from nb_mlops.notebook.interrupted import Interrupted

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

_FIRST = re.compile(r"%%register(?:[ \t]+(?P<line>.*))?$")
_EMPTY_CELL = re.compile(r"%%(?P<name>register|validate)(?:[ \t].*)?$")
_OTHER_MAGIC = re.compile(r"%%(?P<name>\w+)")
_CALL = "__import__('nb_mlops.notebook.transform', fromlist=['{0}']).{0}(get_ipython(), {1})"
_CALL_START = _CALL.partition(",")[0]

Begin = Callable[[str], object]
End = Callable[[str, object], object]


class RegisterCell:
    """The transformer of one shell; `source` is the cell as it came, for the guard against automagic."""

    # IPython leaves out transformers with side effects when it asks whether a typed cell is complete; without this, a
    # terminal would run `%%register churn` before its body could be typed.
    has_side_effects = True

    def __init__(self, shell: InteractiveShell, begin: Begin, end: End) -> None:
        self.shell = shell
        self.begin, self.end = begin, end
        self.begun: dict[str, object] = {}
        self.source = ""

    def __call__(self, lines: list[str]) -> list[str]:
        """The lines to run in place of `lines`."""
        self.source = "".join(lines)
        at = _first_code_line(lines)
        if at is None or not _EMPTY_CELL.match(lines[at].rstrip()):
            return lines
        if problem := _problem(lines, at):
            return [*lines[:at], _call("refuse", *problem), *(_comment(line) for line in lines[at + 1 :])]
        found = _FIRST.match(lines[at].rstrip())
        return self._around(lines, found.group("line") or "") if found else lines

    def keep_as_typed(self, *_: object) -> None:
        """After a cell: its entry in `In` is what was typed. (Not sooner: `In` also says whether `;` hides a value.)"""
        history = self.shell.history_manager
        if history is not None and history.input_hist_parsed[-1].startswith(_CALL_START):
            history.input_hist_parsed[-1] = history.input_hist_raw[-1]

    def _around(self, lines: list[str], line: str) -> list[str]:
        body = [*lines[1:-1], lines[-1].rstrip("\r\n") + "\n"]
        if not self._is_python(body):
            return ["#\n", *body]
        return [_call("before", line), *body, _call("after", line)]

    def _is_python(self, body: list[str]) -> bool:
        """Whether the body stands on its own; else nothing is added, and the error is the user's own."""
        try:
            source = self.shell.input_transformer_manager.transform_cell("".join(body))
            compile(source, "<cell>", "exec", ast.PyCF_ONLY_AST | ast.PyCF_ALLOW_TOP_LEVEL_AWAIT, dont_inherit=True)
        except (SyntaxError, ValueError):
            return False
        return True


def before(shell: InteractiveShell, line: str) -> None:
    """The first line of a `%%register` cell: raises what is wrong before anything was fitted."""
    transformer = _of(shell)
    name = _hide(line)
    transformer.begun = {name: transformer.begin(line)}


def after(shell: InteractiveShell, line: str) -> object:
    """The last line of a `%%register` cell: its value is the version."""
    transformer = _of(shell)
    begun = transformer.begun.pop(sys._getframe(1).f_code.co_filename, None)
    try:
        return transformer.end(line, begun)
    except KeyboardInterrupt:
        raise Interrupted(line) from None  # where in our code it was tells a person nothing


def refuse(shell: InteractiveShell, message: str, hint: str) -> None:
    """Raises BadInput in place of a cell that cannot be meant."""
    raise BadInput(message, hint)


def run_as_cell(shell: InteractiveShell, line: str, cell: str) -> object:
    """What `get_ipython().run_cell_magic("register", …)` gives: exported scripts and other magics call it."""
    transformer = _of(shell)
    lines = transformer([f"%%register {line}\n", *cell.splitlines(keepends=True)])
    source: str = shell.transform_cell("".join(lines))  # type: ignore[no-untyped-call]  # IPython's own
    tree = ast.parse(source, "<register cell>")
    *statements, last = tree.body
    space: dict[str, Any] = shell.user_ns
    exec(compile(ast.Module(statements, []), "<register cell>", "exec"), space)  # noqa: S102  # the user's own cell
    if not isinstance(last, ast.Expr):
        return None
    return eval(compile(ast.Expression(last.value), "<register cell>", "eval"), space)  # noqa: S307  # our own line


def _of(shell: InteractiveShell) -> RegisterCell:
    found = next((t for t in shell.input_transformers_cleanup if isinstance(t, RegisterCell)), None)
    if found is None:
        raise BadInput("%%register is not loaded here.", "Run %load_ext nb_mlops first.")
    return found


def _problem(lines: list[str], at: int) -> tuple[str, str] | None:
    found = _EMPTY_CELL.match(lines[at].rstrip())
    name = found.group("name") if found else ""
    if at > 0:
        return f"%%{name} must be the first line of its cell.", "Move what is above it below it, or out of the cell."
    body = [line for line in lines[1:] if line.strip()]
    if not body:
        what = "%register churn" if name == "register" else "check lines such as roc_auc >= 0.8"
        return f"%%{name} has an empty cell: there is nothing to run.", f"Put code below it, or use {what}."
    if name == "validate":
        return None
    first = _first_code_line(lines[1:])
    inner = _OTHER_MAGIC.match(lines[1:][first]) if first is not None else None
    if inner is None:
        return None
    other = inner.group("name")
    hint = f"Use %{other} on a line of its own, or end the cell with %register and lead it with %%{other}."
    return f"%%{other} cannot stand inside a %%register cell.", hint


def _first_code_line(lines: list[str]) -> int | None:
    return next((at for at, line in enumerate(lines) if line.strip() and not line.lstrip().startswith("#")), None)


def _call(name: str, *texts: str) -> str:
    return _CALL.format(name, ", ".join(repr(text) for text in texts)) + "\n"


def _comment(line: str) -> str:
    return "#" + line


def _hide(line: str) -> str:
    """Puts what was typed in place of our two lines where tracebacks and debuggers read source; gives the file name."""
    code = sys._getframe(2).f_code
    entry = linecache.cache.get(code.co_filename)
    if entry is not None and len(entry) == 4 and len(entry[2]) > 1:
        size, when, lines, full = entry
        shown = [f"# %%register {line}\n", *lines[1:-1], "\n"]
        linecache.cache[code.co_filename] = (size, when, shown, full)
    return code.co_filename
