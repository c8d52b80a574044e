"""The read routes, attacked over the wire. tests/server says who may ask; here is what they may ask for."""

from __future__ import annotations

import asyncio
import json
import socket
from pathlib import Path
from typing import Any

import pytest

import nb_mlops
from nb_mlops.actions import connect
from nb_mlops.server.routes import ROUTES
from tests.attacks.test_shown import TRICKS, WORDS
from tests.server.test_handler import ADDRESSES

TRAVERSALS = [
    "../../../../etc/passwd",
    "..%2f..%2f..%2fetc%2fpasswd",
    "%2e%2e/%2e%2e/etc/passwd",
    "%252e%252e%252fetc%252fpasswd",
    "..%5c..%5cwindows%5cwin.ini",
    "models/..%2f..%2fcatalog.sqlite",
    "models/churn%2f..%2f..%2fcatalog.sqlite",
    "models/churn/versions/../../../blobs",
    "models/%00",
    "models/churn%00.json",
    "models/churn;x=1",
    "models/churn%23/../x",
    "models//etc/passwd",
    "artifacts/..%2f..%2fcanary",
    "blobs/" + "0" * 64,
    "file:///etc/passwd",
    "status/../../../../api/contents",
]
QUERIES = [
    {"text": "'; DROP TABLE events; --"},
    {"text": "%' OR '1'='1"},
    {"text": "a" * 10_000},
    {"text": "a\x00b"},
    {"text": WORDS},
    {"text": TRICKS},
    {"limit": "1 OR 1=1"},
    {"limit": "9" * 3_000},
    {"cursor": "' UNION SELECT 1 --"},
    {"registry": "/etc", "text": "churn"},
    {"registry": "https://169.254.169.254/", "text": "churn"},
    {"actor": "root", "approved": "true", "text": "churn"},
]


@pytest.mark.parametrize("path", TRAVERSALS)
@pytest.mark.parametrize("method", ["GET", "DELETE", "PUT"])
async def test_no_path_leads_out(path: str, method: str, ask: Any, has: Any, tmp_path: Path) -> None:
    """MLflow's CVE-2023-1177 (read), -2023-6831 and -2024-1560 (delete): artifact paths plain, encoded, and twice."""
    has("churn")
    canary = tmp_path / "canary"
    canary.write_text("here")
    status, body = await raw(ask, path, method)
    assert status in (400, 404, 405)
    assert "root:" not in body
    assert "SQLite" not in body
    assert connect.current().catalog.position() == 3
    assert canary.read_text() == "here"


async def raw(ask: Any, path: str, method: str = "GET") -> tuple[int, str]:
    """Status and body, which may be a page of Jupyter's own where no route of ours is meant."""
    try:
        answer = await ask(path, method=method)
    except json.JSONDecodeError as error:
        return 404, error.doc
    return answer.status, json.dumps(answer.body)


@pytest.mark.parametrize("query", QUERIES, ids=lambda query: ascii(query)[:40])
async def test_what_a_query_says_is_a_value_and_no_code(query: dict[str, str], ask: Any, has: Any) -> None:
    has("churn")
    place = connect.current()
    position = place.catalog.position()
    answer = await ask("models", **query)
    assert answer.status in (200, 400)
    found = [model["name"] for model in answer.body.get("models", [])]
    assert found == (["churn"] if query.get("text") == "churn" else [])
    assert place.catalog.position() == position


async def test_a_registry_is_the_servers_own_and_no_clients_choice(ask: Any, has: Any, tmp_path: Path) -> None:
    """Server-side request forgery: no option, header or address of a request chooses where the server reads."""
    has("churn")
    for more in ({"registry": str(tmp_path / "other")}, {"url": "https://169.254.169.254"}):
        assert (await ask("status", **more)).body["registry"] == connect.current().address
    assert not (tmp_path / "other").exists()


@pytest.mark.parametrize("address", ADDRESSES.values())
async def test_a_foreign_host_is_refused(address: str, ask: Any, jp_auth_header: dict[str, str]) -> None:
    """A name that was pointed at this machine (DNS rebinding) reads nothing, whatever credential comes along."""
    status, body = await raw_with(ask, address, {**jp_auth_header, "Host": "evil.example"})
    assert status == 403
    assert "models" not in body


async def raw_with(ask: Any, address: str, headers: dict[str, str]) -> tuple[int, str]:
    try:
        answer = await ask(address, headers=headers)
    except json.JSONDecodeError as error:
        return 403, error.doc
    return answer.status, json.dumps(answer.body)


@pytest.mark.parametrize("claim", ["X-Forwarded-User", "X-Remote-User", "Remote-User", "X-Actor", "Cookie"])
async def test_a_header_that_claims_a_name_opens_nothing(claim: str, ask: Any) -> None:
    answers = [await ask(address, headers={claim: "username-localhost=admin"}) for address in ADDRESSES.values()]
    assert [answer.status for answer in answers] == [403] * len(ROUTES)


async def test_hostile_text_goes_out_as_json_and_is_not_sniffed(
    ask: Any, has: Any, http_server_client: Any, jp_base_url: str, jp_auth_header: dict[str, str]
) -> None:
    """A browser that opens the address itself must not take an answer for a page."""
    has("churn", tags={WORDS: WORDS + TRICKS}, owner=WORDS, purpose=WORDS + TRICKS)
    for address in ("models", "models/churn", "models/churn/versions", f"models/{WORDS[:8]}"):
        path = f"{jp_base_url}nb-mlops/api/v1/{address}"
        found = await http_server_client.fetch(path, headers=jp_auth_header, raise_error=False)
        assert found.headers["Content-Type"].startswith("application/json")
        assert found.headers["X-Content-Type-Options"] == "nosniff"
        assert found.body.isascii()
        assert json.loads(found.body)


async def test_a_refusal_repeats_no_trick(ask: Any) -> None:
    answers = [
        await ask("models/%1b%5b31m%e2%80%ae"),
        await ask("models", text=TRICKS),
        await ask("models", cursor=TRICKS),
    ]
    for answer in answers:
        assert answer.status == 400
        assert all(line.isprintable() for line in (*answer.error["message"].splitlines(), answer.error["hint"]))


async def test_a_body_is_never_waited_for(
    ask: Any, jp_base_url: str, jp_auth_header: dict[str, str], http_server_port: Any
) -> None:
    """A slow client that promises a gigabyte holds up nobody else."""
    slow = socket.create_connection(("127.0.0.1", http_server_port[-1]))
    token = jp_auth_header["Authorization"]
    lines = [f"GET {jp_base_url}nb-mlops/api/v1/models HTTP/1.1", "Host: 127.0.0.1", f"Authorization: {token}"]
    slow.sendall("\r\n".join([*lines, "Content-Length: 1000000000", "", "x"]).encode())
    try:
        answer = await asyncio.wait_for(ask("models"), 5)
    finally:
        slow.close()
    assert answer.status == 200


async def test_a_damaged_registry_is_said_without_a_traceback(
    ask: Any, has: Any, caplog: pytest.LogCaptureFixture
) -> None:
    has("churn")
    path = Path(connect.current().address) / "catalog.sqlite"
    connect.forget()
    for log in path.parent.glob("catalog.sqlite-*"):
        log.unlink()
    path.write_bytes(b"SQLite format 3\x00" + b"\xff" * 5_000)
    answer = await ask("models")
    assert (answer.status, answer.error["code"]) == (422, "unsafe")
    assert not [record for record in caplog.records if record.exc_info]
    with pytest.raises(nb_mlops.errors.Damaged):
        nb_mlops.models()
