"""A policy as a TOML file: read with errors that say where and what instead, and written again.

[people]                          one person, several identities
"Ann Lee" = ["ann@example.org", "alee"]

[roles]                           left out: everybody
approvers = ["Ann Lee", "bob@example.org"]

[high.production]                 what differs from the default at this level and alias
approvals = 3

[teams.risk.high.production]      a team can only ask for more
checks = ["roc_auc.ci_low >= 0.75"]
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import fields, replace
from typing import Any, get_type_hints

from nb_mlops.core.errors import BadInput, near
from nb_mlops.core.policy.book import Policy, Roles
from nb_mlops.core.policy.defaults import DEFAULT
from nb_mlops.core.policy.requirements import Level, Requirements
from nb_mlops.core.policy.sound import refuse_unsound
from nb_mlops.core.policy.stakes import LEVELS
from nb_mlops.core.printable import one_line

MAX_BYTES = 200_000

_LEVEL_KEYS = tuple(one.name for one in fields(Level) if one.name != "aliases")
_ALIAS_KEYS = tuple(one.name for one in fields(Requirements))
_TYPES: dict[str, Any] = {**get_type_hints(Level), **get_type_hints(Requirements)}
_KINDS: dict[str, tuple[type, str]] = {
    "bool": (bool, "true or false"),
    "int": (int, "a whole number"),
    "str": (str, "a text"),
}
_GLASS = ("no", "reason", "ticket")


def read_policy(text: str) -> Policy:
    """The policy that a file's text says; raises BadInput for what cannot be read or meant."""
    if len(text) > MAX_BYTES:
        raise BadInput("That is too long for a policy.", f"It has at most {MAX_BYTES:,} characters.")
    try:
        said = tomllib.loads(text)
    except (ValueError, RecursionError) as error:  # a number of 5,000 digits is a ValueError of int()
        raise BadInput(f"The policy is not TOML: {one_line(str(error), most=200)}.", "See docs/policy.md.") from None
    _refuse_unknown("", said, ("people", "roles", "teams", *LEVELS))
    levels: dict[str, Level] = {
        stakes: _level(stakes, said.get(stakes, {}), DEFAULT.levels[stakes]) for stakes in LEVELS
    }
    people = _people(said.get("people", {}))
    teams, team_roles = _teams(said.get("teams", {}), levels)
    policy = Policy(levels, teams, _roles("roles", said.get("roles", {})), team_roles, people)
    refuse_unsound(policy)
    return policy


def write_policy(policy: Policy) -> str:
    """The text of a file that says this policy, whole."""
    lines = [
        "# The policy of a registry of nb_mlops: `nb-mlops policy check FILE` reads it, `… apply FILE` applies it."
    ]
    if policy.people:
        lines += ["", "[people]  # the identities of one person"]
        lines += [f"{_toml(group[0])} = {_toml(list(group[1:]))}" for group in policy.people]
    lines += _written_roles("roles", policy.roles)
    for at in LEVELS:
        lines += _written_level(at, policy.levels[at], DEFAULT.levels[at])
    for team in sorted(set(policy.teams) | set(policy.team_roles)):
        lines += _written_roles(f"teams.{_key(team)}.roles", policy.team_roles.get(team, Roles()))
        for stakes, level in policy.teams.get(team, {}).items():
            lines += _written_level(f"teams.{_key(team)}.{stakes}", level, policy.levels[stakes])
    return "\n".join(lines) + "\n"


def _level(where: str, said: object, default: Level) -> Level:
    table = _table(where, said)
    plain = {key: value for key, value in table.items() if not isinstance(value, dict) or key in _LEVEL_KEYS}
    _refuse_unknown(where, plain, _LEVEL_KEYS)
    given = {key: _value(f"{where}.{key}", key, value) for key, value in plain.items()}
    aliases = dict(default.aliases)
    for alias, asks in table.items():
        if alias not in plain:
            aliases[alias] = _alias(f"{where}.{alias}", asks, default.for_alias(alias))
    return replace(default, **given, aliases=aliases)


def _alias(where: str, said: Mapping[str, Any], default: Requirements) -> Requirements:
    _refuse_unknown(where, said, _ALIAS_KEYS)
    if said.get("approvals") == 0:  # who takes the approvals away does not have to know what hangs on them
        default = replace(default, rollback_to_approved=False)
    return replace(default, **{key: _value(f"{where}.{key}", key, value) for key, value in said.items()})


def _value(where: str, key: str, value: object) -> Any:
    """A value of the right type; `false` takes away a number or a name that the default asks for."""
    hint = str(_TYPES[key])
    if key == "break_glass":
        if value not in _GLASS:
            raise BadInput(f"{where} = {_given(value)} is not known.", 'One of "no", "reason", "ticket".')
        return value
    if "tuple" in hint:
        if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
            raise BadInput(f"{where} = {_given(value)} is not a list of texts.", f'Like {key} = ["…", "…"]')
        return tuple(value)
    if value is False and "None" in hint:
        return None
    wanted, said = next(found for kind, found in _KINDS.items() if kind in hint)
    if not isinstance(value, wanted) or (wanted is int and isinstance(value, bool)):
        raise BadInput(f"{where} = {_given(value)} is not {said}.", f"Give {said}.")
    return value


def _people(said: object) -> tuple[tuple[str, ...], ...]:
    groups = []
    for name, identities in _table("people", said).items():
        groups.append((_identity("people", name), *_names(f"people.{name[:40]}", identities)))
    return tuple(groups)


def _roles(where: str, said: object) -> Roles:
    table = _table(where, said)
    _refuse_unknown(where, table, ("approvers", "admins"))
    return Roles(**{role: _names(f"{where}.{role}", names) for role, names in table.items()})


def _teams(said: object, levels: Mapping[str, Level]) -> tuple[dict[str, dict[str, Level]], dict[str, Roles]]:
    teams: dict[str, dict[str, Level]] = {}
    team_roles: dict[str, Roles] = {}
    for team, told in _table("teams", said).items():
        table = _table(f"teams.{team}", told)
        _refuse_unknown(f"teams.{team}", table, ("roles", *LEVELS))
        roles = _roles(f"teams.{team}.roles", table.get("roles", {}))
        if roles != Roles():
            team_roles[team] = roles
        found: dict[str, Level] = {
            at: _level(f"teams.{team}.{at}", table[at], levels[at]) for at in LEVELS if at in table
        }
        if found:
            teams[team] = found
    return teams, team_roles


def _names(where: str, value: object) -> tuple[str, ...]:
    if not isinstance(value, list) or not value:
        raise BadInput(f"{where} is not a list of names.", 'Like ["ann@example.org"]; leave it out for everybody.')
    return tuple(dict.fromkeys(_identity(where, name) for name in value))


def _identity(where: str, name: object) -> str:
    if not isinstance(name, str) or not name.strip() or len(name) > 200 or not name.isprintable():
        raise BadInput(f"{where}: {_given(name)} is no name of a person.", 'Like "ann@example.org".')
    return name


def _table(where: str, said: object) -> Mapping[str, Any]:
    if not isinstance(said, dict):
        raise BadInput(f"{where} = {_given(said)} is not a table.", f"Write [{where}] and below it key = value.")
    return said


def _refuse_unknown(where: str, said: Mapping[str, Any], known: tuple[str, ...]) -> None:
    for key in said:
        if key not in known:
            place = f"{where}.{key}" if where else key
            hint = near(key, known) or f"There are {', '.join(known)}."
            raise BadInput(f"{one_line(place, most=80)} is not known in a policy.", hint)


def _given(value: object) -> str:
    return one_line(repr(value), most=60)


def _written_roles(where: str, roles: Roles) -> list[str]:
    given = roles.to_dict()
    return ["", f"[{where}]", *(f"{role} = {_toml(names)}" for role, names in given.items())] if given else []


def _written_level(where: str, level: Level, base: Level) -> list[str]:
    """The tables of a level: what it asks, and what `base`, which a reader starts from, asks and it does not."""
    told = level.to_dict()
    aliases = told.pop("aliases")
    lines = ["", f"[{where}]", *(f"{key} = {_toml(value)}" for key, value in told.items())]
    lines += [f"{key} = {_off(key)}" for key in _LEVEL_KEYS if key not in told and getattr(base, key)]
    for alias, asks in aliases.items():
        before = base.for_alias(alias).to_dict()
        lines += ["", f"[{where}.{_key(alias)}]", *(f"{key} = {_toml(value)}" for key, value in asks.items())]
        lines += [f"{key} = {_off(key)}" for key in _ALIAS_KEYS if key in before and key not in asks]
    return lines


def _off(key: str) -> str:
    """How a file says that what it would start from is not asked."""
    hint = str(_TYPES[key])
    if key == "break_glass":
        return '"no"'
    if "None" in hint or "bool" in hint:
        return "false"
    if "tuple" in hint:
        return "[]"
    return "0" if "int" in hint else '""'


def _key(name: str) -> str:
    """A name as a key of TOML: a dot would make two keys of it."""
    return name if re.fullmatch("[A-Za-z0-9_-]+", name) else _toml(name)


def _toml(value: object) -> str:
    """A value as TOML: what our own tables hold, nothing more."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int):
        return str(value)
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(_toml, value))}]"
    escaped = "".join(_escape(character) for character in str(value))
    return f'"{escaped}"'


def _escape(character: str) -> str:
    if character in '"\\':
        return f"\\{character}"
    return character if character.isprintable() else f"\\U{ord(character):08x}"
