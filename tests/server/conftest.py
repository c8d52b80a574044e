"""A real Jupyter Server with our extension. pytest-jupyter's fixtures are imported here, not as a plugin of the whole
suite: some are automatic, and would give every test an event loop."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import pytest
from pytest_jupyter.jupyter_server import *  # noqa: F403

import nb_mlops


@pytest.fixture
def jp_server_config() -> dict[str, Any]:
    return {
        "ServerApp": {
            # Terminals are not ours, and their handlers would not pass the next line.
            "jpserver_extensions": {"nb_mlops": True, "jupyter_server_terminals": False},
            # A handler that forgets to ask who is there fails here; a real server would only warn.
            "allow_unauthenticated_access": False,
        }
    }


@dataclass(frozen=True)
class Answer:
    """A status and a JSON body, whether the server said yes or no."""

    status: int
    body: Any

    @property
    def error(self) -> dict[str, str]:
        return self.body["error"]


@pytest.fixture
def ask(http_server_client: Any, jp_serverapp: Any, jp_base_url: str, jp_auth_header: dict[str, str]) -> Any:
    """Asks one of our addresses, written as it goes over the wire; a refusal is an answer too."""

    async def asked(address: str, method: str = "GET", headers: dict[str, str] | None = None, **query: str) -> Answer:
        path = f"{jp_base_url}nb-mlops/api/v1/{address}" + (f"?{urlencode(query)}" if query else "")
        found = await http_server_client.fetch(
            path,
            method=method,
            headers=jp_auth_header if headers is None else headers,
            raise_error=False,
            allow_nonstandard_methods=True,
        )
        return Answer(found.code, json.loads(found.body))

    return asked


@pytest.fixture
def has(jp_serverapp: Any) -> Any:
    """Registers small models: `has("churn", "churn", "risk/fraud")` makes churn@1, churn@2 and risk/fraud@1."""
    from sklearn.dummy import DummyClassifier

    estimator = DummyClassifier().fit([[0], [1]], [0, 1])

    def registered(*names: str, **options: Any) -> None:
        for name in names:
            nb_mlops.register(estimator, name, data=([[0], [1]], [0, 1]), again=True, **options)

    return registered
