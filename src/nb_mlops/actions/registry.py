"""A registry is one frozen value: a catalog of histories, a store of blobs, who acts, and a clock.

Every action is a plain function that takes one, so the same code runs on `memory://` in a test,
on a laptop and on a server.
"""

from __future__ import annotations

import os
import shutil
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from nb_mlops.core.errors import Unreachable
from nb_mlops.core.event import Actor, Draft, Event
from nb_mlops.storage.blobs import Blobs
from nb_mlops.storage.catalog import Catalog


def now_utc() -> datetime:
    """The time of this machine."""
    return datetime.now(UTC)


@dataclass(frozen=True)
class Registry:
    """Where models are kept, as one person sees it."""

    catalog: Catalog = field(repr=False)
    blobs: Blobs = field(repr=False)
    actor: Actor
    address: str  # as it may be shown: without a password
    clock: Callable[[], datetime] = field(default=now_utc, repr=False)
    enforced: bool = False  # identity and gates are the server's; False: advisory

    def append(
        self,
        kind: str,
        model: str | None,
        body: Mapping[str, Any],
        *,
        texts: Mapping[str, str] | None = None,
        people: Mapping[str, str] | None = None,
        draft_id: str | None = None,
    ) -> Event:
        """Writes one event as this registry's actor; gives it, or the earlier one that already says it.

        `people` are others that it speaks of, by role: the event holds their opaque ids.
        """
        given = {name: text for name, text in (texts or {}).items() if text}
        made = draft_id or str(uuid.uuid4())
        return self.catalog.append(Draft(kind, model, self.actor, self.clock(), body, given, people or {}, made))

    def check_room(self, wanted_bytes: int = 10_000_000) -> None:
        """Raises Unreachable where the registry's folder cannot be written or is nearly full (embedded ones only)."""
        if "://" in self.address:
            return
        folder = next(place for place in (Path(self.address), *Path(self.address).parents) if place.exists())
        if not os.access(folder, os.W_OK):
            raise Unreachable(f"{folder} cannot be written.", "Choose another registry: %mlops connect FOLDER")
        free = shutil.disk_usage(folder).free
        if free < wanted_bytes:
            raise Unreachable(f"{folder} has {free / 1e6:.1f} MB left.", "Free some space, or choose another registry.")

    def find_name(self, actor: str) -> str:
        """The name behind an opaque actor id; `erased` when it was erased."""
        return self.catalog.names([actor]).get(actor, "erased")

    def text(self, digest: str | None) -> str:
        """What a person typed, by its salted digest; empty when there is none or it was erased."""
        return self.catalog.texts([digest]).get(digest, "") if digest else ""
