"""The registry this server shows, opened by the first request that needs it and kept.

A starting server opens nothing: start-up stays quick, and no file appears before somebody asks.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from nb_mlops.actions.registry import Registry


class LazyRegistry:
    """Call it for the registry; requests in several threads share one."""

    def __init__(self, address: str | None = None) -> None:
        self._address = address
        self._lock = threading.Lock()
        self._registry: Registry | None = None

    def __call__(self) -> Registry:
        """The registry, opened once; raises Unreachable, and the next request tries again."""
        with self._lock:
            if self._registry is None:
                from nb_mlops.actions.connect import open_registry

                self._registry = open_registry(self._address)
            return self._registry
