"""Whether a policy can be meant: nothing in it contradicts itself, and nobody is asked for what cannot be had.

Asked of a file when it is read, and again by the rule that applies a policy: a client is not trusted.
"""

from __future__ import annotations

from collections.abc import Iterator
from difflib import get_close_matches
from itertools import pairwise

from nb_mlops.core.card_text import SECTIONS, is_filled
from nb_mlops.core.errors import BadInput, near
from nb_mlops.core.policy.book import Policy, Roles
from nb_mlops.core.policy.defaults import DEFAULT
from nb_mlops.core.policy.order import looser_level
from nb_mlops.core.policy.requirements import Level, Requirements
from nb_mlops.core.policy.stakes import LEVELS
from nb_mlops.core.ref import alias_name, data_name, model_name

MOST_DAYS = 36_500
MOST_APPROVALS = 20
_KNOWN_ALIASES = DEFAULT.aliases


def refuse_unsound(policy: Policy) -> None:
    """Raises BadInput for the first thing in a policy that cannot be meant."""
    for where, team, level in _levels(policy):
        _refuse_level(where, level, _approvers(policy, team))
    for lower, higher in pairwise(LEVELS):
        for team in ("", *policy.teams):
            _refuse_upside_down(policy, lower, higher, team)
    for team, levels in policy.teams.items():
        for stakes, level in levels.items():
            _refuse_looser_team(policy, team, stakes, level)
    for team, roles in policy.team_roles.items():
        _refuse_wider_roles(policy, team, roles)
    _refuse_shared_identities(policy)
    _refuse_near_aliases(policy)


def _levels(policy: Policy) -> Iterator[tuple[str, str, Level]]:
    """Every level as (where, team, level); one that a team inherits is asked of the team's own approvers, too."""
    if set(policy.levels) != set(LEVELS):
        raise BadInput("A policy has the levels low, medium and high.", "See %mlops policy show.")
    yield from ((stakes, "", level) for stakes, level in policy.levels.items())
    for team in {**policy.teams, **policy.team_roles}:
        _refuse_team_name(team)
        yield from ((f"teams.{team}.{stakes}", team, policy.level(stakes, team)) for stakes in LEVELS)


def _approvers(policy: Policy, team: str) -> int | None:
    """How many persons may approve the models of a team; None: anybody."""
    named = policy.approvers(f"{team}/model" if team else "model")
    return len({policy.person(one) for one in named}) if named else None


def _refuse_team_name(team: str) -> None:
    try:
        model_name(f"{team}/model")
    except BadInput:
        message = f"teams.{team[:40]!r}: no model has such a team."
        raise BadInput(message, "A team is what stands before the / in a model's name.") from None


def _refuse_level(where: str, level: Level, approvers: int | None) -> None:
    if level.no_code and "joblib" in level.formats:
        raise BadInput(f"{where}: no_code = true, but formats allows joblib, which runs code.", "Take one away.")
    _refuse_days(f"{where}.retention_days", level.retention_days)
    for alias, asks in level.aliases.items():
        alias_name(alias)
        _refuse_alias(f"{where}.{alias}", asks, approvers)


def _refuse_alias(where: str, asks: Requirements, approvers: int | None) -> None:
    for name in ("evidence_days", "approval_days", "monitor_days"):
        _refuse_days(f"{where}.{name}", getattr(asks, name))
    if not 0 <= asks.approvals <= MOST_APPROVALS:
        raise BadInput(f"{where}.approvals = {asks.approvals} cannot be meant.", f"Between 0 and {MOST_APPROVALS}.")
    _refuse_orphans(where, asks)
    if asks.evidence_expires and not is_filled(asks.evidence_reason):
        message = f"{where}: evidence expires, and evidence_reason does not say why after {asks.evidence_days} days."
        raise BadInput(message, 'An interval needs its reason: evidence_reason = "customers change with the seasons"')
    for section in asks.card:
        if section not in SECTIONS:
            hint = near(section, SECTIONS) or f"There are {', '.join(SECTIONS)}."
            raise BadInput(f"{where}.card: {section[:40]!r} is no section of a card that a person fills.", hint)
    _refuse_checks(where, asks)
    if approvers is not None and asks.approvals > approvers:
        message = f"{where}.approvals = {asks.approvals}, but roles.approvers names {approvers} persons."
        raise BadInput(message, "Name more approvers, or ask for fewer approvals.")


def _refuse_orphans(where: str, asks: Requirements) -> None:
    """Raises BadInput for a condition on something that is not asked for."""
    for name in ("held_out", "data", "checks", "validated_by_other", "ci", "evidence_days"):
        if getattr(asks, name) and not asks.validation:
            raise BadInput(f"{where}: {name} is asked of a validation, but validation = false.", "validation = true")
    if asks.evidence_expires and asks.evidence_days is None:
        raise BadInput(f"{where}: evidence expires, but evidence_days does not say when.", "Like evidence_days = 90")
    if asks.data is not None:
        data_name(asks.data)
    for name in ("independent", "approval_days", "comment", "rollback_to_approved"):
        if getattr(asks, name) and not asks.approvals:
            raise BadInput(f"{where}: {name} is asked of approvals, but approvals = 0.", "Like approvals = 1")


def _refuse_checks(where: str, asks: Requirements) -> None:
    from nb_mlops.core.checks import Check

    for line in asks.checks:
        try:
            Check.parse(line)
        except BadInput as error:
            raise BadInput(f"{where}.checks: {error.message}", error.hint) from None


def _refuse_days(where: str, days: int | None) -> None:
    if days is not None and not 1 <= days <= MOST_DAYS:
        raise BadInput(f"{where} = {days} cannot be meant.", f"Between 1 and {MOST_DAYS:,} days, or leave it out.")


def _refuse_upside_down(policy: Policy, lower: str, higher: str, team: str) -> None:
    """Raises BadInput where a higher level asks less: raising the stakes would open a gate."""
    for less in looser_level(policy.level(lower, team), policy.level(higher, team), "", higher):
        name = less.where.rpartition(".")[2]
        if name in ("data", "break_glass", "uses", "retention_days", "monitor_days"):
            continue  # these differ by kind, not by more or less
        place = f"{f'teams.{team}.' if team else ''}{higher}{less.where}"
        message = f"{place} = {less.becomes} asks less than {lower} stakes do ({less.was})."
        raise BadInput(message, f"Ask for at least as much at {higher} as at {lower}.")


def _refuse_looser_team(policy: Policy, team: str, stakes: str, level: Level) -> None:
    for less in looser_level(policy.levels[stakes], level, f"teams.{team}.{stakes}", stakes):
        raise BadInput(f"{less}.", "A team can only ask for more than the organisation does.")


def _refuse_wider_roles(policy: Policy, team: str, roles: Roles) -> None:
    """Raises BadInput where a team lets somebody sign whom the organisation does not."""
    if roles.admins:
        message = f"teams.{team}.roles.admins: the policy is of the whole registry, and so are its admins."
        raise BadInput(message, "Name them under [roles].")
    allowed = {policy.person(one) for one in policy.roles.approvers}
    wider = [one for one in roles.approvers if allowed and policy.person(one) not in allowed]
    if wider:
        message = f"teams.{team}.roles.approvers names {len(wider)} who are not among roles.approvers."
        raise BadInput(message, "A team can only ask for more than the organisation does: name them there, too.")


def new_aliases(policy: Policy) -> list[str]:
    """The aliases that the policy makes: neither production nor staging."""
    return sorted(policy.aliases - _KNOWN_ALIASES)


def _refuse_near_aliases(policy: Policy) -> None:
    """Raises BadInput for `productoin`: a slip would be a new alias, and leave the one that was meant unguarded."""
    for alias in new_aliases(policy):
        meant = get_close_matches(alias, _KNOWN_ALIASES, n=1, cutoff=0.75)
        if meant and meant[0] not in alias:  # pre-production is no slip
            message = f"{alias!r} would be a new alias, and is nearly {meant[0]!r}."
            raise BadInput(message, f"Did you mean {meant[0]}? A new alias needs a name that is not so near.")


def _refuse_shared_identities(policy: Policy) -> None:
    seen: dict[str, int] = {}
    for number, group in enumerate(policy.people):
        if not group:
            raise BadInput("A person in [people] has no identity.", 'Like "Ann Lee" = ["ann@example.org", "alee"]')
        for identity in group:
            if seen.setdefault(identity, number) != number:
                raise BadInput("One identity belongs to two persons in [people].", "Each identity is one person's.")
