"""The command line: the same verbs, their answers as text and JSON, and exit codes that scripts can rely on."""

from __future__ import annotations

import json
import re
from pathlib import Path

import joblib
import pytest
from click.testing import CliRunner, Result

from nb_mlops.actions.connect import open_registry
from nb_mlops.actions.register import register
from nb_mlops.cli import EXIT_CODES, exit_code, main
from nb_mlops.core import errors
from tests.actions.conftest import fitted, table


@pytest.fixture
def place(tmp_path: Path) -> str:
    """An embedded registry with two versions of churn, and the tables they were made and are tested with."""
    address = str(tmp_path / "models")
    registry = open_registry(address, "ann@example.org")
    for seed in range(2):
        register(fitted(seed), "churn", data=table(seed=seed), metrics={"auc": 0.7 + seed / 10}, registry=registry)
    for name, seed in (("train", 0), ("test", 7)):
        X, y = table(seed=seed)
        X.assign(churned=y).to_parquet(tmp_path / f"{name}.parquet")
    return address


def call(place: str, *arguments: str, actor: str = "ann@example.org") -> Result:
    return CliRunner().invoke(main, ["--registry", place, "--actor", actor, *arguments])


def test_answers_come_as_text_and_as_json(place: str) -> None:
    assert "churn@2" in call(place, "versions", "churn").output
    rows = json.loads(call(place, "versions", "churn", "--sort", "-auc", "--json").output)["items"]
    assert [row["ref"] for row in rows] == ["churn@2", "churn@1"]


def test_every_looking_command_answers(place: str) -> None:
    for command in (
        ["status"],
        ["models"],
        ["compare", "churn@1", "churn@2"],
        ["lineage", "churn@2"],
        ["audit", "churn"],
        ["card", "churn@2"],
        ["doctor", "churn@2"],
        ["verify"],
        ["pending"],
        ["outbox", "list"],
        ["gate", "churn@2"],
    ):
        result = call(place, *command, "--json")
        assert result.exit_code == 0, (command, result.output)
        assert json.loads(result.output)


def test_the_journey_from_checks_to_production_and_back(place: str, tmp_path: Path) -> None:
    held_out = ["--data", str(tmp_path / "test.parquet"), "--target", "churned"]
    assert call(place, "validate", "churn@2", *held_out, "--check", "roc_auc >= 0.6").exit_code == 0
    assert call(place, "promote", "churn@1").exit_code == 0
    assert call(place, "promote", "churn@2", "-m", "better").exit_code == 0
    assert "rolled back" in call(place, "rollback", "churn", "--from", "churn@2").output


def test_a_failed_check_exits_with_1(place: str, tmp_path: Path) -> None:
    held_out = ["--data", str(tmp_path / "test.parquet"), "--target", "churned"]
    result = call(place, "validate", "churn@2", *held_out, "--check", "roc_auc >= 0.999")
    assert result.exit_code == 1
    assert "✗ roc_auc >= 0.999" in result.output


def test_a_closed_gate_exits_with_1_and_says_why(place: str) -> None:
    call(place, "stakes", "churn", "medium")
    assert call(place, "gate", "churn@2").exit_code == 1
    result = call(place, "promote", "churn@2")
    assert result.exit_code == 1
    assert "GateClosed: churn@2 not promoted to production" in result.output


def test_a_hint_speaks_the_words_of_a_terminal(place: str) -> None:
    call(place, "stakes", "churn", "medium")
    assert "nb-mlops gate churn@2" in call(place, "promote", "churn@2").stderr


def test_nothing_that_a_terminal_shows_names_a_magic(place: str, tmp_path: Path) -> None:
    call(place, "stakes", "churn", "high", "--owner", "ann", "--purpose", "keep customers")
    call(place, "finding", "open", "churn@2", "-m", "unfair?", "--severity", "critical", "--owner", "ann@example.org")
    call(place, "request", "churn@2")
    shown = [
        call(place if words[0] != "models" else str(tmp_path / "none"), *words)
        for words in (
            *(["gate", "churn@2"], ["promote", "churn@2"], ["pending"], ["status"], ["models"], ["card", "churn@2"]),
            *(["stakes", "churn", "low"], ["stakes", "churn", "--assess"], ["rollback", "churn", "--from", "churn@2"]),
            *(["finding", "close", "churn", "99", "-m", "x"], ["approve", "churn@1"], ["finding", "churn"], ["verify"]),
            *(["policy", "apply", "none.toml"], ["gate", "churn@2", "--to", "canary"], ["review", "churn"]),
        )
    ]
    told = "\n".join(result.output + result.stderr for result in shown)
    assert "nb-mlops finding close churn" in told
    assert re.findall(r"%%?[a-z]+", told) == []


def test_an_alarm_exits_with_1(place: str, tmp_path: Path) -> None:
    X, _ = table(4000, seed=3)
    X.assign(age=X["age"] + 2).to_parquet(tmp_path / "new.parquet")
    assert call(place, "drift", "churn@2", str(tmp_path / "new.parquet")).exit_code == 1
    assert call(place, "drift", "churn@1", str(tmp_path / "train.parquet")).exit_code == 0


@pytest.mark.parametrize(
    "command", [["gate", "churn"], ["gate", "../x@1"], ["gate", "nothing@1"], ["no-such-command"], ["promote"]]
)
def test_what_cannot_be_meant_exits_with_2(place: str, command: list[str]) -> None:
    assert call(place, *command).exit_code == 2


WRONG = (
    *(["promot"], ["promote"], ["gate", "churn@1", "--too", "x"], ["policy", "aply"], ["gc", "--grace-hours", "x"]),
    ["finding", "close", "churn", "x"],
)


@pytest.mark.parametrize("words", WRONG)
def test_a_wrong_command_is_told_in_two_lines(place: str, words: list[str]) -> None:
    result = call(place, *words)
    said, takes = result.stderr.splitlines()
    assert (result.exit_code, result.stdout) == (2, "")
    assert said.startswith("BadInput: ")
    assert takes.startswith("Usage: ")


def test_what_cannot_be_written_or_read_is_told_in_two_lines(place: str, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    for words in (["demo", "--output", str(tmp_path / "file" / "x")], ["drift", "churn@1", str(tmp_path / "none.csv")]):
        result = call(place, *words)
        assert (result.exit_code in (2, 3), len(result.stderr.splitlines())) == (True, 2)
        assert "Errno" not in result.stderr


def test_the_help_lists_every_command_once_under_what_it_is_for(place: str) -> None:
    listed = re.findall(r"^  ([a-z][a-z-]+)  ", call(place, "--help").output, re.MULTILINE)
    assert sorted(listed) == sorted(main.commands)


def test_a_pickle_is_registered_only_when_trusted(place: str, tmp_path: Path) -> None:
    joblib.dump(fitted(5), tmp_path / "model.joblib")
    assert call(place, "register", "other", str(tmp_path / "model.joblib")).exit_code == 4
    assert "other@1" in call(place, "register", "other", str(tmp_path / "model.joblib"), "--trust").output


def test_a_damaged_file_exits_with_4(place: str) -> None:
    version = open_registry(place).catalog.versions(None)[0]
    path = Path(place) / "blobs" / version.files["model.skops"]["sha256"]
    path.write_bytes(b"damaged")
    assert call(place, "doctor", "churn@2").exit_code == 4
    assert call(place, "verify").exit_code == 1


def test_what_has_no_registry_yet_is_empty_and_stays_so(tmp_path: Path) -> None:
    assert call(str(tmp_path / "none"), "models").exit_code == 0
    assert not (tmp_path / "none").exists()


def test_every_error_has_an_exit_code() -> None:
    kinds = [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, errors.NbMlopsError)]
    assert {next(code for base, code in EXIT_CODES if issubclass(kind, base)) for kind in kinds} == {1, 2, 3, 4}
    assert exit_code(errors.Parked("parked")) == 3


def test_every_command_explains_itself() -> None:
    for name, command in main.commands.items():
        assert command.help, name


def test_a_notebook_that_stops_makes_ci_exit_with_1(place: str, tmp_path: Path) -> None:
    import nbformat

    folder = tmp_path / "notebooks"
    folder.mkdir()
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("1 / 0")])  # which names no kernel
    nbformat.write(notebook, folder / "01.ipynb")

    result = call(place, "ci", str(folder), "--output", str(tmp_path / "executed"))

    assert result.exit_code == 1
    assert "ZeroDivisionError" in result.stderr
