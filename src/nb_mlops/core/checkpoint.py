"""A checkpoint: all heads of a registry at one moment, signed; and the proof that nothing before it changed.

A head's hash binds every event of its history before it, so equal heads prove equal histories. The trail (some digits
of every event's hash, in commit order) locates the first event that differs; it proves nothing by itself.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import ClassVar

from nb_mlops.core.canonical import canonical, sha256
from nb_mlops.core.chain import CLOCKS_DIFFER, TRAIL, Chain, Head, Stored
from nb_mlops.core.errors import BadInput
from nb_mlops.core.event import REGISTRY, moment, stamp
from nb_mlops.core.reading import count_of, object_of, text_of
from nb_mlops.core.shown import Json, Shown

FORMAT = "nb_mlops checkpoint 1"  # signed along, so that these bytes can never mean something else
ANOTHER = (
    "no history of a model that was signed is here, and the first event is another: it is of another registry, "
    "or all of this one was replaced"
)
_HEX = frozenset("0123456789abcdef")

Named = Callable[[str], str]  # what a history is called, by its id


@dataclass(frozen=True, slots=True, repr=False, kw_only=True)
class Checkpoint(Shown):
    """All heads of a registry, and who signed them."""

    kind: ClassVar[str] = "checkpoint"
    time: datetime  # the catalog's
    position: int  # of the newest event: with no gaps, the number of events
    heads: Mapping[str, Head]  # history -> its last event
    trail: str  # TRAIL hex digits of each event's hash, by position
    key: str = ""  # the public key, 64 hex digits
    signature: str = ""  # of `signed_bytes`, Ed25519, 128 hex digits
    place: str = field(default="", compare=False)  # where it was written, or read from
    notes: tuple[str, ...] = field(default=(), compare=False)

    @property
    def name(self) -> str:
        """The file's name: names sort by time and position."""
        return f"checkpoint-{self.time:%Y%m%dT%H%M%S.%fZ}-{self.position:012}.json"

    @property
    def digest(self) -> str:
        """The SHA-256 of the whole file: what the registry's own history keeps of it."""
        return sha256(self.to_bytes())

    @property
    def holding(self) -> str:
        """How much it is about."""
        return f"{self.position:,} events in {len(self.heads):,} histories"

    def signed_bytes(self) -> bytes:
        """The canonical bytes that the signature is of."""
        return canonical(self._content())

    def to_bytes(self) -> bytes:
        """The file."""
        return canonical({"checkpoint": self._content(), "signature": self.signature})

    @classmethod
    def from_bytes(cls, data: bytes, *, place: str = "") -> Checkpoint:
        """The checkpoint that a file holds, its signature not yet looked at; raises BadInput when it is none."""
        try:
            raw = object_of(json.loads(data), "That")
            content = object_of(raw.get("checkpoint"), "That")
            if content.get("format") != FORMAT:
                raise BadInput(f"{text_of(content, 'format')!r} is a format unknown here.", "Upgrade nb_mlops.")
            position = count_of(content, "position")
            trail = base64.b64decode(text_of(content, "trail", most=20 * position), validate=True).hex()
            heads = object_of(content.get("heads"), "The list of heads")
            read = cls(
                time=moment(text_of(content, "time")),
                position=position,
                heads={history: _head(object_of(head, "A head")) for history, head in heads.items()},
                trail=trail,
                key=_hex(content, "key", 64),
                signature=_hex(raw, "signature", 128),
                place=place,
            )
        except (ValueError, RecursionError, binascii.Error) as error:
            message = f"{place or 'That'} is not a checkpoint, or was changed."
            raise BadInput(message, "Take the file that `nb-mlops checkpoint` wrote.") from error
        if len(read.trail) != TRAIL * position or read.to_bytes() != data:
            raise BadInput(f"{place or 'That'} is a checkpoint that was changed.", "Take a copy that was not.")
        return read

    def to_text(self) -> str:
        """Where it is, what it holds, whose key, and what to do with it."""
        lines = [f"checkpoint {self.place}", f"  {self.holding}, {self.time:%Y-%m-%d %H:%M} UTC", f"  key {self.key}"]
        return "\n".join([*lines, *(f"  {note}" for note in self.notes)])

    def to_dict(self) -> dict[str, Json]:
        """The checkpoint as JSON, without the trail."""
        heads: dict[str, Json] = {
            history: {"sequence": head.sequence, "hash": head.hash} for history, head in self.heads.items()
        }
        return {
            "place": self.place,
            "time": stamp(self.time),
            "position": self.position,
            "heads": heads,
            "key": self.key,
            "signature": self.signature,
            "digest": self.digest,
            "notes": list(self.notes),
        }

    def _content(self) -> dict[str, object]:
        return {
            "format": FORMAT,
            "time": stamp(self.time),
            "position": self.position,
            "heads": {history: {"sequence": head.sequence, "hash": head.hash} for history, head in self.heads.items()},
            "trail": base64.b64encode(bytes.fromhex(self.trail)).decode("ascii"),
            "key": self.key,
        }


@dataclass(frozen=True, slots=True)
class Proof:
    """A checkpoint held against a registry: nothing before it changed, or what did, first of all."""

    checkpoint: Checkpoint
    problem: str = ""  # empty: it holds
    differs_at: int | None = None  # the first position that is not what was signed
    history: str = ""  # what stands at that position now
    key_is_known: bool = True  # it is the key that was asked for, or one's own

    @property
    def holds(self) -> bool:
        """Whether nothing before the checkpoint changed."""
        return not self.problem

    @property
    def where(self) -> str:
        """The checkpoint, and the first position that differs."""
        named = f"checkpoint of {self.checkpoint.time:%Y-%m-%d %H:%M}"
        return f"{named}, position {self.differs_at:,}{self.history}" if self.differs_at else named

    def to_text(self) -> str:
        """One line."""
        one = self.checkpoint
        if self.problem:
            return f"✗ {self.where}: {self.problem}"
        unknown = "" if self.key_is_known else "; compare its key with the one you were given, or name it: --key"
        told = f"checkpoint of {one.time:%Y-%m-%d %H:%M} UTC (position {one.position:,}, key {one.key[:16]}…)"
        return f"✓ {told}: nothing before it changed{unknown}"

    def to_dict(self) -> dict[str, Json]:
        """The proof as JSON."""
        return {
            "place": self.checkpoint.place,
            "position": self.checkpoint.position,
            "time": stamp(self.checkpoint.time),
            "key": self.checkpoint.key,
            "key_is_known": self.key_is_known,
            "holds": self.holds,
            "differs_at": self.differs_at,
            "problem": self.problem,
        }


def prove(checkpoint: Checkpoint, chain: Chain, standing: Callable[[int], Stored | None], named: Named = str) -> Proof:
    """Holds a checkpoint against a chain that was followed with its position marked.

    `standing` gives what is at a position now, `named` what a history is called.
    """
    differs = _first_difference(checkpoint.trail, chain.trail)
    if differs is not None:
        one = standing(differs)
        history = f", history {named(one.history)} at {one.sequence}" if one else ""
        if _is_of_another(checkpoint, chain):
            return Proof(checkpoint, ANOTHER + _gone(checkpoint, chain, named), differs)
        problem = _difference(checkpoint, chain, one) + _gone(checkpoint, chain, named)
        return Proof(checkpoint, problem, differs, history)
    now = chain.heads_at.get(checkpoint.position, {})
    for history, head in sorted(checkpoint.heads.items()):
        if now.get(history) != head:
            return Proof(checkpoint, f"history {named(history)} does not end at {head.sequence} as it was signed")
    if len(now) != len(checkpoint.heads):
        return Proof(checkpoint, "there are more histories than were signed")
    for position, dated, _ in chain.set_back:
        if position > checkpoint.position and dated < checkpoint.time - CLOCKS_DIFFER:
            problem = f"is dated {dated:%Y-%m-%d %H:%M}, before the checkpoint that it came after: a clock set back"
            return Proof(checkpoint, problem, position)
    return Proof(checkpoint)


def _difference(checkpoint: Checkpoint, chain: Chain, now: Stored | None) -> str:
    if now is not None:
        return "another event stands here than was signed"
    if chain.position < checkpoint.position:
        return f"is missing: {checkpoint.position:,} events were signed, {chain.events:,} are left"
    return "the event that was signed is missing"


def _is_of_another(checkpoint: Checkpoint, chain: Chain) -> bool:
    """Whether not one history but the registry's own, which every registry has, is in both, nor the first event."""
    models = chain.heads.keys() - {REGISTRY}
    same_start = chain.trail[:TRAIL] == checkpoint.trail[:TRAIL]
    return bool(models) and not same_start and models.isdisjoint(checkpoint.heads)


def _gone(checkpoint: Checkpoint, chain: Chain, named: Named) -> str:
    gone = sorted(checkpoint.heads.keys() - chain.heads.keys())
    more = f" and {len(gone) - 3} more" if len(gone) > 3 else ""
    return f"; gone: history {', '.join(map(named, gone[:3]))}{more}" if gone else ""


def _first_difference(signed: str, now: str) -> int | None:
    """The first position at which two trails differ; None when `now` begins with all of `signed`."""
    if now.startswith(signed):
        return None
    same, differs = 0, len(signed) // TRAIL  # so many events are equal for sure, so many are not
    while differs - same > 1:
        middle = (same + differs) // 2
        same, differs = (middle, differs) if now.startswith(signed[: middle * TRAIL]) else (same, middle)
    return same + 1


def _head(raw: Mapping[str, object]) -> Head:
    return Head(count_of(raw, "sequence"), _hex(raw, "hash", 64))


def _hex(raw: Mapping[str, object], key: str, digits: int) -> str:
    value = text_of(raw, key)
    if len(value) != digits or not _HEX.issuperset(value):
        raise BadInput(f"{key!r} is not {digits} hex digits.", "Take a copy that was not changed.")
    return value
