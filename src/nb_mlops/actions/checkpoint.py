"""`checkpoint`: signs all heads of the registry and puts the signed file where its owner cannot change it.

follow the chain ──> does it hold? ──no──> Damaged: nothing is signed
                          │yes
                          v
sign ──> write the file and the public key ──> put on record that there is one
"""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

from nb_mlops.actions.connect import current, shown
from nb_mlops.actions.registry import Registry
from nb_mlops.core.checkpoint import Checkpoint
from nb_mlops.core.errors import BadInput, Conflict, Damaged, NotFound
from nb_mlops.storage import places, signing

FOLDER = "checkpoints"
ENDING = ".json"
_BESIDE = "beside the registry it protects only what is copied elsewhere: --to PLACE, or copy it"


def checkpoint(
    to: str | os.PathLike[str] | None = None, *, registry: Registry | str | os.PathLike[str] | None = None
) -> Checkpoint:
    """Signs all heads of the registry and writes them to a folder, a .json file or any place that fsspec reaches.

    Without `to` it goes into the registry's own folder, which protects only what is copied elsewhere. Nothing that is
    there is replaced. The key is this user's own, made on first use. Raises Damaged when the chain does not hold, and
    Unsupported where the extra `sign` is not installed.
    """
    place = current(registry)
    folder = os.fspath(to) if to is not None else _own_folder(place)
    key, is_new = signing.make_own_key()
    made = replace(_heads(place), key=key)
    made = replace(made, signature=signing.sign(made.signed_bytes()))
    address = folder if folder.endswith(ENDING) else places.joined(folder, made.name)
    places.write_new(address, made.to_bytes())
    _write_key(address, key)
    body = {"position": made.position, "digest": made.digest, "key": key}
    place.append("checkpointed", None, body)
    return replace(made, place=shown(address), notes=_notes(is_new=is_new, beside=to is None))


def read_checkpoint(address: str | os.PathLike[str]) -> Checkpoint:
    """The checkpoint in a file at any place that fsspec reaches, or a folder's newest; its signature is not judged."""
    text = os.fspath(address)
    if not text.endswith(ENDING):
        found = places.names(text, ENDING)
        if not found:
            raise NotFound(f"There is no checkpoint in {shown(text)}.", "%mlops checkpoint makes one.")
        text = found[-1]
    return Checkpoint.from_bytes(places.read(text), place=shown(text))


def read_key(key: str | os.PathLike[str]) -> str:
    """A public key as 64 hex digits, from the digits or from the file that holds them; raises BadInput."""
    text = os.fspath(key).strip()
    if len(text) != 64 or Path(text).exists():
        text = places.read(text).decode("ascii", "replace").strip()
    if len(text) != 64 or not set(text.lower()) <= set("0123456789abcdef"):
        raise BadInput("That is no public key.", "Give its 64 hex digits, or the .pub file beside the checkpoint.")
    return text.lower()


def _heads(registry: Registry) -> Checkpoint:
    """All heads of this moment; raises where there are none, or where they do not hold."""
    chain = registry.catalog.chain()
    if not chain.events:
        raise BadInput(f"{registry.address} holds nothing to sign.", "Register a model first.")
    broken = chain.breaks[0].position if chain.breaks else chain.first_gap
    if broken <= chain.position:
        message = f"The history of {registry.address} does not hold at position {broken:,}: nothing was signed."
        raise Damaged(message, "See nb-mlops verify.")
    return Checkpoint(time=registry.catalog.now(), position=chain.position, heads=chain.heads, trail=chain.trail)


def _own_folder(registry: Registry) -> str:
    if "://" in registry.address:
        raise BadInput(f"{registry.address} has no folder for checkpoints.", "Say where: to=PLACE.")
    return str(Path(registry.address) / FOLDER)


def _write_key(address: str, key: str) -> None:
    """The public key beside the checkpoint, under its own first digits: written once for many checkpoints."""
    folder = address[: -len(places.last_part(address))]
    try:
        places.write_new(f"{folder}{key[:16]}.pub", f"{key}\n".encode())
    except Conflict:
        return


def _notes(*, is_new: bool, beside: bool) -> tuple[str, ...]:
    notes = [f"the key was made now: {signing.key_path()}; keep it, and keep it to yourself"] if is_new else []
    return (*notes, _BESIDE) if beside else tuple(notes)
