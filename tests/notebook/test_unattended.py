"""What fails in a magic stops papermill, nbmake and nbval, and its reason stands in what they print."""

import os
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

FAILING = "%promote nothing@1 --to production"
REASON = "There is no model 'nothing'"


def notebook(folder: Path, *cells: str) -> Path:
    made = nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_code_cell(cell) for cell in ("%load_ext nb_mlops", *cells)],
        metadata={"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}},
    )
    path = folder / "made.ipynb"
    nbformat.write(made, path)
    return path


def command(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "IPYTHONDIR": str(folder / "ipython"), "JUPYTER_RUNTIME_DIR": str(folder / "runtime")}
    return subprocess.run(
        [sys.executable, "-m", *arguments], cwd=folder, env=environment, capture_output=True, text=True, timeout=300
    )


def papermill(path: Path) -> tuple[subprocess.CompletedProcess[str], str]:
    done = command(path.parent, "papermill", str(path), str(path.parent / "out.ipynb"), "--no-progress-bar")
    return done, (path.parent / "out.ipynb").read_text()


def test_papermill_stops_with_the_reason(tmp_path):
    done, out = papermill(notebook(tmp_path, FAILING, "print('this ' + 'ran')"))
    assert done.returncode == 1
    assert REASON in done.stderr
    assert "this ran" not in out


def test_a_register_cell_that_raises_shows_the_users_error_and_stops(tmp_path):
    done, out = papermill(notebook(tmp_path, "%%register churn\nx = 1\ny = x / 0", "print('this ' + 'ran')"))
    assert done.returncode == 1
    assert "ZeroDivisionError" in done.stderr
    assert "this ran" not in out
    assert "nb_mlops.notebook" not in done.stderr


@pytest.mark.parametrize("cell", ["%%register churn\n{}", "{}\n%register churn"])
def test_an_interrupt_while_a_model_is_packed_stops_without_our_own_code(tmp_path, cell):
    slow = "import signal\nimport nb_mlops.actions.register as acts\n"
    slow += "acts.pack = lambda *_: signal.raise_signal(signal.SIGINT)\n"
    fit = "from sklearn.dummy import DummyClassifier\nmodel = DummyClassifier().fit([[0], [1]], [0, 1])"
    done, out = papermill(notebook(tmp_path, slow, cell.format(fit), "print('this ' + 'ran')"))
    assert done.returncode == 1
    assert "The fit is done: %register churn registers it." in done.stderr
    assert "this ran" not in out
    assert "transform.py" not in done.stderr + out
    assert "making.py" not in done.stderr + out


def test_nbmake_fails_with_the_reason(tmp_path):
    path = notebook(tmp_path, FAILING)
    done = command(tmp_path, "pytest", "--nbmake", "-p", "no:cacheprovider", str(path))
    assert done.returncode == 1
    assert REASON in done.stdout


def test_nbval_fails_with_the_reason(tmp_path):
    path = notebook(tmp_path, FAILING)
    done = command(tmp_path, "pytest", "--nbval-lax", "-p", "no:cacheprovider", str(path))
    assert done.returncode == 1
    assert REASON in done.stdout


def test_what_a_notebook_starts_is_unattended_and_not_that_notebook(tmp_path, monkeypatch):
    monkeypatch.setenv("JPY_SESSION_NAME", "/home/ann/other.ipynb")  # as a kernel of JupyterLab hands it on
    ask = "from nb_mlops.actions.session import is_watched\nfrom nb_mlops.capture.notebook import notebook_of\n"
    _, out = papermill(notebook(tmp_path, ask + "print('watched', is_watched(), notebook_of(get_ipython()).path)"))
    assert "watched False None" in out
