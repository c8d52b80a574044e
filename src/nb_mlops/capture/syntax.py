"""Small questions about a syntax tree that the slicer asks: what is bound here, what is this dotted name."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Sequence


def constants(node: ast.Call) -> list[ast.Constant]:
    """The literals among a call's arguments."""
    given = [*node.args, *(keyword.value for keyword in node.keywords)]
    return [one for one in given if isinstance(one, ast.Constant)]


def chain_of(node: ast.AST | None) -> tuple[str, ...]:
    """("np", "random", "seed") for `np.random.seed`; empty for anything that is not a dotted name."""
    names: list[str] = []
    while isinstance(node, ast.Attribute):
        names.append(node.attr)
        node = node.value
    if not isinstance(node, ast.Name):
        return ()
    return (node.id, *reversed(names))


def pairs(target: ast.expr, value: ast.expr) -> bool:
    """Whether `a, b = x, y` can be taken as a = x and b = y."""
    if not isinstance(target, (ast.Tuple, ast.List)) or not isinstance(value, ast.Tuple):
        return False
    starred = any(isinstance(part, ast.Starred) for part in [*target.elts, *value.elts])
    return not starred and len(target.elts) == len(value.elts)


def stored(target: ast.AST) -> list[str]:
    """The names in an assignment's target."""
    return [part.id for part in ast.walk(target) if isinstance(part, ast.Name)]


def surely_bound(statements: Iterable[ast.stmt]) -> set[str]:
    """Names that the block binds whatever happens in it (a block that ends by raising binds whatever is asked)."""
    names: set[str] = set()
    for one in statements:
        if isinstance(one, ast.Assign):
            names.update(name for target in one.targets for name in _plain_targets(target))
        elif isinstance(one, ast.AnnAssign) and one.value is not None:
            names.update(_plain_targets(one.target))
        elif isinstance(one, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            names.add(one.name)
        elif isinstance(one, (ast.Import, ast.ImportFrom)):
            names.update(alias.asname or alias.name.partition(".")[0] for alias in one.names)
        elif isinstance(one, ast.If) and one.orelse:
            names |= surely_bound(one.body) & surely_bound(one.orelse)
        elif isinstance(one, (ast.With, ast.AsyncWith)):
            names |= surely_bound(one.body)
        elif isinstance(one, ast.Try):
            names |= sure_of_try(one)
    return names


def sure_of_try(node: ast.Try) -> set[str]:
    """The names bound after a try, whichever way it went."""
    names = surely_bound([*node.body, *node.orelse])
    for handler in node.handlers:
        if not (handler.body and isinstance(handler.body[-1], ast.Raise)):
            names &= surely_bound(handler.body)
    return names


def _plain_targets(target: ast.expr) -> list[str]:
    if isinstance(target, ast.Name):
        return [target.id]
    if isinstance(target, (ast.Tuple, ast.List)):
        return [name for element in target.elts for name in _plain_targets(element)]
    return []


def bound_in(body: Sequence[ast.stmt]) -> set[str]:
    """The names a function's body makes its own: bound anywhere in it, and not declared global or nonlocal."""
    names: set[str] = set()
    declared: set[str] = set()
    stack: list[ast.AST] = list(body)
    while stack:
        node = stack.pop()
        if isinstance(node, (ast.Global, ast.Nonlocal)):
            declared.update(node.names)
        names.update(_bound_by(node))
        if not isinstance(node, _OWN_SCOPE):
            stack.extend(_children(node))
    return names - declared


# What is bound in these belongs to them (but for a comprehension's walrus).
_COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
_OWN_SCOPE = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda, ast.Name, ast.Constant, *_COMPREHENSIONS)


def _bound_by(node: ast.AST) -> Iterable[str]:
    if isinstance(node, ast.Name):
        return () if isinstance(node.ctx, ast.Load) else (node.id,)
    if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
        return (node.name,)
    if isinstance(node, (ast.Import, ast.ImportFrom)):
        return [alias.asname or alias.name.partition(".")[0] for alias in node.names]
    if isinstance(node, _COMPREHENSIONS):
        return [part.target.id for part in ast.walk(node) if isinstance(part, ast.NamedExpr)]
    if isinstance(node, (ast.ExceptHandler, ast.MatchAs, ast.MatchStar)):
        return (node.name,) if node.name else ()
    if isinstance(node, ast.MatchMapping):
        return (node.rest,) if node.rest else ()
    return ()


def _children(node: ast.AST) -> Iterable[ast.AST]:
    """`ast.iter_child_nodes` without Load, Add and their like, at half its cost."""
    for name in node._fields:
        part = getattr(node, name, None)
        for one in part if isinstance(part, list) else (part,):
            if isinstance(one, ast.AST) and one._fields:
                yield one
