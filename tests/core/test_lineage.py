"""Lineage as a value: JSON there and back, text without traps, damage noticed."""

from __future__ import annotations

import json
from typing import Any

import pytest

from nb_mlops.core.dataprint import DataPrint
from nb_mlops.core.errors import Damaged
from nb_mlops.core.lineage import Cell, Environment, Git, Lineage, Notebook, Run, Slice

FULL = Lineage(
    notebook=Notebook("/q/train.ipynb", "ab" * 32, "jupyterlab"),
    cell=Cell("id-1", 3, "%register churn"),
    slice=Slice((Cell(None, 1, "x = 1"), Cell(None, 2, "1/0", failed=True)), False, ("slice incomplete: why",)),
    parameters={"month": 3, "deep": {"k": [1, None]}},
    data=(DataPrint(rows=3, columns=(("a", "float64"),), sha256="d" * 64, source="X"),),
    environment=Environment("3.11.7", "Linux", {"b": "2", "a": "1"}, ("b",), True),
    git=Git("c" * 40, "main", True, "https://host/r.git", "ada@example.org"),
    runs=(Run("mlflow", "r1", "https://host/#/r1"),),
    data_source="s3://bucket/x.parquet",
    warnings=("git: unknown",),
)


@pytest.mark.parametrize("lineage", [FULL, Lineage()])
def test_json_there_and_back(lineage: Lineage) -> None:
    assert Lineage.from_dict(json.loads(json.dumps(lineage.to_dict()))) == lineage


def test_keys_of_later_versions_are_left_aside() -> None:
    assert Lineage.from_dict({**FULL.to_dict(), "weather": "rain"}) == FULL


@pytest.mark.parametrize(
    "broken",
    [
        None, [], "x",
        {"cell": {"number": "3"}}, {"cell": {"source": 3}}, {"slice": []}, {"slice": {"cells": {"a": 1}}},
        {"environment": {"packages": {"a": 1}}}, {"warnings": [1]}, {"warnings": "x"}, {"notebook": {"path": 1}},
        {"runs": ["x"]}, {"data": [3]}, {"parameters": [1]},
    ],
)  # fmt: skip
def test_damaged_json_is_noticed(broken: Any) -> None:
    with pytest.raises(Damaged):
        Lineage.from_dict(broken)


def test_text_has_a_line_for_each_part_and_says_unknown() -> None:
    text = repr(FULL)
    for part in (
        "/q/train.ipynb (jupyterlab",
        "In [3]",
        "In [1], In [2] (incomplete)",
        "month=3",
        "3 rows × 1 column",
        "cccccccccccc on main",
        "! git",
    ):
        assert part in text
    assert repr(Lineage()).count("unknown") == 7


def test_text_cannot_move_a_terminals_cursor() -> None:
    evil = Lineage(notebook=Notebook("\x1b[2J\u202egnp.ipynb\r", None, "x"), warnings=("a\x1b]0;b\x07\nc",))
    text = repr(evil)
    assert not set(text) & set("\x1b\r\x07\u202e")
    assert text.count("\n") == repr(Lineage()).count("\n") + 1


def test_the_slices_digest_is_of_what_the_cells_say() -> None:
    again = Slice((Cell("other", 11, "x = 1"), Cell(None, 12, "1/0")))
    assert FULL.slice is not None
    assert again.sha256 == FULL.slice.sha256
    assert Slice((Cell(None, 1, "x = "), Cell(None, 2, "11/0"))).sha256 != again.sha256


def test_the_lock_is_sorted_and_local_packages_are_comments() -> None:
    assert FULL.environment is not None
    assert FULL.environment.lock == "a==1\n# not from an index: b==2\n"
