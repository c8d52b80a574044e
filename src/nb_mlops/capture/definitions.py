"""Functions, lambdas and classes: their headers run at once, their bodies when they are called."""

from __future__ import annotations

import ast
from collections.abc import Sequence

from nb_mlops.capture.calls import call_of
from nb_mlops.capture.namespaces import Inner
from nb_mlops.capture.operations import ARGUMENT, CLOSURE, ITSELF, Root, Roots, joined
from nb_mlops.capture.syntax import bound_in, chain_of
from nb_mlops.capture.walk import Visit, Walk


def _function(walk: Walk, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
    roots = _header(walk, node)
    walk.scope.bind(node.name, joined(roots, (_body(walk, node.args, node.body),)), not walk.weak)


def _lambda(walk: Walk, node: ast.Lambda) -> Roots:
    roots = _defaults(walk, node.args)
    return joined(roots, (_body(walk, node.args, [ast.Return(node.body)]),))


def _class(walk: Walk, node: ast.ClassDef) -> None:
    roots = _header(walk, node)
    for base in [*node.bases, *(keyword.value for keyword in node.keywords)]:
        roots = joined(roots, walk.value(base))
    outer, weak = walk.scope, walk.weak
    inner = Inner(outer, bound_in(node.body), is_class=True)
    walk.scope, walk.weak = inner, 0
    walk.block(node.body)
    walk.scope, walk.weak = outer, weak
    for name in sorted(inner.reads):  # a class body runs at once; its methods are Lates among its names
        walk.name(name)
    for op in inner.ops:
        outer.emit(op)
    walk.scope.bind(node.name, joined(roots, *inner.locals.values()), not walk.weak)


def _header(walk: Walk, node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) -> Roots:
    """Decorators, defaults and annotations: they run at once."""
    roots: Roots = ()
    for decorator in node.decorator_list:
        roots = joined(roots, walk.value(decorator))
        if isinstance(decorator, ast.Attribute):  # `@registry.add` changes `registry`
            walk.scope.emit(call_of(chain_of(decorator), decorator.attr, walk.value(decorator.value)))
    if isinstance(node, ast.ClassDef):
        return roots
    arguments = node.args
    for argument in [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]:
        if argument.annotation is not None:
            walk.value(argument.annotation)
    if node.returns is not None:
        walk.value(node.returns)
    return joined(roots, _defaults(walk, arguments))


def _defaults(walk: Walk, arguments: ast.arguments) -> Roots:
    given = [*arguments.defaults, *(default for default in arguments.kw_defaults if default is not None)]
    return joined(*(walk.value(default) for default in given))


def _body(walk: Walk, arguments: ast.arguments, body: Sequence[ast.stmt]) -> Root:
    """What the body does when it runs; inside another body it counts as done there, and the root says so."""
    names = [one.arg for one in [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]]
    names += [one.arg for one in (arguments.vararg, arguments.kwarg) if one is not None]
    outer, weak, last = walk.scope, walk.weak, walk.last_value
    inner = Inner(outer, bound_in(body) | set(names))
    is_method = isinstance(outer, Inner) and outer.is_class
    for index, name in enumerate(names):
        inner.locals[name] = (ITSELF,) if is_method and index == 0 else (ARGUMENT,)
    walk.scope, walk.weak = inner, 0
    walk.block(body)
    walk.scope, walk.weak, walk.last_value = outer, weak, last
    if isinstance(outer, Inner) and not outer.is_class:
        outer.reads |= inner.reads
        outer.ops += inner.ops
        return CLOSURE
    late = inner.late()
    return late._replace(returns=joined(late.returns, (CLOSURE,))) if is_method else late


STATEMENTS: dict[type[ast.AST], Visit] = {
    ast.FunctionDef: _function,
    ast.AsyncFunctionDef: _function,
    ast.ClassDef: _class,
}
EXPRESSIONS: dict[type[ast.AST], Visit] = {
    ast.Lambda: _lambda,
}
