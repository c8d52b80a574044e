"""All of it at once, in a real kernel too; a probe that fails is told and stops nothing."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from nb_mlops.capture import surroundings as module
from nb_mlops.capture.surroundings import surroundings
from nb_mlops.core.lineage import Cell, Lineage

CELLS = [
    Cell("a", 1, "# Parameters\nmonth = 2\ndb_password = 'c4nary9'"),
    Cell("b", 2, "password = 'c4nary9'\nX = load(month)"),
    Cell("c", 3, "print(X)"),
    Cell("d", 4, "m = fit(X, password)"),
]


def test_everything_that_can_be_known_is_gathered() -> None:
    found = surroundings(None, cells=CELLS, targets=["m"], data_source="postgresql://u:c4nary9@h/d")
    assert found.slice is not None
    assert [cell.number for cell in found.slice.cells] == [1, 2, 4]
    assert found.cell == CELLS[3]
    assert found.parameters == {"month": 2, "db_password": "***"}
    assert found.environment is not None
    assert "numpy" in found.environment.packages
    assert found.data_source == "postgresql://u:***@h/d"


def test_no_secret_is_left_anywhere() -> None:
    found = surroundings(None, cells=CELLS, targets=["m"], data_source="x?password=c4nary9")
    assert "c4nary9" not in json.dumps(found.to_dict())
    assert any("look like secrets" in warning for warning in found.warnings)
    assert Lineage.from_dict(found.to_dict()) == found


@pytest.mark.parametrize(
    "name", ["notebook_of", "sliced", "environment_of", "git_of", "runs_of", "parameters_of", "mask"]
)
def test_a_probe_that_fails_is_unknown_and_stops_nothing(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object, **__: object) -> object:
        raise RuntimeError("cannot reach https://ada:c4nary9@host\nnow")

    monkeypatch.setattr(module, name, broken)
    found = surroundings(None, cells=CELLS, targets=["m"])
    assert any("unknown (RuntimeError: cannot reach" in warning for warning in found.warnings)
    assert "c4nary9" not in json.dumps(found.to_dict())


def test_without_code_no_cell_text_is_kept() -> None:
    found = surroundings(None, cells=CELLS, targets=["m"], code=False)
    assert (found.cell, found.slice) == (None, None)
    assert "load(month)" not in json.dumps(found.to_dict())


def test_without_a_notebook_it_says_so_and_little_else() -> None:
    found = surroundings(None)
    assert found.notebook is not None
    assert found.notebook.where == "python"
    assert (found.cell, found.slice, found.parameters) == (None, None, {})


def test_in_a_kernel_run_by_papermill_the_notebook_its_order_and_its_cells_are_known(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import nbformat
    from nbclient import NotebookClient

    path = tmp_path / "train.ipynb"
    sources = [
        "n = 3",
        "m = n + 1",
        "n",
        "import json\nfrom nb_mlops.capture.surroundings import surroundings\n"
        "print(json.dumps(surroundings(get_ipython(), targets=['m']).to_dict()))",
    ]
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source) for source in sources])
    nbformat.write(notebook, path)
    monkeypatch.setenv("NB_MLOPS_NOTEBOOK", str(path))
    NotebookClient(notebook, kernel_name="python3", timeout=120).execute()
    found = Lineage.from_dict(json.loads(notebook.cells[-1].outputs[0]["text"]))
    assert found.notebook is not None
    assert found.slice is not None
    assert (found.notebook.path, found.notebook.where) == (str(path), "papermill")
    assert [cell.number for cell in found.slice.cells] == [1, 2, 4]
    assert not [warning for warning in found.warnings if "notebook" in warning]
