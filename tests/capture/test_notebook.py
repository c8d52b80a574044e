"""Where the code runs: each front end's sign, and files that are not what they should be."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from types import SimpleNamespace

import pytest

from nb_mlops.capture.notebook import _read, notebook_of, saved_notebook
from nb_mlops.core.lineage import Notebook

BARE = SimpleNamespace(user_ns={})


def test_jupyterlab_names_the_notebook_in_the_environment(tmp_path: Path) -> None:
    path = tmp_path / "train.ipynb"
    path.write_text('{"cells": []}')
    found = notebook_of(BARE, {"JPY_SESSION_NAME": str(path)})
    assert found == Notebook(str(path), hashlib.sha256(b'{"cells": []}').hexdigest(), "jupyterlab")


def test_vs_code_names_it_in_the_namespace() -> None:
    shell = SimpleNamespace(user_ns={"__vsc_ipynb_file__": "/q/a.ipynb"})
    assert notebook_of(shell, {}) == Notebook("/q/a.ipynb", None, "vscode")


def test_papermill_names_it_when_asked_and_our_runner_always() -> None:
    shell = SimpleNamespace(user_ns={"PAPERMILL_INPUT_PATH": "/q/b.ipynb"})
    assert notebook_of(shell, {}).where == "papermill"
    assert notebook_of(shell, {"NB_MLOPS_NOTEBOOK": "/q/c.ipynb"}) == Notebook("/q/c.ipynb", None, "papermill")


def test_a_plain_shell_and_no_shell_know_no_path() -> None:
    assert notebook_of(BARE, {}) == Notebook(None, None, "ipython")
    assert notebook_of(None, {}) == Notebook(None, None, "python")


@pytest.mark.parametrize("session", ["6a7f-uuid", "console-1", "", "\0.ipynb", "x" * 9000 + ".ipynb"])
def test_a_session_that_is_no_notebook_gives_no_digest(session: str) -> None:
    assert notebook_of(BARE, {"JPY_SESSION_NAME": session}).sha256 is None


def test_a_pipe_or_a_folder_in_place_of_the_file_does_not_block(tmp_path: Path) -> None:
    pipe = tmp_path / "p.ipynb"
    os.mkfifo(pipe)
    assert saved_notebook(str(pipe)) is None
    assert saved_notebook(str(tmp_path)) is None
    assert saved_notebook(None) is None


def test_a_notebook_saved_again_is_read_again(tmp_path: Path) -> None:
    path = tmp_path / "n.ipynb"
    path.write_text("1")
    first = saved_notebook(str(path))
    path.write_text("22")
    second = saved_notebook(str(path))
    assert first
    assert second
    assert first.sha256 != second.sha256


def test_a_file_that_became_a_folder_after_it_was_looked_at_is_unknown(tmp_path: Path) -> None:
    assert _read(str(tmp_path), 0, 0, 0) is None
