"""Loading puts everything in, quickly and lightly; unloading takes everything out."""

import re
import subprocess
import sys

import pytest
from IPython.core.completer import provisionalcompleter

from nb_mlops.core.errors import NbMlopsError
from nb_mlops.notebook.vocabulary import SPECS

MEASURE = """
import sys, time
from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config
shell = InteractiveShell.instance(config=Config({"HistoryManager": {"enabled": False}}))
start = time.process_time()  # of this process alone: the machine may be busy
shell.run_line_magic("load_ext", "nb_mlops")
print(time.process_time() - start)
print([name for name in ("plotly", "pandas", "sklearn", "sqlalchemy", "scipy", "numpy") if name in sys.modules])
"""


def test_loading_is_quick_and_imports_nothing_heavy():
    command = [sys.executable, "-c", MEASURE]
    runs = [subprocess.run(command, capture_output=True, text=True, check=True) for _ in range(2)]
    seconds = [float(done.stdout.splitlines()[0]) for done in runs]
    assert min(seconds) <= 0.15
    assert runs[0].stdout.splitlines()[1] == "[]"


def test_unloading_leaves_the_shell_as_it_was(shell, run):
    def state() -> tuple[object, ...]:
        tables = {kind: set(table) for kind, table in shell.magics_manager.magics.items()}
        events = {name: list(found) for name, found in shell.events.callbacks.items()}
        return tables, events, list(shell.input_transformers_cleanup), list(shell.Completer.custom_matchers)

    shell.register_magic_function(lambda line: "old", "line", "models")
    before = state()
    run("%load_ext nb_mlops")
    run("%load_ext nb_mlops")
    assert len(shell.input_transformers_cleanup) == len(before[2]) + 1
    run("%unload_ext nb_mlops")
    assert state() == before
    assert run("%models") == "old"


def test_every_magic_is_there_with_its_help(shell, run):
    run("%load_ext nb_mlops")
    for spec in SPECS.values():
        kind = "line" if spec.is_line else "cell"
        magic = shell.magics_manager.magics[kind][spec.name]
        assert magic.__doc__ == spec.help_text()
    assert "usage" not in run("%mlops help promote").to_text()
    assert "--to" in run("%mlops help promote").to_text()
    run("%unload_ext nb_mlops")


def test_the_help_of_validate_shows_check_lines_that_can_be_read(shell, run):
    from nb_mlops.core.checks import Check

    run("%load_ext nb_mlops")
    told = shell.magics_manager.magics["cell"]["validate"].__doc__
    lines = [row.strip().split("  ")[0] for row in told.splitlines() if re.match(r"    \w.*[<>]=", row)]
    assert [str(Check.parse(line)) for line in lines] == lines
    assert len(lines) == 4
    assert all(line in run("%mlops help validate").to_text() for line in (*lines, "“Check lines”"))
    run("%unload_ext nb_mlops")


WRONG = [
    *("%promote x@1 --nope", "%gate", "%mlops nothing", "%compare churn@1", "%promote {nothing}"),
    *("%%register Churn!\nx = 1", "%%register churn\n%%time\nx = 1", "%%validate churn@1\nroc_auc >= 0.5"),
]


@pytest.mark.parametrize("cell", WRONG)
def test_an_error_shows_two_lines_and_no_traceback(shell, run, capsys, cell):
    run("%load_ext nb_mlops")
    capsys.readouterr()
    with pytest.raises(NbMlopsError):
        run(cell)
    shown = capsys.readouterr().out.strip().splitlines()
    assert len(shown) == 2
    assert "Traceback" not in "".join(shown)
    run("%unload_ext nb_mlops")


def test_completion_reaches_our_magics_through_ipython(shell, run):
    run("%load_ext nb_mlops")
    with provisionalcompleter():
        found = [one.text for one in shell.Completer.completions("%promote churn@1 --re", 21)]
    assert found == ["--reason", "--registry"]
    run("%unload_ext nb_mlops")
