"""What one cell reads, binds and changes, in order: read once off its syntax tree and kept per source text."""

from __future__ import annotations

import ast
from functools import lru_cache
from typing import NamedTuple

from nb_mlops.capture import definitions, expressions, statements, typed
from nb_mlops.capture.operations import Op, Opaque, Roots
from nb_mlops.capture.walk import Walk

_STATEMENTS = statements.STATEMENTS | definitions.STATEMENTS
_EXPRESSIONS = expressions.EXPRESSIONS | definitions.EXPRESSIONS


class Effects(NamedTuple):
    """One cell's effects in order; `shown` are the roots of its last value, where it has one."""

    ops: tuple[Op, ...]
    shown: Roots | None


@lru_cache(maxsize=4096)
def effects_of(source: str) -> Effects:
    """The effects of a cell with this text; text that Python cannot read is one Opaque."""
    read = typed.read(source)
    walk = Walk(_STATEMENTS, _EXPRESSIONS)
    if read.tree is not None:
        try:
            walk.block(read.tree.body)
        except RecursionError:  # an expression nested a thousand deep: nobody typed it, and it must not stop us
            walk.scope.emit(Opaque("very deeply nested code"))
    if read.opaque:
        walk.scope.emit(Opaque(read.opaque))
    ends_in_value = read.tree is not None and read.tree.body and isinstance(read.tree.body[-1], ast.Expr)
    return Effects(tuple(walk.top.ops), walk.last_value if ends_in_value else None)
