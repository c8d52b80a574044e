"""Papermill's parameters, out of its cell or out of the environment."""

from __future__ import annotations

import json

from nb_mlops.capture.parameters import as_json, parameters_of
from nb_mlops.core.lineage import Cell

INJECTED = Cell(
    None, 2, '# Parameters\nmonth = 3\nnames = ["a", "b"]\nrate = float("nan")\nseen = None\nmade = f()\na.b = 1\n'
)


def test_the_injected_cell_gives_its_literals() -> None:
    assert parameters_of([Cell(None, 1, "month = 1"), INJECTED], {}) == {
        "month": 3,
        "names": ["a", "b"],
        "rate": "nan",
        "seen": None,
    }


def test_papermills_own_cell_is_understood() -> None:
    import nbformat
    from papermill.parameterize import parameterize_notebook

    kernel = {"name": "python3", "language": "python", "display_name": "Python 3"}
    notebook = nbformat.v4.new_notebook(metadata={"kernelspec": kernel, "papermill": {}})
    given = {"month": 7, "limit": 0.5, "off": False, "deep": {"k": [1, 2]}, "inf": float("inf")}
    source = parameterize_notebook(notebook, given).cells[0].source
    assert parameters_of([Cell(None, 1, source)], {}) == {**given, "inf": "inf"}


def test_what_our_runner_hands_over_wins() -> None:
    assert parameters_of([INJECTED], {"NB_MLOPS_PARAMETERS": json.dumps({"month": 9})})["month"] == 9


def test_what_is_no_json_object_is_no_parameter() -> None:
    for text in ("", "{", "[1]", "3", "[" * 100_000):
        assert parameters_of([], {"NB_MLOPS_PARAMETERS": text}) == {}


def test_secrets_are_masked_by_name_and_by_shape() -> None:
    given = {
        "db_password": "hunter2",
        "url": "postgresql://u:pw1@h/d",
        "opts": {"api_key": "k"},
        "pin_passcode": 1234,
        "n": 5,
    }
    found = parameters_of([], {"NB_MLOPS_PARAMETERS": json.dumps(given)})
    assert found == {
        "db_password": "***",
        "url": "postgresql://u:***@h/d",
        "opts": {"api_key": "***"},
        "pin_passcode": "***",
        "n": 5,
    }


def test_any_value_becomes_json() -> None:
    deep: object = 1
    for _ in range(100):
        deep = [deep]
    assert json.dumps(as_json({"a": {1, 2}, "b": object, "c": deep, "d": float("-inf")}), allow_nan=False)
