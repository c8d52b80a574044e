"""The code that measured, as one digest: check lines, one's own scorers, and the versions of what computes.

Two validations of one artifact on one data set with the same digest were measured the same way.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterable, Mapping
from importlib.metadata import PackageNotFoundError, version

from nb_mlops.core.canonical import digest
from nb_mlops.release import VERSION

COMPUTING = ("numpy", "scipy", "scikit-learn")


def measuring_code(checks: Iterable[str], scorers: Mapping[str, object] | None = None) -> str:
    """The SHA-256 over canonical check lines, scorer sources (their names alone where unreadable) and versions."""
    return digest(
        {
            "checks": list(checks),
            "scorers": {str(name): source_of(scorer) for name, scorer in (scorers or {}).items()},
            "nb_mlops": VERSION,
            "versions": {name: _version(name) for name in COMPUTING},
        }
    )


def source_of(scorer: object) -> str:
    """The text of a scorer: its source, behind `make_scorer` too; a name of scikit-learn's; else its type's name."""
    if isinstance(scorer, str):
        return scorer
    inner = getattr(scorer, "_score_func", scorer)
    options = repr(sorted(getattr(scorer, "_kwargs", {}).items(), key=str)) if inner is not scorer else ""
    for candidate in (inner, type(inner)):
        try:
            return inspect.getsource(candidate) + options  # type: ignore[arg-type]  # it says itself what it cannot read
        except (OSError, TypeError):
            continue
    return f"{type(scorer).__module__}.{type(scorer).__qualname__}"


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None
