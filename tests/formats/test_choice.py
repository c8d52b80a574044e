"""Which format is chosen, what is refused, and how another package adds one."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from imblearn.over_sampling import SMOTE
from imblearn.pipeline import make_pipeline
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression

from nb_mlops.core.errors import BadInput, Damaged, NotFound, Unsupported, Untrusted
from nb_mlops.formats import choose, formats, pickle_like
from tests.formats.estimators import X, Y
from tests.formats.kept import keep

ROOT = Path(__file__).parents[2]


def test_scikit_learn_is_stored_as_skops():
    assert choose(LogisticRegression()).name == "skops"
    assert list(formats()) == ["onnx", "function", "xgboost", "lightgbm", "catboost", "skops", "joblib"]


def test_only_joblib_is_like_a_pickle():
    assert [name for name in formats() if pickle_like(name)] == ["joblib"]


@pytest.mark.parametrize("base", ["torch.nn", "keras.models", "tensorflow.keras"])
def test_a_neural_net_gets_the_two_ways_that_work(base: str):
    net = type("Net", (type("Module", (), {"__module__": base}),), {})()
    with pytest.raises(Unsupported, match=r"Net(.|\n)*ONNX(.|\n)*files=(.|\n)*nb_mlops\.formats"):
        choose(net)


@pytest.mark.parametrize("thing", [None, 3, "churn", [1], LogisticRegression, len, object()])
def test_what_is_no_model_is_refused(thing: object):
    with pytest.raises(Unsupported):
        choose(thing)


def test_an_unknown_format_is_named():
    with pytest.raises(NotFound, match="Did you mean skops"):
        choose(None, "skop")


def test_a_resampling_pipeline_needs_no_trust(tmp_path: Path):
    model = make_pipeline(SMOTE(k_neighbors=2, random_state=0), LogisticRegression()).fit(X, Y)
    kept = keep(model, tmp_path)
    assert "imbalanced-learn" in kept.written.requires
    assert np.array_equal(kept.load().predict(X), model.predict(X))


def test_a_joblib_model_needs_trust_and_comes_back(tmp_path: Path):
    model = LogisticRegression().fit(X, Y)
    kept = keep(model, tmp_path, format="joblib")
    with pytest.raises(Untrusted, match="joblib"):
        kept.load()
    assert np.array_equal(kept.load(trust=True).predict(X), model.predict(X))


def test_a_large_joblib_array_is_mapped_and_still_writable(tmp_path: Path):
    model = LogisticRegression().fit(X, Y)
    model.table_ = np.arange(2_000_000, dtype=np.float64)
    kept = keep(model, tmp_path, format="joblib")
    loaded = kept.load(trust=True)
    assert isinstance(loaded.table_, np.memmap)
    loaded.table_[0] = 7
    assert kept.load(trust=True, mmap=False).table_[0] == 0


def test_a_mapped_model_is_stored_as_skops(tmp_path: Path):
    model = LogisticRegression().fit(X, Y)
    model.table_ = np.arange(2_000_000, dtype=np.float64)
    folders = [tmp_path / name for name in ("joblib", "skops", "straight")]
    for folder in folders:
        folder.mkdir()
    again = keep(keep(model, folders[0], format="joblib").load(trust=True), folders[1], format="skops")
    assert np.array_equal(again.load().table_, model.table_)
    assert again.digests == keep(model, folders[2]).digests


def test_a_cut_joblib_file_is_damaged(tmp_path: Path):
    kept = keep(RandomForestClassifier(2).fit(X, Y), tmp_path, format="joblib")
    kept.files["model.joblib"].write_bytes(kept.files["model.joblib"].read_bytes()[:200])
    with pytest.raises(Damaged):
        kept.load(trust=True)


@pytest.mark.parametrize("weights", [{True: 2.0, False: 1.0}, {0: 1.0, 1: 2.0}, {np.int64(0): 1.0, np.int64(1): 2.0}])
def test_keys_that_are_no_text_come_back_as_they_were(weights: dict[Any, float], tmp_path: Path):
    loaded = keep(LogisticRegression(class_weight=weights).fit(X, Y), tmp_path).load()
    assert loaded.class_weight == weights
    assert {type(key) for key in loaded.class_weight} == {type(key) for key in weights}


def test_keys_that_skops_cannot_bring_back_are_refused(tmp_path: Path):
    with pytest.raises(Unsupported, match="format='joblib'"):
        keep(LogisticRegression(class_weight={None: 1.0}), tmp_path)


@pytest.mark.parametrize("name", ["../x", "/x", "a//b", "", "C:x", "a\\b", ".", "x\n", "a" * 300])
def test_a_file_name_that_climbs_out_is_refused(name: str, tmp_path: Path):
    with pytest.raises(BadInput, match="is no file name"):
        keep(LogisticRegression(), tmp_path, files={name: tmp_path})


def test_files_are_stored_beside_the_model(tmp_path: Path):
    (tmp_path / "labels").write_text("yes,no")
    (tmp_path / "kept").mkdir()
    kept = keep(LogisticRegression(), tmp_path / "kept", files={"labels/all.csv": tmp_path / "labels"})
    assert kept.files["files/labels/all.csv"].read_text() == "yes,no"


def test_the_room_is_light_to_import():
    code = (
        "import sys, nb_mlops.formats; print([m for m in ('numpy', 'sklearn', 'skops', 'pickle') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.stdout.strip() == "[]"


PLUG_IN = {
    "pyproject.toml": """
[build-system]
requires = ["hatchling"]
build-backend = "hatchling.build"
[project]
name = "numbers-format"
version = "1.0"
[project.entry-points."nb_mlops.formats"]
numbers = "numbers_format:Numbers"
[tool.hatch.build.targets.wheel]
only-include = ["numbers_format.py"]
""",
    "numbers_format.py": """
import json

class Mean:
    def __init__(self, value):
        self.value = value
    def predict(self, table):
        return [self.value] * len(table)

class Numbers:
    name, pickle_like, by_name, requires = "numbers", False, False, ("numbers-format",)
    def fits(self, estimator):
        return isinstance(estimator, Mean)
    def write(self, estimator, open_file, *, modules):
        with open_file("mean.json") as stream:
            stream.write(json.dumps(estimator.value).encode())
        return ()
    def read(self, files, *, trust, mmap, modules):
        return Mean(json.loads(files["mean.json"].read_text()))
""",
}
_USE_IT = """
import sys
from pathlib import Path
from numbers_format import Mean
from nb_mlops.formats import formats
from tests.formats.kept import keep
kept = keep(Mean(2.5), Path(sys.argv[1]))
print(kept.written.format, kept.written.requires, kept.load().predict([1, 2]), "numbers" in formats())
"""


def test_an_installed_package_adds_a_format(tmp_path: Path):
    for folder in ("source", "site", "kept"):
        (tmp_path / folder).mkdir()
    for name, text in PLUG_IN.items():
        (tmp_path / "source" / name).write_text(text)
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-build-isolation", "--no-deps", "--no-index"]
    subprocess.run([*pip, "--target", tmp_path / "site", tmp_path / "source"], check=True)
    path = ":".join(map(str, (tmp_path / "site", ROOT, ROOT / "src")))
    done = subprocess.run(
        [sys.executable, "-c", _USE_IT, tmp_path / "kept"], capture_output=True, text=True, env={"PYTHONPATH": path}
    )
    assert done.stdout.strip() == "numbers ('numbers-format',) [2.5, 2.5] True", done.stderr
