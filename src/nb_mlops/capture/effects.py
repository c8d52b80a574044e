"""What one cell reads, binds and changes, in order: read once off its syntax tree and kept per source text."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

from nb_mlops.capture import typed
from nb_mlops.capture.namespaces import Inner, Top
from nb_mlops.capture.operations import (
    ARGUMENT,
    CLOSURE,
    ITSELF,
    Call,
    Change,
    Import,
    Late,
    Op,
    Opaque,
    Perhaps,
    Root,
    Roots,
    Setting,
    Sure,
    Words,
    joined,
)
from nb_mlops.capture.pure import (
    DRAWS_WHEN_CALLED,
    FITTING,
    FRESH_FUNCTIONS,
    FRESH_METHODS,
    RANDOM_ESTIMATORS,
)
from nb_mlops.capture.syntax import bound_in, chain_of, constants, pairs, stored, sure_of_try, surely_bound


class Effects(NamedTuple):
    """One cell's effects in order; `shown` are the roots of its last value, where it has one."""

    ops: tuple[Op, ...]
    shown: Roots | None


@lru_cache(maxsize=4096)
def effects_of(source: str) -> Effects:
    """The effects of a cell with this text; text that Python cannot read is one Opaque."""
    read = typed.read(source)
    visitor = _Visitor()
    if read.tree is not None:
        try:
            visitor.block(read.tree.body)
        except RecursionError:  # an expression nested a thousand deep: nobody typed it, and it must not stop us
            visitor.scope.emit(Opaque("very deeply nested code"))
    if read.opaque:
        visitor.scope.emit(Opaque(read.opaque))
    ends_in_value = read.tree is not None and read.tree.body and isinstance(read.tree.body[-1], ast.Expr)
    return Effects(tuple(visitor.top.ops), visitor.last_value if ends_in_value else None)


class _Visitor:
    """Walks statements and expressions once; an expression's visit answers its roots."""

    def __init__(self) -> None:
        self.top = Top()
        self.scope: Top | Inner = self.top
        self.weak = 0  # how many branches deep
        self.shadows: list[dict[str, Roots]] = []  # the targets of comprehensions
        self.last_value: Roots = ()

    # Statements ------------------------------------------------------------------------------------------------------

    def block(self, statements: Iterable[ast.stmt]) -> None:
        for statement in statements:
            visit = _STATEMENTS.get(type(statement))
            if visit is not None:
                visit(self, statement)
            else:
                self._parts(statement)

    def branch(self, statements: Iterable[ast.stmt]) -> None:
        """A block that may not run: it binds nothing for sure."""
        self.weak += 1
        covered = set(self.top.covered)
        self.block(statements)
        self.top.covered = covered
        self.weak -= 1

    def sure(self, names: Iterable[str]) -> None:
        if isinstance(self.scope, Top) and not self.weak:
            for name in sorted(names):
                self.scope.emit(Sure(name))
        if isinstance(self.scope, Top):
            self.scope.covered.update(names)

    def expression(self, node: ast.Expr) -> None:
        self.last_value = self.value(node.value)

    def assign(self, node: ast.Assign) -> None:
        """`a, b = x, y` is a = x and b = y, unless one of the values needs a name that the other sets (a swap)."""
        if isinstance(node.value, ast.Tuple) and all(pairs(target, node.value) for target in node.targets):
            parts = [self.value(part) for part in node.value.elts]
            targets = {name for target in node.targets for name in stored(target)}
            if not any(root in targets for part in parts for root in part):
                for target in node.targets:
                    for element, part in zip(_elements(target), parts, strict=True):
                        self.store(element, part)
                return
            roots = joined(*parts)
        else:
            roots = self.value(node.value)
        for target in node.targets:
            self.store(target, roots)

    def annotated(self, node: ast.AnnAssign) -> None:
        self.value(node.annotation)
        if node.value is not None:
            self.store(node.target, self.value(node.value))

    def augmented(self, node: ast.AugAssign) -> None:
        roots = self.value(node.value)
        if isinstance(node.target, ast.Name):
            # `x += y` may change a list in place or bind a new number: both, so the old value stays needed.
            target = self.name(node.target.id)
            self.scope.emit(Change(target, roots))
            if isinstance(self.scope, Inner) and self.scope.is_global(node.target.id):
                self.scope.bind(node.target.id, target, False)
            return
        self.store(node.target, roots)

    def store(self, target: ast.expr, roots: Roots) -> None:
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

    def gives(self, node: ast.Return) -> None:
        """`return`: the answer's roots are the function's."""
        roots = self.value(node.value) if node.value is not None else ()
        if isinstance(self.scope, Inner):
            self.scope.gives(roots)

    def yields(self, node: ast.Yield | ast.YieldFrom) -> Roots:
        """`yield` gives as `return` does; what is sent in is anybody's."""
        roots = self.value(node.value) if node.value is not None else ()
        if isinstance(self.scope, Inner):
            self.scope.gives(roots)
        return ()

    def delete(self, node: ast.Delete) -> None:
        for target in node.targets:
            if isinstance(target, ast.Name):
                # A change, not a binding: the cell that set the name must run before the one that deletes it.
                self.scope.emit(Change(self.name(target.id)))
            else:
                self.store(target, ())

    def imports(self, node: ast.Import) -> None:
        for alias in node.names:
            bound = alias.asname or alias.name.partition(".")[0]
            self._import(bound, alias.name if alias.asname else bound)

    def imports_from(self, node: ast.ImportFrom) -> None:
        module = "." * node.level + (node.module or "")
        for alias in node.names:
            if alias.name == "*":
                self.scope.emit(Import("*", module, not self.weak))
            else:
                self._import(alias.asname or alias.name, f"{module}.{alias.name}")

    def _import(self, bound: str, module: str) -> None:
        if isinstance(self.scope, Inner) and bound in self.scope.names:
            self.scope.bind(bound, (), not self.weak)
            return
        self.scope.emit(Import(bound, module, not self.weak))
        if isinstance(self.scope, Top):
            self.scope.binds(bound)

    def loop(self, node: ast.For | ast.AsyncFor) -> None:
        roots = self.value(node.iter)
        self.weak += 1
        covered = set(self.top.covered)
        self.store(node.target, roots)
        self.block(node.body)
        self.top.covered = covered
        self.weak -= 1
        self.branch(node.orelse)

    def while_loop(self, node: ast.While) -> None:
        self.value(node.test)
        self.branch(node.body)
        self.branch(node.orelse)

    def condition(self, node: ast.If) -> None:
        self.value(node.test)
        self.branch(node.body)
        self.branch(node.orelse)
        if node.orelse:
            self.sure(surely_bound(node.body) & surely_bound(node.orelse))

    def context(self, node: ast.With | ast.AsyncWith) -> None:
        swallows = False
        for item in node.items:
            swallows = swallows or "suppress" in chain_of(getattr(item.context_expr, "func", None))
            roots = self.value(item.context_expr)
            if item.optional_vars is not None:
                self.store(item.optional_vars, roots)
        self.branch(node.body) if swallows else self.block(node.body)

    def attempt(self, node: ast.Try) -> None:
        self.branch([*node.body, *node.orelse])
        for handler in node.handlers:
            if handler.type is not None:
                self.value(handler.type)
            named: dict[str, Roots] = {handler.name: ()} if handler.name else {}
            self.shadows.append(named)
            self.branch(handler.body)
            self.shadows.pop()
        self.sure(sure_of_try(node))
        self.block(node.finalbody)

    def match(self, node: ast.Match) -> None:
        roots = self.value(node.subject)
        for case in node.cases:
            named = {
                name
                for part in ast.walk(case.pattern)
                for name in (getattr(part, "name", None), getattr(part, "rest", None))
                if name
            }
            for part in ast.walk(case.pattern):
                if isinstance(part, (ast.MatchValue, ast.MatchClass)):
                    self.value(part.value if isinstance(part, ast.MatchValue) else part.cls)
            self.weak += 1
            covered = set(self.top.covered)
            for name in sorted(named):
                self.scope.bind(name, roots, False)
            if case.guard is not None:
                self.value(case.guard)
            self.block(case.body)
            self.top.covered = covered
            self.weak -= 1

    def function(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        roots = self._header(node)
        self.scope.bind(node.name, joined(roots, (self._body(node.args, node.body),)), not self.weak)

    def lambda_(self, node: ast.Lambda) -> Roots:
        roots = self._defaults(node.args)
        return joined(roots, (self._body(node.args, [ast.Return(node.body)]),))

    def _header(self, node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) -> Roots:
        """Decorators, defaults and annotations: they run at once."""
        roots: Roots = ()
        for decorator in node.decorator_list:
            roots = joined(roots, self.value(decorator))
            if isinstance(decorator, ast.Attribute):  # `@registry.add` changes `registry`
                self.scope.emit(_called(chain_of(decorator), decorator.attr, self.value(decorator.value)))
        if isinstance(node, ast.ClassDef):
            return roots
        arguments = node.args
        for argument in [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]:
            if argument.annotation is not None:
                self.value(argument.annotation)
        if node.returns is not None:
            self.value(node.returns)
        return joined(roots, self._defaults(arguments))

    def _defaults(self, arguments: ast.arguments) -> Roots:
        given = [*arguments.defaults, *(default for default in arguments.kw_defaults if default is not None)]
        return joined(*(self.value(default) for default in given))

    def _body(self, arguments: ast.arguments, body: Sequence[ast.stmt]) -> Root:
        """What the body does when it runs; inside another body it counts as done there, and the root says so."""
        names = [one.arg for one in [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]]
        names += [one.arg for one in (arguments.vararg, arguments.kwarg) if one is not None]
        outer, weak, last = self.scope, self.weak, self.last_value
        inner = Inner(outer, bound_in(body) | set(names))
        is_method = isinstance(outer, Inner) and outer.is_class
        for index, name in enumerate(names):
            inner.locals[name] = (ITSELF,) if is_method and index == 0 else (ARGUMENT,)
        self.scope, self.weak = inner, 0
        self.block(body)
        self.scope, self.weak, self.last_value = outer, weak, last
        if isinstance(outer, Inner) and not outer.is_class:
            outer.reads |= inner.reads
            outer.ops += inner.ops
            return CLOSURE
        late = inner.late()
        return late._replace(returns=joined(late.returns, (CLOSURE,))) if is_method else late

    def class_(self, node: ast.ClassDef) -> None:
        roots = self._header(node)
        for base in [*node.bases, *(keyword.value for keyword in node.keywords)]:
            roots = joined(roots, self.value(base))
        outer, weak = self.scope, self.weak
        inner = Inner(outer, bound_in(node.body), is_class=True)
        self.scope, self.weak = inner, 0
        self.block(node.body)
        self.scope, self.weak = outer, weak
        for name in sorted(inner.reads):  # a class body runs at once; its methods are Lates among its names
            self.name(name)
        for op in inner.ops:
            outer.emit(op)
        self.scope.bind(node.name, joined(roots, *inner.locals.values()), not self.weak)

    # Expressions -----------------------------------------------------------------------------------------------------

    def value(self, node: ast.expr) -> Roots:
        kind = type(node)
        if kind is ast.Constant:
            return ()
        visit = _EXPRESSIONS.get(kind)
        if visit is not None:
            found: Roots = visit(self, node)
            return found
        self._parts(node)
        return ()

    def _parts(self, node: ast.AST) -> None:
        for name in node._fields:
            part = getattr(node, name, None)
            for one in part if isinstance(part, list) else (part,):
                if isinstance(one, ast.expr):
                    self.value(one)
                elif isinstance(one, ast.AST) and one._fields:
                    self._parts(one)

    def name(self, name: str) -> Roots:
        for shadow in reversed(self.shadows):
            if name in shadow:
                return shadow[name]
        return self.scope.read(name)

    def load(self, node: ast.Name) -> Roots:
        return self.name(node.id)

    def inside(self, node: ast.Attribute | ast.Starred | ast.Await) -> Roots:
        return self.value(node.value)

    def subscript(self, node: ast.Subscript) -> Roots:
        roots = self.value(node.value)
        self.value(node.slice)
        # A list or a mask in the brackets copies, in pandas, polars and numpy alike; other subscripts may be views.
        copies = isinstance(node.slice, (ast.List, ast.Compare)) or (
            isinstance(node.slice, (ast.UnaryOp, ast.BinOp))
            and isinstance(node.slice.op, (ast.Invert, ast.BitAnd, ast.BitOr))
        )
        return () if copies else roots

    def several(self, node: ast.Tuple | ast.List | ast.Set) -> Roots:
        return joined(*(self.value(part) for part in node.elts))

    def mapping(self, node: ast.Dict) -> Roots:
        for key in node.keys:
            if key is not None:
                self.value(key)
        return joined(*(self.value(part) for part in node.values))

    def either(self, node: ast.BoolOp) -> Roots:
        return joined(*(self.value(part) for part in node.values))

    def choice(self, node: ast.IfExp) -> Roots:
        self.value(node.test)
        return joined(self.value(node.body), self.value(node.orelse))

    def sum_(self, node: ast.BinOp) -> Roots:
        left, right = self.value(node.left), self.value(node.right)
        shares = isinstance(node.left, (ast.List, ast.Tuple)) or isinstance(node.right, (ast.List, ast.Tuple))
        return joined(left, right) if shares else ()  # `pipes + [model]` holds the model; a sum of numbers nothing

    def walrus(self, node: ast.NamedExpr) -> Roots:
        roots = self.value(node.value)
        shadows, self.shadows = self.shadows, []  # it binds outside the comprehension it stands in
        self.store(node.target, roots)
        self.shadows = shadows
        return roots

    def comprehension(self, node: ast.ListComp | ast.SetComp | ast.GeneratorExp | ast.DictComp) -> Roots:
        pushed = 0
        for generator in node.generators:
            roots = self.value(generator.iter)
            self.shadows.append(dict.fromkeys(stored(generator.target), roots))
            pushed += 1
            for test in generator.ifs:
                self.value(test)
        if isinstance(node, ast.DictComp):
            self.value(node.key)
            roots = self.value(node.value)
        else:
            roots = self.value(node.elt)
        del self.shadows[len(self.shadows) - pushed :]
        return roots

    def call(self, node: ast.Call) -> Roots:
        if isinstance(node.func, ast.Name) and node.func.id in _SPECIAL and self._special(node, node.func.id):
            return ()
        chain, method, receiver = self._callee(node.func)
        arguments: list[Roots] = [self.value(argument) for argument in node.args]
        out: Roots = ()
        inplace = seeded = False
        for keyword in node.keywords:
            roots = self.value(keyword.value)
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
        op = Call(chain, method, receiver, given, out, inplace, seeded, bare, path, not self.weak)
        self.scope.emit(op)
        return _shared(op)

    def _callee(self, node: ast.expr) -> tuple[tuple[str, ...], str, Roots]:
        if isinstance(node, ast.Name):
            roots = self.name(node.id)
            return ((node.id,), node.id, ()) if roots == (node.id,) else ((), "", roots)
        if isinstance(node, ast.Attribute):
            roots = self.value(node.value)
            chain = chain_of(node)
            return (chain if chain and roots == (chain[0],) else ()), node.attr, roots
        return (), "", self.value(node)

    def _special(self, node: ast.Call, name: str) -> bool:
        """Our stand-ins for magics, and the builtins that reach any name. True: nothing more to see."""
        text = next((one.value for one in constants(node) if isinstance(one.value, str)), None)
        if name in (typed.TOUCHES, typed.SHELL):
            self.scope.emit(Words(tuple((text or "").split()), name == typed.SHELL))
            return True
        if name == typed.OPAQUE:
            self.scope.emit(Words(tuple((text or "").split()), True))
            self.scope.emit(Opaque("a magic that runs other code"))
            return True
        if name in ("exec", "eval") and text is not None and len(node.args) == 1:
            tree = typed.read(text).tree
            if tree is not None:  # what it runs stands there, so it can be followed
                self.branch(tree.body)
                return True
        self.scope.emit(Opaque(f"{name}()"))
        return False


def _elements(target: ast.expr) -> list[ast.expr]:
    return target.elts if isinstance(target, (ast.Tuple, ast.List)) else []


_SPECIAL = frozenset(
    {"exec", "eval", "globals", "locals", "vars", "__import__", typed.TOUCHES, typed.SHELL, typed.OPAQUE}
)


def _called(chain: tuple[str, ...], method: str, receiver: Roots) -> Call:
    return Call(chain, method, receiver, (), (), False, True, False, None, False)


def _shared(call: Call) -> Roots:
    """The roots of a call's answer: what it was given, unless such calls are known to give something new."""
    method = call.method
    if method in FITTING and call.receiver:
        perhaps = Perhaps(call.receiver, call.arguments)
        return joined(call.receiver, (perhaps,)) if method in ("fit", "partial_fit") else (perhaps,)
    if not call.receiver and len(call.chain) == 1:
        if method in FRESH_FUNCTIONS:
            return _drawn(call)
        return joined(call.arguments, (f"{method}()",), _drawn(call))
    if (method in FRESH_METHODS or method in FRESH_FUNCTIONS) and not call.inplace:
        given: Roots = (Perhaps(call.receiver, call.arguments),) if call.receiver else ()
        return joined(given, _drawn(call))
    makers = tuple(f"{root}()" for root in call.receiver if isinstance(root, str) and not root.endswith("()"))
    return joined(call.receiver, call.arguments, makers, _drawn(call))


def _drawn(call: Call) -> Roots:
    if call.seeded or call.method not in RANDOM_ESTIMATORS or call.method in DRAWS_WHEN_CALLED:
        return ()
    return (_DRAWS,)


# What an estimator without random_state does whenever it is used: it draws from numpy's global state.
_DRAWS = Late(frozenset(), (Call(("<numpy>", "random", "rand"), "rand", (), (), (), False, False, False, None, False),))


_Visit = Callable[[_Visitor, Any], Any]  # Any: each takes its own kind of node, and the tables pair them
_STATEMENTS: dict[type[ast.AST], _Visit] = {
    ast.Expr: _Visitor.expression,
    ast.Assign: _Visitor.assign,
    ast.AnnAssign: _Visitor.annotated,
    ast.AugAssign: _Visitor.augmented,
    ast.Delete: _Visitor.delete,
    ast.Return: _Visitor.gives,
    ast.Import: _Visitor.imports,
    ast.ImportFrom: _Visitor.imports_from,
    ast.For: _Visitor.loop,
    ast.AsyncFor: _Visitor.loop,
    ast.While: _Visitor.while_loop,
    ast.If: _Visitor.condition,
    ast.With: _Visitor.context,
    ast.AsyncWith: _Visitor.context,
    ast.Try: _Visitor.attempt,
    ast.Match: _Visitor.match,
    ast.FunctionDef: _Visitor.function,
    ast.AsyncFunctionDef: _Visitor.function,
    ast.ClassDef: _Visitor.class_,
}
_EXPRESSIONS: dict[type[ast.AST], _Visit] = {
    ast.Name: _Visitor.load,
    ast.Attribute: _Visitor.inside,
    ast.Starred: _Visitor.inside,
    ast.Await: _Visitor.inside,
    ast.Subscript: _Visitor.subscript,
    ast.Tuple: _Visitor.several,
    ast.List: _Visitor.several,
    ast.Set: _Visitor.several,
    ast.Dict: _Visitor.mapping,
    ast.BoolOp: _Visitor.either,
    ast.IfExp: _Visitor.choice,
    ast.BinOp: _Visitor.sum_,
    ast.NamedExpr: _Visitor.walrus,
    ast.Lambda: _Visitor.lambda_,
    ast.ListComp: _Visitor.comprehension,
    ast.SetComp: _Visitor.comprehension,
    ast.DictComp: _Visitor.comprehension,
    ast.GeneratorExp: _Visitor.comprehension,
    ast.Call: _Visitor.call,
    ast.Yield: _Visitor.yields,
    ast.YieldFrom: _Visitor.yields,
}
if hasattr(ast, "TryStar"):
    _STATEMENTS[ast.TryStar] = _Visitor.attempt
