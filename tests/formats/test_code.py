"""Classes and functions of a notebook travel with the model, load in a fresh process, and count as code to trust.

All notebooks run in one IPython of another process, each from an empty namespace; this process only loads.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from nb_mlops.core.errors import Unsupported, Untrusted
from nb_mlops.formats import read
from tests.formats.kept import keep

ROOT = Path(__file__).parents[2]
_RUN = """
import json, sys
from pathlib import Path
from IPython.core.interactiveshell import InteractiveShell
shell = InteractiveShell.instance()
shell.history_manager.enabled = False
before, *notebooks = json.loads(Path(sys.argv[1]).read_text())
for name, cells in notebooks:
    shell.reset(new_session=False)
    for cell in [before.replace("FOLDER", name), *cells]:
        shell.run_cell(cell).raise_error()
"""
_BEFORE = """
import json
from pathlib import Path
import numpy as np
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler
from nb_mlops.core.errors import NbMlopsError
from tests.formats.kept import keep

X = np.random.RandomState(0).rand(40, 3); y = (X[:, 0] > 0.5).astype(int)

def save(model, format=None, **options):
    folder = Path("FOLDER"); folder.mkdir()
    try:
        kept = keep(model, folder, format=format, **options)
        report = {"files": {k: str(v.resolve()) for k, v in kept.files.items()}, "warnings": kept.written.warnings,
                  "requires": kept.written.requires, "code": kept.written.code, "format": kept.written.format,
                  "answer": [float(each) for each in model.predict(X)] if hasattr(model, "predict") else None}
    except NbMlopsError as error:
        report = {"error": type(error).__name__ + ": " + str(error)}
    (folder / "report.json").write_text(json.dumps(report))
"""
CLIP = """
import scipy.stats
from numpy import log1p as plus
LIMIT, NAMES = 0.7, {"b", "a"}
def helper(x):
    return np.minimum(x, LIMIT) + scipy.stats.norm.cdf(0)
def marked(cls):
    cls.names = NAMES
    return cls
class Base(BaseEstimator, TransformerMixin):
    def transform(self, X):
        return helper(X) * Factor.value
@marked
class Clip(Base):
    def fit(self, X, y=None):
        self.n_features_in_ = X.shape[1]
        return self
class Factor:
    value = 2.0
def logs(X):
    return plus(X)
model = make_pipeline(Clip(), FunctionTransformer(logs), LogisticRegression()).fit(X, y)
"""


REFUSED = {
    "lambda": ("f = FunctionTransformer(lambda X: X).fit(X)", "Unsupported: The model holds a lambda"),
    "closure": (
        "def make(k):\n    def inner(X): return X * k\n    return inner\nf = FunctionTransformer(make(2)).fit(X)",
        "Unsupported: The model holds make.inner",
    ),
    "global array": (
        "table = X\ndef g(X): return X + table.mean()\nf = FunctionTransformer(g).fit(X)",
        "Unsupported: g uses the notebook's table, a ndarray",
    ),
    "global lambda": (
        "h = lambda X: X\ndef g(X): return h(X)\nf = FunctionTransformer(g).fit(X)",
        "Unsupported: g uses h, which is a",
    ),
    "no source": (
        "exec('def g(X): return X')\nf = FunctionTransformer(g).fit(X)",
        "Unsupported: The source of g is not",
    ),
    "open file": (
        "import os\nf = FunctionTransformer().fit(X); f.log = open(os.devnull)",
        "Unsupported: The FunctionTransformer holds something that can't be stored",
    ),
}
_ONE, _TWO = "def one(X):\n    return two(X)\n", "def two(X):\n    return X\n"
_ADD = "class Add(BaseEstimator, TransformerMixin):\n    def fit(self, X, y=None):\n        return self\n"
_STEPS = "import steps\ndef mine(X): return steps.scale(X) + 1\nm = make_pipeline(FunctionTransformer(mine), "
_STEPS += "FunctionTransformer(steps.scale)).fit(X)\n"
_SCORE = "def score(table, files):\n    return np.asarray(table)[:, 0] * float(files['w.txt'].read_text())\n"
LOCAL = {
    "steps/__init__.py": "from .scale import scale\n",
    "steps/scale.py": "import steps.limits\ndef scale(X):\n    from steps import limits\n    return X * limits.TOP\n",
    "steps/limits.py": "TOP = 3\n",
}
NOTEBOOKS: dict[str, list[str]] = {
    "skops": ["UNUSED = 1\ndef unused(): return UNUSED", CLIP, "save(model, 'skops')"],
    "joblib": [CLIP, "save(model, 'joblib')"],
    **{
        f"{name} {form}": [cell, f"save(f, {form!r})"]
        for name, (cell, _) in REFUSED.items()
        for form in ("skops", "joblib")
    },
    "one two": [_ONE, _TWO, "save(FunctionTransformer(one).fit(X))"],
    "two one": [_TWO, _ONE, "save(FunctionTransformer(one).fit(X))"],
    "run again": [
        _ADD + "    def transform(self, X): return X + 1",
        "model = Add().fit(X)",
        _ADD + "    def transform(self, X): return X + 2",
        "save(model)",
    ],
    "no methods": ["class Mine(StandardScaler):\n    kind = 'mine'", "save(Mine().fit(X))"],
    "secret": ["API_KEY = 'abc'\ndef g(X): return X if API_KEY else X\nsave(FunctionTransformer(g).fit(X))"],
    "local skops": [_STEPS + "save(m, 'skops', local_modules=['steps'])"],
    "local joblib": [_STEPS + "save(m, 'joblib', local_modules=['steps'])"],
    "local stays": ["import steps\nsave(FunctionTransformer(steps.scale).fit(X))"],
    "function": [_SCORE, "Path('w.txt').write_text('5')", "save(score, files={'w.txt': Path('w.txt')})"],
    "two tables": ["def score(a, b): return a\nsave(score)"],
    "mixed": [
        CLIP,
        "from nb_mlops.formats import read\nfirst = keep(model, Path())\n"
        "old = read('skops', first.files, trust=True)[0]\n"
        "def more(X): return X + 1\nsave(make_pipeline(old, FunctionTransformer(more)).fit(X))",
    ],
    "lazy": [
        "from __future__ import annotations",
        "def g(X: NotThere) -> AlsoNot: return X\nsave(FunctionTransformer(g).fit(X))",
    ],
}


@pytest.fixture(scope="module")
def reports(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    folder = tmp_path_factory.mktemp("notebooks")
    for name, text in LOCAL.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(text)
    (folder / "cells.json").write_text(json.dumps([_BEFORE, *NOTEBOOKS.items()]))
    path = os.pathsep.join(map(str, (ROOT, ROOT / "src", folder)))
    environment = {**os.environ, "PYTHONPATH": path, "IPYTHONDIR": str(folder / "ipython")}
    command = [sys.executable, "-c", _RUN, str(folder / "cells.json")]
    done = subprocess.run(command, capture_output=True, text=True, env=environment, cwd=folder)
    assert done.returncode == 0, done.stdout + done.stderr
    return {name: json.loads((folder / name / "report.json").read_text()) for name in NOTEBOOKS}


def files(report: dict[str, Any]) -> dict[str, Path]:
    return {name: Path(path) for name, path in report["files"].items()}


def contents(found: dict[str, Path]) -> dict[str, bytes]:
    return {name: path.read_bytes() for name, path in found.items()}


def data() -> Any:
    import numpy as np

    return np.random.RandomState(0).rand(40, 3)


Reports = dict[str, dict[str, Any]]


@pytest.mark.parametrize("format", ["skops", "joblib"])
def test_a_notebook_transformer_loads_elsewhere_and_answers_the_same(format: str, reports: Reports):
    report, main = reports[format], dict(vars(sys.modules["__main__"]))
    model: Any = read(format, files(report), trust=True)
    assert list(model.predict(data())) == report["answer"]
    assert type(model[0]).__module__.startswith("nb_mlops_code_")
    assert vars(sys.modules["__main__"]) == main
    assert report["code"] is True
    assert report["warnings"] == []
    assert {"scikit-learn", "scipy", "numpy"} <= set(report["requires"])


@pytest.mark.parametrize("format", ["skops", "joblib"])
def test_code_is_untrusted_and_the_message_names_it(format: str, reports: Reports):
    with pytest.raises(Untrusted, match=r"Base, Factor, helper, marked, Clip, logs(.|\n)*trust=True"):
        read(format, files(reports[format]))


def test_the_source_holds_what_the_definitions_need_and_nothing_else(reports: Reports):
    text = files(reports["skops"])["code/__main__.py"].read_text()
    assert "NAMES = {'a', 'b'}" in text
    assert "import scipy.stats" in text
    assert "from numpy import log1p as plus" in text
    assert "unused" not in text.lower()
    assert text.index("class Base") < text.index("class Clip")


def test_the_same_definitions_give_the_same_bytes_in_any_order(reports: Reports):
    assert contents(files(reports["one two"])) == contents(files(reports["two one"]))


def test_a_loaded_model_is_stored_again_with_its_code_and_the_same_bytes(reports: Reports, tmp_path: Path):
    again = keep(read("skops", files(reports["skops"]), trust=True), tmp_path)
    assert again.written.code
    assert contents(again.files) == contents(files(reports["skops"]))


@pytest.mark.parametrize("format", ["skops", "joblib"])
@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_travel_is_refused_at_registration_with_the_way_out(name: str, format: str, reports: Reports):
    error = reports[f"{name} {format}"]["error"]
    assert error.startswith(REFUSED[name][1])
    assert len(error.split("\n")) == 2


def test_a_cell_run_again_after_the_fit_stores_the_class_that_was_fitted(reports: Reports):
    model: Any = read("skops", files(reports["run again"]), trust=True)
    assert (model.transform(data()) == data() + 1).all()


def test_a_class_without_methods_is_found_among_the_cells(reports: Reports):
    model: Any = read("skops", files(reports["no methods"]), trust=True)
    assert model.kind == "mine"


def test_annotations_that_were_never_evaluated_are_not_asked_for(reports: Reports):
    model: Any = read("skops", files(reports["lazy"]), trust=True)
    assert (model.transform(data()) == data()).all()


def test_code_that_was_loaded_travels_on_beside_new_code(reports: Reports):
    model: Any = read("skops", files(reports["mixed"]), trust=True)
    old: Any = read("skops", files(reports["skops"]), trust=True)
    assert (model.transform(data()) == old[0].transform(data()) + 1).all()


def test_classes_of_a_script_travel_like_those_of_a_notebook(tmp_path: Path):
    script = _BEFORE.replace("FOLDER", str(tmp_path / "kept")) + CLIP + "\nsave(model)"
    (tmp_path / "train.py").write_text(script)
    path = os.pathsep.join(map(str, (ROOT, ROOT / "src")))
    subprocess.run([sys.executable, "train.py"], check=True, cwd=tmp_path, env={**os.environ, "PYTHONPATH": path})
    report = json.loads((tmp_path / "kept" / "report.json").read_text())
    model: Any = read("skops", files(report), trust=True)
    assert list(model.predict(data())) == report["answer"]


def test_a_secret_constant_is_warned_of(reports: Reports):
    assert "API_KEY looks like a secret" in reports["secret"]["warnings"][0]


@pytest.mark.parametrize("format", ["skops", "joblib"])
def test_local_modules_travel_when_asked_and_find_each_other(format: str, reports: Reports):
    report = reports[f"local {format}"]
    assert {"code/" + name for name in [*LOCAL, "__main__.py"]} <= set(report["files"])
    model: Any = read(format, files(report), trust=True)
    assert (model.transform(data()) == (data() * 3 + 1) * 3).all()
    assert "steps" not in sys.modules


def test_a_local_module_that_does_not_travel_is_warned_of(reports: Reports):
    assert reports["local stays"]["code"] is False
    assert any("local_modules=['steps']" in each for each in reports["local stays"]["warnings"])


def test_code_that_fails_when_loaded_says_so(reports: Reports, tmp_path: Path):
    broken = tmp_path / "main.py"
    broken.write_text("import a_package_that_is_not_there\n")
    with pytest.raises(Unsupported, match="a_package_that_is_not_there"):
        read("skops", {**files(reports["skops"]), "code/__main__.py": broken}, trust=True)


def test_a_function_with_files_is_a_model(reports: Reports):
    assert reports["function"]["format"] == "function"
    model: Any = read("function", files(reports["function"]), trust=True)
    assert (model.predict(data()) == data()[:, 0] * 5).all()
    with pytest.raises(Untrusted, match="score"):
        read("function", files(reports["function"]))


def test_a_loaded_function_is_stored_again_with_its_files_and_the_same_bytes(reports: Reports, tmp_path: Path):
    again = keep(read("function", files(reports["function"]), trust=True), tmp_path)
    assert contents(again.files) == contents(files(reports["function"]))


def test_a_function_of_two_tables_is_refused(reports: Reports):
    assert reports["two tables"]["error"].startswith("Unsupported: score needs 2 arguments")
