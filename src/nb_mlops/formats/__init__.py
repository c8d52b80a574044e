"""A fitted object to files and back: which format fits, and what may be trusted.

    choose ──> write ──> files, each hashed on its way          (graph: what the object is made of;
                 read <── files, verified by who calls            source, carried: code that travels)

`write` and `read` are the two verbs; `formats`, `choose` and `pickle_like` answer questions about formats.
Heavy libraries, and this room's own files, are imported when first asked for.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from nb_mlops.formats.choice import choose, formats, pickle_like
    from nb_mlops.formats.format import Format, Written
    from nb_mlops.formats.read_model import read
    from nb_mlops.formats.write_model import write

__all__ = ["Format", "Written", "choose", "formats", "pickle_like", "read", "write"]

_HOME = {
    "Format": "format",
    "Written": "format",
    "choose": "choice",
    "formats": "choice",
    "pickle_like": "choice",
    "read": "read_model",
    "write": "write_model",
}


def __getattr__(name: str) -> object:
    """The public name, imported when first asked for."""
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    found = getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
    globals()[name] = found
    return found
