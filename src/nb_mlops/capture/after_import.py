"""A call back once a module has been imported, so that a library can be followed without being imported for it."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from importlib.machinery import ModuleSpec
    from types import ModuleType


class AfterImport:
    """An import hook that calls back once a named module has run; it finds nothing itself."""

    def __init__(self, then: dict[str, Callable[[ModuleType], None]]) -> None:
        self._then = then
        self._looking: set[str] = set()

    def start(self) -> None:
        """From now on; a module that is imported already gets its call at once."""
        for name in self._then.keys() & sys.modules.keys():
            self._then[name](sys.modules[name])
        sys.meta_path.insert(0, self)

    def stop(self) -> None:
        """No more calls."""
        if self in sys.meta_path:
            sys.meta_path.remove(self)

    def find_spec(self, name: str, path: Sequence[str] | None, target: ModuleType | None = None) -> ModuleSpec | None:
        """What the other finders find, with the call back added; None for every module nobody waits for."""
        if name not in self._then or name in self._looking:
            return None
        self._looking.add(name)
        try:
            spec = _found_by_others(self, name, path, target)
        finally:
            self._looking.discard(name)
        if spec is not None and hasattr(spec.loader, "exec_module"):
            spec.loader = _Loader(spec.loader, self._then[name])  # type: ignore[assignment]
        return spec


class _Loader:
    """Another loader, and a call once the module has run; the module never sees this one."""

    def __init__(self, loader: Any, then: Callable[[ModuleType], None]) -> None:
        self._loader = loader
        self._then = then

    def __getattr__(self, name: str) -> Any:
        return getattr(self._loader, name)

    def exec_module(self, module: ModuleType) -> None:
        """Runs the module, then makes the call."""
        if module.__spec__ is not None:
            module.__spec__.loader = self._loader
        module.__loader__ = self._loader
        self._loader.exec_module(module)
        self._then(module)


def _found_by_others(
    own: AfterImport, name: str, path: Sequence[str] | None, target: ModuleType | None
) -> ModuleSpec | None:
    others = [finder for finder in sys.meta_path if finder is not own]
    found = (finder.find_spec(name, path, target) for finder in others if hasattr(finder, "find_spec"))
    return next((spec for spec in found if spec is not None), None)
