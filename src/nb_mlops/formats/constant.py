"""Source that makes a plain constant again, or the import that brings a name: what a definition's globals become."""

from __future__ import annotations

import ast
import linecache
import re
import sys
from collections.abc import Iterator

from nb_mlops.formats.definition import cells


def import_line(name: str, value: object) -> str | None:
    """`from module import thing as name` where that gives this very object, or None."""
    module = getattr(value, "__module__", None) or getattr(type(value), "__module__", None)
    original = getattr(value, "__name__", name)
    homes = [module, *(home for home, _ in _imported_as(name))]
    for home, known in [(homes[0], original), *_imported_as(name)]:
        found = sys.modules.get(home) if isinstance(home, str) else None
        if found is not None and home != "__main__" and vars(found).get(known, found) is value:
            return f"from {home} import {known}" + (f" as {name}" if known != name else "")
    return None


def _imported_as(name: str) -> Iterator[tuple[str, str]]:
    """`from home import known as name` statements of the cells that were run and of the script."""
    for file in cells():
        text = "".join(linecache.getlines(file))
        if "import" not in text or name not in text:
            continue
        try:
            tree = ast.parse(text)
        except SyntaxError:
            continue
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom) and node.module and not node.level:
                yield from ((node.module, each.name) for each in node.names if (each.asname or each.name) == name)


def literal(value: object) -> str | None:
    """Source that makes an equal value, for plain constants and containers of them; None for anything else."""
    if value is None or value is Ellipsis or type(value) in (bool, int, str, bytes, complex):
        return repr(value)
    if type(value) is float:
        return repr(value) if value - value == 0 else f"float({str(value)!r})"
    if isinstance(value, re.Pattern):
        return f"__import__('re').compile({value.pattern!r}, {value.flags})"
    if type(value) in (list, tuple, set, frozenset):
        return _literal_items(value)  # type: ignore[arg-type]  # the line above says what it is
    if type(value) is dict:
        pairs = [(literal(key), literal(each)) for key, each in value.items()]
        if any(key is None or each is None for key, each in pairs):
            return None
        return "{" + ", ".join(f"{key}: {each}" for key, each in pairs) + "}"
    return None


def _literal_items(value: list[object] | tuple[object, ...] | set[object] | frozenset[object]) -> str | None:
    items = [literal(each) for each in value]
    known = [each for each in items if each is not None]
    if len(known) < len(items):
        return None
    if isinstance(value, (set, frozenset)):
        inner = f"{{{', '.join(sorted(known))}}}" if known else "set()"
        return inner if isinstance(value, set) else f"frozenset({inner})"
    if isinstance(value, tuple):
        return "(" + ", ".join(known) + ("," if len(known) == 1 else "") + ")"
    return "[" + ", ".join(known) + "]"
