"""A model's history as a story: one line per event, who did what when, and why."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

from nb_mlops.core.event import stamp
from nb_mlops.core.printable import one_line
from nb_mlops.core.shown import Json, Shown

_WHOLE = 20_000  # no longer text can be stored


@dataclass(frozen=True, slots=True, repr=False)
class Entry(Shown):
    """One event, told."""

    kind: ClassVar[str] = "history-entry"
    sequence: int
    at: datetime
    actor: str
    act: str  # the event's kind
    told: str  # the sentence
    said: str  # what the person typed; empty when erased
    hash: str

    def to_text(self) -> str:
        """One line."""
        said = f"  “{one_line(self.said, most=_WHOLE)}”" if self.said else ""
        return f"{self.sequence:>4}  {self.at:%Y-%m-%d %H:%M}  {self.actor}  {one_line(self.told, most=_WHOLE)}{said}"

    def to_dict(self) -> dict[str, Json]:
        """The entry as JSON."""
        return {
            "sequence": self.sequence,
            "at": stamp(self.at),
            "actor": self.actor,
            "act": self.act,
            "told": self.told,
            "said": self.said,
            "hash": self.hash,
        }


@dataclass(frozen=True, slots=True, repr=False)
class History(Shown):
    """All entries of a model, oldest first; `whole` says whether the chain of hashes holds."""

    kind: ClassVar[str] = "history"
    name: str
    entries: tuple[Entry, ...]
    whole: bool

    @property
    def says_no(self) -> bool:
        """A broken chain."""
        return not self.whole

    def to_text(self) -> str:
        """The story, a line per event."""
        state = "the chain of hashes holds" if self.whole else "THE CHAIN OF HASHES IS BROKEN: run nb-mlops verify"
        head = f"history of {self.name}: {len(self.entries)} events, {state}"
        return "\n".join([head, *(entry.to_text() for entry in self.entries)])

    def to_dict(self) -> dict[str, Json]:
        """The story as JSON."""
        return {"name": self.name, "whole": self.whole, "entries": [entry.to_dict() for entry in self.entries]}


def tell(name: str, kind: str, body: Mapping[str, Any]) -> str:
    """An event in words; a kind this program does not know is named, not interpreted.

    >>> tell("churn", "promoted", {"number": 3, "alias": "production", "previous": 2})
    'churn@3 promoted to production (was churn@2)'
    """
    ref = f"{name}@{body['number']}" if "number" in body else name
    was = f" (was {name}@{body['previous']})" if body.get("previous") else ""
    match kind:
        case "created":
            return f"{name} created with {body['stakes']} stakes"
        case "described":
            return f"{name} described anew" + (f": {body['stakes']} stakes" if "stakes" in body else "")
        case "registered":
            return f"{ref} registered ({body['format']}, {body['digest'][:12]})"
        case "validated":
            passed = sum(bool(result.get("passed")) for result in body["results"])
            word = "passed" if body["passed"] else "failed"
            return f"{ref} {word} its checks ({passed} of {len(body['results'])}, attempt {body['attempt']})"
        case "requested" | "approved" | "rejected":
            return f"{ref} {kind} for {body['alias']}"
        case "promoted":
            return f"{ref} promoted to {body['alias']}{was}"
        case "rolled_back":
            return f"{body['alias']} rolled back to {ref}{was}"
        case "observed":
            return f"{ref} watched on {body.get('rows', 0):,} rows: {'ALARM' if body['alarm'] else 'no drift'}"
        case "assessed":
            return f"{name} assessed: the answers suggest {body['suggested']} stakes"
        case "lowering_asked":
            return f"{body['wanted']} stakes asked for {name} ({body['needed']} others have to agree)"
        case "glass_broken":
            return f"GLASS BROKEN for {ref} → {body['alias']} (ticket {body['ticket']})"
        case "reviewed":
            return f"the emergency at {ref} reviewed"
        case "finding_opened":
            return f"{body['severity']} finding opened on {ref}"
        case "finding_closed":
            return f"finding #{body['finding']} on {ref} closed"
        case "card_edited":
            return f"card of {ref}: {body['section'].replace('_', ' ')} written"
        case "loaded":
            return f"{ref} loaded by a {body['place'].partition(':')[0]}"
        case "policy_applied" | "policy_proposed":
            return f"policy {body['digest'][:12]} {kind.partition('_')[2]}"
        case "data_named":
            return f"{body['rows']:,} rows named {body['name']}"
        case "tagged":
            return f"{ref} tagged {', '.join(map(str, body['tags']))}"
        case "trusted":
            return f"the code of {ref} trusted and run"
        case _:
            return f"{ref} {kind.replace('_', ' ')}"
