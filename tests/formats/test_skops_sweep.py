"""Every estimator of scikit-learn goes to files and back without trust, and equal fits have equal digests."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import sklearn

from nb_mlops.core.errors import Unsupported
from nb_mlops.formats.allowed import TESTED
from tests.formats.estimators import answers, digest, fitted, text_models
from tests.formats.kept import keep

pytestmark = pytest.mark.filterwarnings("ignore:Class PassiveAggressive:FutureWarning")  # scikit-learn retires them

NOT_STORED = {"Birch": "skops refuses it: its nodes refer to each other in a ring"}
NOT_REPEATABLE = dict.fromkeys(
    ("GridSearchCV", "HalvingGridSearchCV", "HalvingRandomSearchCV", "RandomizedSearchCV"),
    "cv_results_ and refit_time_ hold seconds of the clock (actions register best_estimator_, which repeats)",
)


@pytest.fixture(scope="module")
def models() -> dict[str, Any]:
    return {**dict(fitted()), **text_models()}


@pytest.fixture(scope="module")
def digests(models: dict[str, Any]) -> dict[str, str]:
    return {name: digest(each) for name, each in models.items() if name not in NOT_STORED}


def test_the_installed_scikit_learn_is_one_the_allow_list_was_made_for():
    assert sklearn.__version__.rpartition(".")[0] in TESTED


def test_all_of_scikit_learn_is_swept(models: dict[str, Any]):
    assert len(models) > 200


def test_each_estimator_comes_back_without_trust_and_answers_the_same(models: dict[str, Any], tmp_path: Path):
    for name in models.keys() - NOT_STORED.keys():
        folder = tmp_path / name
        folder.mkdir()
        kept = keep(models[name], folder, format="skops")
        loaded = kept.load()
        assert kept.written.warnings == (), name
        _assert_equal(answers(models[name]), answers(loaded), name)


def test_what_was_loaded_is_stored_as_the_same_bytes(models: dict[str, Any], digests: dict[str, str], tmp_path: Path):
    for name in digests:
        folder = tmp_path / name
        folder.mkdir()
        assert digest(keep(models[name], folder, format="skops").load()) == digests[name], name


def test_a_model_has_the_same_digest_after_it_was_used(models: dict[str, Any], digests: dict[str, str]):
    for name in digests:
        answers(models[name])
    assert [name for name in digests if digest(models[name]) != digests[name]] == []


def test_what_skops_cannot_store_is_refused_with_the_way_out(models: dict[str, Any], tmp_path: Path):
    for name in NOT_STORED:
        with pytest.raises(Unsupported, match="format='joblib'"):
            keep(models[name], tmp_path)


def test_refits_in_three_processes_have_equal_digests():
    # Another hash seed orders sets anew; malloc filled with another byte shows memory that nobody wrote to. Not this
    # process: importing imbalanced-learn adds a method to scikit-learn's metadata requests, and so to scorers.
    settings = [("0", "0"), ("1", "85"), ("2", "170")]
    running = [_elsewhere(PYTHONHASHSEED=seed, MALLOC_PERTURB_=byte) for seed, byte in settings]
    one, two, three = (json.loads(each.communicate(timeout=300)[0]) for each in running)
    assert len(one) > 200
    assert {name for name in one if not one[name] == two[name] == three[name]} == NOT_REPEATABLE.keys()


def _elsewhere(**environment: str) -> subprocess.Popen[bytes]:
    root = Path(__file__).parents[2]
    path = os.pathsep.join([str(root), str(root / "src")])
    command = [sys.executable, "-m", "tests.formats.estimators"]
    settings = {**os.environ, **environment, "PYTHONPATH": path}
    return subprocess.Popen(command, stdout=subprocess.PIPE, env=settings, cwd=root)


def _assert_equal(expected: dict[str, Any], found: dict[str, Any], name: str) -> None:
    assert expected.keys() == found.keys()
    for verb, value in expected.items():
        pair = [each.toarray() if hasattr(each, "toarray") else each for each in (value, found[verb])]
        one, two = (np.asarray(each, dtype=object if isinstance(each, list) else None) for each in pair)
        if one.dtype.kind == "f":  # BLAS sums in another order where an array is aligned otherwise
            np.testing.assert_allclose(one, two, rtol=1e-12, atol=1e-13, err_msg=f"{name}.{verb}")
        else:
            np.testing.assert_array_equal(one, two, err_msg=f"{name}.{verb}")
