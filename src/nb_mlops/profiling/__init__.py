"""A table to a profile, on an engine; `profiling.windows` cuts it into windows first."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from nb_mlops.profiling.memory import profile as profile

__all__ = ["profile"]


def __getattr__(name: str) -> object:
    """`profile`, loaded when first asked for: start-up is everybody's, profiling is not."""
    if name == "profile":
        from nb_mlops.profiling.memory import profile

        return profile
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
