"""Whether one policy asks less than another, and where: what loosens needs the approvals it would do without."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from nb_mlops.core.policy.book import Policy
from nb_mlops.core.policy.requirements import Level, Requirements
from nb_mlops.core.policy.stakes import LEVELS


class Looser(NamedTuple):
    """One place where a policy asks less."""

    where: str  # high.production.approvals, teams.risk.high.formats, roles.approvers
    stakes: str  # the level that it concerns; empty: all
    was: str
    becomes: str

    def __str__(self) -> str:
        return f"{self.where} = {self.becomes} asks less than {self.was}"


def looser(before: Policy, after: Policy) -> list[Looser]:
    """Every place where `after` asks less than `before`."""
    found = list(_looser_levels(before, after))
    found += _looser_roles("roles.approvers", (before, before.roles.approvers), (after, after.roles.approvers))
    found += _looser_roles("roles.admins", (before, before.roles.admins), (after, after.roles.admins))
    for team in sorted(set(before.team_roles) | set(after.team_roles)):
        model = f"{team}/model"
        found += _looser_roles(
            f"teams.{team}.roles.approvers", (before, before.approvers(model)), (after, after.approvers(model))
        )
    found += _split_people(before, after)
    return found


def looser_level(before: Level, after: Level, where: str, stakes: str) -> Iterator[Looser]:
    """Every place where a level asks less."""
    for name in ("owner_and_purpose", "traceable", "no_code", "uses"):
        if getattr(before, name) and not getattr(after, name):
            yield Looser(f"{where}.{name}", stakes, "true", "false")
    if before.formats and (not after.formats or set(after.formats) - set(before.formats)):
        yield Looser(f"{where}.formats", stakes, _shown(before.formats), _shown(after.formats))
    if _longer_kept(before.retention_days, after.retention_days):
        yield Looser(f"{where}.retention_days", stakes, _shown(before.retention_days), _shown(after.retention_days))
    for alias in sorted(set(before.aliases) | set(after.aliases)):
        yield from _looser_alias(before.for_alias(alias), after.for_alias(alias), f"{where}.{alias}", stakes)


def _looser_alias(before: Requirements, after: Requirements, where: str, stakes: str) -> Iterator[Looser]:
    for name in sorted(_ASKS_LESS):
        was, becomes = getattr(before, name), getattr(after, name)
        if was != becomes and _ASKS_LESS[name](was, becomes):
            yield Looser(f"{where}.{name}", stakes, _shown(was), _shown(becomes))


def _longer_kept(was: int | None, becomes: int | None) -> bool:
    """Whether bytes were kept longer; None is for ever."""
    return becomes is not None and (was is None or was > becomes)


def _fewer(was: Any, becomes: Any) -> bool:
    return bool(was > becomes)


def _turned_off(was: Any, becomes: Any) -> bool:
    return bool(was) and not becomes


def _longer(was: Any, becomes: Any) -> bool:
    return was is not None and (becomes is None or becomes > was)


def _something_gone(was: Any, becomes: Any) -> bool:
    return bool(set(was) - set(becomes))


def _other(was: Any, becomes: Any) -> bool:
    return was is not None


def _looser_glass(was: Any, becomes: Any) -> bool:
    order = ("reason", "ticket", "no")
    return order.index(becomes) < order.index(was)


_ASKS_LESS = {
    "validation": _turned_off,
    "held_out": _turned_off,
    "data": _other,
    "checks": _something_gone,
    "validated_by_other": _turned_off,
    "ci": _turned_off,
    "evidence_days": _longer,
    "evidence_expires": _turned_off,
    "approvals": _fewer,
    "independent": _turned_off,
    "approval_days": _longer,
    "comment": _turned_off,
    "card": _something_gone,
    "baseline": _turned_off,
    "monitor_days": _longer,
    "rollback_to_approved": _turned_off,
    "break_glass": _looser_glass,
}


def _looser_levels(before: Policy, after: Policy) -> Iterator[Looser]:
    for stakes in LEVELS:
        yield from looser_level(before.level(stakes), after.level(stakes), stakes, stakes)
        for team in sorted(set(before.teams) | set(after.teams)):
            where = f"teams.{team}.{stakes}"
            yield from looser_level(before.level(stakes, team), after.level(stakes, team), where, stakes)


def _looser_roles(
    where: str, before: tuple[Policy, tuple[str, ...]], after: tuple[Policy, tuple[str, ...]]
) -> list[Looser]:
    """Who may sign now and could not before: named anew, or made another identity of somebody who may."""
    if not before[1] or (after[1] and not _identities(*after) - _identities(*before)):
        return []
    return [Looser(where, "", f"{len(before[1])} people", _people(after[1]))]


def _identities(policy: Policy, named: tuple[str, ...]) -> set[str]:
    """Every identity of the persons that are named."""
    persons = {policy.person(one) for one in named}
    return {*named, *(one for group in policy.people if group[0] in persons for one in group)}


def _split_people(before: Policy, after: Policy) -> list[Looser]:
    """Identities that were one person and would be two: they could approve each other's work."""
    for group in before.people:
        if len({after.person(identity) for identity in group}) > 1:
            return [Looser("people", "", "identities of one person", "several persons")]
    return []


def _people(names: tuple[str, ...]) -> str:
    return f"{len(names)} people" if names else "everybody"


def _shown(value: Any) -> str:
    if isinstance(value, tuple):
        return f"[{', '.join(map(str, value))}]" if value else "[]"
    return "none" if value is None else str(value).lower()
