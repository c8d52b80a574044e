"""The newest checkpoint that the registry's own history names, and its signed file where the registry keeps it."""

from __future__ import annotations

from pathlib import Path

from nb_mlops.actions.checkpoint import FOLDER
from nb_mlops.actions.registry import Registry
from nb_mlops.core.canonical import sha256
from nb_mlops.core.checkpoint import Checkpoint
from nb_mlops.core.errors import BadInput
from nb_mlops.core.event import REGISTRY, Event
from nb_mlops.core.shown import Json

_LARGEST = 8 << 20  # bytes of a checkpoint's file
Found = tuple[dict[str, Json] | None, bytes | None]


def newest_checkpoint(registry: Registry, model: str) -> Found:
    """What is known of the newest checkpoint (with the model's head in it), and its file; None where there is none."""
    events = [event for event in registry.catalog.events(REGISTRY) if event.kind == "checkpointed"]
    if not events:
        return None, None
    event = events[-1]
    data = _file(registry, event)
    told: dict[str, Json] = {name: event.body[name] for name in ("position", "digest", "key")}
    head = Checkpoint.from_bytes(data).heads.get(model) if data is not None else None
    if head is not None:
        told["head"] = {"sequence": head.sequence, "hash": head.hash}
    return told, data


def _file(registry: Registry, event: Event) -> bytes | None:
    """The signed file, where it lies in the registry's own folder and is the one that was recorded."""
    if "://" in registry.address:
        return None
    for path in sorted((Path(registry.address) / FOLDER).glob(f"checkpoint-*-{event.body['position']:012}.json")):
        try:
            data = path.read_bytes() if path.is_file() and path.stat().st_size <= _LARGEST else b""
            if sha256(data) == event.body["digest"]:
                Checkpoint.from_bytes(data)
                return data
        except (OSError, BadInput):
            continue  # unreadable here, or no checkpoint: it is not needed, what is recorded of it is in the dossier
    return None
