"""The log of what ran, on a real IPython shell, and the saved notebook's order against it."""

from __future__ import annotations

import gc
import json
import weakref
from collections.abc import Iterator

import pytest
from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config

from nb_mlops.capture import cells as module
from nb_mlops.capture.cells import CellLog, SavedCell, attach, detach, log_of, order_notes, saved_cells
from nb_mlops.core.lineage import Cell


@pytest.fixture
def shell() -> Iterator[InteractiveShell]:
    InteractiveShell.clear_instance()
    config = Config()
    config.HistoryManager.enabled = False  # no history file: what the session itself remembers is all that counts
    shell = InteractiveShell.instance(config=config)
    yield shell
    detach(shell)
    InteractiveShell.clear_instance()


def test_cells_are_kept_in_the_order_they_ran_as_they_were_typed(shell: InteractiveShell) -> None:
    log = attach(shell)
    for source in ("a = 1", "%pwd\nb = 2", "a + b"):
        shell.run_cell(source, store_history=True)
    assert [(cell.number, cell.source) for cell in log.cells()] == [(1, "a = 1"), (2, "%pwd\nb = 2"), (3, "a + b")]
    assert log.running is None


@pytest.mark.parametrize("source", ["1/0", "def", "a = 1\nb = nowhere"])
def test_a_cell_that_failed_says_so(shell: InteractiveShell, source: str, capsys: pytest.CaptureFixture[str]) -> None:
    log = attach(shell)
    shell.run_cell(source, store_history=True)
    assert [cell.failed for cell in log.cells()] == [True]


def test_the_running_cell_is_the_last_and_has_its_number_and_id(shell: InteractiveShell) -> None:
    log = attach(shell)
    seen: list[Cell | None] = []
    shell.user_ns["look"] = lambda: seen.append(log.running)
    shell.run_cell("x = 1", store_history=True)
    shell.run_cell("look()", store_history=True, cell_id="abc")
    assert seen == [Cell("abc", 2, "look()")]


def test_cells_from_before_are_taken_from_the_history(shell: InteractiveShell) -> None:
    shell.run_cell("a = 1", store_history=True)
    shell.run_cell("b = 2", store_history=True)
    shell.user_ns["log_of"] = log_of
    shell.run_cell("log = log_of(get_ipython()); running = log.running", store_history=True)
    shell.run_cell("c = 3", store_history=True)
    log = shell.user_ns["log"]
    assert [(cell.number, cell.source[:5]) for cell in log.cells()] == [
        (1, "a = 1"),
        (2, "b = 2"),
        (3, "log ="),
        (4, "c = 3"),
    ]
    assert shell.user_ns["running"].number == 3


def test_a_cell_run_by_another_is_part_of_that_one(shell: InteractiveShell) -> None:
    log = attach(shell)
    shell.run_cell("get_ipython().run_cell('q = 1')", store_history=True)
    shell.run_cell("r = 2", store_history=True)
    assert [cell.source[:5] for cell in log.cells()] == ["get_i", "r = 2"]


def test_silent_cells_of_the_front_end_are_not_the_authors(shell: InteractiveShell) -> None:
    log = attach(shell)
    shell.run_cell("secretly = 1", silent=True)
    assert log.cells() == ()


def test_attaching_twice_listens_once_and_detaching_stops(shell: InteractiveShell) -> None:
    log = attach(shell)
    assert attach(shell) is log
    shell.run_cell("a = 1", store_history=True)
    detach(shell)
    shell.run_cell("b = 2", store_history=True)
    assert [cell.source for cell in log.cells()] == ["a = 1"]


def test_without_a_shell_there_is_no_log() -> None:
    assert log_of(None) is None


def test_the_log_is_bounded_and_counts_what_it_dropped(
    monkeypatch: pytest.MonkeyPatch, shell: InteractiveShell
) -> None:
    monkeypatch.setattr(module, "MOST_CELLS", 3)
    log = attach(shell)
    for number in range(5):
        shell.run_cell(f"a = {number}", store_history=True)
    assert (len(log.cells()), log.dropped) == (3, 2)
    monkeypatch.setattr(module, "MOST_CHARACTERS", 10)
    shell.run_cell("b = '0123456789'", store_history=True)
    assert log.cells() == ()


def test_the_log_keeps_no_shell_alive() -> None:
    class Shell:
        execution_count = 1

    shell = Shell()
    log, gone = CellLog(shell), weakref.ref(shell)
    del shell
    gc.collect()
    assert gone() is None
    assert log.cells() == ()


SAVED = [SavedCell("a", "x = 1"), SavedCell("b", "y = x"), SavedCell("c", "z = y")]


def test_cells_run_in_the_notebooks_order_need_no_note() -> None:
    assert order_notes([Cell("a", 1, "x = 1"), Cell("c", 2, "z = y")], SAVED) == ()
    assert order_notes([Cell("a", 1, "whatever")], ()) == ()


def test_a_cell_run_before_the_one_above_it_is_told() -> None:
    assert order_notes([Cell("b", 1, "y = x"), Cell("a", 2, "x = 1")], SAVED) == (
        "In [2] ran after In [1], but stands above it in the notebook",
    )


def test_an_edited_and_a_vanished_cell_are_told() -> None:
    notes = order_notes([Cell("a", 1, "x = 2"), Cell(None, 2, "gone = 1")], SAVED)
    assert notes == ("In [1] was edited after it ran", "not in the notebook as last saved: In [2]")


def test_without_ids_cells_are_found_by_their_text_and_equal_texts_fit_the_order() -> None:
    twice = [SavedCell(None, "x += 1"), SavedCell(None, "y = 0"), SavedCell(None, "x += 1")]
    assert order_notes([Cell(None, 1, "x += 1"), Cell(None, 2, "y = 0"), Cell(None, 3, "x += 1")], twice) == ()


def test_a_notebook_file_is_read_whatever_it_holds() -> None:
    cells = [
        {"cell_type": "code", "id": "a", "source": ["x = 1\n", "y"]},
        {"cell_type": "markdown", "source": "# no"},
        {"cell_type": "code", "id": 5, "source": 7},
        "nonsense",
    ]
    assert saved_cells(json.dumps({"cells": cells}).encode()) == (SavedCell("a", "x = 1\ny"), SavedCell(None, ""))
    for text in (b"", b"[]", b"{", b'{"cells": 3}', b"[" * 100_000, b"\xff\xfe"):
        assert saved_cells(text) == ()
