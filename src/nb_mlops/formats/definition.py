"""Where a class or function was defined: the text of that statement, and the names it needs, at once or when called."""

from __future__ import annotations
import __future__

import ast
import inspect
import linecache
import symtable
import sys
import textwrap
from collections.abc import Iterator, Sequence
from types import FunctionType

from nb_mlops.core.errors import Unsupported

Definition = type | FunctionType
_STATEMENTS = (ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)


def definition(obj: Definition) -> tuple[ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef, str]:
    """The statement that defined the object, and its text, decorators included."""
    for lines, line_number in _places(obj):
        source = "".join(lines)
        try:
            tree = ast.parse(source)
        except SyntaxError:
            continue
        nodes = [node for node in _statements(tree.body) if _defines(node, obj, line_number)]
        if nodes:
            node = nodes[-1]
            start = min([node.lineno, *(each.lineno for each in node.decorator_list)])
            return node, textwrap.dedent("".join(source.splitlines(keepends=True)[start - 1 : node.end_lineno])).strip()
    raise Unsupported(
        f"The source of {obj.__name__} is not to be found, so it can't travel with the model.",
        "Define it in a notebook cell or a .py file (a plain `python` prompt keeps no source), and fit again.",
    )


def _defines(node: ast.stmt, obj: Definition, line_number: int | None) -> bool:
    kind = ast.ClassDef if isinstance(obj, type) else (ast.FunctionDef, ast.AsyncFunctionDef)
    if not isinstance(node, kind) or node.name != obj.__name__:
        return False
    first = min([node.lineno, *(each.lineno for each in node.decorator_list)])
    return line_number is None or first <= line_number <= (node.end_lineno or node.lineno)


def _statements(body: Sequence[ast.stmt]) -> Iterator[ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef]:
    """Definitions at the top level, those under `if`, `try` and `with` included."""
    for node in body:
        if isinstance(node, (ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)):
            yield node
            continue
        for part in ("body", "orelse", "finalbody"):
            yield from _statements(getattr(node, part, []))
        for handler in getattr(node, "handlers", []):
            yield from _statements(handler.body)


def _places(obj: Definition) -> Iterator[tuple[list[str], int | None]]:
    """Where the source may stand: the file or cell that the code objects name; for a class without any, all cells."""
    for function in _functions_of(obj):
        lines = linecache.getlines(function.__code__.co_filename)
        if lines:
            yield lines, function.__code__.co_firstlineno
    if isinstance(obj, type):
        for name in cells():
            yield linecache.getlines(name), None


def _functions_of(obj: Definition) -> list[FunctionType]:
    """The function as it was written, below its decorators; for a class, those written in its body."""
    if isinstance(obj, FunctionType):
        written = inspect.unwrap(obj)
        return [written] if isinstance(written, FunctionType) else [obj]
    found = []
    for value in vars(obj).values():
        function = getattr(value, "__func__", None) or getattr(value, "fget", None) or value
        # scikit-learn wraps `transform` of every subclass, so that its globals are scikit-learn's
        function = inspect.unwrap(function) if callable(function) else function
        if isinstance(function, FunctionType) and function.__qualname__.startswith(obj.__qualname__ + "."):
            found.append(function)
    return found


def globals_of(obj: Definition) -> dict[str, object]:
    """The names its code looks things up in."""
    for function in _functions_of(obj):
        if function.__globals__.get("__name__") == obj.__module__:
            return function.__globals__
    return vars(sys.modules[obj.__module__])


def futures(obj: Definition) -> set[str]:
    """The `from __future__` features its code was compiled with, which IPython keeps on for later cells."""
    flags = [each.__code__.co_flags for each in _functions_of(obj)]
    return {"annotations"} if any(flag & __future__.annotations.compiler_flag for flag in flags) else set()


def names(text: str, own: str, *, lazy: bool) -> tuple[set[str], set[str]]:
    """The global names a definition needs at once, and all it needs ever."""
    prefix = "from __future__ import annotations\n" if lazy else ""
    table = symtable.symtable(prefix + text, "<definition>", "exec")
    everything = _referenced(table, top=True) - {own, "annotations"}
    at_once = {
        node.id
        for node in _evaluated_at_once(ast.parse(text).body[0], lazy=lazy)
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)
    }
    return at_once & everything, everything


def _referenced(table: symtable.SymbolTable, *, top: bool = False) -> set[str]:
    names = {
        symbol.get_name()
        for symbol in table.get_symbols()
        if (symbol.is_referenced() and (top or symbol.is_global())) or (symbol.is_declared_global() and not top)
    }
    if table.get_type() == "class":
        # A name both read and set in a class body may be the global one: `limit = limit`.
        names |= {each.get_name() for each in table.get_symbols() if each.is_referenced() and each.is_local()}
    for child in table.get_children():
        names |= _referenced(child)
    return names


def _evaluated_at_once(node: ast.AST, *, lazy: bool) -> Iterator[ast.AST]:
    """The nodes that run when the definition runs: all but the bodies of functions."""
    yield node
    for name, value in ast.iter_fields(node):
        is_function = isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda))
        if (is_function and name == "body") or (lazy and name in ("annotation", "returns")):
            continue
        for child in value if isinstance(value, list) else [value]:
            if isinstance(child, ast.AST):
                yield from _evaluated_at_once(child, lazy=lazy)


def cells() -> list[str]:
    """The names under which Python knows the cells that were run, newest first, and the script, if there is one."""
    script = getattr(sys.modules.get("__main__"), "__file__", None)
    found = [name for name in linecache.cache if "ipykernel" in name or name.startswith("<ipython-input")]
    return [*reversed(found), *([script] if script else [])]
