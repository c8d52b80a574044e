"""`fit` as an outermost caller gets it: the original method, and a note of what it was given.

The class keeps a descriptor where its function was. `Class.fit` still *is* the original function (metadata routing,
`inspect` and subclasses see no difference), `estimator.fit` is a real bound method, and both pickle as the original.
"""

from __future__ import annotations

import copy
import functools
import threading
from types import MethodType
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from nb_mlops.capture.kept import Kept

TAKE = ("fit", "fit_transform", "fit_predict")
FORGET = ("partial_fit",)  # what it saw is one batch, not the training data


class Watcher(Protocol):
    """Who is told of outermost fits."""

    stopped: bool
    busy: bool  # an outermost fit is under way
    main: int | None  # the only thread that counts

    def record(self, estimator: object, kept: dict[str, Kept], columns: tuple[str, ...] | None) -> None:
        """This fit succeeded, and this is what it was given."""

    def forget(self, estimator: object) -> None:
        """What is known of this estimator no longer holds."""


class WatchedMethod:
    """Stands in a class where `original` stood; `bound.__func__` of an outermost call."""

    def __init__(self, original: Any, watcher: Watcher, name: str) -> None:
        functools.update_wrapper(self, original)
        self.original = original
        self._watcher = watcher
        self._name = name
        self._names: tuple[str, ...] | None = None

    def __get__(self, instance: object | None, owner: type | None = None) -> Any:
        bound = self.original.__get__(instance, owner)
        if instance is None or self._is_nested():
            return bound
        return MethodType(self, instance)

    def __call__(self, estimator: Any, /, *args: Any, **options: Any) -> Any:
        """The original's answer or exception; when this call is an outermost fit, the watcher is told."""
        __tracebackhide__ = True  # IPython and pytest leave this frame out
        bound = self.original.__get__(estimator, type(estimator))
        if self._is_nested():
            return bound(*args, **options)
        watcher = self._watcher
        kept: dict[str, Kept] | None = None
        columns: tuple[str, ...] | None = None
        try:
            watcher.busy = True
            if self._name in TAKE:
                given = self._named(args, options)
                kept, columns = _kept(given)
            answer = bound(*args, **options)
        except BaseException:
            watcher.forget(estimator)
            raise
        finally:
            watcher.busy = False
        if kept is None:
            watcher.forget(estimator)
        else:
            watcher.record(estimator, kept, columns)
        return answer

    def __reduce__(self) -> tuple[Callable[[Any], Any], tuple[Any]]:
        """Pickles as the original: `copy` is in the standard library of any worker, and copies a function as itself."""
        return copy.copy, (self.original,)

    def _is_nested(self) -> bool:
        return self._watcher.busy or self._watcher.stopped or threading.get_ident() != self._watcher.main

    def _named(self, args: Sequence[Any], options: Mapping[str, Any]) -> dict[str, Any]:
        names = self._names = self._names if self._names is not None else _parameters(self.original)
        extra = (f"argument_{position}" for position in range(len(args)))
        given = dict(zip([*names, *extra], args, strict=False)) | dict(options)
        first = names[0] if names else "X"
        if "X" not in given and first in given:
            given = {"X": given.pop(first), **given}
        second = names[1] if len(names) > 1 else "y"
        if "y" not in given and second in given and second not in {"sample_weight", "groups"}:
            given["y"] = given.pop(second)
        return {name: value for name, value in given.items() if value is not None}


def _kept(given: Mapping[str, Any]) -> tuple[dict[str, Kept] | None, tuple[str, ...] | None]:
    """The arguments, kept, and the columns of X; None where that fails."""
    from nb_mlops.capture.kept import columns_of, keep  # it loads NumPy, which `%load_ext` must not

    try:
        return {name: keep(value) for name, value in given.items()}, columns_of(given.get("X"))
    except Exception:  # noqa: BLE001 - a strange data object must not stop a fit; registering then asks for data=
        return None, None


def _parameters(method: Any) -> tuple[str, ...]:
    """The names of the positional parameters after `self`."""
    code = getattr(functools.reduce(_unwrapped, range(20), method), "__code__", None)
    return code.co_varnames[1 : code.co_argcount] if code is not None else ()


def _unwrapped(method: Any, _: int) -> Any:
    return getattr(method, "__wrapped__", method)
