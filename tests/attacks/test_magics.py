"""A magic line is text: nothing in it is run, expanded by a shell or evaluated; no stranger's module is picked up."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from IPython.core.interactiveshell import InteractiveShell

import nb_mlops
from nb_mlops.actions.registry import Registry
from nb_mlops.actions.run import run
from nb_mlops.core.errors import BadInput, NbMlopsError, NotFound
from tests.actions.conftest import fitted, table
from tests.attacks.conftest import PAYLOAD
from tests.notebook.test_unattended import notebook

Run = Callable[[str], object]

CODE = [
    f"$(mkdir {PAYLOAD})",
    f"`mkdir {PAYLOAD}`",
    f";mkdir {PAYLOAD}",
    f"|mkdir {PAYLOAD}",
    f"&&mkdir {PAYLOAD}",
    f">{PAYLOAD}",
    f"!mkdir {PAYLOAD}",
    f"{{__import__('os').mkdir('{PAYLOAD}')}}",
    f"{{open('{PAYLOAD}','w')}}",
    f"${{__import__('os').mkdir('{PAYLOAD}')}}",
    f"$open('{PAYLOAD}','w')",
    f"__import__('os').mkdir('{PAYLOAD}')",
    f"open('{PAYLOAD}','w')",
    f"[open(n,'w')for(n)in['{PAYLOAD}']]",
    f"(lambda:open('{PAYLOAD}','w'))()",
    f"models[open('{PAYLOAD}','w')]",
    f'f\'{{open("{PAYLOAD}","w")}}\'',
    "9**9**9",
    "9**9**9**9",
    "x:=9**9**9",
    "trap.boom()",
    "{trap.__class__}",
    "trap.__class__.__mro__[1]",
]
LINES = [
    "%gate {}",
    "%gate churn@{}",
    "%gate churn@1 --to {}",
    "%promote {}",
    "%promote churn@1 --to {}",
    "%rollback {}",
    "%rollback churn --to {} --from churn@1",
    "%versions {}",
    "%versions churn --where {}",
    "%versions churn --sort {}",
    "%versions churn --top {}",
    "%compare churn@1 {}",
    "%audit {}",
    "%card {}",
    "%lineage {}",
    "%drift churn@1 {}",
    "%drift {} X",
    "%register {} --model fitted",
    "%register churn --model {}",
    "%register churn --model fitted --data {}",
    "%register churn --model fitted --stakes {}",
    "%mlops {}",
    "%mlops doctor {}",
    "%mlops stakes churn {}",
    "%mlops alias add {}",
    "%%register {}\n1",
    "%%register churn --model {}\n1",
    "%%validate churn@1 --data {}\nroc_auc >= 0",
    "%%validate churn@1 --data X,y --scorer {}\nroc_auc >= 0",
    "%%validate churn@1 --data X,y\n{}",
    "%%validate churn@1 --data X,y\nroc_auc >= {}",
]


@pytest.fixture
def loaded(place: Registry, shell: InteractiveShell, run: Run) -> Run:
    """A notebook with the extension, in a registry that must not be written to."""
    run("%load_ext nb_mlops")
    X, y = table(seed=7)
    shell.push({"X": X, "y": y, "fitted": fitted(3), "models": {}, "trap": Trap()})
    yield run  # type: ignore[misc]
    run("%unload_ext nb_mlops")


class Trap:
    """What a line may name, and must not call."""

    def boom(self) -> None:
        Path(PAYLOAD).mkdir()


@pytest.mark.parametrize("line", LINES)
def test_code_in_a_line_is_refused_and_not_run(line: str, loaded: Run) -> None:
    for code in CODE:
        with pytest.raises(NbMlopsError) as caught:
            loaded(line.replace("{}", code))
        assert 1 <= len(caught.value._render_traceback_()) <= 2
        assert not Path(PAYLOAD).exists()


@pytest.mark.parametrize("code", CODE)
def test_code_in_free_text_is_text(code: str, own: Registry, run: Run, shell: InteractiveShell) -> None:
    nb_mlops.register(fitted(), "churn", data=table())
    run("%load_ext nb_mlops")
    run(f'%promote churn@1 -m "{code}"'.replace('\\"', '"'))
    run("%unload_ext nb_mlops")
    assert nb_mlops.audit("churn").entries[-1].said == code
    assert not Path(PAYLOAD).exists()


@pytest.mark.parametrize(
    "value", [f"churn@1\n%promote churn@1 #{PAYLOAD}", "churn@1 --to staging", "{other}", "churn@{n}"]
)
def test_a_variable_in_a_ref_is_one_word_and_not_read_again(value: str, loaded: Run, shell: InteractiveShell) -> None:
    shell.push({"v": value, "other": "churn@1", "n": 1})
    with pytest.raises(BadInput):
        loaded("%gate {v}")


def test_a_check_line_takes_no_code_from_a_variable(loaded: Run, shell: InteractiveShell) -> None:
    shell.push({"limit": "0 or __import__('os').mkdir('pwned')", "name": "f1.__class__"})
    for line in ("roc_auc >= {limit}", "{name} >= 0", "roc_auc >= {trap.boom()}", "roc_auc >= {limit!r}"):
        with pytest.raises(BadInput):
            loaded(f"%%validate churn@1 --data X,y\n{line}")


@pytest.mark.parametrize("text", ["promote churn@1", "rollback churn", "register churn", "approve churn@1"])
def test_words_without_a_sign_act_on_nothing(text: str, loaded: Run, shell: InteractiveShell) -> None:
    shell.run_line_magic("automagic", "on")
    with pytest.raises(BadInput, match="without a %"):
        loaded(text)


def test_a_parameter_that_is_code_is_a_text_in_the_notebook(own: Registry, tmp_path: Path) -> None:
    """Papermill writes parameters as literals; what we hand to the kernel beside them is JSON."""
    path = notebook(tmp_path, "assert said.startswith('__import__')", "%gate {said}")
    code = f"__import__('os').mkdir('{PAYLOAD}')"
    done = run(path, {"said": code, "other": f"'); {code} #\n{code}"}, must_pass=False)
    assert (done.failed_cell, done.error) == (4, "BadInput")
    assert not list(tmp_path.rglob(PAYLOAD))


NAMES = [
    "nb_mlops",
    "click",
    "json",
    "pandas",
    "sklearn",
    "joblib",
    "skops",
    "sqlalchemy",
    "numpy",
    "platformdirs",
    "git",
]


def test_the_command_runs_no_module_of_the_working_folder(place: Registry, tmp_path: Path) -> None:
    """As pip installs it: a script elsewhere, called in a folder that somebody else filled."""
    cloned, scripts = tmp_path / "cloned", tmp_path / "bin"
    cloned.mkdir()
    scripts.mkdir()
    for name in NAMES:
        (cloned / f"{name}.py").write_text(f"open('{PAYLOAD}', 'w')")
    (cloned / "nb_mlops.toml").write_text('registry = "../planted"')
    (scripts / "nb-mlops").write_text("from nb_mlops.cli import main; main()")
    done = subprocess.run(
        [sys.executable, str(scripts / "nb-mlops"), "doctor", "churn@1"], cwd=cloned, capture_output=True, text=True
    )
    assert (done.returncode, "churn@1" in done.stdout) == (0, True), done.stderr
    assert not list(tmp_path.rglob(PAYLOAD))
    for path in (*cloned.iterdir(), *scripts.iterdir()):
        path.unlink()
    cloned.rmdir()
    scripts.rmdir()


def test_what_is_not_there_stays_not_there(loaded: Run) -> None:
    with pytest.raises(NotFound):
        loaded("%gate nothing@1")
