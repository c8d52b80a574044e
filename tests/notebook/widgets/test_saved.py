"""A notebook that ran unattended shows in any viewer what a form would have decided; no state of a control hides it."""

from __future__ import annotations

import html

import nbformat
import pytest
from nbclient import NotebookClient
from nbconvert import HTMLExporter

CELLS = (
    "%load_ext nb_mlops",
    "from sklearn.dummy import DummyClassifier\n"
    "model = DummyClassifier().fit([[0], [1]], [0, 1])\n"
    "%register churn --no-code",
    "%mlops form approve churn@1",
    "%mlops form promote churn@1 --to staging",
    "%mlops form register fraud",
    "%mlops form checks churn@1",
    "%mlops browse",
)
SAID = (
    '%approve churn@1 --to production -m "…"',
    '%promote churn@1 --to staging -m "…"',
    "%register fraud",
    "%%validate churn@1 --data X_test,y_test",
    "%models",
)


@pytest.fixture(autouse=True)
def _own_folders(tmp_path, monkeypatch) -> None:
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "ipython"))
    monkeypatch.setenv("JUPYTER_RUNTIME_DIR", str(tmp_path / "runtime"))


def executed(*cells: str) -> tuple[nbformat.NotebookNode, str]:
    """The notebook after nbclient ran it, with all widget state it saw, and what nbconvert makes of it."""
    made = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
    NotebookClient(made, kernel_name="python3", store_widget_state=True).execute()
    shown, _ = HTMLExporter().from_notebook_node(made)
    return made, html.unescape(shown)


@pytest.mark.parametrize("inherited", [None, "/home/ann/other.ipynb"])
def test_an_executed_notebook_shows_the_static_views_in_nbconvert(inherited, monkeypatch) -> None:
    if inherited:  # `!papermill` in a cell of another notebook
        monkeypatch.setenv("JPY_SESSION_NAME", inherited)

    made, shown = executed(*CELLS)

    assert "widgets" not in made.metadata
    assert "widget-view" not in shown
    assert [said for said in SAID if f"<code>{said}</code>" not in shown] == []
    assert shown.count("No form opens here:") == len(SAID)


def test_a_saved_state_hides_nothing_of_a_form_that_nobody_used() -> None:
    forced = "from nb_mlops.notebook.widgets import form\nform.is_at_hand = lambda: True"

    made, shown = executed(*CELLS[:2], forced, *CELLS[2:])

    assert made.metadata.widgets
    assert "widget-view" in shown  # a viewer with the network may draw the control; without it, this is there:
    assert [said for said in SAID if f"<code>{said}</code>" not in shown] == []
