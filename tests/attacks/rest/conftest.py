"""A real Jupyter Server, as in tests/server. In a folder of its own: its fixtures give every test an event loop."""

from tests.server.conftest import *  # noqa: F403
