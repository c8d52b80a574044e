"""Whether a person's front end runs the cells of this kernel: it says which cell it runs; papermill does not.

What a notebook starts (`!papermill …`, or its Python call) inherits the environment, `JPY_SESSION_NAME` included: that
name alone proves nobody's presence. JupyterLab, Notebook 7 and VS Code send the cell's id with each cell.
"""

from __future__ import annotations

from typing import Any
from weakref import WeakSet

_heard: WeakSet[Any] = WeakSet()  # the shells to which a front end has named a cell


def is_spoken_to(shell: Any) -> bool:
    """Whether a front end named a cell to this shell, now or before: a button's click comes without one."""
    ask = getattr(shell, "get_parent", None)
    if ask is None:
        return False
    if ((ask() or {}).get("metadata") or {}).get("cellId"):
        _heard.add(shell)
    return shell in _heard
