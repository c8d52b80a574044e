"""One walk over a cell's syntax tree: where it stands, what it has met. An expression's visit answers its roots.

What each kind of node means stands in `statements`, `definitions` and `expressions`; their tables are handed in.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from nb_mlops.capture.namespaces import Inner, Top
from nb_mlops.capture.operations import Change, Roots, Setting, Sure
from nb_mlops.capture.syntax import chain_of

Visit = Callable[["Walk", Any], Any]  # Any: each takes its own kind of node, and the tables pair them
Visits = Mapping[type[ast.AST], Visit]


class Walk:
    """Walks statements and expressions once."""

    def __init__(self, statements: Visits, expressions: Visits) -> None:
        """Begins in the notebook's own namespace; the tables say what each kind of node does."""
        self.statements, self.expressions = statements, expressions
        self.top = Top()
        self.scope: Top | Inner = self.top
        self.weak = 0  # how many branches deep
        self.shadows: list[dict[str, Roots]] = []  # the targets of comprehensions
        self.last_value: Roots = ()

    def block(self, statements: Iterable[ast.stmt]) -> None:
        """Statements in order."""
        for statement in statements:
            visit = self.statements.get(type(statement))
            if visit is not None:
                visit(self, statement)
            else:
                self.parts(statement)

    def branch(self, statements: Iterable[ast.stmt]) -> None:
        """A block that may not run: it binds nothing for sure."""
        self.weak += 1
        covered = set(self.top.covered)
        self.block(statements)
        self.top.covered = covered
        self.weak -= 1

    def sure(self, names: Iterable[str]) -> None:
        """From here on these names are bound, whichever branch was taken."""
        if isinstance(self.scope, Top) and not self.weak:
            for name in sorted(names):
                self.scope.emit(Sure(name))
        if isinstance(self.scope, Top):
            self.scope.covered.update(names)

    def store(self, target: ast.expr, roots: Roots) -> None:
        """A target gets a value with these roots."""
        if isinstance(target, ast.Name):
            if not any(target.id in shadow for shadow in self.shadows):
                self.scope.bind(target.id, roots, not self.weak)
        elif isinstance(target, (ast.Tuple, ast.List)):
            for element in target.elts:
                self.store(element, roots)
        elif isinstance(target, ast.Starred):
            self.store(target.value, roots)
        elif isinstance(target, (ast.Attribute, ast.Subscript)):
            base = self.value(target.value)
            if isinstance(target, ast.Subscript):
                self.value(target.slice)
            if chain_of(target.value)[:2] == ("os", "environ"):
                self.scope.emit(Setting())
            self.scope.emit(Change(base, roots))

    def value(self, node: ast.expr) -> Roots:
        """An expression; the roots of its value."""
        kind = type(node)
        if kind is ast.Constant:
            return ()
        visit = self.expressions.get(kind)
        if visit is not None:
            found: Roots = visit(self, node)
            return found
        self.parts(node)
        return ()

    def parts(self, node: ast.AST) -> None:
        """What no table names: its parts are visited for their effects."""
        for name in node._fields:
            part = getattr(node, name, None)
            for one in part if isinstance(part, list) else (part,):
                if isinstance(one, ast.expr):
                    self.value(one)
                elif isinstance(one, ast.AST) and one._fields:
                    self.parts(one)

    def name(self, name: str) -> Roots:
        """A name that is used; what it stands for in a comprehension goes first."""
        for shadow in reversed(self.shadows):
            if name in shadow:
                return shadow[name]
        return self.scope.read(name)
