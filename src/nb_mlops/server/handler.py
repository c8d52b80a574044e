"""One request handler for every route: who may ask, the work in a thread, errors as statuses.

That there is only one is what keeps a route from being open by mistake.
"""

from __future__ import annotations

import asyncio
import json
from http.client import responses
from typing import TYPE_CHECKING, Any

from jupyter_server.auth.decorator import authorized
from jupyter_server.base.handlers import APIHandler
from jupyter_server.utils import url_path_join
from tornado import web

from nb_mlops.core import errors
from nb_mlops.server.asked import Asked
from nb_mlops.server.routes import PREFIX, ROUTES

if TYPE_CHECKING:
    from nb_mlops.server.routes import Route

# The nearest class of an error decides; whatever is not ours is a bug and a 500 that tells nothing of the inside.
STATUSES: dict[type[errors.NbMlopsError], tuple[int, str]] = {
    errors.BadInput: (400, "bad_input"),
    errors.NotFound: (404, "not_found"),
    errors.Refused: (409, "refused"),
    errors.Conflict: (409, "conflict"),
    errors.Unreachable: (503, "unreachable"),
    errors.Unsafe: (422, "unsafe"),
    errors.NbMlopsError: (500, "failed"),
}


def handlers(base_url: str) -> list[tuple[str, type[RouteHandler], dict[str, Any]]]:
    """What tornado's `add_handlers` takes, one entry per route."""
    prefix = url_path_join(base_url, PREFIX)
    return [(prefix + route.pattern, RouteHandler, {"route": route, "prefix": prefix}) for route in ROUTES]


class RouteHandler(APIHandler):
    """Answers a GET of one route for people whom the server lets read `nb_mlops`."""

    auth_resource = "nb_mlops"

    def initialize(self, route: Route, prefix: str) -> None:
        """Tornado hands in what `handlers` said."""
        self.route = route
        self.prefix = prefix

    @web.authenticated
    @authorized
    async def get(self, **path: str) -> None:
        """The route's answer as JSON."""
        query = {name: self.get_query_argument(name) for name in self.request.query_arguments}
        asked = Asked(path, query, self.settings["nb_mlops_registry"], self.prefix)
        # In a thread: databases and disks wait, and the event loop serves every kernel of this server.
        answer = await asyncio.to_thread(self.route.answer, asked)
        self.set_header("Cache-Control", "no-store")
        await self.finish(json.dumps(answer, allow_nan=False))

    def write_error(self, status_code: int, **kwargs: Any) -> None:
        """Every refusal in one form: `{"error": {"code", "message", "hint"}}`."""
        raised = kwargs.get("exc_info", (None, None, None))[1]
        status, error = _described(raised, status_code)
        self.set_status(status)
        self.finish(json.dumps({"error": error}))

    def log_exception(self, typ: Any, value: Any, tb: Any) -> None:
        """Ours are answers, not accidents: no traceback in the server's log."""
        if isinstance(value, errors.NbMlopsError):
            self.log.info("nb_mlops: %s", ascii(value.message))
            return
        super().log_exception(typ, value, tb)


def _described(raised: BaseException | None, status: int) -> tuple[int, dict[str, str]]:
    if isinstance(raised, errors.NbMlopsError):
        status, code = next(STATUSES[kind] for kind in type(raised).__mro__ if kind in STATUSES)
        return status, {"code": code, "message": raised.message, "hint": raised.hint}
    phrase = responses.get(status, "Error")
    if status == 500:
        return status, {"code": "internal", "message": "The server failed.", "hint": "Its log says where."}
    return status, {"code": phrase.lower().replace(" ", "_"), "message": f"{phrase}.", "hint": ""}
