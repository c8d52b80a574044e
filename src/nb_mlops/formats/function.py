"""The function format: a plain Python function as a model. Its source travels with it, and its files if it has any.

def predict(table, files):                 # `files` is optional: artifact name -> local path
    weights = numpy.load(files["w.npy"])
"""

from __future__ import annotations

import importlib
import inspect
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import FunctionType

from nb_mlops.core.errors import Damaged, Unsupported, Untrusted
from nb_mlops.formats.format import FILES, OpenFile
from nb_mlops.formats.graph import is_local

FILE = "function.json"
_ODD = "Its files and its format do not belong together."


@dataclass(frozen=True)
class PlainFunction:
    """A function that answers like a model; `files` are handed to it where it asks for them."""

    function: Callable[..., object]
    files: Mapping[str, Path] = field(default_factory=dict)

    def predict(self, table: object) -> object:
        """What the function answers for the rows of `table`."""
        if "files" in inspect.signature(self.function).parameters:
            return self.function(table, files=self.files)
        return self.function(table)

    def __call__(self, table: object) -> object:
        """The same as `predict`."""
        return self.predict(table)


class Function:
    """Functions of a notebook, of local modules that travel along, or of an installed package."""

    name = "function"
    pickle_like = False
    by_name = True
    requires: tuple[str, ...] = ()

    def fits(self, estimator: object) -> bool:
        """Whether it is a function written in Python, or one that was loaded before."""
        return isinstance(estimator, (FunctionType, PlainFunction))

    def write(self, estimator: object, open_file: OpenFile, *, modules: Mapping[str, str]) -> tuple[str, ...]:
        """Writes the name to look the function up by; its source is written beside."""
        function = estimator.function if isinstance(estimator, PlainFunction) else estimator
        if not isinstance(function, FunctionType):
            raise Unsupported(f"A {type(function).__name__} is no plain function.", "Wrap it: def predict(table): ...")
        _require_one_argument(function)
        module = modules.get(function.__module__, function.__module__)
        with open_file(FILE) as stream:
            stream.write(json.dumps({"module": module, "name": function.__name__}, sort_keys=True).encode())
        if is_local(function.__module__) or module != function.__module__:
            return ()
        return (f"{function.__module__}.{function.__name__} is stored by name; its package must be there to load it.",)

    def read(self, files: Mapping[str, Path], *, trust: bool, mmap: bool, modules: Mapping[str, str]) -> PlainFunction:
        """The function as a model; raises Untrusted without trust, as any function could be named."""
        module, name = _named(files)
        if not trust:
            raise Untrusted(
                f"The model is the function {ascii(f'{module}.{name}')[1:-1][:100]}, which is code.",
                "Look at it, then load it with trust=True.",
            )
        try:
            found = getattr(importlib.import_module(module), name)
        except (ImportError, AttributeError) as error:
            raise Unsupported(
                f"The function {name} of {module} is not here: {error}.", "Install the package that holds it."
            ) from error
        own = {each.removeprefix(FILES): path for each, path in files.items() if each.startswith(FILES)}
        return PlainFunction(found, own)


def _require_one_argument(function: FunctionType) -> None:
    known = [each for each in inspect.signature(function).parameters.values() if each.name != "files"]
    named = [each for each in known if each.kind not in (each.VAR_POSITIONAL, each.VAR_KEYWORD)]
    free = [each for each in named if each.default is each.empty]
    if len(free) != 1 or free[0].kind is free[0].KEYWORD_ONLY:
        raise Unsupported(
            f"{function.__name__} needs {len(free)} arguments; a model takes one, the table of inputs.",
            f"Write it as `def {function.__name__}(table): ...`, or `(table, files)` where it reads files.",
        )


def _named(files: Mapping[str, Path]) -> tuple[str, str]:
    try:
        value = json.loads(files[FILE].read_text("utf-8"))
        module, name = value["module"], value["name"]
    except (KeyError, TypeError, ValueError, RecursionError) as error:
        raise Damaged(f"{FILE} does not name a function.", _ODD) from error
    if not isinstance(module, str) or not isinstance(name, str) or not name.isidentifier():
        raise Damaged(f"{FILE} does not name a function.", _ODD)
    return module, name
