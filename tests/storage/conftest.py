"""One catalog after the other, and drafts that spell out only the interesting fact."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from nb_mlops.core.event import Actor, Draft
from nb_mlops.storage.catalog import Catalog
from nb_mlops.storage.catalog_memory import MemoryCatalog
from nb_mlops.storage.catalog_sql import SqlCatalog

ANN = Actor("ann@example.org")
BEN = Actor("ben@example.org")
NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)

DraftOf = Callable[..., Draft]


KINDS = ["memory", "sqlite", "postgresql"]


@pytest.fixture(params=KINDS)
def catalog(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Catalog]:
    """An empty catalog of each kind."""
    found = opened(request, tmp_path)
    yield found
    found.close()


def opened(request: pytest.FixtureRequest, folder: Path) -> Catalog:
    """The catalog of the kind that a fixture's parameter names."""
    if request.param == "memory":
        return MemoryCatalog()
    if request.param == "sqlite":
        return SqlCatalog.sqlite(folder / "registry" / "catalog.sqlite")
    return SqlCatalog.postgresql(request.getfixturevalue("new_postgres_address")())


@pytest.fixture(scope="module", params=KINDS)
def searched(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, draft: DraftOf, registration: DraftOf
) -> Iterator[Catalog]:
    """A catalog of each kind with thirteen versions, to look at and not to change."""
    catalog = opened(request, tmp_path_factory.mktemp("searched"))
    for number in range(1, 13):
        team = "risk" if number % 3 == 0 else "sales"
        metrics = {"auc": number / 10, "folded": {"mean": 0.5, "sd": 0, "folds": [0.5]}} if number % 4 else {}
        tags = {"team": team, "long": "x" * 900 + str(number % 2)}
        catalog.append(registration(number, metrics=metrics, tags=tags, params={"depth": number % 5}))
    catalog.append(registration(99, "other", metrics={"auc": -1.5}, tags={"team": "risk"}))
    catalog.append(draft("discarded", number=12))
    catalog.append(draft("tagged", number=1, tags={"team": "moved", "new": "yes"}))
    yield catalog
    catalog.close()


@pytest.fixture
def sqlite(tmp_path: Path) -> Iterator[SqlCatalog]:
    """An empty catalog in a file."""
    found = SqlCatalog.sqlite(tmp_path / "registry" / "catalog.sqlite")
    yield found
    found.close()


@pytest.fixture(scope="session")
def draft() -> DraftOf:
    """Makes a draft: `draft("promoted", number=1, alias="production")`."""

    def of(kind: str, model: str | None = "churn", *, by: Actor = ANN, id: int | None = None, **body: Any) -> Draft:
        texts = body.pop("texts", {})
        more = {} if id is None else {"id": str(UUID(int=id))}
        return Draft(kind, model, by, NOON, body, texts, **more)

    return of


@pytest.fixture(scope="session")
def registration(draft: DraftOf) -> DraftOf:
    """Makes the draft of a registration whose content is a number: `registration(1, metrics={"auc": 0.9})`."""

    def of(content: int, model: str = "churn", **more: Any) -> Draft:
        digest = f"{content:064x}"
        body = {
            "digest": digest,
            "identity": digest,
            "record": digest,
            "format": "skops",
            "size_bytes": 3,
            "files": {"model.skops": {"sha256": digest, "size": 3}},
        }
        return draft("registered", model, **{**body, **more})

    return of
