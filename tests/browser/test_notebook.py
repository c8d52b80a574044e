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


def run_all(page: Page) -> list[str]:
    """Runs every cell, as far as it goes; gives the errors that cells ended in."""
    kernel = "window.jupyterapp.shell.currentWidget?.sessionContext?.session?.kernel"
    page.wait_for_function(f"() => {kernel}?.status === 'idle'", timeout=60_000)
    cells = "window.jupyterapp.shell.currentWidget.content.widgets.map(cell => cell.model.toJSON())"
    errors = f"{cells}.flatMap(cell => cell.outputs).filter(out => out.output_type === 'error')"
    run_command(page, "notebook:run-all-cells")
    page.wait_for_function(
        f"() => ({cells}.every(cell => cell.execution_count) || {errors}.length) && {kernel}?.status === 'idle'",
        timeout=120_000,
    )
    return list(page.evaluate(f"() => {errors}.map(out => out.traceback.join('\\n'))"))


@pytest.mark.parametrize("theme", THEMES)
def test_what_a_notebook_promotes_stands_in_the_sidebar(
    theme: str, lab: Lab, open_lab: Callable[..., Page], screenshot: Callable[[Page, str], Path]
) -> None:
    name = f"tumour-{theme}"
    page = open_lab(notebook(lab.root, name, [cell.replace("{name}", name) for cell in CELLS]))
    use_theme(page, THEMES[theme])

    assert run_all(page) == []
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

    (error,) = run_all(page)

    assert error.startswith("GateClosed: gated@1 not promoted to production")
    assert len(error.splitlines()) == 2
    assert page.get_by_text("GateClosed: gated@1").is_visible()
    screenshot(page, "gate")
