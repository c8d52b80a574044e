"""A rehearsal shows what a registration would store, and leaves nothing behind: no version, no parcel."""

from __future__ import annotations

import pytest

from nb_mlops.actions import outbox, rehearse
from nb_mlops.actions.registry import Registry
from nb_mlops.core.errors import Refused
from tests.actions.conftest import fitted, table


@pytest.fixture(autouse=True)
def _fitted_here(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rehearse, "find_fitted", lambda name, model: (fitted(), "model: Pipeline"))


def test_a_rehearsal_stores_nothing(ann: Registry) -> None:
    found = rehearse.rehearse("churn", data=table(), registry=ann)
    assert (found.ref, found.notes[0]) == ("churn@1", "model: Pipeline")
    assert ann.catalog.position() == 0


def test_what_a_rehearsal_is_refused_is_not_parked_where_nobody_watches(
    ann: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NB_MLOPS_UNATTENDED", "1")
    stated = {"stakes": "high", "owner": "ann", "purpose": "credit"}
    with pytest.raises(Refused, match="runs code"):
        rehearse.rehearse("credit", data=table(), format="joblib", registry=ann, **stated)
    assert len(outbox.waiting()) == 0
