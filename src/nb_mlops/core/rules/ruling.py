"""The one door to writing: finds the rule for a draft and gives its ruling."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from importlib import import_module
from typing import Any

from nb_mlops.core.canonical import is_whole
from nb_mlops.core.errors import BadInput, Conflict, NotFound, Refused, near
from nb_mlops.core.event import REGISTRY, Draft
from nb_mlops.core.policy import Policy
from nb_mlops.core.policy.in_force import in_force
from nb_mlops.core.rows import AliasNameRow, Facts, ModelRow, VersionRow
from nb_mlops.core.rules.body import MOST

_SHA256 = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Entry:
    """One event to record: the catalog adds sequence, time and hash."""

    history: str
    kind: str
    body: Mapping[str, Any]
    texts: tuple[str, ...] = ()  # which of the draft's texts it bears


@dataclass(frozen=True, slots=True)
class Ruling:
    """What to record, in order (the last entry bears the draft's id), or the event that already says it."""

    entries: tuple[Entry, ...] = ()
    existing: str | None = None

    def ids(self, draft: Draft) -> list[str]:
        """The event id of each entry: derived from the draft's, so that a repeated draft repeats them."""
        before = [str(uuid.uuid5(uuid.UUID(draft.id), str(index))) for index in range(len(self.entries) - 1)]
        return [*before, draft.id]


@dataclass(frozen=True, slots=True)
class Case:
    """A draft before its rule: who asks (opaque id), on what facts, under which policy, when."""

    draft: Draft
    actor: str
    facts: Facts
    now: datetime
    people: Mapping[str, str] = field(default_factory=dict)  # others the draft speaks of: role -> opaque id
    policy: Policy = field(init=False)
    body: Mapping[str, Any] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "body", self.draft.body)
        object.__setattr__(self, "policy", in_force(self.facts))

    @property
    def model_name(self) -> str:
        """The name of the model the draft is about; raises BadInput where it names none."""
        if self.draft.model is None:
            raise BadInput(f"A {self.draft.kind} event is about a model.", "Name the model.")
        return self.draft.model

    def model(self, *, retired_too: bool = False) -> ModelRow:
        """The model the draft is about; raises NotFound, or Refused when it was retired."""
        found = self.find_model()
        if found is None:
            raise NotFound(f"There is no model {self.model_name!r} in this registry.", "See %models.")
        if found.state != "live" and not retired_too:
            raise Refused(f"{found.name} was retired: nothing more is added to it.", f"See %audit {found.name}.")
        return found

    def find_model(self) -> ModelRow | None:
        """The model the draft is about, or None."""
        if not isinstance(self.model_name, str) or not is_whole(self.model_name):
            return None
        rows = self.facts.find(ModelRow, name=self.model_name)
        return rows[0] if rows else None

    def version(self, model: ModelRow, *, retired_too: bool = False) -> VersionRow:
        """The version that the body names by `number`; raises NotFound, or Refused when it was discarded."""
        number = self.body.get("number")
        if not isinstance(number, int) or isinstance(number, bool) or abs(number) > MOST:
            raise BadInput(f"A {self.draft.kind} event needs a version number.", f"Name one: {model.name}@1.")
        found = self.facts.get(VersionRow, model.id, number)
        if found is None:
            raise NotFound(f"There is no {model.name}@{number}.", f"See %versions {model.name}.")
        if found.state != "live" and not (retired_too and found.state == "retired"):
            raise Refused(f"{model.name}@{number} was {found.state}.", f"See %versions {model.name}.")
        return found

    def alias(self) -> str:
        """The alias that the body names, when the policy or a person made it; raises NotFound for a typo."""
        alias = self.body.get("alias")
        known = self.policy.aliases | {row.name for row in self.facts.find(AliasNameRow)}
        if not isinstance(alias, str) or alias not in known:
            listed = ", ".join(sorted(known))
            hint = near(str(alias), known) or f"There are: {listed}."
            raise NotFound(f"There is no alias {str(alias)[:60]!r}.", f"{hint} A new one: %mlops alias add NAME.")
        return alias

    def sha256(self, key: str, *, optional: bool = False) -> str | None:
        """The digest that the body gives under `key`; raises BadInput for anything else."""
        value = self.body.get(key)
        if value is None and optional:
            return None
        return hexdigest(value, key)


def hexdigest(value: object, what: str) -> str:
    """`value`, when it is a SHA-256 in lower-case hex; raises BadInput."""
    if not isinstance(value, str) or not _SHA256.fullmatch(value):
        raise BadInput(f"{what} is not a SHA-256 digest.", "It has 64 lower-case hex digits.")
    return value


def refuse_other_bytes(case: Case, model: ModelRow, version: VersionRow) -> None:
    """Raises Conflict when what the client looked at is not what the registry holds."""
    seen = case.body.get("digest")
    if seen is not None and seen != version.digest:
        raise Conflict(f"{model.name}@{version.number} is not the artifact that was looked at.", "Look again.")


# kind of draft -> where its rule is: the room's table of contents
_RULES = {
    "registered": "register:registered",
    "discarded": "register:discarded",
    "described": "model:described",
    "tagged": "model:tagged",
    "noted": "model:noted",
    "alias_added": "model:alias_added",
    "trusted": "model:trusted",
    "validated": "validation:validated",
    "observed": "window:observed",
    "requested": "approvals:voted",
    "approved": "approvals:voted",
    "rejected": "approvals:voted",
    "data_named": "named_data:data_named",
    "promoted": "move:promoted",
    "rolled_back": "move:rolled_back",
    "assessed": "assessment:assessed",
    "card_edited": "card:card_edited",
    "finding_opened": "findings:finding_opened",
    "finding_closed": "findings:finding_closed",
    "reviewed": "glass:reviewed",
    "retired": "retirement:retired",
    "loaded": "uses:loaded",
    "erased": "retention:erased",
    "policy_applied": "policy:policy_applied",
    "checkpointed": "checkpoint:checkpointed",
}


def rule(case: Case) -> Ruling:
    """What is to be recorded for a draft; raises an error of ours when it may not be."""
    where = _RULES.get(case.draft.kind)
    if where is None:
        raise BadInput(f"{case.draft.kind[:40]!r} is not a kind of event.", "Is this client newer than the registry?")
    module, _, name = where.partition(":")
    judge: Callable[[Case], Ruling] = getattr(import_module(f"nb_mlops.core.rules.{module}"), name)
    return judge(case)


def one(model: ModelRow, kind: str, body: Mapping[str, Any], texts: Mapping[str, str]) -> Ruling:
    """The ruling that records a single event in a model's history."""
    return Ruling((Entry(model.id, kind, body, tuple(texts)),))


def in_registry(kind: str, body: Mapping[str, Any], *texts: str) -> Entry:
    """An entry of the registry's own history."""
    return Entry(REGISTRY, kind, body, texts)
