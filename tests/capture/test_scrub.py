"""A notebook that goes into a dossier holds no secret: not in a cell, an output, a traceback or its metadata."""

from __future__ import annotations

import json
from typing import Any

import pytest

from nb_mlops.capture.scrub import scrubbed

CANARY = "hunter2canary99"
KEY = "-----BEGIN PRIVATE KEY-----\nMIIcanary99\n-----END PRIVATE KEY-----\n"


def notebook(**cell: Any) -> bytes:
    whole = {"cell_type": "code", "source": "", "outputs": [], "metadata": {}, "execution_count": 1, **cell}
    return json.dumps({"cells": [whole], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}).encode()


def stream(text: Any) -> dict[str, Any]:
    return {"output_type": "stream", "name": "stdout", "text": text}


PLACES = {
    "code": notebook(source=f'password = "{CANARY}"'),
    "lines of code": notebook(source=["x = 1\n", f'api_key = "{CANARY}"\n']),
    "a magic": notebook(source=f"%env DB_PASSWORD={CANARY}"),
    "an address": notebook(source=f'open_registry("postgresql://me:{CANARY}@host/db")'),
    "markdown": notebook(cell_type="markdown", source=f"Server=h;Pwd={CANARY}"),
    "what was printed": notebook(outputs=[stream(f"postgresql://me:{CANARY}@host/db\n")]),
    "lines that were printed": notebook(outputs=[stream(KEY.splitlines(keepends=True))]),
    "a value": notebook(outputs=[{"output_type": "execute_result", "data": {"text/plain": f"password={CANARY}"}}]),
    "html": notebook(outputs=[{"output_type": "display_data", "data": {"text/html": [f"<i>pwd={CANARY}</i>"]}}]),
    "json": notebook(outputs=[{"output_type": "display_data", "data": {"application/json": {"token_secret": CANARY}}}]),
    "a traceback": notebook(outputs=[{"output_type": "error", "traceback": [f"https://me:{CANARY}@host: 401"]}]),
    "metadata": notebook(metadata={"papermill": {"parameters": {"password": CANARY}}}),
}


@pytest.mark.parametrize("place", PLACES)
def test_a_secret_is_masked_wherever_it_stands(place: str) -> None:
    made = scrubbed(PLACES[place])
    assert made is not None
    text, count = made
    assert count == 1
    assert b"canary99" not in text
    assert json.loads(text)["nbformat"] == 4


def test_what_is_no_secret_stays_and_pictures_are_not_touched() -> None:
    picture = "A" * 40 + "pwd=" + "B" * 40
    outputs = [{"output_type": "display_data", "data": {"image/png": picture, "text/plain": ["<Figure>"]}}]
    made = scrubbed(notebook(source=["x = 1\n", "y = 2"], outputs=outputs))
    assert made is not None
    cell = json.loads(made[0])["cells"][0]
    assert cell["source"] == "x = 1\ny = 2"
    assert cell["outputs"][0]["data"] == {"image/png": picture, "text/plain": "<Figure>"}


def test_the_same_notebook_gives_the_same_bytes() -> None:
    given = json.loads(PLACES["code"])
    turned = {name: given[name] for name in reversed(given)}
    assert scrubbed(json.dumps(turned, indent=4).encode()) == scrubbed(PLACES["code"])


@pytest.mark.parametrize(
    "data", [b"", b"x", b"[]", b"{}", b'{"cells": [1]}', b'{"cells": {}}', b"[" * 100_000, b"\xff"]
)
def test_what_is_no_notebook_is_not_taken_for_one(data: bytes) -> None:
    assert scrubbed(data) is None
