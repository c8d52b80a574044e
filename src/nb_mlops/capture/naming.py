"""`--model models["rf"]`, `--model res.model`: a name in the notebook, parsed and looked up, never evaluated.

Allowed are a top-level name, public attributes, and constant subscripts (text or whole numbers). Looking up an
attribute may run a property, and a subscript the container's own method; calls, operators and private names may not.
"""

from __future__ import annotations

import ast
import json
import warnings
from collections.abc import Iterator, Mapping
from typing import Any

from nb_mlops.core.errors import BadInput, NotFound, near

_MOST_CHARACTERS = 500
_HINT = 'It takes a name, an attribute or an element: model, res.model, models["rf"], models[0].'

Step = tuple[str, str | int]  # ("attribute", "model") or ("element", "rf")


def look_up(expression: str, namespace: Mapping[str, object]) -> object:
    """What `expression` names; raises BadInput where it is more than a name, NotFound where nothing has that name."""
    name, steps = parse(expression)
    if name not in namespace:
        raise NotFound(f"There is no variable {name!r}.", near(name, namespace) or "Run the cell that makes it first.")
    value, shown = namespace[name], name
    for kind, key in steps:
        value = _attribute(value, str(key), shown) if kind == "attribute" else _element(value, key, shown)
        shown = f"{shown}.{key}" if kind == "attribute" else element(shown, key)
    return value


def parse(expression: str) -> tuple[str, list[Step]]:
    """The top-level name, and the steps from there; raises BadInput for anything else."""
    if len(expression) > _MOST_CHARACTERS:
        raise BadInput("--model is far too long for a name.", _HINT)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of a bad escape in a text: the lookup says what is not there
            node = ast.parse(expression.strip(), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise BadInput(f"--model {expression!a} cannot be read.", _HINT) from error
    steps: list[Step] = []
    while not isinstance(node, ast.Name):
        node, step = _step(node, expression)
        steps.append(step)
    return _public(node.id, expression), steps[::-1]


def element(name: str, key: str | int) -> str:
    """How the element of `name` at `key` is written, ready to be typed: `models["rf"]`."""
    return f"{name}[{json.dumps(key)}]"


def loop_names(source: str) -> frozenset[str]:
    """The variables that top-level `for` statements of a cell bind; none where the source is no plain Python."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return frozenset()
    return frozenset(name for statement in tree.body for name in _loops(statement))


def _loops(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Lambda | ast.expr):
        return  # names of its own
    if isinstance(node, ast.For | ast.AsyncFor):
        yield from (part.id for part in ast.walk(node.target) if isinstance(part, ast.Name))
    for inner in ast.iter_child_nodes(node):
        yield from _loops(inner)


def _step(node: ast.expr, expression: str) -> tuple[ast.expr, Step]:
    match node:
        case ast.Attribute(value=value, attr=name):
            return value, ("attribute", _public(name, expression))
        case ast.Subscript(value=value, slice=ast.Constant(value=str() | int() as key)) if not isinstance(key, bool):
            return value, ("element", key)
        case ast.Subscript(value=value, slice=ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=int() as key))):
            return value, ("element", -key)
    raise BadInput(f"--model {expression!a} is more than a name.", _HINT)


def _public(name: str, expression: str) -> str:
    if name.startswith("_"):
        raise BadInput(f"--model {expression!a} goes through the private name {name!r}.", _HINT)
    return name


def _attribute(value: object, name: str, shown: str) -> object:
    try:
        return getattr(value, name)
    except AttributeError as error:
        there = [public for public in getattr(value, "__dict__", {}) if not public.startswith("_")]
        raise NotFound(f"{shown} ({type(value).__name__}) has no attribute {name!r}.", near(name, there)) from error


def _element(value: Any, key: str | int, shown: str) -> object:
    if isinstance(value, Mapping) and key not in value:  # asked first: a defaultdict would make one
        raise NotFound(f"{shown} has no element {key!r}.", near(str(key), map(str, value)))
    try:
        return value[key]
    except (LookupError, TypeError) as error:
        raise NotFound(f"{shown} ({type(value).__name__}) has no element {key!r}.", _HINT) from error
