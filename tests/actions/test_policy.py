"""Policies as files: shown, checked, compared, applied; what asks for less takes others."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from nb_mlops.actions.approve import approve
from nb_mlops.actions.data import name_data
from nb_mlops.actions.describe import describe
from nb_mlops.actions.gate import gate
from nb_mlops.actions.policy import apply_policy, check_policy, diff_policy, policy
from nb_mlops.actions.promote import promote
from nb_mlops.actions.registry import Registry
from nb_mlops.actions.validate import validate
from nb_mlops.core.dataprint import DataPrint
from nb_mlops.core.errors import BadInput, NotFound, Refused
from nb_mlops.core.event import Actor
from nb_mlops.core.named_data import why_other
from nb_mlops.core.policy import DEFAULT
from nb_mlops.core.policy.file import read_policy
from nb_mlops.core.version import Version
from tests.actions.conftest import table

Registered = Callable[..., Version]
Write = Callable[[str], Path]
STATED = {"stakes": "medium", "owner": "ann@example.org", "purpose": "keep customers"}


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Writes a policy's file."""

    def one(text: str) -> Path:
        file = tmp_path / "policy.toml"
        file.write_text(text, encoding="utf-8")
        return file

    return one


@pytest.fixture
def decided(ann: Registry, bob: Registry, registered: Registered) -> Registry:
    """A registry in which something of medium stakes went live."""
    registered(ann, **STATED)
    validate("churn@1", ["roc_auc >= 0.6"], data=table(seed=77), registry=ann)
    approve("churn@1", registry=bob)
    promote("churn@1", registry=ann)
    return ann


def test_the_default_policy_is_shown_as_a_file_that_says_the_same(ann: Registry) -> None:
    shown = policy(registry=ann)
    assert "the default" in shown.to_text()
    assert tomllib.loads(shown.to_text())["medium"]["production"]["approvals"] == 1
    assert read_policy(shown.to_text()).digest == DEFAULT.digest


def test_a_stricter_policy_is_in_force_at_once(ann: Registry, registered: Registered, write: Write) -> None:
    registered(ann, **STATED)
    asks = 'checks = ["f1 >= 0.5"]\n'
    file = write(f"[medium.production]\n{asks}[high.production]\n{asks}")
    changed = apply_policy(file, reason="f1 counts", registry=ann)
    assert changed.state == "applied"
    assert "+ medium.production.checks: [] → [f1 >= 0.5]" in changed.to_text()
    assert "applied" in policy(registry=ann).to_text()
    validate("churn@1", ["roc_auc >= 0.6"], data=table(seed=77), registry=ann)
    assert gate("churn@1", registry=ann).reasons[1].requirement == "the policy's checks"


def test_looking_at_a_difference_changes_nothing(ann: Registry, write: Write) -> None:
    before = ann.catalog.position()
    found = diff_policy(write("[medium.production]\napprovals = 0\n"), registry=ann)
    less = ["medium.production.approvals", "medium.production.rollback_to_approved"]  # the one hangs on the other
    assert [line[:2] for line in found.lines()] == [("-", where) for where in less]
    assert ann.catalog.position() == before


def test_a_looser_policy_takes_as_many_others_as_it_would_do_without(
    decided: Registry, bob: Registry, write: Write
) -> None:
    file = write("[medium.production]\napprovals = 0\n")
    asked = apply_policy(file, reason="agreed", registry=decided)
    assert (asked.state, "0 of 1 others agree" in asked.to_text()) == ("asked for", True)
    assert apply_policy(file, reason="agreed", registry=decided).state == "asked for"  # oneself again is nobody else
    assert policy(registry=decided).policy.digest == DEFAULT.digest
    assert apply_policy(file, reason="agreed", registry=bob).state == "applied"


def test_before_anything_was_decided_a_policy_is_anybodys_to_shape(
    ann: Registry, registered: Registered, write: Write
) -> None:
    registered(ann, **STATED)
    assert apply_policy(write("[medium.production]\napprovals = 0\n"), reason="agreed", registry=ann).state == "applied"


def test_people_and_roles_are_kept_as_opaque_ids_and_shown_by_name(
    ann: Registry, bob: Registry, registered: Registered, write: Write
) -> None:
    file = write(
        '[people]\n"Ann Lee" = ["ann@example.org", "alee"]\n[roles]\napprovers = ["Ann Lee", "carl@example.org"]\n'
    )
    apply_policy(file, reason="agreed", registry=ann)
    event = [one for one in ann.catalog.events("registry") if one.kind == "policy_applied"][-1]
    assert "ann" not in event.to_bytes().decode().lower()
    assert policy(registry=ann).policy.people == (("Ann Lee", "ann@example.org", "alee"),)
    registered(ann, **STATED)
    validate("churn@1", ["roc_auc >= 0.6"], data=table(seed=77), registry=ann)
    with pytest.raises(Refused, match="no approver"):
        approve("churn@1", registry=bob)
    with pytest.raises(Refused, match="does not count"):
        approve("churn@1", registry=replace(ann, actor=Actor("alee")))
    approve("churn@1", registry=replace(ann, actor=Actor("carl@example.org")))
    assert gate("churn@1", registry=ann).allowed


def test_only_admins_change_a_policy_that_names_them(ann: Registry, bob: Registry, write: Write) -> None:
    apply_policy(write('[roles]\nadmins = ["ann@example.org"]\n'), reason="agreed", registry=ann)
    with pytest.raises(Refused, match="may change the policy"):
        apply_policy(write("[high.production]\napprovals = 3\n"), reason="agreed", registry=bob)


def test_a_team_asks_for_more(ann: Registry, registered: Registered, write: Write) -> None:
    apply_policy(write("[teams.risk.low.production]\nvalidation = true\n"), reason="agreed", registry=ann)
    registered(ann, "risk/churn")
    registered(ann, "churn")
    assert not gate("risk/churn@1", registry=ann).allowed
    assert gate("churn@1", registry=ann).allowed


def test_a_policy_demands_named_data_only_where_the_name_is_known(
    ann: Registry, registered: Registered, write: Write
) -> None:
    file = write('[medium.production]\ndata = "holdout-2026q4"\n[high.production]\ndata = "holdout-2026q4"\n')
    with pytest.raises(BadInput, match="no data set has that name"):
        apply_policy(file, reason="agreed", registry=ann)
    name_data("holdout-2026q4", table(seed=77), about="fourth quarter", registry=ann)
    apply_policy(file, reason="agreed", registry=ann)
    registered(ann, **STATED)
    validate("churn@1", ["roc_auc >= 0.6"], data=table(seed=78), registry=ann)
    assert gate("churn@1", registry=ann).missing[0].detail == "only on other data"
    with pytest.raises(BadInput, match="are not 'holdout-2026q4'"):
        validate("churn@1", ["roc_auc >= 0.6"], data=table(seed=78), on="holdout-2026q4", registry=ann)
    validate("churn@1", ["roc_auc >= 0.6"], data=table(seed=77), on="holdout-2026q4", registry=ann)
    assert [one.requirement for one in gate("churn@1", registry=ann).missing] == ["an approval by another person"]


@pytest.mark.parametrize(
    ("other", "why"),
    [
        (lambda X, y: (X, y.rename("label")), "its target is called 'churned', this one 'label'"),
        (lambda X, y: (X, y.astype(float)), "its target 'churned' is int64, this one float64"),
        (lambda X, y: (X[::-1], y[::-1]), "the order of rows"),
        (lambda X, y: (X[:9], y[:9]), "it names 400 rows, these are 9"),
        (lambda X, y: (X[:9].assign(more=1), y[:9]), "it names 400 rows, these are 9"),
    ],
    ids=["target", "type", "order", "rows", "rows first"],
)
def test_rows_that_a_name_was_not_given_to_are_refused_with_the_reason(
    ann: Registry, registered: Registered, other: Any, why: str
) -> None:
    registered(ann)
    name_data("holdout", table(seed=1), registry=ann)
    with pytest.raises(BadInput, match=f"These rows are not 'holdout': .*{why}"):
        validate("churn@1", ["f1 >= 0.5"], data=other(*table(seed=1)), on="holdout", registry=ann)


def test_columns_that_differ_are_named() -> None:
    named = {"rows": 9, "columns": [["age", "int64"], ["id", "int64"]], "target": [["y", "int64"]]}
    seen = DataPrint(9, (("age", "int64"), ("zip", "str")), "0" * 64, target=(("y", "int64"),))
    assert (
        why_other(named, seen)
        == "it has a column 'id', these rows have none; these rows have a column 'zip', it has none"
    )
    assert "its columns are in another order" in why_other(
        named, replace(seen, columns=(("id", "int64"), ("age", "int64")))
    )
    assert "values, or the order of rows" in why_other(
        {"rows": 9}, seen
    )  # a name of the first release tells no columns


def test_a_bad_name_for_data_is_refused_in_its_own_words(ann: Registry) -> None:
    with pytest.raises(BadInput, match=r"'bad name!' is no name for data.*\n.*holdout-2026q4"):
        name_data("bad name!", table(), registry=ann)


def test_a_name_of_data_never_moves(ann: Registry) -> None:
    first = name_data("holdout", table(seed=1), registry=ann)
    assert name_data("holdout", table(seed=1), registry=ann) == first
    with pytest.raises(Refused, match="names other data already"):
        name_data("holdout", table(seed=2), registry=ann)


def test_lower_stakes_take_as_many_others_as_the_higher_level(decided: Registry, bob: Registry) -> None:
    assert describe("churn", stakes="low", registry=decided).stakes == "medium"
    assert describe("churn", stakes="low", registry=bob).stakes == "low"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[high.production]\napprovalz = 3", "Did you mean approvals"),
        ("[high.production]\napprovals = '3'", "not a whole number"),
        ("[high.production\n", "not TOML"),
        ("[medium.production]\nvalidation = false", "asked of a validation"),
        ("[medium.production]\nevidence_expires = true", "does not say why"),
        ("[medium.production]\napprovals = 3", "high.production.approvals = 2 asks less than"),
        ("[teams.risk.high.production]\napprovals = 1", "asks less than"),
        ("[low.production]\nvalidation = true\nchecks = [\"__import__('os')\"]", "checks"),
        ('[roles]\napprovers = ["ann"]', "names 1 persons"),
        ("[high]\nformats = ['joblib']", "runs code"),
    ],
)
def test_what_cannot_be_meant_is_said_with_its_place(write: Write, text: str, says: str) -> None:
    with pytest.raises(BadInput) as caught:
        check_policy(write(text))
    assert says in str(caught.value)


def test_a_policy_that_is_no_file_says_how_to_make_one() -> None:
    with pytest.raises(NotFound, match="policy show"):
        check_policy("nowhere.toml")


@pytest.mark.parametrize(
    ("said", "message", "meant"),
    [
        ("[high.productoin]\nvalidation = true", "'productoin' would be a new alias", "production"),
        ("[teams.risk.high.stagin]\nvalidation = true", "'stagin' would be a new alias", "staging"),
        ('[high.production]\nchecks = ["roc_uac >= 0.8"]', "roc_uac is not a metric", "roc_auc"),
        ('[teams.risk.high.production]\nchecks = ["acuracy.ci_low >= 0.8"]', "acuracy is not a metric", "accuracy"),
        ('[high]\nformats = ["sklops"]', "no format 'sklops'", "skops"),
    ],
)
def test_slips_in_names_are_refused_with_what_was_meant(
    ann: Registry, write: Write, said: str, message: str, meant: str
) -> None:
    for look in (check_policy, diff_policy, apply_policy):
        with pytest.raises(BadInput, match=f"{message}.*\\n.*Did you mean {meant}"):
            look(write(said), registry=ann)


def test_a_check_says_what_is_new_and_what_cannot_be_met_here(ann: Registry, write: Write) -> None:
    file = write(
        "[high.pre-production]\nvalidation = true\n"
        '[high.production]\nci = true\napprovals = 20\nchecks = ["profit > 3"]'
    )
    said = check_policy(file, registry=ann).to_text()
    assert "in force in" not in said.splitlines()[0]
    for note in (
        "pre-production is a new alias",
        "high.production.ci: only a registry server can prove a CI run",
        "high.production.approvals = 20, and 0 people are known here",
        "high.production.checks: profit is no metric of scikit-learn",
    ):
        assert f"# note: {note}" in said
        assert note in diff_policy(file, registry=ann).to_text()
    assert read_policy(said).digest == read_policy(file.read_text()).digest
    assert check_policy(write("[medium.production]\napprovals = 2"), registry=ann).notes == ()


def test_a_check_knows_which_data_has_a_name(ann: Registry, write: Write) -> None:
    file = write('[high.production]\ndata = "holdout"')
    with pytest.raises(BadInput, match="no data set has that name"):
        check_policy(file, registry=ann)
    name_data("holdout", table(), registry=ann)
    assert check_policy(file, registry=ann).notes == ()


@pytest.mark.parametrize("said", ["[medium.production]\napprovals = 0", "[high.production]\napprovals = 3"])
def test_less_or_another_high_takes_a_reason_in_words(ann: Registry, write: Write, said: str) -> None:
    with pytest.raises(BadInput, match="takes a reason in words"):
        apply_policy(write(said), reason=" ", registry=ann)
    assert apply_policy(write(said), reason="the board agreed", registry=ann).state == "applied"
    assert apply_policy(write(f"{said}\n[low]\ntraceable = false"), registry=ann).state == "in force already"


def test_who_tightened_takes_it_back_until_something_was_decided(
    decided: Registry, bob: Registry, write: Write
) -> None:
    strict, less = write("[medium.production]\napprovals = 20\n[high.production]\napprovals = 20").read_text(), "# all"
    assert apply_policy(write(strict), reason="a slip", registry=decided).state == "applied"
    assert apply_policy(write(less), reason="back", registry=bob).state == "asked for"
    assert (
        apply_policy(write("[medium.production]\napprovals = 0"), reason="more", registry=decided).state == "asked for"
    )
    assert apply_policy(write(less), reason="a slip", registry=decided).state == "applied"
    apply_policy(write(strict), reason="meant", registry=decided)
    approve("churn@1", comment="good", registry=bob)
    assert apply_policy(write(less), reason="back", registry=decided).state == "asked for"
