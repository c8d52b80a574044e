"""The gate's lines stand beside the button, which is dead while the gate is closed."""

from __future__ import annotations

import pytest

from nb_mlops.actions.approve import approve, reject
from nb_mlops.actions.promote import promote
from nb_mlops.notebook import widgets
from tests.notebook.widgets.conftest import notice, told

pytestmark = pytest.mark.usefixtures("watched")


def test_a_closed_gate_is_seen_and_cannot_be_clicked(ann, proven) -> None:
    proven(ann)

    form = widgets.promote("churn@1", registry=ann)

    assert form.promote.disabled
    assert "an approval by another person" in told(form.gate)
    assert "%approve churn@1 --to production" in told(form.gate)


def test_looking_again_opens_the_button_once_the_gate_is_open(ann, bob, proven) -> None:
    proven(ann)
    form = widgets.promote("churn@1", registry=ann)
    form.look.click()
    assert "The gate is closed: 1 missing." in notice(form)
    approve("churn@1", registry=bob)

    form.look.click()
    form.reason.value = "better everywhere"
    form.promote.click()

    assert form.result.moved
    assert form.result.actor == "ann@example.org"


def test_a_gate_that_closed_meanwhile_stays_shut_and_shows_why(ann, bob, proven) -> None:
    proven(ann)
    approve("churn@1", registry=bob)
    form = widgets.promote("churn@1", registry=ann)
    reject("churn@1", registry=bob)

    form.promote.click()

    assert form.result is None
    assert "GateClosed: churn@1 not promoted to production" in notice(form)
    assert form.promote.disabled
    assert "no standing rejection" in told(form.gate)


def test_an_older_version_is_refused_as_by_the_magic(ann, registered) -> None:
    registered(ann)
    promote(registered(ann, seed=1), registry=ann)
    form = widgets.promote("churn@1", registry=ann)

    form.promote.click()

    assert form.result is None
    assert "Refused: churn@1 is older than churn@2" in notice(form)
    assert "%rollback churn" in notice(form)
