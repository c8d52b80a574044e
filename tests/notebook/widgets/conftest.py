"""A person before a notebook, a registry with a version, and what a form shows."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from typing import Any

import ipykernel  # noqa: F401  # a notebook's process has it, and that is asked
import pytest

from nb_mlops.actions.registry import Registry
from nb_mlops.actions.validate import validate
from nb_mlops.core.version import Version
from nb_mlops.notebook.widgets.form import Form
from tests.actions.conftest import _own_session, ann, bob, registered, table  # noqa: F401

HOSTILE = "<img src=x onerror=alert(1)><script>alert(2)</script>"
STATED = {"stakes": "medium", "owner": "ann@example.org", "purpose": "keep customers"}
HIGH = STATED | {"stakes": "high"}


@pytest.fixture
def watched(monkeypatch: pytest.MonkeyPatch) -> None:
    """A front end with a person before it."""
    monkeypatch.setattr("nb_mlops.capture.front_end.is_spoken_to", lambda shell: True)


@pytest.fixture
def proven(registered: Callable[..., Version]) -> Callable[..., Version]:  # noqa: F811
    """Registers a version and validates it."""

    def one(registry: Registry, **options: Any) -> Version:
        version = registered(registry, **(STATED | options))
        validate(version, ["roc_auc >= 0.6"], data=table(seed=77), registry=registry)
        return version

    return one


def told(control: Any) -> str:
    """What a control that shows markup says, as text."""
    without_style = re.sub(r"<style>.*?</style>|<!--.*?-->", "", control.value, flags=re.DOTALL)
    return html.unescape(re.sub(r"<[^>]+>", " ", without_style)).strip()


def notice(form: Form) -> str:
    return told(form._notice)
