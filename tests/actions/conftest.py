"""A registry for each test, in memory and embedded, a second person, and a small fitted model."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from nb_mlops.actions import connect, session
from nb_mlops.actions.register import register
from nb_mlops.actions.registry import Registry
from nb_mlops.core.event import Actor
from nb_mlops.core.version import Version


@pytest.fixture(autouse=True)
def _own_session() -> Iterator[None]:
    """No test sees what another one registered."""
    session.stop()
    yield
    session.stop()


@pytest.fixture(params=["memory", "embedded"])
def ann(request: pytest.FixtureRequest, tmp_path: Path) -> Registry:
    """An empty registry, as Ann sees it."""
    address = f"memory://{uuid.uuid4()}" if request.param == "memory" else str(tmp_path / "registry")
    return connect.open_registry(address, "ann@example.org")


@pytest.fixture
def bob(ann: Registry) -> Registry:
    """The same registry, as Bob sees it."""
    return replace(ann, actor=Actor("bob@example.org"))


def table(rows: int = 400, *, seed: int = 0) -> tuple[pd.DataFrame, pd.Series]:
    """Two informative columns and one that is noise; a target of zeros and ones."""
    draw = np.random.default_rng(seed)
    X = pd.DataFrame(draw.normal(size=(rows, 3)), columns=["age", "balance", "noise"])
    return X, pd.Series((X["age"] + X["balance"] + draw.normal(size=rows) > 0).astype(int), name="churned")


def fitted(seed: int = 0, *, C: float = 1.0) -> Any:
    """A pipeline fitted on `table(seed=seed)`."""
    return make_pipeline(StandardScaler(), LogisticRegression(C=C)).fit(*table(seed=seed))


@pytest.fixture
def registered() -> Callable[..., Version]:
    """Registers a fitted model with its data; other seeds are other versions."""

    def one(registry: Registry, name: str = "churn", *, seed: int = 0, **options: Any) -> Version:
        return register(fitted(seed), name, data=table(seed=seed), registry=registry, **options)

    return one
