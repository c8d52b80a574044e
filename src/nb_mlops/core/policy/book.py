"""The policy of a registry: levels, what teams ask beyond them, who may sign, and which identities are one person."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from nb_mlops.core.canonical import canonical, digest
from nb_mlops.core.policy.requirements import Level, Requirements

if TYPE_CHECKING:
    from nb_mlops.core.rows import PolicyRow


@dataclass(frozen=True, slots=True)
class Roles:
    """Who may do what, by identity; an empty list is everybody."""

    approvers: tuple[str, ...] = ()
    admins: tuple[str, ...] = ()  # who may change the policy

    def to_dict(self) -> dict[str, Any]:
        """The lists that are not empty."""
        return {name: list(given) for name in ("approvers", "admins") if (given := getattr(self, name))}

    @classmethod
    def from_dict(cls, stored: Mapping[str, Sequence[str]]) -> Roles:
        """What `to_dict` wrote."""
        return cls(tuple(stored.get("approvers", ())), tuple(stored.get("admins", ())))


@dataclass(frozen=True, slots=True)
class Policy:
    """The levels of all stakes for everybody, and for teams that ask for more.

    In a registry, identities are the opaque ids of actors; in a file they are names and addresses.
    """

    levels: Mapping[str, Level]
    teams: Mapping[str, Mapping[str, Level]] = field(default_factory=dict)  # whole levels, never looser than `levels`
    roles: Roles = Roles()
    team_roles: Mapping[str, Roles] = field(default_factory=dict)
    people: tuple[tuple[str, ...], ...] = ()  # the identities of one person; the first stands for all

    def level(self, stakes: str, team: str = "") -> Level:
        """What is asked at `stakes` of the models of a team (`risk` of `risk/churn`)."""
        return self.teams.get(team, {}).get(stakes) or self.levels[stakes]

    def requirements(self, model: str, stakes: str, alias: str) -> Requirements:
        """What is asked before `alias` of a model may move."""
        return self.level(stakes, team_of(model)).for_alias(alias)

    def required_checks(self, team: str, stakes: str) -> tuple[str, ...]:
        """The check lines that some alias asks for, each once: every validation runs them."""
        asked = (line for asks in self.level(stakes, team).aliases.values() for line in asks.checks)
        return tuple(dict.fromkeys(asked))

    @property
    def aliases(self) -> frozenset[str]:
        """Every alias that some level names."""
        every = [self.levels, *self.teams.values()]
        return frozenset(alias for levels in every for level in levels.values() for alias in level.aliases)

    def person(self, identity: str) -> str:
        """The one identity that stands for this person."""
        return next((group[0] for group in self.people if identity in group), identity)

    def may_approve(self, identity: str, model: str) -> bool:
        """Whether this person is among those whose approval counts for a model."""
        allowed = self._role("approvers", model)
        return not allowed or self.person(identity) in {self.person(one) for one in allowed}

    def may_change(self, identity: str) -> bool:
        """Whether this person is among those who may change the policy."""
        allowed = self.roles.admins
        return not allowed or self.person(identity) in {self.person(one) for one in allowed}

    def approvers(self, model: str) -> tuple[str, ...]:
        """Whose approval counts; empty: anybody's."""
        return self._role("approvers", model)

    def _role(self, role: str, model: str) -> tuple[str, ...]:
        own: tuple[str, ...] = getattr(self.team_roles.get(team_of(model), Roles()), role)
        whole: tuple[str, ...] = getattr(self.roles, role)
        return own or whole

    @property
    def digest(self) -> str:
        """What tells two policies apart."""
        return digest(self.to_dict())

    def identities(self) -> list[str]:
        """Every identity that it names, each once."""
        roles = [*self.roles.to_dict().values()]
        roles += [names for team in self.team_roles.values() for names in team.to_dict().values()]
        return list(dict.fromkeys([*(one for group in self.people for one in group), *(n for r in roles for n in r)]))

    def renamed(self, names: Mapping[str, str]) -> Policy:
        """The same policy with every identity replaced by what `names` says of it; unknown ones stay."""

        def told(given: Sequence[str]) -> tuple[str, ...]:
            return tuple(dict.fromkeys(names.get(one, one) for one in given))  # two spellings of one person are one

        def roles(given: Roles) -> Roles:
            return Roles(told(given.approvers), told(given.admins))

        team_roles = {team: roles(given) for team, given in self.team_roles.items()}
        people = tuple(told(group) for group in self.people)
        return Policy(self.levels, self.teams, roles(self.roles), team_roles, people)

    def to_dict(self) -> dict[str, Any]:
        """The policy as JSON: what an event holds."""
        return {
            "levels": _levels_to_dict(self.levels),
            "teams": {team: _levels_to_dict(levels) for team, levels in self.teams.items()},
            "roles": self.roles.to_dict(),
            "team_roles": {team: roles.to_dict() for team, roles in self.team_roles.items()},
            "people": [list(group) for group in self.people],
        }

    @classmethod
    def from_dict(cls, stored: Mapping[str, Any]) -> Policy:
        """What `to_dict` wrote."""
        return cls(
            _levels_from_dict(stored["levels"]),
            {team: _levels_from_dict(levels) for team, levels in stored.get("teams", {}).items()},
            Roles.from_dict(stored.get("roles", {})),
            {team: Roles.from_dict(roles) for team, roles in stored.get("team_roles", {}).items()},
            tuple(tuple(group) for group in stored.get("people", ())),
        )


def team_of(model: str) -> str:
    """The team in a model's name: `risk` of `risk/churn`; empty where there is none."""
    team, slash, _ = model.partition("/")
    return team if slash else ""


def stored_policy(row: PolicyRow) -> Policy:
    """The policy that a row holds, read once for each content."""
    return _read(row.digest, canonical(row.policy))


@lru_cache(maxsize=32)
def _read(digest: str, data: bytes) -> Policy:
    import json

    return Policy.from_dict(json.loads(data))


def _levels_to_dict(levels: Mapping[str, Level]) -> dict[str, Any]:
    return {name: level.to_dict() for name, level in levels.items()}


def _levels_from_dict(stored: Mapping[str, Any]) -> dict[str, Level]:
    return {name: Level.from_dict(level) for name, level in stored.items()}
