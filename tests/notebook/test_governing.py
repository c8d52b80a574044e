"""Governing from a notebook: %mlops policy, stakes, finding, review, pending, data, retire, and --break-glass."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import nb_mlops
from nb_mlops.core.errors import BadInput, GateClosed, Refused


def test_the_policy_is_shown_compared_and_applied(notebook: Any, tmp_path: Path) -> None:
    file = tmp_path / "policy.toml"
    file.write_text("[high.production]\napprovals = 3\n")
    assert "the default" in repr(notebook("%mlops policy"))
    assert "+ high.production.approvals: 2 → 3" in repr(notebook(f"%mlops policy diff {file}"))
    assert "applied" in repr(notebook(f'%mlops policy apply {file} -m "the board agreed"'))
    with pytest.raises(BadInput, match="not clear"):
        notebook("%mlops policy aply x.toml")


def test_stakes_are_assessed_by_answers(notebook: Any) -> None:
    assert "Whom do its answers affect?" in repr(notebook("%mlops stakes churn --assess"))
    told = notebook("%mlops stakes churn --assess affects=people decisions=few reversible=yes regulated=no")
    assert "suggest high stakes" in repr(told)
    assert notebook("%mlops stakes churn high").stakes == "high"


def test_a_finding_is_opened_listed_and_closed(notebook: Any) -> None:
    found = notebook('%mlops finding open churn@1 critical -m "is a leaking?" --owner ann --due 2027-01-31')
    assert (found.severity, found.owner, f"{found.due:%Y-%m-%d}") == ("critical", "ann", "2027-01-31")
    assert "is a leaking?" in repr(notebook("%mlops finding churn"))
    notebook(f'%mlops finding close churn {found.number} -m "a is known before the call"')
    assert len(notebook("%mlops finding churn")) == 0
    assert len(notebook("%mlops finding churn --all")) == 1


def test_an_emergency_passes_by_ticket_and_is_reviewed_by_another(notebook: Any) -> None:
    with pytest.raises(GateClosed):
        notebook("%promote churn@1")
    moved = notebook('%promote churn@1 --break-glass INC-7 -m "the old one crashes"')
    assert moved.decision.broken_glass
    assert "BROKEN GLASS" in repr(notebook("%mlops status"))
    assert "BROKEN GLASS" in notebook("%models")._repr_mimebundle_()["text/html"]
    with pytest.raises(Refused, match="somebody else's"):
        notebook('%mlops review churn -m "was right to do"')
    nb_mlops.connect(actor="bob@example.org")
    assert [one.what for one in notebook("%mlops pending")] == ["review"]
    assert "is reviewed" in repr(notebook('%mlops review churn -m "was right to do"'))
    assert "BROKEN GLASS" not in repr(notebook("%mlops status"))


def test_data_gets_a_name_that_a_validation_is_held_to(notebook: Any) -> None:
    assert notebook('%mlops data add holdout X,y -m "the last week"').rows == 300
    assert "the last week" in repr(notebook("%mlops data"))
    notebook("fewer, less = X[:200], y[:200]")
    with pytest.raises(BadInput, match="are not 'holdout'"):
        notebook("%%validate churn@1 --data fewer,less --on holdout\nroc_auc >= 0.5")


def test_a_version_retires_after_it_was_asked(notebook: Any) -> None:
    assert notebook('%mlops retire churn@1 -m "never used"').done
    with pytest.raises(Refused, match="was retired"):
        notebook("%mlops finding open churn@1 -m 'is it fair?'")


def test_owner_and_purpose_are_set_and_read_beside_the_stakes(notebook: Any) -> None:
    told = notebook('%mlops stakes churn --owner bea --purpose "rank the calls"')
    assert (told.owner, told.purpose, told.stakes) == ("bea", "rank the calls", "medium")
    assert notebook("%mlops stakes churn").owner == "bea"
    with pytest.raises(BadInput, match="takes answers alone"):
        notebook("%mlops stakes churn --assess --owner bea")


@pytest.mark.parametrize(
    "line", ["pending --owner ann", "policy --purpose x", "connect /tmp --registry /tmp", "help --yes"]
)
def test_an_option_that_a_verb_does_not_take_is_refused_not_dropped(notebook: Any, line: str) -> None:
    with pytest.raises(BadInput, match="has no option --"):
        notebook(f"%mlops {line}")
