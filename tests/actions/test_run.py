"""Notebooks run unattended: the kernel knows registry, path and parameters, and a closed gate stops the run."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from nb_mlops.actions import outbox
from nb_mlops.actions.connect import open_registry
from nb_mlops.actions.look import get
from nb_mlops.actions.registry import Registry
from nb_mlops.actions.run import ci, run
from nb_mlops.core.errors import BadInput, NotebookFailed, NotFound, Refused

FIT = """
from sklearn.datasets import load_iris
from sklearn.linear_model import LogisticRegression
X, y = load_iris(return_X_y=True, as_frame=True)
model = LogisticRegression(C=strength, max_iter=500).fit(X, y)
"""


def notebook(path: Path, *cells: str) -> Path:
    """A notebook of code cells; the first one holds its parameters."""
    made = [
        {"cell_type": "code", "id": f"c{place}", "metadata": {}, "source": text, "outputs": [], "execution_count": None}
        for place, text in enumerate(["strength = 1.0", "%load_ext nb_mlops", *cells])
    ]
    made[0]["metadata"] = {"tags": ["parameters"]}
    kernel = {"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}}
    path.write_text(json.dumps({"cells": made, "metadata": kernel, "nbformat": 4, "nbformat_minor": 5}))
    return path


@pytest.fixture
def place(tmp_path: Path) -> Registry:
    """An embedded registry, which the kernel can reach by its folder."""
    return open_registry(tmp_path / "models", "ci@example.org")


def test_a_run_registers_with_its_path_and_parameters(place: Registry, tmp_path: Path) -> None:
    source = notebook(tmp_path / "train.ipynb", f"%%register iris\n{FIT}")
    seen: list[tuple[str, int, int]] = []
    done = run(source, {"strength": 0.5}, registry=place, progress=lambda *step: seen.append(step))
    version = get("iris@1", registry=place)
    assert Path(done.output).name == "train-executed.ipynb"
    assert version.actor == "ci@example.org"
    assert version.lineage.notebook is not None
    assert version.lineage.notebook.path == str(source)
    assert version.lineage.parameters == {"strength": 0.5}
    assert version.params["C"] == 0.5
    assert seen[-1][1] == seen[-1][2]


def test_a_closed_gate_stops_the_run_with_its_reason(place: Registry, tmp_path: Path) -> None:
    options = '--stakes medium --owner ann --purpose "tell irises apart"'
    source = notebook(
        tmp_path / "train.ipynb", f"%%register iris {options}\n{FIT}", "%promote iris@1", "open('after', 'w').close()"
    )
    found = run(source, must_pass=False, registry=place)
    assert (found.passed, found.error) == (False, "GateClosed")
    assert "iris@1 not promoted to production" in found.reason
    assert "GateClosed" in Path(found.output).read_text()
    assert not (tmp_path / "after").exists()
    with pytest.raises(NotebookFailed, match="GateClosed"):
        found.raise_if_failed()


def test_an_unattended_rollback_must_say_what_it_expects(place: Registry, tmp_path: Path) -> None:
    source = notebook(tmp_path / "roll.ipynb", f"%%register iris\n{FIT}", "%promote iris@1", "%rollback iris")
    assert "must say what it expects" in run(source, must_pass=False, registry=place).reason


def test_two_models_in_one_cell_are_a_question_and_are_parked(place: Registry, tmp_path: Path) -> None:
    source = notebook(tmp_path / "two.ipynb", f"%%register iris\n{FIT}\nother = LogisticRegression(C=9).fit(X, y)")
    found = run(source, output=tmp_path / "out", must_pass=False, registry=place)
    assert found.error == "Ambiguous"
    assert "--model other" in found.reason
    assert "waits in the outbox" in found.reason
    assert {parcel.candidate for parcel in outbox.waiting()} == {"model", "other"}
    with pytest.raises(Refused, match="which one is meant"):
        outbox.push()
    (chosen,) = [parcel for parcel in outbox.waiting() if parcel.candidate == "other"]
    assert [version.params["C"] for version in outbox.push(chosen.id[:8])] == [9]


def test_ci_runs_every_notebook_and_tells_which_failed(place: Registry, tmp_path: Path) -> None:
    folder = tmp_path / "notebooks"
    folder.mkdir()
    notebook(folder / "1_good.ipynb", "1 + 1")
    notebook(folder / "2_bad.ipynb", "%gate nothing@1")
    notebook(folder / "3_good.ipynb", "2 + 2")
    found = ci(folder, output=tmp_path / "executed", registry=place)
    assert [one.passed for one in found] == [True, False, True]
    assert [one.error for one in found] == ["", "NotFound", ""]


def test_what_is_no_notebook_is_said(place: Registry, tmp_path: Path) -> None:
    (tmp_path / "broken.ipynb").write_text("not json")
    with pytest.raises(BadInput, match="is not a notebook"):
        run(tmp_path / "broken.ipynb", registry=place)
    with pytest.raises(NotFound):
        run(tmp_path / "missing.ipynb", registry=place)
    with pytest.raises(NotFound):
        ci(tmp_path / "empty", registry=place)
