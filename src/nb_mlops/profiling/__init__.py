"""A table to a profile, on an engine; `profiling.windows` cuts it into windows first."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from nb_mlops.profiling.memory import profile as profile
    from nb_mlops.profiling.table import read_table as read_table

__all__ = ["profile", "read_table"]


def __getattr__(name: str) -> object:
    """A function, loaded when first asked for: start-up is everybody's, profiling is not."""
    if name == "profile":
        from nb_mlops.profiling.memory import profile

        return profile
    if name == "read_table":
        from nb_mlops.profiling.table import read_table

        return read_table
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
