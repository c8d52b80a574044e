"""A version as people hold it: a row of the registry that can open its own parts.

What queries need stands in the row; signature and lineage are read from their blob when first asked for.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar

from nb_mlops.core.errors import Damaged, NbMlopsError
from nb_mlops.core.event import stamp
from nb_mlops.core.printable import one_line
from nb_mlops.core.rows import VersionRow
from nb_mlops.core.shown import Json, Shown

if TYPE_CHECKING:
    from nb_mlops.core.lineage import Lineage
    from nb_mlops.core.signature import Signature


@dataclass(frozen=True, repr=False)
class Version(Shown):
    """One immutable registered artifact of a model; `str(version)` is its ref."""

    kind: ClassVar[str] = "version"
    name: str
    row: VersionRow = field(repr=False)
    registry: str  # the address, without secrets
    stakes: str = "low"
    aliases: tuple[str, ...] = ()
    model_state: str = "live"  # live, retired
    read_blob: Callable[[str], bytes] = field(default=lambda sha256: b"", compare=False, repr=False)
    find_name: Callable[[str], str] = field(default=lambda actor: actor, compare=False, repr=False)
    notes: tuple[str, ...] = field(default=(), compare=False)  # what the act that gave this version has to say
    alerts: tuple[str, ...] = field(default=(), compare=False)  # unreviewed emergencies and open critical findings
    unchanged: bool = field(default=False, compare=False)  # nothing new was registered: this was there already

    def __str__(self) -> str:
        return self.ref

    @property
    def number(self) -> int:
        """The version's number: 1, 2, 3 ... within its model."""
        return self.row.number

    @property
    def ref(self) -> str:
        """The ref that names exactly this version."""
        return f"{self.name}@{self.row.number}"

    @property
    def digest(self) -> str:
        """SHA-256 over the names and digests of all files of the artifact."""
        return self.row.digest

    @property
    def size_bytes(self) -> int:
        """The size of all files of the artifact."""
        return self.row.size_bytes

    @property
    def format(self) -> str:
        """The format of the artifact: skops, joblib, xgboost, onnx ..."""
        return self.row.format

    @property
    def created_at(self) -> datetime:
        """When the registry recorded it (its clock), UTC."""
        return self.row.created_at

    @property
    def actor(self) -> str:
        """Who registered it, as far as the registry can know."""
        return self.find_name(self.row.actor)

    @property
    def state(self) -> str:
        """`live`, `discarded` or `retired`: itself, or with its model."""
        return self.model_state if self.row.state == "live" else self.row.state

    @property
    def metrics(self) -> Mapping[str, Any]:
        """What the author reported; what a check computes stands in validations."""
        return self.row.metrics

    @property
    def params(self) -> Mapping[str, Any]:
        """The estimator's parameters that differ from their defaults, and those given."""
        return self.row.params

    @property
    def tags(self) -> Mapping[str, Any]:
        """Tags, as they are now."""
        return self.row.tags

    @property
    def parent(self) -> str | None:
        """The ref of the version this one was made from, where it was said."""
        return f"{self.name}@{self.row.parent}" if self.row.parent else None

    @property
    def files(self) -> Mapping[str, Any]:
        """The artifact's files by name, each with its `sha256` and `size` in bytes."""
        return self.row.files

    @property
    def url(self) -> str:
        """Where it is: the registry's address and the ref."""
        return f"{self.registry}#{self.ref}"

    @cached_property
    def record(self) -> Mapping[str, Any]:
        """All that was captured beside the artifact, as stored."""
        try:
            found = json.loads(self.read_blob(self.row.record) or b"{}")
        except (ValueError, RecursionError) as error:
            raise Damaged(f"The record of {self.ref} cannot be read.", "Run `nb-mlops verify`.") from error
        return found if isinstance(found, dict) else {}

    @property
    def estimator(self) -> str:
        """The class that was registered; the format where its record is damaged: a version always shows itself."""
        try:
            return one_line(str(self.record.get("estimator") or self.format))
        except NbMlopsError:
            return f"{self.format}, its record cannot be read"

    @cached_property
    def signature(self) -> Signature | None:
        """The columns the model takes and what it gives; None when no data was known."""
        from nb_mlops.core.signature import Signature

        raw = self.record.get("signature")
        return Signature.from_dict(raw) if raw else None

    @cached_property
    def lineage(self) -> Lineage:
        """What produced it: notebook, cells, parameters, data, environment, code version."""
        from nb_mlops.core.lineage import Lineage

        return replace(Lineage.from_dict(self.record.get("lineage") or {}), ref=self.ref, aliases=self.aliases)

    def to_text(self) -> str:
        """A short card: ref, what it is, who and when, what was reported, what to know."""
        head = f"{'unchanged: ' if self.unchanged else ''}{self.ref}"
        size = f"{self.size_bytes / 1e6:.1f} MB" if self.size_bytes >= 1e5 else f"{self.size_bytes / 1e3:.1f} kB"
        lines = [f"{head}  {self.estimator}  {size}, {self.format}, {self.stakes} stakes"]
        if self.aliases:
            lines.append(f"  is {', '.join(self.aliases)}")
        lines.append(f"  by {self.actor} at {self.created_at:%Y-%m-%d %H:%M} UTC in {self.registry}")
        if self.metrics:
            reported = [f"{one_line(key)} {short(value)}" for key, value in self.metrics.items()]
            lines.append(f"  reported: {', '.join(reported)}")
        if self.state != "live":
            lines.append(f"  {self.state}")
        lines += [f"  ✗ {alert}" for alert in self.alerts]
        lines += [f"  {note}" for note in self.notes]
        return "\n".join(lines)

    def to_dict(self) -> dict[str, Json]:
        """What code and CI read of a version."""
        return {
            "ref": self.ref,
            "name": self.name,
            "number": self.number,
            "digest": self.digest,
            "format": self.format,
            "size_bytes": self.size_bytes,
            "created_at": stamp(self.created_at),
            "actor": self.actor,
            "metrics": dict(self.metrics),
            "params": dict(self.params),
            "tags": dict(self.tags),
            "parent": self.parent,
            "stakes": self.stakes,
            "aliases": list(self.aliases),
            "registry": self.registry,
            "state": self.state,
            "alerts": list(self.alerts),
            "unchanged": self.unchanged,
            "notes": list(self.notes),
        }


def short(value: object) -> str:
    """A reported value in few characters; of cross-validated ones the mean and standard deviation.

    >>> short(0.84371), short({"mean": 0.8, "sd": 0.01})
    ('0.8437', '0.8 ± 0.01')
    """
    if isinstance(value, Mapping) and "mean" in value:
        return f"{short(value['mean'])} ± {short(value.get('sd', 0.0))}"
    return f"{value:.4g}" if isinstance(value, float) else one_line(str(value)[:40])
