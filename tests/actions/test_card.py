"""The card of a version: what writes itself, what people write into it, and what the gate makes of that."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from nb_mlops.actions.approve import approve
from nb_mlops.actions.audit import audit
from nb_mlops.actions.card import card, card_template, edit_card
from nb_mlops.actions.describe import describe, note
from nb_mlops.actions.findings import open_finding
from nb_mlops.actions.gate import gate
from nb_mlops.actions.promote import promote
from nb_mlops.actions.registry import Registry
from nb_mlops.actions.validate import validate
from nb_mlops.core.card import A_PERSON, Card
from nb_mlops.core.errors import BadInput, NotFound
from nb_mlops.core.version import Version
from tests.actions.conftest import table

Registered = Callable[..., Version]
LIMITS = "Never tried on people under 18."


def lines(made: Card, key: str) -> str:
    return "\n".join(f"{what}: {value}" for what, value in made.section(key).lines)


def edits(registry: Registry) -> list[str]:
    return [entry.told for entry in audit("churn", registry=registry).entries if entry.act == "card_edited"]


def test_a_card_has_the_nine_sections_and_two_more(ann: Registry, registered: Registered) -> None:
    titles = [section.title for section in card(registered(ann), registry=ann).sections]
    assert titles[:3] == ["Model details", "Intended use", "Factors"]
    assert titles[-2:] == ["Human oversight", "Monitoring"]
    assert len(titles) == 11


def test_a_card_says_what_only_a_person_can_say(ann: Registry, registered: Registered) -> None:
    made = card(registered(ann, purpose="keep customers"), registry=ann)
    assert made.missing == ("limits", "ethics", "oversight")
    assert made.section("limits").missing == A_PERSON


def test_several_sections_are_one_act_and_an_event_each(ann: Registry, registered: Registered) -> None:
    registered(ann)
    made = edit_card("churn@1", f"## Limits\n{LIMITS}\n\n## Ethics\nLooked at by age.", registry=ann)
    assert made.missing == ("intended_use", "oversight")
    assert edits(ann) == ["card of churn@1: limits written", "card of churn@1: ethics written"]


def test_what_did_not_change_is_not_written_again(ann: Registry, registered: Registered) -> None:
    registered(ann)
    edit_card("churn@1", {"limits": LIMITS}, registry=ann)
    made = edit_card("churn@1", {"limits": f"{LIMITS}\r\n\n", "ethics": ""}, registry=ann)
    assert made.notes[0].startswith("nothing changed")
    assert len(edits(ann)) == 1


def test_a_filled_in_template_writes_only_what_was_filled_in(ann: Registry, registered: Registered) -> None:
    registered(ann)
    edit_card("churn@1", {"limits": LIMITS}, registry=ann)
    text = card_template("churn@1", registry=ann)
    edit_card("churn@1", text.replace("## Human oversight", "## Human oversight\n\nAsk Eve."), registry=ann)
    assert edits(ann) == ["card of churn@1: limits written", "card of churn@1: oversight written"]
    written = card("churn@1", registry=ann).section("oversight").written
    assert written is not None
    assert written.text == "Ask Eve."


def test_a_later_version_inherits_what_was_written_and_says_so(
    ann: Registry, bob: Registry, registered: Registered
) -> None:
    for seed in range(3):
        registered(ann, seed=seed)
    edit_card("churn@2", {"limits": LIMITS}, registry=bob)
    written = card("churn@3", registry=ann).section("limits").written
    assert written is not None
    assert written.about.startswith("bob@example.org, ")
    assert written.about.endswith("written for churn@2")
    assert card("churn@1", registry=ann).section("limits").written is None
    assert "written for churn@2" in card("churn@3", registry=ann).to_html()


def test_an_empty_text_takes_a_section_away_from_this_version_on(ann: Registry, registered: Registered) -> None:
    registered(ann), registered(ann, seed=1)
    edit_card("churn@1", {"limits": LIMITS}, registry=ann)
    made = edit_card("churn@2", {"limits": ""}, registry=ann)
    assert "limits" in made.missing
    assert "limits" not in card("churn@1", registry=ann).missing


@pytest.mark.parametrize("text", ["n/a", "TODO: later", "<!-- Who can stop it and how. -->"])
def test_a_placeholder_is_kept_and_counts_as_empty(ann: Registry, registered: Registered, text: str) -> None:
    registered(ann)
    made = edit_card("churn@1", {"oversight": text}, registry=ann)
    assert "oversight" in made.missing
    assert "counts as empty" in made.notes[1]
    assert "counts as empty" in repr(made)


def test_nothing_is_written_where_one_section_is_none(ann: Registry, registered: Registered) -> None:
    registered(ann)
    with pytest.raises(BadInput, match="no section 'limts'"):
        edit_card("churn@1", {"ethics": "Looked at by age.", "limts": LIMITS}, registry=ann)
    with pytest.raises(BadInput, match="20,001 characters"):
        edit_card("churn@1", {"ethics": "Looked at by age.", "limits": "x" * 20_001}, registry=ann)
    with pytest.raises(BadInput, match="same section"):
        edit_card("churn@1", {"limits": LIMITS, "Limits": LIMITS}, registry=ann)
    assert edits(ann) == []


def test_a_card_of_no_version_is_not_edited(ann: Registry, registered: Registered) -> None:
    registered(ann)
    with pytest.raises(NotFound):
        edit_card("churn@7", {"limits": LIMITS}, registry=ann)
    with pytest.raises(BadInput, match="which version"):
        edit_card("churn", {"limits": LIMITS}, registry=ann)


def test_the_gate_opens_for_a_card_that_people_filled(ann: Registry, registered: Registered) -> None:
    registered(ann, stakes="high", owner="ann@example.org", purpose="keep customers")
    asked = [reason for reason in gate("churn@1", registry=ann).reasons if reason.requirement == "the model card"]
    assert [reason.met for reason in asked] == [False]
    sections = {"limits": LIMITS, "ethics": "Looked at by age.", "oversight": "Eve stops it by a call."}
    made = edit_card("churn@1", sections, registry=ann)
    asked = [reason for reason in gate("churn@1", registry=ann).reasons if reason.requirement == "the model card"]
    assert [reason.met for reason in asked] == [True]
    assert made.missing == ()


def test_what_was_measured_stands_with_its_interval_and_its_groups(ann: Registry, registered: Registered) -> None:
    registered(ann)
    X, y = table(seed=5)
    held_out = X.assign(region=np.where(X["age"] > 0, "north", "south")), y
    lines_ = ["roc_auc >= 0.5", "roc_auc.ci_low >= 0.1", "roc_auc.ci_high >= 0.1", "f1.by(region).min >= 0.1"]
    validate("churn@1", lines_, data=held_out, by=["region"], registry=ann)
    checks, measured, *_ = card("churn@1", registry=ann).section("analyses").tables
    assert [row[0] for row in checks.rows] == lines_
    found = {row[0]: row for row in measured.rows if row[1] in ("", "min by region")}
    assert " to 0." in found["roc_auc"][3]
    assert found["f1"][1] == "min by region"
    assert lines(card("churn@1", registry=ann), "factors").endswith("measured by groups of: region")


def test_who_signed_what_stands_under_oversight(ann: Registry, bob: Registry, registered: Registered) -> None:
    version = registered(ann, stakes="medium", owner="ann@example.org", purpose="keep customers")
    validate("churn@1", ["roc_auc >= 0.6"], data=table(seed=7), registry=ann)
    approve("churn@1", comment="looked at every region", registry=bob)
    promote("churn@1", reason="better", registry=ann)
    told = lines(card("churn@1", registry=ann), "oversight")
    assert f"artifact {version.digest[:12]}, evidence #" in told
    assert "bob@example.org" in told
    assert "“looked at every region”" in told
    assert "way back: nb-mlops rollback churn" in told


def test_what_speaks_against_it_stands_under_caveats(ann: Registry, bob: Registry, registered: Registered) -> None:
    registered(ann)
    note("churn@1", "slow on Mondays", registry=bob)
    open_finding("churn@1", "Why is the north worse?", severity="critical", registry=bob)
    told = lines(card("churn@1", registry=ann), "limits")
    assert "slow on Mondays" in told
    assert "critical: Why is the north worse?" in told


def test_every_point_of_annex_iv_names_where_it_stands_or_that_it_does_not(
    ann: Registry, registered: Registered
) -> None:
    made = card(registered(ann), registry=ann)
    for number, asks, by, where, here in made.annex():
        assert number
        assert asks
        assert (by == "not covered here") == (not where) == (here == "–")
    assert "claims no compliance" in made.to_markdown()


def test_a_card_is_the_same_whoever_looks(ann: Registry, bob: Registry, registered: Registered) -> None:
    registered(ann, metrics={"b": 0.5, "a": 0.25})
    describe("churn", owner="Ann", purpose="keep customers", registry=ann)
    elsewhere = replace(bob, address="https://elsewhere.example.org")
    assert card("churn@1", registry=ann).to_dict() == card("churn@1", registry=elsewhere).to_dict()
