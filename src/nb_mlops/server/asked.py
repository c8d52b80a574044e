"""What a request asked for, without its transport: the answers see this and nothing of HTTP."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from nb_mlops.actions.registry import Registry


@dataclass(frozen=True, slots=True)
class Asked:
    """The names in the path, the options after `?`, and a way to the registry for those who need it."""

    path: Mapping[str, str]
    query: Mapping[str, str]
    registry: Callable[[], Registry]
    prefix: str
