"""Face 2: the Jupyter Server extension. REST under `/nb-mlops/api/v1/`, which the sidebar reads.

    routes    what can be asked: one table, the only place with paths
    answers   one function per route: a registry and what was asked, to JSON
    handler   one request handler for all of them: who may ask, off the event loop, errors to statuses
    page      long lists in pieces, by cursor
    openapi   the table as an OpenAPI document

Every Jupyter Server start imports this room: it opens no registry and makes no file, the first request does.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from jupyter_server.serverapp import ServerApp


def _load_jupyter_server_extension(server_app: ServerApp) -> None:
    """Adds our routes to a starting Jupyter Server, which calls this by its name."""
    from nb_mlops.server.handler import handlers
    from nb_mlops.server.lazy_registry import LazyRegistry

    web_app = server_app.web_app
    web_app.settings["nb_mlops_registry"] = LazyRegistry()
    web_app.add_handlers(".*$", handlers(web_app.settings["base_url"]))  # type: ignore[no-untyped-call]  # not ours
