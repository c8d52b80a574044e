"""Who may change the policy, and what happens to what was signed under the one before."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from nb_mlops.core.errors import BadInput, GateClosed, Refused
from nb_mlops.core.policy import DEFAULT, Policy, Roles
from nb_mlops.core.policy.file import read_policy

if TYPE_CHECKING:
    from conftest import House

LOOSE = "[medium.production]\napprovals = 0\nvalidation = false\nheld_out = false\nevidence_days = false\ncard = []"
CODE = '__import__("os").system("id") >= 0'


def name(who: str) -> str:
    return f"{who}@example.org"


def with_check(line: str) -> Policy:
    asks = replace(DEFAULT.levels["high"].aliases["production"], checks=(line,))
    aliases = {**DEFAULT.levels["high"].aliases, "production": asks}
    return replace(DEFAULT, levels={**DEFAULT.levels, "high": replace(DEFAULT.levels["high"], aliases=aliases)})


@pytest.fixture
def decided(medium: House) -> House:
    """A registry where something was promoted at medium stakes."""
    medium.approves("bob")
    medium.promotes("ann")
    return medium


def test_what_asks_less_takes_the_others_whom_it_would_do_without(decided: House) -> None:
    assert decided.applies("mallory", read_policy(LOOSE)).kind == "policy_proposed"
    assert decided.applies("mallory", read_policy(LOOSE)).kind == "policy_proposed"
    assert decided.catalog.policy().digest == DEFAULT.digest
    assert decided.applies("bob", read_policy(LOOSE)).kind == "policy_applied"


def test_retiring_the_only_model_opens_no_way_to_loosen_alone(decided: House) -> None:
    decided.does("mallory", "retired", {"reason": "replaced by another model"})
    assert decided.applies("mallory", read_policy(LOOSE)).kind == "policy_proposed"


@pytest.mark.parametrize("claim", ["a passed validation", "a request", "a rejection", "nothing"])
def test_a_level_is_in_use_once_something_was_decided_or_claimed_under_it(house: House, claim: str) -> None:
    house.registers("ann", 1, stakes="high")
    house.validates("ann", passed=claim == "a passed validation")
    if claim in ("a request", "a rejection"):
        house.does("bob", {"a request": "requested"}.get(claim, "rejected"), number=1, alias="production")
    loose = read_policy("[high.production]\ncomment = false")
    expected = "policy_applied" if claim == "nothing" else "policy_proposed"
    assert house.applies("mallory", loose).kind == expected


def test_a_wish_for_another_policy_is_no_support_for_this_one(decided: House) -> None:
    decided.applies("mallory", read_policy(LOOSE))
    other = read_policy(f"{LOOSE}\nbreak_glass = 'no'")
    assert decided.applies("bob", other).kind == "policy_proposed"


def test_a_wish_from_before_the_last_policy_is_forgotten_whatever_the_clock_says(decided: House) -> None:
    decided.applies("mallory", read_policy(LOOSE))
    decided.later(days=-400)
    decided.applies("ann", read_policy("[high.production]\napprovals = 3"))
    assert decided.applies("bob", read_policy(LOOSE)).kind == "policy_proposed"


def test_a_policy_that_loosens_while_models_decide_under_it_voids_what_was_signed(decided: House) -> None:
    decided.registers("ann", 2)
    decided.validates("ann", 2)
    decided.approves("bob", 2)
    loose = read_policy("[medium.production]\nheld_out = false")
    decided.applies("cid", loose)
    decided.applies("dan", loose)
    with pytest.raises(GateClosed, match="lapsed, since the policy asks for something else now"):
        decided.promotes("ann", 2)


def test_an_edit_elsewhere_in_the_policy_voids_nothing(decided: House) -> None:
    decided.registers("ann", 2)
    decided.validates("ann", 2)
    decided.approves("bob", 2)
    decided.applies("cid", read_policy("[high.production]\napprovals = 4\n[low]\nretention_days = 3"))
    assert decided.promotes("ann", 2).kind == "promoted"


def test_one_person_does_not_become_an_approver_by_being_called_one_with_an_approver(decided: House) -> None:
    approvers = Roles(approvers=(name("bob"), name("cid")))
    decided.applies("ann", replace(DEFAULT, roles=approvers))
    merged = replace(DEFAULT, roles=approvers, people=((name("bob"), name("mallory")),))
    assert decided.applies("mallory", merged).kind == "policy_proposed"


def test_two_identities_are_not_made_two_persons_by_one_person(decided: House) -> None:
    decided.applies("ann", replace(DEFAULT, people=((name("bob"), name("robert")),)))
    assert decided.applies("bob", DEFAULT).kind == "policy_proposed"
    assert decided.applies("robert", DEFAULT).kind == "policy_proposed"
    assert decided.applies("cid", DEFAULT).kind == "policy_applied"


def test_only_admins_propose_and_approvers_agree(decided: House) -> None:
    few = replace(DEFAULT, roles=Roles(approvers=(name("bob"), name("cid")), admins=(name("ann"),)))
    decided.applies("ann", few)
    for who in ("mallory", "bob"):
        with pytest.raises(Refused, match=r"not among those who may change the policy\.\nSee roles.admins"):
            decided.applies(who, DEFAULT)
    assert decided.applies("ann", DEFAULT).kind == "policy_proposed"
    with pytest.raises(Refused):
        decided.applies("mallory", DEFAULT)
    assert decided.applies("bob", DEFAULT).kind == "policy_applied"


@pytest.mark.parametrize("line", [CODE, "().__class__ >= 0", "roc_auc >= 0 or True", "a.b.c.d.e() >= 0", "{x} > 0"])
def test_a_policy_whose_check_tries_to_run_code_is_refused_by_the_rule_too(house: House, line: str) -> None:
    with pytest.raises(BadInput, match=r"high.production.checks: [^\n]*\n[^\n]+$"):
        house.applies("ann", with_check(line))
    assert house.catalog.position() == 0


@pytest.mark.parametrize(
    "body",
    [
        None,
        "text",
        [],
        {},
        {"levels": {}},
        {"levels": {"low": {}}},
        {"levels": 3},
        {**DEFAULT.to_dict(), "people": [["only one"]]},
        {**DEFAULT.to_dict(), "people": 3},
        {**DEFAULT.to_dict(), "roles": {"approvers": "ann"}},
        {**DEFAULT.to_dict(), "roles": {"approvers": [{"x": 1}]}},
        {**DEFAULT.to_dict(), "teams": {"risk": {"high": []}}},
        {**DEFAULT.to_dict(), "teams": {"risk": {"highest": {}}}},
        {**DEFAULT.to_dict(), "teams": {"a]\nb": {"high": {}}}},
        {**DEFAULT.to_dict(), "levels": {**DEFAULT.to_dict()["levels"], "low": {"aliases": {"x]\n[y": {}}}}},
        {**DEFAULT.to_dict(), "levels": {**DEFAULT.to_dict()["levels"], "low": {"aliases": {"x": {"approvals": "1"}}}}},
        {**DEFAULT.to_dict(), "levels": {**DEFAULT.to_dict()["levels"], "low": {"formats": "\ud800"}}},
    ],
)
def test_a_client_that_sends_what_no_file_could_say_is_refused_in_two_lines(house: House, body: Any) -> None:
    with pytest.raises(BadInput) as caught:
        house.does("ann", "policy_applied", model=None, policy=body)
    assert str(caught.value).count("\n") == 1
    assert house.catalog.position() == 0


def test_a_policy_names_people_by_their_roles_alone(house: House) -> None:
    """A name that came past the table of actors would stand in the chain for ever, and match nobody."""
    named = replace(DEFAULT, roles=Roles(approvers=(name("bob"), name("cid"))))
    with pytest.raises(BadInput, match="by something else than their roles"):
        house.does("ann", "policy_applied", model=None, policy=named.to_dict())


def test_data_that_has_no_name_is_not_demanded(house: House) -> None:
    with pytest.raises(BadInput, match=r"no data set has that name\.\nName it first: %mlops data add holdout"):
        house.applies("ann", read_policy("[high.production]\ndata = 'holdout'"))
    house.does("ann", "data_named", model=None, name="holdout", data="a" * 64, rows=3)
    assert house.applies("ann", read_policy("[high.production]\ndata = 'holdout'")).kind == "policy_applied"
