"""The sidebar in a real JupyterLab: it is there, it says what it knows, in both themes."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, Route

from tests.browser.conftest import use_theme

API = "**/nb-mlops/api/v1/"
THEMES = ["JupyterLab Light", "JupyterLab Dark"]

OpenLab = Callable[..., Page]
Screenshot = Callable[[Page, str], Path]


def open_panel(page: Page) -> Locator:
    page.get_by_role("tab", name="Models (nb_mlops)").click()
    return page.get_by_role("region", name="Models (nb_mlops)")


# JupyterLab adds the time to every address, so that no cache answers: hence the stars at the end of addresses.
def answering(**body: object) -> Callable[[Route], None]:
    return lambda route: route.fulfill(status=200, content_type="application/json", body=json.dumps(body))


@pytest.mark.parametrize("theme", THEMES)
def test_an_empty_registry_says_how_to_begin(theme: str, open_lab: OpenLab, screenshot: Screenshot) -> None:
    page = open_lab()
    use_theme(page, theme)
    page.route(API + "models*", answering(models=[], next=None))  # the notebooks of other tests have registered some

    panel = open_panel(page)

    panel.get_by_text("No models yet. In a notebook: %load_ext nb_mlops, then %%register.").wait_for()
    screenshot(page, "empty")


@pytest.mark.parametrize("theme", THEMES)
def test_models_are_listed_with_what_is_in_production(theme: str, open_lab: OpenLab, screenshot: Screenshot) -> None:
    page = open_lab()
    use_theme(page, theme)
    rows = [
        {"name": "churn", "stakes": "medium", "owner": "ada", "latest": 4, "aliases": {"production": 3}, "alerts": []},
        {
            "name": "risk/a-rather-long-name-of-a-model-that-has-to-be-cut",
            "stakes": "low",
            "latest": 1,
            "aliases": {},
            "alerts": [],
        },
        {
            "name": "<img src=x onerror=alert(1)>",
            "stakes": "high",
            "owner": "",
            "latest": 0,
            "aliases": {},
            "alerts": ["@1: <b onclick=alert(2)>"],
        },
    ]
    page.route(API + "models*", answering(models=rows, next="more"))

    panel = open_panel(page)

    churn = panel.get_by_role("listitem").filter(has_text="churn")
    assert "production: @3" in churn.inner_text()
    assert "nothing in production" in panel.get_by_role("listitem").nth(1).inner_text()
    assert panel.get_by_text("<img src=x").is_visible()
    assert panel.get_by_role("button", name="Show more").is_visible()
    screenshot(page, "listed")


def test_the_next_page_comes_below_the_first(open_lab: OpenLab) -> None:
    page = open_lab()
    row = {"stakes": "low", "owner": "", "latest": 1, "aliases": {}, "alerts": []}
    page.route(API + "models*", answering(models=[{"name": "a"} | row], next="cursor-of-a"))
    page.route(API + "models?cursor=cursor-of-a*", answering(models=[{"name": "b"} | row], next=None))
    panel = open_panel(page)

    panel.get_by_role("button", name="Show more").click()

    panel.get_by_text("2 models").wait_for()
    assert [name.inner_text() for name in panel.locator(".nbm-Row-name").all()] == ["a", "b"]


@pytest.mark.parametrize("theme", THEMES)
def test_what_waits_for_a_person_stands_first(theme: str, open_lab: OpenLab, screenshot: Screenshot) -> None:
    page = open_lab()
    use_theme(page, theme)
    request = {
        "what": "approval",
        "ref": "churn@4",
        "alias": "production",
        "actor": "bo@example.org",
        "due": None,
        "severity": "major",
        "comment": "<img src=x onerror=alert(1)> new season",
        "how": '%approve churn@4 --to production -m "…"',
    }
    glass = request | {"what": "review", "ref": "risk/fraud@2", "severity": "critical", "due": "2026-11-28T09:00:00Z"}
    row = {"name": "churn", "stakes": "low", "owner": "", "latest": 4, "aliases": {}, "alerts": []}
    page.route(API + "models*", answering(models=[row], next=None))
    page.route(API + "pending*", answering(waiting=[request, glass]))

    panel = open_panel(page)

    waiting = panel.get_by_role("region", name="Needs you")
    waiting.wait_for()
    first, second = waiting.get_by_role("listitem").all()
    assert "approval for production" in first.inner_text()
    assert "<img src=x" in first.inner_text()
    assert "due 2026-11-28" in second.inner_text()
    screenshot(page, "needs-you")


def test_a_search_asks_the_server_once_the_typing_pauses(open_lab: OpenLab) -> None:
    page = open_lab()
    row = {"stakes": "low", "owner": "", "latest": 1, "aliases": {}, "alerts": []}
    page.route(API + "pending*", answering(waiting=[]))
    page.route(API + "models*", answering(models=[{"name": "churn"} | row, {"name": "fraud"} | row], next=None))
    page.route(API + "models?text=fraud*", answering(models=[{"name": "fraud"} | row], next=None))
    page.route(API + "models?text=frxyz*", answering(models=[], next=None))
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if "/api/v1/models" in request.url else None)
    panel = open_panel(page)
    panel.get_by_text("2 models").wait_for()
    asked.clear()

    panel.get_by_label("Search models").press_sequentially("fraud")

    panel.get_by_text("1 model", exact=True).wait_for()
    assert len(asked) == 1
    panel.get_by_label("Search models").fill("frxyz")
    panel.get_by_text("No name holds “frxyz”.").wait_for()


def test_a_server_of_another_release_is_noticed(open_lab: OpenLab, screenshot: Screenshot) -> None:
    page = open_lab()
    page.route(API + "status*", answering(version="9.9.9", registry="x", governance="advisory"))

    panel = open_panel(page)

    assert "The server has nb_mlops 9.9.9" in panel.get_by_role("alert").inner_text()
    screenshot(page, "other-version")


def test_a_refusal_shows_its_message_and_its_hint(open_lab: OpenLab, complaints: list[str]) -> None:
    page = open_lab()
    error = {"code": "unreachable", "message": "The registry cannot be read.", "hint": "Is the disk there?"}
    page.route(API + "models*", lambda route: route.fulfill(status=503, body=json.dumps({"error": error})))

    alert = open_panel(page).get_by_role("alert")

    assert "The registry cannot be read.\nIs the disk there?" in alert.inner_text().replace("\n\n", "\n")
    assert complaints.pop().endswith("503 (Service Unavailable)")  # the browser's own line


def test_a_missing_server_side_says_what_to_install(
    open_lab: OpenLab, screenshot: Screenshot, complaints: list[str]
) -> None:
    page = open_lab()
    page.route(API + "**", lambda route: route.fulfill(status=404, body="<html>404</html>"))

    alert = open_panel(page).get_by_role("alert")

    assert "pip install nb-mlops" in alert.inner_text()
    assert complaints.pop().endswith("404 (Not Found)")
    screenshot(page, "missing")


def test_coming_back_to_the_panel_reads_the_registry_again(open_lab: OpenLab) -> None:
    page = open_lab()
    open_panel(page).get_by_role("status").wait_for()
    page.get_by_role("tab", name="File Browser").click()

    with page.expect_request(lambda request: "/nb-mlops/api/v1/models" in request.url):
        open_panel(page)
