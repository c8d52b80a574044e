"""The card and the dossier on the command line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from nb_mlops.actions.connect import open_registry
from nb_mlops.actions.register import register
from nb_mlops.cli import main
from tests.actions.conftest import fitted, table


@pytest.fixture
def place(tmp_path: Path) -> str:
    registry = open_registry(str(tmp_path / "models"), "ann@example.org")
    register(fitted(), "churn", data=table(), registry=registry)
    return registry.address


def call(place: str, *arguments: str, said: str | None = None) -> Result:
    return CliRunner().invoke(main, ["--registry", place, "card", "churn@1", *arguments], input=said)


def test_a_section_is_written_and_shown(place: str) -> None:
    assert "Bad at night." in call(place, "--section", "limits", "--text", "Bad at night.").output
    assert json.loads(call(place, "--json").output)["missing"] == ["intended_use", "ethics", "oversight"]
    assert "> Bad at night." in call(place, "--markdown").output
    assert call(place, "--html").output.startswith("<!doctype html>")


def test_a_template_is_filled_in_and_handed_back(place: str, tmp_path: Path) -> None:
    text = call(place, "--template").output.replace("## Limits", "## Limits\n\nBad at night.")
    (tmp_path / "card.md").write_text(text, encoding="utf-8")
    assert "written: limits" in call(place, "--edit", str(tmp_path / "card.md")).output
    assert "nothing changed" in call(place, "--edit", "-", said=text).output


@pytest.mark.parametrize(
    "arguments",
    [["--section", "limits"], ["--text", "x"], ["--section", "limts", "--text", "x"], ["--edit", "no/where.md"]],
)
def test_what_is_not_clear_ends_with_two(arguments: list[str], place: str) -> None:
    done = call(place, *arguments)
    assert done.exit_code == 2
    assert "Traceback" not in done.output


def test_a_file_that_is_no_text_is_refused(place: str, tmp_path: Path) -> None:
    (tmp_path / "card.md").write_bytes(b"## Limits\n\xff\xfe")
    done = call(place, "--edit", str(tmp_path / "card.md"))
    assert done.exit_code == 2
    assert "UTF-8" in done.output
