"""What a fitted object is made of: the classes and functions that a file can only name, not hold.

The walk is pickle's own (its C implementation calls us back for every object), so that it sees what a loader will
need; nothing is kept of what it writes, and array data is not touched.
"""

from __future__ import annotations

import io
import pickle
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from types import FunctionType
from typing import Any

import numpy as np

from nb_mlops.core.errors import Unsupported
from nb_mlops.formats.carried import PREFIX

NOTEBOOK = "__main__"

# Their boosters serialise themselves in full when pickled; what is inside is theirs, not the notebook's.
_OPAQUE = frozenset({"xgboost.core", "lightgbm.basic", "catboost.core", "_catboost"})
_STOP = (len, ())  # a reduction with nothing below it: a built-in function is the one thing pickle just names


@dataclass
class Parts:
    """What an object refers to by name. `local`: classes and functions whose source must travel."""

    local: list[type | FunctionType] = field(default_factory=list)
    modules: set[str] = field(default_factory=set)


def parts(estimator: object, local_modules: Sequence[str] = ()) -> Parts:
    """The classes and functions anywhere in the object; raises Unsupported for lambdas, closures and what can't be
    stored at all."""
    found = Parts()
    seen: set[int] = set()

    def note(obj: object) -> bool:
        if not isinstance(obj, (type, FunctionType)) or id(obj) in seen:
            return isinstance(obj, (type, FunctionType))
        seen.add(id(obj))
        found.modules.add(obj.__module__)
        if is_local(obj.__module__, local_modules):
            found.local.append(_nameable(obj))
        elif isinstance(obj, FunctionType):
            _nameable(obj)
        return True

    _walk(estimator, note)
    return found


def instances(estimator: object, *kinds: type) -> list[Any]:
    """All objects of these classes inside `estimator`, itself included."""
    found: list[Any] = []

    def note(obj: object) -> bool:
        if isinstance(obj, kinds):
            found.append(obj)
        return isinstance(obj, (type, FunctionType))

    _walk(estimator, note)
    return found


def is_local(module: str, local_modules: Sequence[str] = ()) -> bool:
    """Whether the module is the notebook's, travelled here with a model, or is one the caller wants to send along."""
    root = module.partition(".")[0]
    return root == NOTEBOOK or root.startswith(PREFIX) or any(_inside(module, name) for name in local_modules)


def _inside(module: str, name: str) -> bool:
    return module == name or module.startswith(name + ".")


def _nameable(obj: type | FunctionType) -> type | FunctionType:
    """The object itself, when it can be found again by its name."""
    name = obj.__qualname__
    if "<lambda>" in name:
        code = obj.__code__ if isinstance(obj, FunctionType) else None
        line = f" (line {code.co_firstlineno} of its cell or file)" if code else ""
        raise Unsupported(
            f"The model holds a lambda{line}, which has no name to be found by when it is loaded.",
            "Write it as `def name(x): return ...` at the top level of a cell, use that in its place and fit again.",
        )
    if "<locals>" in name:
        raise Unsupported(
            f"The model holds {name.replace('.<locals>', '')}, which was made inside a function.",
            "Define it at the top level of a cell, give it what it closes over as arguments (functools.partial) "
            "or attributes, and fit again.",
        )
    return obj


class _Nowhere(io.RawIOBase):
    """Takes bytes and keeps none."""

    def writable(self) -> bool:
        return True

    def write(self, data: object, /) -> int:
        return len(data)  # type: ignore[arg-type]  # pickle hands over bytes or a memoryview of bytes


class _Walker(pickle.Pickler):
    """A pickler that shows each object to `note` and goes no deeper where that answers True."""

    def __init__(self, note: Callable[[object], bool]) -> None:
        super().__init__(_Nowhere(), protocol=5)
        self._note = note

    def reducer_override(self, obj: object) -> Any:
        if self._note(obj):
            return _STOP
        self._note(type(obj))
        if isinstance(obj, np.ndarray):
            return (len, (obj.ravel().tolist(),)) if obj.dtype.hasobject else _STOP
        return _STOP if type(obj).__module__ in _OPAQUE else NotImplemented


def _walk(estimator: object, note: Callable[[object], bool]) -> None:
    try:
        _Walker(note).dump(estimator)
    except RecursionError:
        raise Unsupported(
            f"The {type(estimator).__qualname__} is nested too deeply, or holds itself.",
            "Look for an attribute that refers back to the model, remove it and fit again.",
        ) from None
    except (pickle.PicklingError, TypeError, AttributeError) as error:
        raise Unsupported(
            f"The {type(estimator).__qualname__} holds something that can't be stored: {_short(error)}.",
            "Open files, locks, connections and generators belong outside the model: make them when they are needed.",
        ) from error


def _short(error: Exception) -> str:
    return str(error).splitlines()[0][:200] if str(error) else type(error).__name__
