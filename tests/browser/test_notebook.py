"""From a cell to the sidebar, as a person sees it: a notebook runs in JupyterLab, and the panel shows what it did."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import Lab, run_command, use_theme

THEMES = {"light": "JupyterLab Light", "dark": "JupyterLab Dark"}

TRAIN = """%%register {name} --data X,y
X, y = load_breast_cancer(return_X_y=True, as_frame=True)
pipeline = make_pipeline(StandardScaler(), LogisticRegression()).fit(X, y)"""

CELLS = [
    "%load_ext nb_mlops",
    "from sklearn.datasets import load_breast_cancer\n"
    "from sklearn.linear_model import LogisticRegression\n"
    "from sklearn.pipeline import make_pipeline\n"
    "from sklearn.preprocessing import StandardScaler",
    TRAIN,
    "%%validate {name}@latest --data X,y\nroc_auc >= 0.8",
    '%promote {name}@latest -m "the first one"',
    "%versions {name}",
]


def notebook(place: Path, name: str, cells: list[str]) -> str:
    """Writes a notebook into the lab's folder; gives its file name."""
    written = [
        {"cell_type": "code", "id": f"c{n}", "metadata": {}, "outputs": [], "execution_count": None, "source": source}
        for n, source in enumerate(cells)
    ]
    about = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    content = {"cells": written, "metadata": about, "nbformat": 4, "nbformat_minor": 5}
    (place / f"{name}.ipynb").write_text(json.dumps(content))
    return f"{name}.ipynb"


def run_all(page: Page) -> None:
    """Runs every cell and waits until the kernel has done so."""
    kernel = "window.jupyterapp.shell.currentWidget.sessionContext.session?.kernel"
    page.wait_for_function(f"() => {kernel}?.status === 'idle'", timeout=60_000)
    run_command(page, "notebook:run-all-cells")
    page.wait_for_function(
        "() => { const cells = window.jupyterapp.shell.currentWidget.content.widgets;"
        f" return cells.every(cell => cell.model.executionCount) && {kernel}?.status === 'idle' }}",
        timeout=90_000,
    )


@pytest.mark.parametrize("theme", THEMES)
def test_what_a_notebook_promotes_stands_in_the_sidebar(
    theme: str, lab: Lab, open_lab: Callable[..., Page], screenshot: Callable[[Page, str], Path]
) -> None:
    name = f"tumour-{theme}"
    page = open_lab(notebook(lab.root, name, [cell.replace("{name}", name) for cell in CELLS]))
    use_theme(page, THEMES[theme])

    run_all(page)
    screenshot(page, "notebook")
    page.get_by_role("tab", name="Models (nb_mlops)").click()

    row = page.get_by_role("region", name="Models (nb_mlops)").get_by_role("listitem").filter(has_text=name)
    assert "production: @1" in row.inner_text()
    screenshot(page, "sidebar")


def test_a_closed_gate_says_why_in_two_lines(
    lab: Lab, open_lab: Callable[..., Page], screenshot: Callable[[Page, str], Path]
) -> None:
    cells = [*CELLS[:2], TRAIN.replace("{name}", 'gated --stakes medium --owner ada --purpose "to test"')]
    page = open_lab(notebook(lab.root, "gated", [*cells, '%promote gated@1 -m "too early"']))

    run_all(page)

    error = page.locator(".jp-RenderedText[data-mime-type='application/vnd.jupyter.stderr']")
    assert error.inner_text().startswith("GateClosed: gated@1")
    assert len(error.inner_text().strip().splitlines()) <= 12  # a line, a hint, and one per reason: no traceback
    assert "Traceback" not in error.inner_text()
    screenshot(page, "gate")
