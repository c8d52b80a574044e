"""When a policy may be applied: what asks for more at once, what asks for less with the approvals of others."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from nb_mlops.core.errors import BadInput, Refused
from nb_mlops.core.policy import DEFAULT, Policy, team_of
from nb_mlops.core.policy.book import stored_policy
from nb_mlops.core.policy.file import read_policy, write_policy
from nb_mlops.core.policy.order import Looser, looser
from nb_mlops.core.policy.sound import refuse_unsound
from nb_mlops.core.rows import DataNameRow, Facts, ModelRow, MoveRow, PolicyRow, PolicyWishRow, ValidationRow, VoteRow
from nb_mlops.core.rules.model import has_support
from nb_mlops.core.rules.ruling import Case, Ruling, in_registry

_NEWER = "Is this client newer than the registry?"


def policy_applied(case: Case) -> Ruling:
    """The policy from now on, or, while not enough people want what asks less, the wish for it."""
    said = _read(case.body.get("policy"))
    if set(said.identities()) - set(case.people):
        raise BadInput("That policy names people by something else than their roles.", _NEWER)
    wanted = said.renamed(case.people)
    refuse_unsound(wanted)
    refuse_unknown_data(case.facts, wanted)
    last = case.facts.last(PolicyRow)
    if wanted.digest == case.policy.digest:
        if last is None:
            raise BadInput("This is the default policy, which is in force already.", "Nothing was changed.")
        return Ruling(existing=last.event)
    rows = case.facts.find(PolicyWishRow, digest=wanted.digest)
    wishes = [row for row in rows if last is None or row.sequence > last.sequence]
    _may_change(case, wishes)
    needed = 0 if _takes_back(case, last, wanted) else _needed(case, looser(case.policy, wanted))
    body = {"digest": wanted.digest, "policy": wanted.to_dict()}
    if not needed or has_support(case, [row.actor for row in wishes], needed):
        return Ruling((in_registry("policy_applied", body, *case.draft.texts),))
    own = [row for row in wishes if row.actor == case.actor]
    if own:
        return Ruling(existing=own[-1].event)
    return Ruling((in_registry("policy_proposed", body | {"needed": needed}, *case.draft.texts),))


def _may_change(case: Case, wishes: Sequence[PolicyWishRow]) -> None:
    """Raises Refused for who is no admin, and does not agree as an approver with what an admin has proposed."""
    if case.policy.may_change(case.actor) or (wishes and case.policy.may_approve(case.actor, "")):
        return
    raise Refused("You are not among those who may change the policy.", "See roles.admins: %mlops policy show")


def _takes_back(case: Case, last: PolicyRow | None, wanted: Policy) -> bool:
    """Whether somebody takes back what they put in force, as far as it was before, and nothing was decided since."""
    if last is None or case.policy.person(last.actor) != case.policy.person(case.actor) or case.now < last.at:
        return False
    earlier = [row for row in case.facts.find(PolicyRow) if row.sequence < last.sequence]
    before = stored_policy(earlier[-1]) if earlier else DEFAULT
    decided = [row.at for row in case.facts.find(MoveRow)] + [row.at for row in case.facts.find(VoteRow)]
    return all(at < last.at for at in decided) and not looser(before, wanted)


def _needed(case: Case, less: Sequence[Looser]) -> int:
    """How many others have to agree: as many as approve at the levels that would ask less, where those are in use."""
    if not less:
        return 0
    needed = 0
    for model in case.facts.find(ModelRow):  # a retired one too: its end undoes nothing that was decided
        asked = _approvals(case.policy, model)
        touched = any(one.stakes in ("", model.stakes) for one in less)
        if touched and asked > needed and _is_in_use(case, model):
            needed = asked
    return needed


def _approvals(policy: Policy, model: ModelRow) -> int:
    level = policy.level(model.stakes, team_of(model.name))
    return max((asks.approvals for asks in level.aliases.values()), default=0)


def _is_in_use(case: Case, model: ModelRow) -> bool:
    """Whether anything was decided or claimed under the policy: until then it is anybody's to shape."""
    return (
        case.facts.last(MoveRow, model=model.id) is not None
        or case.facts.last(VoteRow, model=model.id) is not None
        or case.facts.last(ValidationRow, model=model.id, passed=True) is not None
    )


def refuse_unknown_data(facts: Facts, wanted: Policy) -> None:
    """Raises BadInput for a data set that the policy asks for by a name that nobody gave."""
    levels = [*wanted.levels.values(), *(level for levels in wanted.teams.values() for level in levels.values())]
    for name in {asks.data for level in levels for asks in level.aliases.values() if asks.data}:
        if facts.get(DataNameRow, name) is None:
            message = f"The policy asks for validations on {name!r}, and no data set has that name."
            raise BadInput(message, f"Name it first: %mlops data add {name} X_test,y_test")


def _read(stored: object) -> Policy:
    if not isinstance(stored, Mapping):
        raise BadInput("A policy is a table.", _NEWER)
    try:
        return read_policy(write_policy(Policy.from_dict(stored)))  # what no file could say is no policy
    except BadInput:
        raise
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise BadInput("That policy cannot be read.", _NEWER) from error
