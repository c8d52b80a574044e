"""The table of routes as an OpenAPI 3.1 document, for people and for client generators."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from nb_mlops.core.shown import Json
    from nb_mlops.server.routes import Route

_ERROR: Json = {
    "type": "object",
    "required": ["error"],
    "properties": {
        "error": {
            "type": "object",
            "required": ["code", "message", "hint"],
            "properties": {
                "code": {"type": "string", "description": "Stable, for programs: not_found"},
                "message": {"type": "string", "description": "What happened, to what"},
                "hint": {"type": "string", "description": "What to do next; may be empty"},
            },
        }
    },
}


def document(routes: Iterable[Route], *, version: str, prefix: str) -> dict[str, Json]:
    """What can be asked below `prefix`, as OpenAPI 3.1."""
    return {
        "openapi": "3.1.0",
        "info": {"title": "nb_mlops", "version": version, "license": {"name": "BSD-3-Clause"}},
        "servers": [{"url": prefix}],
        "paths": {route.path: {"get": _operation(route)} for route in routes},
        "components": {
            "schemas": {"Error": _ERROR},
            "securitySchemes": {"token": {"type": "apiKey", "in": "header", "name": "Authorization"}},
        },
        "security": [{"token": []}],
    }


def _operation(route: Route) -> Json:
    in_path = [_parameter(name, "path") for name in route.placeholders]
    in_query = [_parameter(name, "query", description=text) for name, text in route.query]
    return {
        "operationId": route.name,
        "summary": route.summary,
        "parameters": [*in_path, *in_query],
        "responses": {
            "200": _response("The answer", {"type": "object"}),
            "default": _response("Refused, not found or not reachable", {"$ref": "#/components/schemas/Error"}),
        },
    }


def _parameter(name: str, place: str, **more: Json) -> Json:
    return {"name": name, "in": place, "required": place == "path", "schema": {"type": "string"}, **more}


def _response(description: str, schema: Json) -> Json:
    return {"description": description, "content": {"application/json": {"schema": schema}}}
