"""What the routes answer: models and versions of a real registry, in pages."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import pytest

import nb_mlops
from nb_mlops.actions.connect import open_registry
from nb_mlops.release import VERSION
from nb_mlops.server.routes import ROUTES

BAD_NAMES = [
    "..%2F..%2Fetc%2Fpasswd",
    "..%252f",
    "%00",
    "churn%0A",
    "Churn",
    "churn@3",
    "%E2%80%AEchurn",
    "%D1%81hurn",
    "%FF",
    "a" * 300,
    "C%3A%5Cx",
    "%3Cscript%3E",
    "-churn",
    "https%3A%2F%2Fx",
    "%20",
]


def cursor(key: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(key).encode()).decode()


def names(answer: Any) -> list[str]:
    return [model["name"] for model in answer.body["models"]]


def numbers(answer: Any) -> list[int]:
    return [version["number"] for version in answer.body["versions"]]


async def test_status_says_release_registry_and_what_governance_means(ask: Any, tmp_path: Path) -> None:
    answer = await ask("status")

    assert answer.body == {"version": VERSION, "registry": str(tmp_path / "registry"), "governance": "advisory"}


async def test_looking_at_an_empty_registry_makes_no_files(ask: Any, tmp_path: Path) -> None:
    answer = await ask("models")

    assert answer.body == {"models": [], "next": None}
    assert not (tmp_path / "registry").exists()


async def test_a_model_comes_with_its_aliases(ask: Any, has: Any) -> None:
    has("churn", "churn")
    nb_mlops.promote("churn@1", to="production", reason="first")

    (model,) = (await ask("models")).body["models"]

    assert (model["latest"], model["aliases"], model["stakes"]) == (2, {"production": 1}, "low")


async def test_what_waits_comes_with_the_command_that_answers_it(ask: Any, has: Any, tmp_path: Path) -> None:
    has("churn")
    others = open_registry(str(tmp_path / "registry"), actor="bo@example.org")
    nb_mlops.request("churn@1", to="production", comment="please", registry=others)

    (one,) = (await ask("pending")).body["waiting"]

    assert (one["what"], one["ref"], one["actor"], one["comment"]) == (
        "approval",
        "churn@1",
        "bo@example.org",
        "please",
    )
    assert one["how"] == "%approve churn@1 --to production"


async def test_pages_of_models_follow_each_other(ask: Any, has: Any) -> None:
    has("a", "b", "c")

    first = await ask("models", limit="2")
    second = await ask("models", limit="2", cursor=first.body["next"])

    assert (names(first), names(second), second.body["next"]) == (["a", "b"], ["c"], None)


async def test_a_model_made_between_two_pages_hides_none(ask: Any, has: Any) -> None:
    has("b", "c", "d")
    first = await ask("models", limit="2")

    has("a")
    second = await ask("models", limit="2", cursor=first.body["next"])

    assert (names(first), names(second)) == (["b", "c"], ["d"])


async def test_models_are_found_by_a_part_of_their_name(ask: Any, has: Any) -> None:
    has("churn", "risk/fraud")

    assert names(await ask("models", text="frau")) == ["risk/fraud"]


async def test_versions_come_newest_first_and_in_pages(ask: Any, has: Any) -> None:
    has(*["churn"] * 5)

    pages = [await ask("models/churn/versions", limit="2")]
    while pages[-1].body["next"]:
        pages.append(await ask("models/churn/versions", limit="2", cursor=pages[-1].body["next"]))

    assert [numbers(page) for page in pages] == [[5, 4], [3, 2], [1]]


async def test_a_version_registered_between_two_pages_repeats_none(ask: Any, has: Any) -> None:
    has(*["churn"] * 3)
    first = await ask("models/churn/versions", limit="2")

    has("churn")
    second = await ask("models/churn/versions", limit="2", cursor=first.body["next"])

    assert (numbers(first), numbers(second)) == ([3, 2], [1])


async def test_a_metric_that_is_no_number_is_still_json(ask: Any, has: Any) -> None:
    has("churn", metrics={"auc": float("nan")})

    (version,) = (await ask("models/churn/versions")).body["versions"]

    assert "auc" in version["metrics"]


@pytest.mark.parametrize("address", ["models/risk/churn", "models/risk%2Fchurn"])
async def test_a_team_stands_before_a_slash_plain_or_encoded(ask: Any, has: Any, address: str) -> None:
    has("risk/churn")

    assert (await ask(address)).body["name"] == "risk/churn"
    assert numbers(await ask(address + "/versions")) == [1]


async def test_a_model_called_versions_is_reached_with_an_encoded_slash(ask: Any, has: Any) -> None:
    has("risk/versions")

    assert (await ask("models/risk%2Fversions")).body["name"] == "risk/versions"


async def test_a_model_that_is_not_there_is_404_with_the_near_name(ask: Any, has: Any) -> None:
    has("churn")

    answer = await ask("models/chrun")

    assert (answer.status, answer.error["code"]) == (404, "not_found")
    assert "churn" in answer.error["hint"]


async def test_a_name_that_is_none_is_refused(ask: Any, tmp_path: Path) -> None:
    answers = {name + rest: await ask(f"models/{name}{rest}") for name in BAD_NAMES for rest in ("", "/versions")}

    assert {name: answer.status for name, answer in answers.items() if answer.status != 400} == {}
    assert {answer.error["code"] for answer in answers.values()} <= {"bad_input", "bad_request"}
    assert not (tmp_path / "registry").exists()


async def test_a_limit_that_is_none_is_refused(ask: Any) -> None:
    limits = ["0", "-1", "501", "1e2", "9" * 5000, "x", "", "\uff15"]

    answers = {limit: (await ask("models", limit=limit)).status for limit in limits}

    assert answers == dict.fromkeys(limits, 400)


async def test_a_cursor_that_is_not_ours_is_refused(ask: Any) -> None:
    texts = ["x", "é", "", cursor(3), cursor(None), cursor(True), cursor(["a"]), cursor({"a": 1}), "A" * 5000]

    answers = {text: (await ask("models", cursor=text)).status for text in texts}

    assert answers == dict.fromkeys(texts, 400)


async def test_a_cursor_of_models_does_not_fit_versions(ask: Any, has: Any) -> None:
    has("churn")

    assert (await ask("models/churn/versions", cursor=cursor("a"))).error["code"] == "bad_input"


async def test_the_interface_describes_itself(ask: Any) -> None:
    document = (await ask("openapi.json")).body

    assert document["openapi"] == "3.1.0"
    assert set(document["paths"]) == {route.path for route in ROUTES}
    assert [given["name"] for given in document["paths"]["/models/{name}/versions"]["get"]["parameters"]] == [
        "name",
        "limit",
        "cursor",
    ]
