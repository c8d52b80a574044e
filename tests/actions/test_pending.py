"""What waits for whom: each thing once, with what to run about it, until nobody has to do anything."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from nb_mlops.actions.approve import approve, reject, request
from nb_mlops.actions.describe import describe
from nb_mlops.actions.findings import open_finding
from nb_mlops.actions.pending import pending
from nb_mlops.actions.policy import apply_policy, policy
from nb_mlops.actions.promote import promote
from nb_mlops.actions.registry import Registry
from nb_mlops.actions.validate import validate
from nb_mlops.core.event import Actor
from nb_mlops.core.version import Version
from tests.actions.conftest import table

Registered = Callable[..., Version]
STATED = {"stakes": "medium", "owner": "ann@example.org", "purpose": "keep customers"}


def as_(registry: Registry, name: str) -> Registry:
    return replace(registry, actor=Actor(f"{name}@example.org"))


def waits(registry: Registry) -> list[tuple[str, str]]:
    return [(one.what, one.ref) for one in pending(registry=registry)]


def validated(registry: Registry, seed: int = 77) -> None:
    validate("churn@1", ["roc_auc >= 0.6"], data=table(seed=seed), registry=registry)


def test_an_approval_that_lapsed_waits_again_once(ann: Registry, bob: Registry, registered: Registered) -> None:
    registered(ann, **STATED)
    validated(ann)
    request("churn@1", registry=ann)
    approve("churn@1", registry=bob)
    assert waits(bob) == []
    validated(ann, seed=78)
    assert waits(bob) == [("approval", "churn@1")]
    assert "your approval lapsed" in pending(registry=bob)[0].comment
    approve("churn@1", registry=bob)
    assert waits(bob) == []


def test_a_request_made_twice_waits_once_and_no_more_when_enough_have_signed(
    ann: Registry, bob: Registry, registered: Registered
) -> None:
    registered(ann, **STATED)
    validated(ann)
    request("churn@1", comment="please", registry=ann)
    request("churn@1", comment="it is urgent now", registry=ann)
    assert waits(bob) == [("approval", "churn@1")]
    assert pending(registry=bob)[0].comment == "it is urgent now"
    approve("churn@1", registry=as_(ann, "eve"))
    assert waits(bob) == []


def test_a_no_stands_and_waits_for_nothing(ann: Registry, bob: Registry, registered: Registered) -> None:
    registered(ann, **STATED)
    validated(ann)
    request("churn@1", registry=ann)
    reject("churn@1", comment="unfair to one region", registry=bob)
    validated(ann, seed=78)
    assert waits(bob) == []


def test_lower_stakes_wait_for_others_until_they_agree(ann: Registry, bob: Registry, registered: Registered) -> None:
    registered(ann, **STATED)
    validated(ann)
    approve("churn@1", registry=bob)
    promote("churn@1", registry=ann)
    describe("churn", stakes="low", registry=ann)
    assert (waits(ann), waits(bob)) == ([], [("stakes", "churn")])
    assert pending(registry=bob)[0].how == "%mlops stakes churn low"
    describe("churn", stakes="low", registry=bob)
    assert waits(bob) == []


def test_a_policy_that_asks_less_waits_for_others_until_it_is_applied(
    ann: Registry, bob: Registry, registered: Registered, tmp_path: Path
) -> None:
    registered(ann, **STATED)
    validated(ann)
    approve("churn@1", registry=bob)
    promote("churn@1", registry=ann)
    file = tmp_path / "policy.toml"
    file.write_text(policy(registry=ann).to_text().replace('card = ["intended_use"]', "card = []"))
    assert apply_policy(file, reason="we are three", registry=ann).state == "asked for"
    assert (waits(ann), waits(bob)) == ([], [("policy", "registry")])
    apply_policy(file, reason="agreed", registry=bob)
    assert waits(bob) == []


def test_what_waits_says_what_to_run_in_a_notebook_and_in_a_terminal(ann: Registry, registered: Registered) -> None:
    registered(ann)
    number = open_finding("churn@1", "is it fair?", severity="critical", owner="ann@example.org", registry=ann).number
    told = pending(registry=ann)[0].to_dict()
    assert told["how"] == f'%mlops finding close churn {number} -m "…"'
    assert told["shell"] == f'nb-mlops finding close churn {number} -m "…"'
    wanted = {"what": "finding", "model": "churn", "version": 1, "severity": "critical", "due": None}
    assert wanted.items() <= told.items()
