"""Which versions a filter finds and in what order: the same on every catalog, few versions or many."""

from __future__ import annotations

import pytest

from nb_mlops.core.filters import Filter, Sort
from nb_mlops.storage.catalog import Catalog


@pytest.mark.parametrize(
    ("where", "numbers"),
    [
        ("metrics.auc > 0.5", [11, 10, 9, 7, 6]),
        ("0.5 <= metrics.auc < 0.7", [6, 5]),
        ("metrics.auc != 0.5", [11, 10, 9, 7, 6, 3, 2, 1]),
        ("metrics.auc > 100", []),
        ("metrics.none > 0", []),
        ("metrics.auc == 0.3", [3]),
        ("tags.team == 'risk'", [9, 6, 3]),
        ("tags.team != 'risk'", [11, 10, 8, 7, 5, 4, 2, 1]),
        ("tags.team >= 's'", [11, 10, 8, 7, 5, 4, 2]),
        ("tags.team == 'moved' and tags.new == 'yes'", [1]),
        ("metrics.auc < 0.3 or tags.team == 'risk'", [9, 6, 3, 2, 1]),
        ("params.depth == 4", [9, 4]),
        ("params.depth == 4 and metrics.auc > 0", [9]),
        ("params.depth == 4 or metrics.auc < 0.2", [9, 4, 1]),
        ("number >= 10 and created_at > '2020-01-01'", [11, 10]),
        ("number == 3 or number == 5", [5, 3]),
        ("created_at < '2020-01-01'", []),
    ],
)
def test_versions_are_found(searched: Catalog, where: str, numbers: list[int]) -> None:
    [model] = [row for row in searched.models() if row.name == "churn"]
    found = searched.versions(model.id, where=Filter.parse(where))
    assert [row.number for row in found] == numbers
    assert [row.number for row in searched.versions(model.id, where=Filter.parse(where), limit=2)] == numbers[:2]


@pytest.mark.parametrize(
    ("sort", "numbers"),
    [
        ("-auc", [11, 10, 9, 7, 6, 5, 3, 2, 1, 8, 4]),
        ("auc", [1, 2, 3, 5, 6, 7, 9, 10, 11, 8, 4]),
        ("tags.team", [1, 9, 6, 3, 11, 10, 8, 7, 5, 4, 2]),
        ("-params.depth", [9, 4, 8, 3, 7, 2, 11, 6, 1, 10, 5]),
        ("number", [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]),
        ("-created_at", [11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1]),
    ],
)
def test_versions_are_sorted(searched: Catalog, sort: str, numbers: list[int]) -> None:
    [model] = [row for row in searched.models() if row.name == "churn"]
    assert [row.number for row in searched.versions(model.id, sort=Sort.parse(sort))] == numbers
    assert [row.number for row in searched.versions(model.id, sort=Sort.parse(sort), limit=3)] == numbers[:3]


def test_versions_of_all_models_are_found_newest_first(searched: Catalog) -> None:
    found = searched.versions(None, where=Filter.parse("tags.team == 'risk'"))
    assert [row.number for row in found] == [1, 9, 6, 3]
    best = searched.versions(None, where=Filter.parse("tags.team == 'risk'"), sort=Sort.parse("auc"))
    assert [row.number for row in best] == [1, 3, 6, 9]
    assert [row.number for row in searched.versions(None, limit=2)] == [1, 11]


def test_everything_verifies_after_a_busy_day(searched: Catalog) -> None:
    verification = searched.verify()
    assert "everything agrees" in verification.to_text()
    assert (verification.histories, verification.events) == (3, searched.position())
    assert verification.rows == 2 + 13


@pytest.mark.parametrize("where", ["metrics.auc > 0.5", "tags.team != 'risk' or metrics.auc < 0.4", "number > 2"])
@pytest.mark.parametrize("sort", [None, "-auc", "tags.team"])
@pytest.mark.parametrize(("few", "small"), [(10_000, 0), (1, 0), (1, 2_000), (3, 0)])
def test_every_way_to_search_gives_the_same(
    searched: Catalog, monkeypatch: pytest.MonkeyPatch, where: str, sort: str | None, few: int, small: int
) -> None:
    order = Sort.parse(sort) if sort else None
    [model] = [row for row in searched.models() if row.name == "churn"]
    for scope in (model.id, None):
        expected = searched.versions(scope, where=Filter.parse(where), sort=order)
        monkeypatch.setattr("nb_mlops.storage.sql.search._FEW", few)
        monkeypatch.setattr("nb_mlops.storage.sql.search._SMALL", small)
        monkeypatch.setattr("nb_mlops.storage.sql.search._CHUNK", 2)
        assert searched.versions(scope, where=Filter.parse(where), sort=order) == expected
        monkeypatch.undo()
