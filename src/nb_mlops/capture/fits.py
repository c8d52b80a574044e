"""What data each outermost `.fit(…)` was given, remembered while the fitted estimator lives.

`watch()` puts a thin descriptor in the place of `fit` on scikit-learn's estimators and their look-alikes, imported
already or later, and on classes of the notebook. Only the kernel's main thread counts, and only the outermost call:
inside a search, a pipeline or a cross-validation, and in every worker process, the original method is what runs.

Two kinds of class are followed: scikit-learn's and catboost's families, subclasses to come included, by
`__init_subclass__`; and plain classes, once `notice(namespace)` has met them. Nothing is imported for it.
"""

from __future__ import annotations

import functools
import threading
import weakref
from collections import deque
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from nb_mlops.capture.after_import import AfterImport
from nb_mlops.capture.watched_method import FORGET, TAKE, WatchedMethod

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from types import ModuleType

    from nb_mlops.capture.kept import Kept

_ROOTS = {  # the module that defines the look-alikes' common classes: those classes
    "sklearn.base": ("BaseEstimator", "TransformerMixin"),
    "catboost.core": ("_CatBoostBase",),
}
_HELD_BYTES = 1_000_000_000  # arrays kept alive for remembered fits, all together
_PINNED = 8  # estimators that take no weak reference: so many are remembered
_current: FitWatch | None = None


@dataclass(frozen=True, slots=True, eq=False, weakref_slot=True)
class Fit:
    """What one fit was given. Data that no longer exists is None; `changed()` says whether the rest can be trusted."""

    at: datetime
    serial: int
    columns_at_fit: tuple[str, ...] | None
    kept: Mapping[str, Kept] = field(repr=False)

    @property
    def X(self) -> Any:  # noqa: N802 - scikit-learn's name
        """The features as the fit saw them (see `changed`), or None."""
        return self._value("X")

    @property
    def y(self) -> Any:
        """The target as the fit saw it, or None where there was none or it is gone."""
        return self._value("y")

    @property
    def sample_weight(self) -> Any:
        """The weights of the rows, or None."""
        return self._value("sample_weight")

    @property
    def other(self) -> dict[str, Any]:
        """Every other argument by name: `groups`, `eval_set`, routed metadata."""
        return {name: kept.value for name, kept in self.kept.items() if name not in {"X", "y", "sample_weight"}}

    @property
    def sampled(self) -> bool:
        """Whether `changed()` compares a sample only (above 200 MB)."""
        return any(kept.sampled for kept in self.kept.values())

    @property
    def held_bytes(self) -> int:
        """How much memory is kept only for this fit's sake, at most."""
        return sum(kept.held_bytes for kept in self.kept.values())

    def changed(self) -> bool | None:
        """Whether `X`, `y` or the weights are no longer what the fit was given; None when that can't be told."""
        told = [self.kept[name].changed() for name in ("X", "y", "sample_weight") if name in self.kept]
        if True in told:
            return True
        return None if None in told or "X" not in self.kept else False

    def loosen(self) -> None:
        """Lets go of what is kept only for this fit's sake."""
        for kept in self.kept.values():
            kept.loosen()

    def _value(self, name: str) -> Any:
        kept = self.kept.get(name)
        return None if kept is None else kept.value


def watch(namespace: Mapping[str, object] | None = None) -> FitWatch:
    """The watch over fits, started at the first call; `namespace` may hold classes of the notebook to watch too."""
    global _current
    if _current is None or _current.stopped:
        _current = FitWatch()
        _current.start()
    if namespace is not None:
        _current.notice(namespace)
    return _current


def running() -> FitWatch | None:
    """The watch, where one was started and not stopped."""
    return _current if _current is not None and not _current.stopped else None


class FitWatch:
    """The fits of the estimators that are alive. Use `watch()`; there is one per process."""

    def __init__(self) -> None:
        self.stopped = False
        self.busy = False  # an outermost fit is under way
        self.main = threading.main_thread().ident
        self._serial = 0
        self._fits: dict[int, tuple[Callable[[], object | None], Fit]] = {}
        self._pinned: deque[int] = deque()
        self._held: dict[int, tuple[weakref.ref[Fit], int]] = {}
        self._held_bytes = 0
        self._placed: list[tuple[weakref.ref[type], str, WatchedMethod]] = []
        self._followed: list[tuple[type, object, classmethod[Any, ..., None]]] = []
        self._noticed: weakref.WeakSet[type] = weakref.WeakSet()
        self._arrivals = AfterImport(dict.fromkeys(_ROOTS, self._follow_module))

    def start(self) -> None:
        """Follows what is imported already, and waits for the rest."""
        self._arrivals.start()

    def stop(self) -> None:
        """Puts every original method back and forgets every fit."""
        self.stopped = True
        self._arrivals.stop()
        for root, own, hook in self._followed:
            if root.__dict__.get("__init_subclass__") is hook:
                _put_back(root, "__init_subclass__", own)
        for reference, name, method in self._placed:
            owner = reference()
            if owner is not None and owner.__dict__.get(name) is method:
                setattr(owner, name, method.original)
        for forgotten in (self._placed, self._followed, self._fits, self._held, self._pinned):
            forgotten.clear()

    def fit_of(self, estimator: object) -> Fit | None:
        """What the last outermost fit of this very object was given, or None when none was seen."""
        found = self._fits.get(id(estimator))
        return found[1] if found is not None and found[0]() is estimator else None

    def notice(self, namespace: Mapping[str, object]) -> None:
        """Watches plain classes with `fit` and `predict` or `transform` that the namespace holds, or has objects of.

        Call it before each cell: unlike scikit-learn's, such classes tell nobody when they are made.
        """
        for value in list(namespace.values()):
            kind = value if isinstance(value, type) else type(value)
            if type(kind).__hash__ is None or kind in self._noticed:
                continue
            self._noticed.add(kind)
            if _defines(kind, "fit") and (_defines(kind, "predict") or _defines(kind, "transform")):
                self._watch_class(kind)

    def record(self, estimator: object, kept: dict[str, Kept], columns: tuple[str, ...] | None) -> None:
        """Remembers what the fit that just succeeded was given; a search's winner was refitted on the same."""
        self._serial += 1
        fit = Fit(at=datetime.now(UTC), serial=self._serial, columns_at_fit=columns, kept=kept)
        self._remember(estimator, fit)
        best = getattr(estimator, "__dict__", {}).get("best_estimator_")
        if best is not None:
            self._remember(best, fit)
        self._hold(fit)

    def forget(self, estimator: object) -> None:
        """Drops what is known of this object: a fit failed half-way, or it went on learning from batches."""
        if self.fit_of(estimator) is not None:
            del self._fits[id(estimator)]

    def _remember(self, estimator: object, fit: Fit) -> None:
        key = id(estimator)
        try:
            alive: Callable[[], object | None] = weakref.ref(estimator, functools.partial(self._drop, key))
        except TypeError:  # a class with __slots__ and no __weakref__: hold the last few
            alive = functools.partial(_itself, estimator)
            self._pinned.append(key)
            if len(self._pinned) > _PINNED:
                self._fits.pop(self._pinned.popleft(), None)
        self._fits[key] = (alive, fit)

    def _drop(self, key: int, reference: object) -> None:
        found = self._fits.get(key)
        if found is not None and found[0] is reference:
            del self._fits[key]

    def _hold(self, fit: Fit) -> None:
        """Keeps the arrays of the newest fits alive, within a bound; older ones live only as long as their names."""
        if not fit.held_bytes:
            return
        self._held[fit.serial] = (weakref.ref(fit, functools.partial(self._let_go, fit.serial)), fit.held_bytes)
        self._held_bytes += fit.held_bytes
        while self._held_bytes > _HELD_BYTES:
            serial = next(iter(self._held))
            oldest = self._held[serial][0]()
            self._let_go(serial)
            if oldest is not None:
                oldest.loosen()

    def _let_go(self, serial: int, _: object = None) -> None:
        _, size = self._held.pop(serial, (None, 0))
        self._held_bytes -= size

    def _follow_module(self, module: ModuleType) -> None:
        for name in _ROOTS[module.__name__]:
            root = getattr(module, name, None)
            if isinstance(root, type):
                self._follow(root)

    def _follow(self, root: Any) -> None:
        """Watches every subclass, those that exist and, by `__init_subclass__`, those to come."""
        own = root.__dict__.get("__init_subclass__")

        def begin(cls: Any, **options: Any) -> None:
            before = super(root, cls).__init_subclass__ if own is None else own.__get__(None, cls)
            before(**options)
            if not self.stopped:
                self._watch_class(cls)

        hook: classmethod[Any, ..., None] = classmethod(begin)
        setattr(root, "__init_subclass__", hook)  # noqa: B010 - mypy refuses the plain assignment
        self._followed.append((root, own, hook))
        for kind in _subclasses(root):
            self._watch_class(kind)

    def _watch_class(self, kind: type) -> None:
        for name in (*TAKE, *FORGET):
            owner = next((owner for owner in kind.__mro__ if name in owner.__dict__), None)
            if owner is not None:
                self._place(owner, name)

    def _place(self, owner: type, name: str) -> None:
        original = owner.__dict__[name]
        is_method = hasattr(original, "__get__") and not isinstance(original, staticmethod | classmethod | property)
        if isinstance(original, WatchedMethod) or not is_method:
            return
        method = WatchedMethod(original, self, name)
        try:
            setattr(owner, name, method)
        except (TypeError, AttributeError):  # a class written in C can't be changed: its fits need data=
            return
        self._placed.append((weakref.ref(owner), name, method))


def _subclasses(root: type) -> set[type]:
    found: set[type] = set()
    waiting = [root]
    while waiting:
        kind = waiting.pop()
        if kind not in found:
            found.add(kind)
            waiting.extend(type.__subclasses__(kind))
    return found


def _defines(kind: type, name: str) -> bool:
    return any(name in owner.__dict__ for owner in kind.__mro__)


def _put_back(root: type, name: str, own: object | None) -> None:
    if own is None:
        delattr(root, name)
    else:
        setattr(root, name, own)


def _itself(value: object) -> object:
    return value
