"""The parameters a notebook was run with: papermill's injected ones, as JSON and without secrets.

`nb-mlops run` hands them over in the environment. Plain papermill puts a cell before the others, tagged
`injected-parameters`; a kernel never sees tags, but the cell's text begins with "# Parameters".
"""

from __future__ import annotations

import ast
import json
import math
import os
from collections.abc import Iterable, Mapping

from nb_mlops.capture import typed
from nb_mlops.capture.secrets import mask_value
from nb_mlops.core.lineage import Cell
from nb_mlops.core.shown import Json

OUR_RUNNER = "NB_MLOPS_PARAMETERS"
_INJECTED = "# Parameters"
_LONGEST = 10_000  # characters of one text value
_MOST = 1_000


def parameters_of(cells: Iterable[Cell], environ: Mapping[str, str] | None = None) -> dict[str, Json]:
    """Name to JSON value; a later cell wins over an earlier one, the environment over both.

    NaN and infinities are the texts 'nan', 'inf' and '-inf', as everywhere in the registry.
    """
    found: dict[str, Json] = {}
    for cell in cells:
        if cell.source.lstrip().startswith(_INJECTED):
            found.update(_assigned(cell.source))
    found.update(_handed_over((os.environ if environ is None else environ).get(OUR_RUNNER, "")))
    return {name: mask_value(name, value)[0] for name, value in list(found.items())[:_MOST]}


def as_json(value: object, *, depth: int = 20) -> Json:
    """A value as JSON; what JSON has no word for becomes its text."""
    if value is None or isinstance(value, (bool, int)):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else str(value)
    if isinstance(value, str):
        return value[:_LONGEST]
    if depth > 0 and isinstance(value, dict):
        return {str(key): as_json(item, depth=depth - 1) for key, item in value.items()}
    if depth > 0 and isinstance(value, (list, tuple, set, frozenset)):
        return [as_json(item, depth=depth - 1) for item in value]
    return str(value)[:_LONGEST]


def _handed_over(text: str) -> dict[str, Json]:
    try:
        given = json.loads(text) if text else {}
    except (ValueError, RecursionError):
        return {}  # not ours: our runner writes JSON
    return {str(name): as_json(value) for name, value in given.items()} if isinstance(given, dict) else {}


def _assigned(source: str) -> dict[str, Json]:
    """The literals that the cell assigns; anything computed is no parameter."""
    tree = typed.read(source).tree
    found: dict[str, Json] = {}
    for statement in tree.body if tree is not None else []:
        if not isinstance(statement, ast.Assign) or len(statement.targets) != 1:
            continue
        target = statement.targets[0]
        if isinstance(target, ast.Name):
            try:
                found[target.id] = as_json(_literal(statement.value))
            except (ValueError, TypeError, RecursionError, MemoryError):
                continue  # not a literal
    return found


def _literal(node: ast.expr) -> object:
    """`ast.literal_eval`, and `float('nan')` as papermill writes it."""
    if (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id == "float"
        and len(node.args) == 1
        and isinstance(node.args[0], ast.Constant)
        and isinstance(node.args[0].value, str)
    ):
        return float(node.args[0].value)
    return ast.literal_eval(node)
