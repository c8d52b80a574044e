"""Lines that people type in a language of ours, through each face: code, explosions and SQL are refused at once."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import pytest
from IPython.core.interactiveshell import InteractiveShell

import nb_mlops
from nb_mlops.actions.registry import Registry
from nb_mlops.core.errors import BadInput
from tests.actions.conftest import table
from tests.attacks.conftest import TABLE, command
from tests.core.test_checks import REFUSED

WHERE = [
    "1=1",
    "1 = 1 --",
    "'; DROP TABLE events; --",
    "tags.x = 'a' UNION SELECT * FROM texts",
    "metrics.auc > 0 OR 1=1",
    "metrics.auc > (SELECT count(*) FROM texts)",
    "__import__('os').system('id')",
    "metrics.__class__ > 0",
    "actor == 'x'",
    "versions.digest == 'x'",
    "metrics.auc > 9**9**9",
    "tags.x like '%'",
    "tags.x ~ '(a+)+$'",
    "(" * 500 + "metrics.auc > 0" + ")" * 500,
    " and ".join(["metrics.auc > 0"] * 5_000),
    "tags.x == '" + "a" * 100_000 + "'",
    "x" * 1_000_000,
    "not " * 10_000 + "metrics.auc > 0",
    "metrics.auc > 1e999",
    "\x00",
    "metrics.auc\u200b > 0",
]
SORT = [
    "auc; DROP TABLE events",
    "(SELECT 1)",
    "auc,digest",
    "1",
    "--auc",
    "auc desc",
    "*",
    "x" * 100_000,
    "\x00",
    "a\nb",
]


@pytest.mark.parametrize("line", REFUSED, ids=lambda line: ascii(line[:24]))
def test_a_check_line_that_is_none_is_refused_before_anything_is_read(line: str, place: Registry, kept: Path) -> None:
    """The data does not exist: nothing may look for it before the lines are good."""
    started = time.monotonic()
    with pytest.raises(BadInput):
        nb_mlops.validate("churn@1", [line], data="no-such-file.parquet", target="churned")
    said = command("validate", "churn@1", "--data", str(kept / TABLE), "--target", "churned", "--check", line)
    assert (said.kind, said.exit_code) == ("BadInput", 2)
    assert len(said.lines) <= 2
    assert time.monotonic() - started < 2


def test_the_same_lines_are_refused_in_a_cell(
    place: Registry, shell: InteractiveShell, run: Callable[[str], object]
) -> None:
    X, y = table(seed=7)
    run("%load_ext nb_mlops")
    shell.push({"X": X, "y": y})
    for line in REFUSED:
        if line.strip() and len(line) < 10_000 and "\ud800" not in line and "\x00" not in line:
            with pytest.raises(BadInput):
                run(f"%%validate churn@1 --data X,y\n{line}")
    run("%unload_ext nb_mlops")


@pytest.mark.parametrize("where", WHERE, ids=lambda text: ascii(text[:24]))
def test_sql_and_code_in_a_filter_are_refused_on_every_face(
    where: str, place: Registry, run: Callable[[str], object]
) -> None:
    started = time.monotonic()
    with pytest.raises(BadInput):
        nb_mlops.versions("churn", where=where)
    assert command("versions", "churn", "--where", where).exit_code == 2
    if where.isprintable() and len(where) < 10_000:
        run("%load_ext nb_mlops")
        with pytest.raises(BadInput):
            run(f'%versions churn --where "{where}"')
        run("%unload_ext nb_mlops")
    assert time.monotonic() - started < 3


@pytest.mark.parametrize("sort", SORT, ids=lambda text: ascii(text[:24]))
def test_sql_in_an_order_is_refused_on_every_face(sort: str, place: Registry) -> None:
    with pytest.raises(BadInput):
        nb_mlops.versions("churn", sort=sort)
    assert command("versions", "churn", f"--sort={sort}").exit_code == 2


@pytest.mark.parametrize("text", ["%", "_", "*", "[a-z]", "'; DROP TABLE models; --", "%' OR '1'='1", "\\", "(a+)+$"])
def test_a_search_for_models_has_no_wildcards(text: str, place: Registry) -> None:
    assert len(nb_mlops.models(text)) == 0


@pytest.mark.parametrize(
    "text", ["a" * 101, "a" * 1_000_000, "\x00", "\ud800", "a\nb"], ids=lambda text: ascii(text[:24])
)
def test_a_search_for_what_no_name_holds_is_refused(text: str, place: Registry) -> None:
    with pytest.raises(BadInput):
        nb_mlops.models(text)
    assert command("models", "--", text).exit_code == 2


@pytest.mark.parametrize("top", [0, -1, -(2**63)])
def test_a_list_of_no_rows_is_refused(top: int, place: Registry) -> None:
    with pytest.raises(BadInput):
        nb_mlops.versions("churn", top=top)
    assert command("versions", "churn", f"--top={top}").exit_code == 2


def test_a_list_of_too_many_rows_is_cut(place: Registry) -> None:
    assert len(nb_mlops.versions("churn", top=2**70)) == 1
