"""The errors of nb_mlops, for `except nb_mlops.errors.GateClosed`; `core/errors.py` draws the tree."""

from nb_mlops.core.errors import (
    Ambiguous,
    BadInput,
    ChecksFailed,
    Conflict,
    Damaged,
    GateClosed,
    NbMlopsError,
    NotebookFailed,
    NotFound,
    Parked,
    Refused,
    Unreachable,
    Unsafe,
    Unsupported,
    Untrusted,
)

__all__ = [
    "Ambiguous",
    "BadInput",
    "ChecksFailed",
    "Conflict",
    "Damaged",
    "GateClosed",
    "NbMlopsError",
    "NotFound",
    "NotebookFailed",
    "Parked",
    "Refused",
    "Unreachable",
    "Unsafe",
    "Unsupported",
    "Untrusted",
]
