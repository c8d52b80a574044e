"""What would be signed is shown whole, and is told apart from what was read a while ago."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from nb_mlops.actions.approve import approve
from nb_mlops.actions.audit import audit
from nb_mlops.actions.card import edit_card
from nb_mlops.actions.gate import gate
from nb_mlops.actions.promote import promote
from nb_mlops.actions.registry import Registry
from nb_mlops.actions.signing import signing
from nb_mlops.actions.validate import validate
from nb_mlops.core.errors import NotFound
from nb_mlops.core.version import Version
from tests.actions.conftest import table

Registered = Callable[..., Version]
STATED = {"stakes": "medium", "owner": "ann@example.org", "purpose": "keep customers"}


def validated(registry: Registry, seed: int = 77) -> None:
    validate("churn@1", ["roc_auc >= 0.6"], data=table(seed=seed), registry=registry)


def test_it_holds_the_artifact_the_latest_evidence_of_each_data_set_and_the_gate(
    ann: Registry, bob: Registry, registered: Registered
) -> None:
    version = registered(ann, **STATED)
    validated(ann)
    validated(bob)
    validated(bob, seed=78)

    found = signing("churn@latest", registry=bob)

    assert (found.ref, found.artifact, found.stakes) == ("churn@1", version.digest, "medium")
    assert [(one.attempt, one.actor) for one in found.evidence] == [(2, "bob@example.org"), (1, "bob@example.org")]
    assert not found.decision.allowed
    assert found.about_differences == "nothing is production yet"


def test_it_is_bound_to_the_evidence_an_approval_is_bound_to(ann: Registry, bob: Registry, registered) -> None:
    registered(ann, **STATED)
    validated(ann)
    before = signing("churn@1", registry=bob)

    assert approve("churn@1", registry=bob).evidence == before.evidence[-1].event
    assert signing("churn@1", registry=bob).bound == before.bound
    validated(ann)
    assert signing("churn@1", registry=bob).bound != before.bound


def test_it_tells_what_differs_from_what_is_there(ann: Registry, registered: Registered) -> None:
    promote(registered(ann), registry=ann)
    assert signing("churn@1", registry=ann).about_differences == "it is production already"

    registered(ann, seed=3)
    found = signing("churn@2", registry=ann)

    assert found.differences is not None
    assert found.differences.refs == ("churn@1", "churn@2")
    assert "differ from churn@1" in found.to_text()


def test_what_is_not_there_cannot_be_signed(ann: Registry, registered: Registered) -> None:
    registered(ann)
    with pytest.raises(NotFound):
        signing("churn@2", registry=ann)
    with pytest.raises(NotFound, match="no alias"):
        signing("churn@1", "prod", registry=ann)


def test_a_card_that_is_edited_after_a_signature_is_said_and_voids_nothing(
    ann: Registry, bob: Registry, registered: Registered
) -> None:
    registered(ann, **STATED)
    validated(ann)
    edit_card("churn@1", {"intended_use": "To rank calls to customers."}, registry=ann)
    approve("churn@1", registry=bob)
    assert "edited after" not in gate("churn@1", registry=ann).to_text()
    edit_card("churn@1", {"intended_use": "To decide about loans, alone."}, registry=ann)

    decision = gate("churn@1", registry=ann)
    assert decision.allowed
    assert "filled by a person; edited after 1 signature: intended_use on 20" in decision.to_text()
    [told] = signing("churn@1", registry=ann).card
    assert told.startswith("intended_use by ann@example.org, 20")
    assert told.endswith("after bob@example.org signed")
    assert "intended use written, after 1 signature" in audit("churn", registry=ann).to_text()
