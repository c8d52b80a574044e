"""What each kind of expression uses, and the roots of its value: the names whose objects it may share."""

from __future__ import annotations

import ast

from nb_mlops.capture import typed
from nb_mlops.capture.calls import shared
from nb_mlops.capture.namespaces import Inner
from nb_mlops.capture.operations import Call, Opaque, Roots, Words, joined
from nb_mlops.capture.syntax import chain_of, constants, stored
from nb_mlops.capture.walk import Visit, Walk

_SPECIAL = frozenset(
    {"exec", "eval", "globals", "locals", "vars", "__import__", typed.TOUCHES, typed.SHELL, typed.OPAQUE}
)


def _load(walk: Walk, node: ast.Name) -> Roots:
    return walk.name(node.id)


def _inside(walk: Walk, node: ast.Attribute | ast.Starred | ast.Await) -> Roots:
    return walk.value(node.value)


def _subscript(walk: Walk, node: ast.Subscript) -> Roots:
    roots = walk.value(node.value)
    walk.value(node.slice)
    # A list or a mask in the brackets copies, in pandas, polars and numpy alike; other subscripts may be views.
    copies = isinstance(node.slice, (ast.List, ast.Compare)) or (
        isinstance(node.slice, (ast.UnaryOp, ast.BinOp))
        and isinstance(node.slice.op, (ast.Invert, ast.BitAnd, ast.BitOr))
    )
    return () if copies else roots


def _several(walk: Walk, node: ast.Tuple | ast.List | ast.Set) -> Roots:
    return joined(*(walk.value(part) for part in node.elts))


def _mapping(walk: Walk, node: ast.Dict) -> Roots:
    for key in node.keys:
        if key is not None:
            walk.value(key)
    return joined(*(walk.value(part) for part in node.values))


def _either(walk: Walk, node: ast.BoolOp) -> Roots:
    return joined(*(walk.value(part) for part in node.values))


def _choice(walk: Walk, node: ast.IfExp) -> Roots:
    walk.value(node.test)
    return joined(walk.value(node.body), walk.value(node.orelse))


def _sum(walk: Walk, node: ast.BinOp) -> Roots:
    left, right = walk.value(node.left), walk.value(node.right)
    shares = isinstance(node.left, (ast.List, ast.Tuple)) or isinstance(node.right, (ast.List, ast.Tuple))
    return joined(left, right) if shares else ()  # `pipes + [model]` holds the model; a sum of numbers nothing


def _walrus(walk: Walk, node: ast.NamedExpr) -> Roots:
    roots = walk.value(node.value)
    shadows, walk.shadows = walk.shadows, []  # it binds outside the comprehension it stands in
    walk.store(node.target, roots)
    walk.shadows = shadows
    return roots


def _comprehension(walk: Walk, node: ast.ListComp | ast.SetComp | ast.GeneratorExp | ast.DictComp) -> Roots:
    pushed = 0
    for generator in node.generators:
        roots = walk.value(generator.iter)
        walk.shadows.append(dict.fromkeys(stored(generator.target), roots))
        pushed += 1
        for test in generator.ifs:
            walk.value(test)
    if isinstance(node, ast.DictComp):
        walk.value(node.key)
        roots = walk.value(node.value)
    else:
        roots = walk.value(node.elt)
    del walk.shadows[len(walk.shadows) - pushed :]
    return roots


def _call(walk: Walk, node: ast.Call) -> Roots:
    if isinstance(node.func, ast.Name) and node.func.id in _SPECIAL and _special(walk, node, node.func.id):
        return ()
    chain, method, receiver = _callee(walk, node.func)
    arguments: list[Roots] = [walk.value(argument) for argument in node.args]
    out: Roots = ()
    inplace = seeded = False
    for keyword in node.keywords:
        roots = walk.value(keyword.value)
        arguments.append(roots)
        if keyword.arg == "out":
            out = roots
        elif keyword.arg == "inplace":
            inplace = not (isinstance(keyword.value, ast.Constant) and not keyword.value.value)
        elif keyword.arg in ("random_state", "seed", "random_seed", "rng"):
            seeded = not (isinstance(keyword.value, ast.Constant) and keyword.value.value is None)
    given = joined(*arguments)
    path = next((one.value for one in constants(node) if isinstance(one.value, str)), None)
    bare = not node.args and not node.keywords
    op = Call(chain, method, receiver, given, out, inplace, seeded, bare, path, not walk.weak)
    walk.scope.emit(op)
    return shared(op)


def _callee(walk: Walk, node: ast.expr) -> tuple[tuple[str, ...], str, Roots]:
    if isinstance(node, ast.Name):
        roots = walk.name(node.id)
        return ((node.id,), node.id, ()) if roots == (node.id,) else ((), "", roots)
    if isinstance(node, ast.Attribute):
        roots = walk.value(node.value)
        chain = chain_of(node)
        return (chain if chain and roots == (chain[0],) else ()), node.attr, roots
    return (), "", walk.value(node)


def _special(walk: Walk, node: ast.Call, name: str) -> bool:
    """Our stand-ins for magics, and the builtins that reach any name. True: nothing more to see."""
    text = next((one.value for one in constants(node) if isinstance(one.value, str)), None)
    if name in (typed.TOUCHES, typed.SHELL):
        walk.scope.emit(Words(tuple((text or "").split()), name == typed.SHELL))
        return True
    if name == typed.OPAQUE:
        walk.scope.emit(Words(tuple((text or "").split()), True))
        walk.scope.emit(Opaque("a magic that runs other code"))
        return True
    if name in ("exec", "eval") and text is not None and len(node.args) == 1:
        tree = typed.read(text).tree
        if tree is not None:  # what it runs stands there, so it can be followed
            walk.branch(tree.body)
            return True
    walk.scope.emit(Opaque(f"{name}()"))
    return False


def _yields(walk: Walk, node: ast.Yield | ast.YieldFrom) -> Roots:
    """`yield` gives as `return` does; what is sent in is anybody's."""
    roots = walk.value(node.value) if node.value is not None else ()
    if isinstance(walk.scope, Inner):
        walk.scope.gives(roots)
    return ()


EXPRESSIONS: dict[type[ast.AST], Visit] = {
    ast.Name: _load,
    ast.Attribute: _inside,
    ast.Starred: _inside,
    ast.Await: _inside,
    ast.Subscript: _subscript,
    ast.Tuple: _several,
    ast.List: _several,
    ast.Set: _several,
    ast.Dict: _mapping,
    ast.BoolOp: _either,
    ast.IfExp: _choice,
    ast.BinOp: _sum,
    ast.NamedExpr: _walrus,
    ast.ListComp: _comprehension,
    ast.SetComp: _comprehension,
    ast.DictComp: _comprehension,
    ast.GeneratorExp: _comprehension,
    ast.Call: _call,
    ast.Yield: _yields,
    ast.YieldFrom: _yields,
}
