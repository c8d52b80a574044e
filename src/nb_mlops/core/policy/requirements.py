"""What must be there before one alias may move (`Requirements`), and what a stakes level asks for (`Level`)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields
from typing import Any, Literal

from nb_mlops.core.canonical import digest

BreakGlass = Literal["no", "reason", "ticket"]

# What the first release's approvals bound; what came later enters the digest only where it asks for something,
# so that an approval given then still counts.
_FIRST = (
    "validation",
    "held_out",
    "validated_by_other",
    "evidence_days",
    "evidence_expires",
    "approvals",
    "independent",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Requirements:
    """What must be there before one alias may move at one stakes level."""

    validation: bool = False  # the latest validation of each data set passed
    held_out: bool = False  # ... on data the model was not trained on
    data: str | None = None  # ... among them this named data set, as `%mlops data add` pinned it
    checks: tuple[str, ...] = ()  # ... with these check lines, added to every validation by themselves
    validated_by_other: bool = False  # ... by somebody who took no part in the version
    ci: bool = False  # ... by a CI run that a registry server's `ci` credential proves
    evidence_days: int | None = None  # ... not longer ago than this
    evidence_expires: bool = False  # older evidence closes the gate; otherwise it is a warning
    evidence_reason: str = ""  # why evidence of this model goes stale after so many days
    approvals: int = 0  # by persons other than who registered it
    independent: bool = False  # ... nor by others who took part: its author, who asked for it, who made the same
    approval_days: int | None = None  # ... given not longer ago than this
    comment: bool = False  # ... each with a reason in words
    card: tuple[str, ...] = ()  # sections of the model card that a person must have filled
    baseline: bool = False  # the profile of the training data, or nobody will see drift
    monitor_days: int | None = None  # what the alias points to now was watched (recorded) in the last so many days
    rollback_to_approved: bool = False  # back only to what was approved for this alias; a note is due afterwards
    break_glass: BreakGlass = "no"  # what passing a closed gate in an emergency takes

    @property
    def digest(self) -> str:
        """What an approval binds: when the requirements change, it no longer counts."""
        given = asdict(self)
        later = {one.name: given[one.name] for one in fields(self) if one.name not in _FIRST}
        asked = {name: _plain(value) for name, value in later.items() if value != _DEFAULTS[name]}
        for name in _NO_DEMANDS & asked.keys():
            del asked[name]
        return digest({name: given[name] for name in _FIRST} | asked)

    def to_dict(self) -> dict[str, Any]:
        """What differs from asking for nothing."""
        given = asdict(self)
        return {name: _plain(value) for name, value in given.items() if value != _DEFAULTS[name]}

    @classmethod
    def from_dict(cls, stored: Mapping[str, Any]) -> Requirements:
        """What `to_dict` wrote; a name that a newer program added is left out."""
        known = {one.name for one in fields(cls)}
        read: dict[str, Any] = {name: _read(value) for name, value in stored.items() if name in known}
        return cls(**read)


@dataclass(frozen=True, slots=True, kw_only=True)
class Level:
    """One stakes level of a policy."""

    owner_and_purpose: bool = False  # asked for at registration
    traceable: bool = False  # training data must be known
    no_code: bool = False  # formats that run code when loaded are refused
    formats: tuple[str, ...] = ()  # the only formats allowed; empty: any
    uses: bool = False  # who loads a version is put on record, once a day
    retention_days: int | None = None  # how long bytes are kept after the end of a version; None: for ever
    aliases: Mapping[str, Requirements] = field(default_factory=dict)

    def for_alias(self, alias: str) -> Requirements:
        """The requirements of an alias; one that no policy names asks for nothing."""
        return self.aliases.get(alias, Requirements())

    def lacks(self, *, owner: object, purpose: object) -> tuple[str, ...]:
        """Which of the two is asked for at registration and not there."""
        given = {"owner": owner, "purpose": purpose}
        return tuple(name for name, value in given.items() if self.owner_and_purpose and not value)

    def to_dict(self) -> dict[str, Any]:
        """What differs from asking for nothing, and every alias by name."""
        plain = {one.name: getattr(self, one.name) for one in fields(self) if one.name != "aliases"}
        asked = {name: _plain(value) for name, value in plain.items() if value not in (False, None, ())}
        return asked | {"aliases": {alias: asks.to_dict() for alias, asks in self.aliases.items()}}

    @classmethod
    def from_dict(cls, stored: Mapping[str, Any]) -> Level:
        """What `to_dict` wrote."""
        known = {one.name for one in fields(cls)} - {"aliases"}
        read: dict[str, Any] = {name: _read(value) for name, value in stored.items() if name in known}
        aliases = {alias: Requirements.from_dict(asks) for alias, asks in stored.get("aliases", {}).items()}
        return cls(**read, aliases=aliases)


def lacking(name: str, stakes: str, what: Sequence[str]) -> tuple[str, str]:
    """The two lines of the error where a model's owner or purpose is asked for: before its fit, and after it."""
    options = " ".join(f'--{one} "…"' for one in what)
    return f"{name} has {stakes} stakes and no {' and no '.join(what)}.", f"Add {options}."


_DEFAULTS: dict[str, Any] = {one.name: one.default for one in fields(Requirements)}
_NO_DEMANDS = {"evidence_reason", "rollback_to_approved", "break_glass"}  # what is asked of a version is the same


def _read(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


def _plain(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value
