"""Who may ask, and how refusals look, on a real Jupyter Server."""

from __future__ import annotations

import json
from typing import Any

import pytest
from tornado.httpclient import HTTPClientError

from nb_mlops.server.handler import RouteHandler
from nb_mlops.server.routes import ROUTES

API = ("nb-mlops", "api", "v1")

# Every route, with an address that reaches it. A route that is missing here fails `test_every_route_is_in_this_table`.
ADDRESSES = {
    "/status": "status",
    "/models": "models",
    "/models/{name}": "models/churn",
    "/models/{name}/versions": "models/churn/versions",
    "/openapi.json": "openapi.json",
}


def refusal(raised: Any) -> dict[str, str]:
    return json.loads(raised.value.response.body)["error"]


def test_every_route_is_in_this_table() -> None:
    assert {route.path for route in ROUTES} == set(ADDRESSES)


def test_the_server_has_no_route_of_ours_outside_the_table(jp_web_app: Any, jp_serverapp: Any) -> None:
    groups = [rule.target.rules for rule in jp_web_app.default_router.rules if hasattr(rule.target, "rules")]
    ours = [rule for rules in groups for rule in rules if rule.target.__module__.startswith("nb_mlops")]

    assert [rule.target_kwargs["route"] for rule in ours] == list(ROUTES)
    assert {rule.target for rule in ours} == {RouteHandler}


@pytest.mark.parametrize("address", ADDRESSES.values())
@pytest.mark.parametrize("token", ["", "token wrong", "Bearer wrong"])
async def test_nobody_reads_without_the_right_token(jp_fetch: Any, address: str, token: str) -> None:
    with pytest.raises(HTTPClientError) as raised:
        await jp_fetch(*API, *address.split("/"), headers={"Authorization": token})

    assert raised.value.code == 403
    assert refusal(raised)["code"] == "forbidden"


@pytest.mark.parametrize("address", ADDRESSES.values())
@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
async def test_nothing_can_be_written_yet(jp_fetch: Any, address: str, method: str) -> None:
    with pytest.raises(HTTPClientError) as raised:
        await jp_fetch(*API, *address.split("/"), method=method, allow_nonstandard_methods=True)

    assert raised.value.code == 405
    assert refusal(raised)["code"] == "method_not_allowed"
