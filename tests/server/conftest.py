"""A real Jupyter Server with our extension. pytest-jupyter's fixtures are imported here, not as a plugin of the whole
suite: some are automatic, and would give every test an event loop."""

from __future__ import annotations

from typing import Any

import pytest
from pytest_jupyter.jupyter_server import *  # noqa: F403


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
