"""The whole short journey on real flights, as `nb-mlops demo` runs it: notebooks, registry, pages."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from nb_mlops.actions.audit import verify
from nb_mlops.actions.connect import open_registry
from nb_mlops.actions.demo import Demo, demo
from nb_mlops.actions.look import get
from nb_mlops.actions.run import inherited, run


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory) -> Demo:
    """The demo, run once."""
    return demo(tmp_path_factory.mktemp("demo"))


def outputs(done: Demo, notebook: str) -> list[dict[str, Any]]:
    path = Path(done.folder) / f"{notebook}.ipynb"
    return [part for cell in json.loads(path.read_text())["cells"] for part in cell.get("outputs", [])]


def test_every_notebook_runs_to_its_end(done: Demo) -> None:
    assert [run.reason for run in done.runs] == ["", "", "", "", ""]
    assert done.passed


def test_the_story_ends_where_it_should(done: Demo) -> None:
    assert done.models == ("late-arrival: newest @2, medium stakes", "rebook-first: newest @1, high stakes")
    assert [move.split(" (")[0] for move in done.moves] == [
        "late-arrival@1 promoted to production",
        "late-arrival@2 promoted to production",
        "production rolled back to late-arrival@1",
        "rebook-first@1 promoted to production",
    ]
    assert [verdict.split(": ")[1].split(" on")[0] for verdict in done.drift] == ["ALARM"]


def test_the_registry_it_leaves_is_whole(done: Demo) -> None:
    place = open_registry(done.registry)
    assert verify(registry=place).whole
    assert get("late-arrival@production", registry=place).number == 1


def test_the_year_drifts_and_a_shuffled_winter_does_not(done: Demo) -> None:
    reports = [
        part["data"]["application/vnd.nb-mlops.drift-report+json"]
        for part in outputs(done, "03_monitor_drift")
        if "application/vnd.nb-mlops.drift-report+json" in part.get("data", {})
    ]
    assert [report["alarm"] for report in reports] == [True, True, False]


def test_no_cell_puts_more_than_60_kB_into_a_notebook(done: Demo) -> None:
    for one in done.runs:
        for part in outputs(done, Path(one.output).stem):
            ours = any("nb-mlops" in kind for kind in part.get("data", {}))
            assert not ours or len(json.dumps(part)) < 60_000


def test_the_pages_ask_the_network_for_nothing(done: Demo) -> None:
    for page in done.pages:
        text = Path(page).read_text()
        assert re.findall(r"""src=["']https?://[^"']+|<link[^>]+https?://[^>]+|@import[^;]+""", text) == []


def test_the_summary_says_where_everything_lies(done: Demo) -> None:
    text = done.to_text()
    assert done.registry in text
    assert f"jupyter lab {done.folder}" in text
    assert all(page in text for page in done.pages)


def test_high_stakes_with_one_signature_stop_at_the_gate_and_nowhere_else(done: Demo, tmp_path: Path) -> None:
    notebook = Path(done.folder) / "05_high_stakes.ipynb"
    place = open_registry(tmp_path / "registry", "ann@example.org")
    with inherited({"NB_MLOPS_KEY": str(tmp_path / "key")}):
        stopped = run(
            notebook, {"second_approval": False}, output=tmp_path / "05.ipynb", must_pass=False, registry=place
        )
    assert (stopped.error, "2 approvals by independent persons: 1 of 2" in stopped.reason) == ("GateClosed", True)
    cells = json.loads((tmp_path / "05.ipynb").read_text())["cells"]
    failed = [cell for cell in cells if any(part.get("output_type") == "error" for part in cell.get("outputs", []))]
    assert ["".join(cell["source"]).splitlines()[1][:24] for cell in failed] == ["%promote rebook-first@1 "]
    assert verify(registry=place).whole
