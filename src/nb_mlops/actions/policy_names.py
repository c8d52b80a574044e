"""The names in a policy, held to what there is: metrics, formats, aliases, people; what cannot be met is said."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import get_close_matches

from nb_mlops.actions.registry import Registry
from nb_mlops.core.checks import Check
from nb_mlops.core.errors import BadInput, NotFound
from nb_mlops.core.measures import SPECIAL
from nb_mlops.core.policy import DEFAULT, Level, Policy, Requirements
from nb_mlops.core.policy.sound import new_aliases
from nb_mlops.core.printable import one_line
from nb_mlops.core.rows import ModelRow, ValidationRow, VersionRow, VoteRow

SLIP = 0.75  # how near (difflib) a name must be to one that there is, to be a slip of the pen


def refuse_unknown_names(policy: Policy) -> None:
    """Raises BadInput for a format that there is not, and for a metric that is nearly one: no gate could ever open."""
    for where, level in _levels(policy):
        for name in level.formats:
            _refuse_unknown_format(where, name)
    for where, name in _metrics(policy):
        meant = get_close_matches(name, _known_metrics(), n=1, cutoff=SLIP)
        if meant and meant[0] != name:
            message = f"{where}.checks: {one_line(name, most=60)} is not a metric."
            raise BadInput(message, f"Did you mean {meant[0]}? A scorer of one's own needs a name that is not so near.")


def policy_notes(registry: Registry, policy: Policy) -> tuple[str, ...]:
    """What a policy may say and whoever applies it should know."""
    return (
        *(f"{alias} is a new alias: guarded from now on for all models" for alias in new_aliases(policy)),
        *_own_scorers(policy),
        *_unprovable(registry, policy),
        *_too_many(registry, policy),
    )


def _own_scorers(policy: Policy) -> Iterator[str]:
    for where, name in _metrics(policy):
        if name not in _known_metrics():
            shown = one_line(name, most=60)
            yield f"{where}.checks: {shown} is no metric of scikit-learn: each validation must bring it by scorers="


def _unprovable(registry: Registry, policy: Policy) -> Iterator[str]:
    if not registry.enforced:
        for where, asks in _aliases(policy):
            if asks.ci:
                yield f"{where}.ci: only a registry server can prove a CI run; here this gate never opens"


def _too_many(registry: Registry, policy: Policy) -> Iterator[str]:
    """Where more approvals are asked than people have acted here (beyond the default, which waits for them)."""
    usual = max(asks.approvals for _, asks in _aliases(DEFAULT))
    many = [(where, asks.approvals) for where, asks in _aliases(policy) if asks.approvals > usual]
    people = _people(registry) if many else 0
    for where, approvals in many:
        if approvals > people:
            yield f"{where}.approvals = {approvals}, and {people} people are known here: nobody can meet it yet"


def _people(registry: Registry) -> int:
    """How many persons have acted in this registry."""
    catalog = registry.catalog
    policy = catalog.policy()
    actors = {row.created_by for row in catalog.find(ModelRow)}
    actors |= {row.actor for row in catalog.find(VersionRow)} | {row.actor for row in catalog.find(ValidationRow)}
    actors |= {row.actor for row in catalog.find(VoteRow)}
    return len({policy.person(actor) for actor in (*actors, *policy.identities())})


def _refuse_unknown_format(where: str, name: str) -> None:
    from nb_mlops.formats.choice import named

    try:
        named(name)
    except NotFound as error:
        raise BadInput(f"{where}.formats: {error.message}", error.hint) from None


def _known_metrics() -> frozenset[str]:
    from nb_mlops.evaluation.metrics import known_names

    return frozenset(known_names({}))


def _metrics(policy: Policy) -> list[tuple[str, str]]:
    """Every metric that a check asks for, with its first place; what is not a metric is left out."""
    found = {
        measure.name: where
        for where, asks in reversed(list(_aliases(policy)))
        for line in asks.checks
        for measure in Check.parse(line).needs()
        if measure.name not in SPECIAL
    }
    return [(where, name) for name, where in sorted(found.items())]


def _levels(policy: Policy) -> Iterator[tuple[str, Level]]:
    yield from policy.levels.items()
    for team, levels in policy.teams.items():
        yield from ((f"teams.{team}.{stakes}", level) for stakes, level in levels.items())


def _aliases(policy: Policy) -> Iterator[tuple[str, Requirements]]:
    for where, level in _levels(policy):
        yield from ((f"{where}.{alias}", asks) for alias, asks in level.aliases.items())
