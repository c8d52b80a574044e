"""Who may ask, and how refusals look, on a real Jupyter Server."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import pytest
from jupyter_server.auth.authorizer import AllowAllAuthorizer

from nb_mlops.actions import look
from nb_mlops.core.errors import NbMlopsError, Unreachable
from nb_mlops.server.handler import STATUSES, RouteHandler
from nb_mlops.server.routes import ROUTES

# Every route, with an address that reaches it. A route that is missing here fails `test_every_route_is_in_this_table`.
ADDRESSES = {
    "/status": "status",
    "/models": "models",
    "/pending": "pending",
    "/models/{name}": "models/churn",
    "/models/{name}/versions": "models/churn/versions",
    "/openapi.json": "openapi.json",
}


def test_every_route_is_in_this_table() -> None:
    assert {route.path for route in ROUTES} == set(ADDRESSES)


def test_the_server_has_no_route_of_ours_outside_the_table(jp_web_app: Any, jp_serverapp: Any) -> None:
    groups = [rule.target.rules for rule in jp_web_app.default_router.rules if hasattr(rule.target, "rules")]
    ours = [rule for rules in groups for rule in rules if rule.target.__module__.startswith("nb_mlops")]

    assert [rule.target_kwargs["route"] for rule in ours] == list(ROUTES)
    assert {rule.target for rule in ours} == {RouteHandler}


@pytest.mark.parametrize("token", ["", "token wrong", "Bearer wrong"])
async def test_nobody_reads_without_the_right_token(ask: Any, token: str) -> None:
    answers = [await ask(address, headers={"Authorization": token}) for address in ADDRESSES.values()]

    assert [(answer.status, answer.error["code"]) for answer in answers] == [(403, "forbidden")] * len(ROUTES)


async def test_who_may_not_read_nb_mlops_is_refused(ask: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[str, str]] = []

    def never(self: object, handler: object, user: object, action: str, resource: str) -> bool:
        asked.append((action, resource))
        return False

    monkeypatch.setattr(AllowAllAuthorizer, "is_authorized", never)

    answers = [await ask(address) for address in ADDRESSES.values()]

    assert [answer.status for answer in answers] == [403] * len(ROUTES)
    assert asked == [("read", "nb_mlops")] * len(ROUTES)


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
async def test_nothing_can_be_written_yet(ask: Any, method: str) -> None:
    answers = [await ask(address, method=method) for address in ADDRESSES.values()]

    assert [(answer.status, answer.error["code"]) for answer in answers] == [(405, "method_not_allowed")] * len(ROUTES)


async def test_another_site_cannot_ride_on_a_persons_login(
    ask: Any, http_server_client: Any, jp_base_url: str, jp_auth_header: dict[str, str]
) -> None:
    logged_in = await http_server_client.fetch(jp_base_url + "api/status", headers=jp_auth_header)
    cookie = logged_in.headers["Set-Cookie"].partition(";")[0]
    assert (await ask("openapi.json", headers={"Cookie": cookie})).status == 200

    foreign = {"Cookie": cookie, "Origin": "https://evil.example"}
    answers = [await ask(address, headers=foreign) for address in ADDRESSES.values()]

    assert [answer.status for answer in answers] == [404] * len(ROUTES)


async def test_a_fault_of_ours_is_500_and_tells_nothing_of_the_inside(
    ask: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*given: object, **more: object) -> None:
        raise RuntimeError("canary: postgresql://ada:secret@host")

    monkeypatch.setattr(look, "models", broken)

    answer = await ask("models")

    assert (answer.status, answer.error["code"]) == (500, "internal")
    assert "canary" not in str(answer.body)


async def test_a_registry_out_of_reach_is_503_and_no_traceback_in_the_log(
    ask: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def away(*given: object, **more: object) -> None:
        raise Unreachable("The disk is away.", "Mount it.")

    monkeypatch.setattr(look, "models", away)

    answer = await ask("models")

    assert (answer.status, answer.error) == (
        503,
        {"code": "unreachable", "message": "The disk is away.", "hint": "Mount it."},
    )
    assert not [record for record in caplog.records if record.exc_info]


async def test_a_slow_registry_does_not_stop_the_server(
    ask: Any, jp_fetch: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def others() -> float:
        await asyncio.sleep(0.05)  # the slow one is under way
        await jp_fetch("api", "status")
        return time.monotonic()

    async def slow() -> float:
        await ask("models")
        return time.monotonic()

    models = look.models
    monkeypatch.setattr(look, "models", lambda *given, **more: (time.sleep(0.6), models(*given, **more))[1])

    slow_done, others_done = await asyncio.gather(slow(), others())

    assert others_done < slow_done - 0.2


def test_every_error_of_ours_has_a_status() -> None:
    def tree(kind: type[NbMlopsError]) -> list[type[NbMlopsError]]:
        return [kind, *(below for child in kind.__subclasses__() for below in tree(child))]

    assert all(any(parent in STATUSES for parent in kind.__mro__) for kind in tree(NbMlopsError))
    assert NbMlopsError in STATUSES
