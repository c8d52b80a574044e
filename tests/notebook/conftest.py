"""A real IPython shell per test, quiet and without a history file."""

import atexit
from collections.abc import Iterator
from typing import Any

import pytest
from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config

FIT = """%%register churn --stakes medium --owner ann --purpose "keep customers"
import numpy as np, pandas as pd
from sklearn.linear_model import LogisticRegression
draw = np.random.default_rng(0)
X = pd.DataFrame(draw.normal(size=(300, 3)), columns=list("abc"))
y = pd.Series((X.a + draw.normal(size=300) > 0).astype(int), name="y")
model = LogisticRegression().fit(X, y)"""


@pytest.fixture
def shell(monkeypatch: pytest.MonkeyPatch, tmp_path) -> Iterator[InteractiveShell]:
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "ipython"))
    config = Config()
    config.HistoryManager.enabled = False
    config.InteractiveShell.colors = "nocolor"
    InteractiveShell.clear_instance()
    made = InteractiveShell.instance(config=config)
    yield made
    atexit.unregister(made.atexit_operations)  # it would collect all garbage once per shell when the tests end
    made.restore_sys_module_state()
    InteractiveShell.clear_instance()


@pytest.fixture
def run(shell: InteractiveShell):
    """Runs a cell as Jupyter would; gives its value, and raises what it raised."""

    def run_cell(source: str, **kwargs: Any) -> object:
        done = shell.run_cell(source, store_history=kwargs.pop("store_history", True), **kwargs)
        if error := done.error_before_exec or done.error_in_exec:
            raise error
        return done.result

    return run_cell


@pytest.fixture
def notebook(run: Any) -> Any:
    """A notebook with a model of medium stakes."""
    run("%load_ext nb_mlops")
    run(FIT)
    return run
