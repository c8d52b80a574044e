"""What each kind of statement binds, changes and imports; definitions stand in `definitions`."""

from __future__ import annotations

import ast

from nb_mlops.capture.namespaces import Inner, Top
from nb_mlops.capture.operations import Change, Import, Roots, joined
from nb_mlops.capture.syntax import chain_of, pairs, stored, sure_of_try, surely_bound
from nb_mlops.capture.walk import Visit, Walk


def _expression(walk: Walk, node: ast.Expr) -> None:
    walk.last_value = walk.value(node.value)


def _assign(walk: Walk, node: ast.Assign) -> None:
    """`a, b = x, y` is a = x and b = y, unless one of the values needs a name that the other sets (a swap)."""
    if isinstance(node.value, ast.Tuple) and all(pairs(target, node.value) for target in node.targets):
        parts = [walk.value(part) for part in node.value.elts]
        targets = {name for target in node.targets for name in stored(target)}
        if not any(root in targets for part in parts for root in part):
            for target in node.targets:
                for element, part in zip(_elements(target), parts, strict=True):
                    walk.store(element, part)
            return
        roots = joined(*parts)
    else:
        roots = walk.value(node.value)
    for target in node.targets:
        walk.store(target, roots)


def _annotated(walk: Walk, node: ast.AnnAssign) -> None:
    walk.value(node.annotation)
    if node.value is not None:
        walk.store(node.target, walk.value(node.value))


def _augmented(walk: Walk, node: ast.AugAssign) -> None:
    roots = walk.value(node.value)
    if isinstance(node.target, ast.Name):
        # `x += y` may change a list in place or bind a new number: both, so the old value stays needed.
        target = walk.name(node.target.id)
        walk.scope.emit(Change(target, roots))
        if isinstance(walk.scope, Inner) and walk.scope.is_global(node.target.id):
            walk.scope.bind(node.target.id, target, False)
        return
    walk.store(node.target, roots)


def _gives(walk: Walk, node: ast.Return) -> None:
    """`return`: the answer's roots are the function's."""
    roots = walk.value(node.value) if node.value is not None else ()
    if isinstance(walk.scope, Inner):
        walk.scope.gives(roots)


def _delete(walk: Walk, node: ast.Delete) -> None:
    for target in node.targets:
        if isinstance(target, ast.Name):
            # A change, not a binding: the cell that set the name must run before the one that deletes it.
            walk.scope.emit(Change(walk.name(target.id)))
        else:
            walk.store(target, ())


def _imports(walk: Walk, node: ast.Import) -> None:
    for alias in node.names:
        bound = alias.asname or alias.name.partition(".")[0]
        _import_one(walk, bound, alias.name if alias.asname else bound)


def _imports_from(walk: Walk, node: ast.ImportFrom) -> None:
    module = "." * node.level + (node.module or "")
    for alias in node.names:
        if alias.name == "*":
            walk.scope.emit(Import("*", module, not walk.weak))
        else:
            _import_one(walk, alias.asname or alias.name, f"{module}.{alias.name}")


def _import_one(walk: Walk, bound: str, module: str) -> None:
    if isinstance(walk.scope, Inner) and bound in walk.scope.names:
        walk.scope.bind(bound, (), not walk.weak)
        return
    walk.scope.emit(Import(bound, module, not walk.weak))
    if isinstance(walk.scope, Top):
        walk.scope.binds(bound)


def _loop(walk: Walk, node: ast.For | ast.AsyncFor) -> None:
    roots = walk.value(node.iter)
    walk.weak += 1
    covered = set(walk.top.covered)
    walk.store(node.target, roots)
    walk.block(node.body)
    walk.top.covered = covered
    walk.weak -= 1
    walk.branch(node.orelse)


def _while_loop(walk: Walk, node: ast.While) -> None:
    walk.value(node.test)
    walk.branch(node.body)
    walk.branch(node.orelse)


def _condition(walk: Walk, node: ast.If) -> None:
    walk.value(node.test)
    walk.branch(node.body)
    walk.branch(node.orelse)
    if node.orelse:
        walk.sure(surely_bound(node.body) & surely_bound(node.orelse))


def _context(walk: Walk, node: ast.With | ast.AsyncWith) -> None:
    swallows = False
    for item in node.items:
        swallows = swallows or "suppress" in chain_of(getattr(item.context_expr, "func", None))
        roots = walk.value(item.context_expr)
        if item.optional_vars is not None:
            walk.store(item.optional_vars, roots)
    walk.branch(node.body) if swallows else walk.block(node.body)


def _attempt(walk: Walk, node: ast.Try) -> None:
    walk.branch([*node.body, *node.orelse])
    for handler in node.handlers:
        if handler.type is not None:
            walk.value(handler.type)
        named: dict[str, Roots] = {handler.name: ()} if handler.name else {}
        walk.shadows.append(named)
        walk.branch(handler.body)
        walk.shadows.pop()
    walk.sure(sure_of_try(node))
    walk.block(node.finalbody)


def _match(walk: Walk, node: ast.Match) -> None:
    roots = walk.value(node.subject)
    for case in node.cases:
        named = {
            name
            for part in ast.walk(case.pattern)
            for name in (getattr(part, "name", None), getattr(part, "rest", None))
            if name
        }
        for part in ast.walk(case.pattern):
            if isinstance(part, (ast.MatchValue, ast.MatchClass)):
                walk.value(part.value if isinstance(part, ast.MatchValue) else part.cls)
        walk.weak += 1
        covered = set(walk.top.covered)
        for name in sorted(named):
            walk.scope.bind(name, roots, False)
        if case.guard is not None:
            walk.value(case.guard)
        walk.block(case.body)
        walk.top.covered = covered
        walk.weak -= 1


def _elements(target: ast.expr) -> list[ast.expr]:
    return target.elts if isinstance(target, (ast.Tuple, ast.List)) else []


STATEMENTS: dict[type[ast.AST], Visit] = {
    ast.Expr: _expression,
    ast.Assign: _assign,
    ast.AnnAssign: _annotated,
    ast.AugAssign: _augmented,
    ast.Delete: _delete,
    ast.Return: _gives,
    ast.Import: _imports,
    ast.ImportFrom: _imports_from,
    ast.For: _loop,
    ast.AsyncFor: _loop,
    ast.While: _while_loop,
    ast.If: _condition,
    ast.With: _context,
    ast.AsyncWith: _context,
    ast.Try: _attempt,
    ast.Match: _match,
}
if hasattr(ast, "TryStar"):
    STATEMENTS[ast.TryStar] = _attempt
