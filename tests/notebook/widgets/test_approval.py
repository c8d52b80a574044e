"""What is signed is what was read; at high stakes with a reason."""

from __future__ import annotations

import pytest

from nb_mlops.actions.approve import request
from nb_mlops.actions.gate import gate
from nb_mlops.actions.promote import promote
from nb_mlops.actions.validate import validate
from nb_mlops.core.errors import BadInput
from nb_mlops.notebook import widgets
from tests.actions.conftest import table
from tests.notebook.widgets.conftest import HIGH, HOSTILE, STATED, notice, told

pytestmark = pytest.mark.usefixtures("watched")


def test_what_is_signed_stands_above_the_buttons(ann, bob, proven, registered) -> None:
    promote(registered(ann), to="staging", registry=ann)
    version = proven(ann, seed=3)

    shown = told(widgets.approve(version.ref, "staging", registry=bob).read)

    assert version.digest[:16] in shown
    assert "passed on 400 rows" in shown
    assert "a passed validation" not in shown  # staging asks for nothing at medium stakes
    assert "1 value differs from churn@1, which is staging now" in shown.replace("2 values differ", "1 value differs")


def test_an_approval_counts_as_the_magics_does(ann, bob, proven) -> None:
    proven(ann)
    form = widgets.approve("churn@1", registry=bob)
    form.comment.value = f" looks right {HOSTILE} "

    form.approve.click()

    assert (form.result.verdict, form.result.actor) == ("approved", "bob@example.org")
    assert form.result.comment == f"looks right {HOSTILE}"
    assert HOSTILE not in form.bundle()["text/html"]
    assert gate("churn@1", registry=ann).allowed


@pytest.mark.parametrize(("button", "verdict"), [("reject", "rejected"), ("request", "requested")])
def test_the_other_buttons_reject_and_ask(button: str, verdict: str, ann, bob, proven) -> None:
    proven(ann)
    form = widgets.approve("churn@1", registry=bob)

    getattr(form, button).click()

    assert form.result.verdict == verdict


@pytest.mark.parametrize("button", ["approve", "reject"])
def test_at_high_stakes_a_signature_needs_a_reason(button: str, ann, bob, proven) -> None:
    proven(ann, **HIGH)
    form = widgets.approve("churn@1", registry=bob)
    form.comment.value = "  "

    getattr(form, button).click()

    assert form.result is None
    assert "At high stakes a signature has a reason." in notice(form)
    form.comment.value = "seen by the board"
    getattr(form, button).click()
    assert form.result.comment == "seen by the board"


def test_what_changed_since_it_was_read_is_not_signed_before_it_was_read_again(ann, bob, proven) -> None:
    proven(ann)
    form = widgets.approve("churn@1", registry=bob)
    validate("churn@1", ["roc_auc >= 0.99"], data=table(seed=77), registry=ann)

    form.approve.click()

    assert form.result is None
    assert "Conflict: What you read has changed meanwhile; nothing was signed." in notice(form)
    assert "failed on 400 rows" in told(form.read)
    form.approve.click()
    assert form.result.verdict == "approved"


def test_who_cannot_approve_is_told_why_beside_a_dead_button(ann, bob, registered) -> None:
    registered(ann, **STATED)
    own = widgets.approve("churn@1", registry=ann)
    assert own.approve.disabled
    assert "one's own does not count" in told(own.why_not)
    assert not own.request.disabled

    other = widgets.approve("churn@1", registry=bob)
    assert "there is no validation yet" in told(other.why_not)
    validate("churn@1", ["roc_auc >= 0.6"], data=table(seed=77), registry=ann)
    other.refresh()
    assert (other.approve.disabled, told(other.why_not)) == (False, "")


def test_without_a_ref_it_is_about_what_waits_for_me(ann, bob, registered) -> None:
    registered(ann, **STATED)
    request("churn@1", "staging", registry=ann)

    assert widgets.approve(registry=bob).title == "approve churn@1 for staging"

    registered(ann, "fraud", seed=1)
    request("fraud@1", registry=ann)
    with pytest.raises(BadInput, match="2 versions wait for your approval"):
        widgets.approve(registry=bob)
