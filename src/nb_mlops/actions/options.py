"""What may be said of a registration beside the estimator and the name: the options of `register`, as one value."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from nb_mlops.core.version import Version


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """The keywords of `register`, without the registry; what each means stands there."""

    data: object = None
    target: str | None = None
    ignore: Sequence[str] = ()
    metrics: Mapping[str, Any] | None = None
    params: Mapping[str, Any] | None = None
    tags: Mapping[str, Any] | None = None
    files: Mapping[str, str | os.PathLike[str]] | None = None
    data_source: str | None = None
    stakes: str | None = None
    owner: str | None = None
    purpose: str | None = None
    format: str | None = None
    parent: str | Version | None = None
    examples: bool = True
    again: bool = False
    code: bool = True
    local_modules: Sequence[str] = ()
