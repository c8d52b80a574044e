"""The registry is looked through in two lists; what was looked at can be left in the notebook."""

from __future__ import annotations

import pytest

from nb_mlops.actions.promote import promote
from nb_mlops.notebook import widgets
from tests.notebook.widgets.conftest import HOSTILE, notice, told

pytestmark = pytest.mark.usefixtures("watched")


@pytest.fixture
def browser(ann, registered):
    promote(registered(ann, owner=HOSTILE), registry=ann)
    registered(ann, seed=1)
    registered(ann, "fraud", seed=2)
    return widgets.browse(registry=ann)


def test_models_lead_to_versions_and_their_views(browser) -> None:
    assert [label for label, _ in browser.models.options] == ["churn · production @1", "fraud"]
    browser.models.value = "churn"
    assert [label for label, _ in browser.versions.options] == ["churn@2", "churn@1 · production"]
    assert told(browser.pane).startswith("churn@2")

    browser.versions.value = "churn@1"
    browser.kind.value = "gate"

    assert "gate churn@1 → production" in told(browser.pane)


@pytest.mark.parametrize("kind", ["version", "card", "gate", "lineage", "history"])
def test_every_view_shows_what_people_wrote_as_text(kind: str, browser) -> None:
    browser.models.value = "churn"
    browser.kind.value = kind

    assert notice(browser) == ""
    assert told(browser.pane)
    assert "<img" not in browser.pane.value


def test_a_search_narrows_the_list(browser) -> None:
    browser.search.value = "fra"
    assert [name for _, name in browser.models.options] == ["fraud"]
    assert (browser.models.value, browser.versions.options) == (None, ())

    browser.search.value = "none like this"
    assert "no name holds 'none like this'" in told(browser.pane)

    browser.search.value = "a\x00"
    assert "BadInput: That is no part of a model's name." in notice(browser)


def test_the_view_that_was_left_is_the_result(browser) -> None:
    assert browser.leave.disabled
    browser.models.value = "churn"
    browser.kind.value = "card"

    browser.leave.click()

    assert browser.result.ref == "churn@2"
    assert "model card of churn@2" in browser.bundle()["text/html"]
