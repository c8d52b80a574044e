"""Forms in a real JupyterLab: they act once, and what they leave in the saved notebook needs no kernel."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path

import nbformat
import pytest
from nbconvert import HTMLExporter
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Lab, run_command, use_theme
from tests.browser.test_notebook import THEMES, notebook, run_all

OpenLab = Callable[..., Page]
Screenshot = Callable[[Page, str], Path]

HOSTILE = "<img src=x onerror=alert(1)><script>alert(2)</script>"
CONTROL = "application/vnd.jupyter.widget-view+json"

BEGIN = [
    "%load_ext nb_mlops",
    "from sklearn.datasets import load_breast_cancer\n"
    "from sklearn.linear_model import LogisticRegression\n"
    "from sklearn.model_selection import train_test_split\n"
    "from sklearn.pipeline import make_pipeline\n"
    "from sklearn.preprocessing import StandardScaler\n"
    "X, y = load_breast_cancer(return_X_y=True, as_frame=True)\n"
    "X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)",
]
FIT = "model = make_pipeline(StandardScaler(), LogisticRegression()).fit(X_train, y_train)"
REGISTER = '%%register {name} --stakes medium --owner ada --purpose "to test"\n' + FIT
VALIDATE = "%%validate {name}@latest --data X_test,y_test\nroc_auc >= 0.9"
BEN = 'import os; os.environ["NB_MLOPS_ACTOR"] = "ben@example.org"  # as if ben had opened it'


def opened(lab: Lab, open_lab: OpenLab, name: str, *cells: str) -> Page:
    """A notebook with these cells, all of them run."""
    page = open_lab(notebook(lab.root, name, [*BEGIN, *(cell.replace("{name}", name) for cell in cells)]))
    page.set_viewport_size({"width": 1280, "height": 1400})
    assert run_all(page) == []
    return page


def form(page: Page, number: int = -1) -> Locator:
    return page.locator(".nbm-form").nth(number)


def outputs(page: Page, path: Path) -> list[dict[str, object]]:
    """The bundles of the notebook as it is saved now."""
    run_command(page, "docmanager:save")
    page.wait_for_function("() => !window.jupyterapp.shell.currentWidget.context.model.dirty")
    cells = json.loads(path.read_text())["cells"]
    return [output["data"] for cell in cells for output in cell["outputs"] if "data" in output]


def keep_picture(page: Page, name: str) -> None:
    """Puts what the documentation shows where NB_MLOPS_PICTURES says: its two forms, without the page around them."""
    folder = os.environ.get("NB_MLOPS_PICTURES")
    if not folder:
        return
    page.set_viewport_size({"width": 960, "height": 2400})
    run_command(page, "application:toggle-left-area")
    cells = page.locator(".jp-Cell")
    page.wait_for_timeout(1_000)  # the page is laid out anew
    first, last = cells.nth(4).bounding_box(), cells.nth(6).bounding_box()
    assert first
    assert last
    clip = first | {"height": last["y"] + last["height"] - first["y"]}
    page.screenshot(path=Path(folder) / name, clip=clip)
    page.set_viewport_size({"width": 1280, "height": 1400})


def sources(page: Page) -> list[str]:
    cells = "window.jupyterapp.shell.currentWidget.content.widgets"
    return list(page.evaluate(f"() => {cells}.map(cell => cell.model.sharedModel.source)"))


def without_kernel(page: Page, open_lab: OpenLab, name: str) -> Page:
    """The saved notebook in a page of its own, after its kernel has ended."""
    page.evaluate("() => window.jupyterapp.shell.currentWidget.sessionContext.shutdown()")
    page.close()
    again = open_lab(f"{name}.ipynb")
    again.get_by_text("%load_ext nb_mlops").first.wait_for()
    return again


def as_html(path: Path) -> str:
    """What nbconvert makes of the saved notebook; it fetches nothing."""
    made, _ = HTMLExporter().from_notebook_node(nbformat.read(path, as_version=4))
    return str(made)


def test_approved_and_promoted_by_forms_the_saved_notebook_keeps_what_was_done(
    lab: Lab, open_lab: OpenLab, screenshot: Screenshot
) -> None:
    name = "tumour"
    cells = [REGISTER, VALIDATE, "%mlops form promote {name}@1", BEN, "%mlops form approve {name}@1"]
    page = opened(lab, open_lab, name, *cells)
    promote, approve = form(page, 0), form(page, 1)
    button = promote.get_by_role("button", name="Promote")
    assert button.is_disabled()
    assert "an approval by another person" in promote.inner_text()
    screenshot(page, "closed")
    keep_picture(page, "forms.png")

    approve.get_by_label("Comment").fill(f"good in every region {HOSTILE}")
    approve.get_by_role("button", name="Approve", exact=True).dblclick()
    page.get_by_role("heading", name=f"{name}@1 → production ✓ approved").wait_for()
    promote.get_by_role("button", name="Look again").click()
    promote.get_by_label("Reason").fill("beats the old one")
    button.click()
    page.get_by_role("heading", name=f"{name}@1 → production ✓ promoted").wait_for()
    screenshot(page, "done")
    assert not page.locator(".jp-LogConsoleStatusItem").is_visible()  # the second click found nothing to complain of

    left = outputs(page, lab.root / f"{name}.ipynb")
    assert [CONTROL in bundle for bundle in left] == [False] * len(left)
    _, _, promotion, emptied, approval, _ = left
    assert "application/vnd.nb-mlops.promotion+json" in promotion
    assert "application/vnd.nb-mlops.approval+json" in approval
    assert "".join(emptied["text/html"]) == ""

    page = without_kernel(page, open_lab, name)
    page.get_by_role("heading", name=f"{name}@1 → production ✓ promoted").wait_for()
    page.get_by_role("heading", name=f"{name}@1 → production ✓ approved").wait_for()
    screenshot(page, "saved")
    exported = as_html(lab.root / f"{name}.ipynb")
    assert "widget-view" not in exported
    assert "✓ promoted" in exported


def test_a_form_that_nobody_used_is_readable_in_the_saved_notebook(
    lab: Lab, open_lab: OpenLab, screenshot: Screenshot, complaints: list[str]
) -> None:
    name = "unused"
    page = opened(lab, open_lab, name, REGISTER, "%mlops form approve {name}@1", "%mlops browse {name}")
    assert CONTROL in outputs(page, lab.root / f"{name}.ipynb")[-1]

    page = without_kernel(page, open_lab, name)

    dead = page.get_by_text("Error displaying widget: model not found")
    expect(dead).to_have_count(2, timeout=30_000)  # ipywidgets' own words
    assert not dead.first.is_visible()
    assert not dead.last.is_visible()
    assert page.get_by_text(f'%approve {name}@1 --to production -m "…"').is_visible()
    assert page.get_by_role("heading", name="models in").is_visible()
    screenshot(page, "saved")
    assert all("widget model not found" in complaint for complaint in complaints)
    complaints.clear()
    exported = as_html(lab.root / f"{name}.ipynb")
    assert "widget-view" not in exported
    assert exported.count("A form was opened here") == 2


def test_a_form_still_acts_after_the_page_was_reloaded(lab: Lab, open_lab: OpenLab, screenshot: Screenshot) -> None:
    name = "reloaded"
    page = opened(lab, open_lab, name, REGISTER.replace("medium", "low"), "%mlops form promote {name}@1")
    outputs(page, lab.root / f"{name}.ipynb")

    page = open_lab(f"{name}.ipynb")
    form(page).get_by_role("button", name="Promote").click()

    page.get_by_role("heading", name=f"{name}@1 → production ✓ promoted").wait_for()
    assert not page.get_by_text("A form was opened here").is_visible()
    screenshot(page, "acted")


def test_the_check_builder_puts_its_cell_below(lab: Lab, open_lab: OpenLab, screenshot: Screenshot) -> None:
    name = "builder"
    page = opened(lab, open_lab, name, REGISTER, "X_test['region'] = 'north'", "%mlops form checks {name}@1")
    builder = form(page)
    builder.get_by_label("Segments by column").fill("region")
    builder.get_by_role("button", name="Add a check").click()
    builder.get_by_label("Metric").nth(1).fill("f1")
    builder.get_by_label("Measured").nth(1).select_option("in the lowest segment")
    builder.get_by_label("Number").nth(1).fill("0.7")
    builder.get_by_label("Number").nth(1).press("Tab")
    wanted = f"%%validate {name}@1 --data X_test,y_test --by region\nroc_auc >= 0.5\nf1.by(region).min >= 0.7"
    cell = builder.get_by_label("The cell", exact=True)
    expect(cell).to_have_value(wanted)
    screenshot(page, "built")

    cell.press("d")
    cell.press("d")  # as a command it deletes the cell
    builder.get_by_role("button", name="Put it below").click()
    page.get_by_role("heading", name=f"the cell that validates {name}@1").wait_for()
    assert len(sources(page)) == 5
    page.evaluate("() => { window.jupyterapp.shell.currentWidget.content.activeCellIndex = 4 }")
    run_command(page, "notebook:run-cell")

    page.wait_for_function("() => window.jupyterapp.shell.currentWidget.content.widgets.length === 6")
    assert sources(page)[5] == wanted
    page.evaluate("() => { window.jupyterapp.shell.currentWidget.content.activeCellIndex = 5 }")
    run_command(page, "notebook:run-cell")
    page.get_by_role("heading", name=f"validation of {name}@1 ✓ 2 of 2 checks passed").wait_for()
    screenshot(page, "validated")


@pytest.mark.parametrize("theme", THEMES)
def test_on_a_narrow_page_no_value_is_cut_and_a_dead_button_can_be_read(
    theme: str, lab: Lab, open_lab: OpenLab, screenshot: Screenshot
) -> None:
    name = f"narrow-{theme}"
    page = opened(lab, open_lab, name, REGISTER, "%mlops form promote {name}@1", "%mlops browse {name}")
    page.set_viewport_size({"width": 1000, "height": 1500})
    use_theme(page, THEMES[theme])
    form(page, 1).get_by_label("Models").select_option(index=0)
    form(page, 1).get_by_label("Show").select_option("gate")
    form(page, 1).get_by_role("heading", name=f"gate {name}@1").wait_for()
    form(page, 1).scroll_into_view_if_needed()
    page.wait_for_timeout(500)
    screenshot(page, "gate")
    form(page, 1).get_by_label("Show").select_option("version")
    form(page, 1).get_by_text("kept in").wait_for()
    screenshot(page, "version")

    edge = page.locator(".jp-WindowedPanel-outer").first.bounding_box()
    told = form(page, 1).locator(".widget-html-content *")
    rights = told.evaluate_all("all => all.map(one => one.getBoundingClientRect().right)")
    assert edge
    assert max(rights) <= edge["x"] + edge["width"]
    dead = form(page, 0).get_by_role("button", name="Promote")
    style = dead.evaluate(
        "one => (({opacity, color, backgroundColor}) => [opacity, color, backgroundColor])(getComputedStyle(one))"
    )
    assert style[0] == "1"
    assert style[1] != style[2]


FORMS = ["approve {name}@2", "register {name}", "checks {name}@2", "promote {name}@2"]
AGAIN = (
    "metrics = {'roc_auc': 0.98, 'f1': 0.97}\n"
    "models = {HOSTILE: make_pipeline(StandardScaler(), LogisticRegression(C=3)).fit(X_train, y_train)}\n"
    f'%register {{name}} --model models[HOSTILE] --metrics metrics --owner "{HOSTILE}"'
)


@pytest.mark.parametrize("theme", THEMES)
def test_every_field_has_a_name_and_what_people_typed_is_text(
    theme: str, lab: Lab, open_lab: OpenLab, screenshot: Screenshot
) -> None:
    name = f"forms-{theme}"
    first = [REGISTER.replace("medium", "low"), f"HOSTILE = {HOSTILE!r}", "%promote {name}@1", AGAIN]
    page = opened(lab, open_lab, name, *first, *(f"%mlops form {what}" for what in FORMS), "%mlops browse {name}")
    page.set_viewport_size({"width": 1280, "height": 2700})
    run_command(page, "application:toggle-left-area")
    use_theme(page, THEMES[theme])
    form(page, 0).get_by_text("differ from").click()
    form(page, 2).get_by_label("Segments by column").fill(HOSTILE)
    form(page, 2).get_by_label("Measured").select_option("in the lowest segment")
    form(page, 4).get_by_label("Models").select_option(index=0)
    form(page, 4).get_by_role("heading", name=f"{name}@2").wait_for()

    fields = page.locator(".nbm-form").locator("input, select, textarea")
    nameless = "all => all.filter(one => !one.labels?.[0]?.textContent && !one.ariaLabel).map(one => one.outerHTML)"
    unchosen = "all => all.filter(one => one.selectedIndex < 0).map(one => one.outerHTML)"
    assert fields.count() > 20
    assert fields.evaluate_all(nameless) == []
    assert page.locator(".nbm-form select:not([multiple]):not([size])").evaluate_all(unchosen) == []
    assert page.locator(".nbm-form img, .nbm-form script").count() == 0
    assert page.get_by_text("<script>alert(2)</script>").count() > 0
    form(page, 0).scroll_into_view_if_needed()
    screenshot(page, "forms")
    form(page, 4).scroll_into_view_if_needed()
    screenshot(page, "browser")
