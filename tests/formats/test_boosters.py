"""XGBoost, LightGBM and CatBoost models keep answers, classes and parameters through their makers' own files."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import catboost
import lightgbm
import numpy as np
import pytest
import xgboost
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from nb_mlops.core.errors import BadInput, Damaged, Unsupported
from tests.formats.estimators import X, Y
from tests.formats.kept import keep

WORDS = np.where(Y, "yes", "no")
THREE = np.arange(len(X)) % 3
_QUIET = {"iterations": 5, "verbose": 0, "allow_writing_files": False}


def _models() -> dict[str, Any]:
    stopping = xgboost.XGBClassifier(n_estimators=20, early_stopping_rounds=2, eval_metric="logloss")
    leaves = {"n_estimators": 5, "min_child_samples": 2, "verbose": -1}
    best = lightgbm.LGBMClassifier(**{**leaves, "n_estimators": 20}, early_stopping_round=1)
    return {
        "xgb": xgboost.XGBClassifier(n_estimators=5).fit(X, Y),
        "xgb early": stopping.fit(X, Y, eval_set=[(X, 1 - Y)], verbose=False),
        "xgb regression": xgboost.XGBRegressor(n_estimators=5).fit(X, X[:, 1]),
        "xgb pipeline": make_pipeline(StandardScaler(), xgboost.XGBClassifier(n_estimators=5)).fit(X, Y),
        "lgb words": lightgbm.LGBMClassifier(**leaves).fit(X, WORDS),
        "lgb three": lightgbm.LGBMClassifier(**leaves).fit(X, THREE),
        "lgb early": best.fit(X, Y, eval_X=X, eval_y=1 - Y),
        "lgb pipeline": make_pipeline(StandardScaler(), lightgbm.LGBMRegressor(**leaves)).fit(X, X[:, 1]),
        "cat words": catboost.CatBoostClassifier(**_QUIET).fit(X, WORDS),
        "cat pipeline": make_pipeline(StandardScaler(), catboost.CatBoostRegressor(**_QUIET)).fit(X, X[:, 1]),
    }


@pytest.fixture(scope="module")
def models() -> dict[str, Any]:
    return _models()


@pytest.mark.parametrize("name", ["xgb", "xgb early", "xgb regression", "xgb pipeline", "lgb words", "lgb three",
                                  "lgb early", "lgb pipeline", "cat words", "cat pipeline"])  # fmt: skip
def test_a_booster_comes_back_the_same_without_trust(name: str, models: dict[str, Any], tmp_path: Path):
    model = models[name]
    kept = keep(model, tmp_path)
    loaded = kept.load()
    assert kept.written.format in ("xgboost", "lightgbm", "catboost")
    assert type(loaded) is type(model)
    for verb in ("predict", "predict_proba"):
        if hasattr(model, verb):
            assert np.array_equal(getattr(loaded, verb)(X), getattr(model, verb)(X))
    if hasattr(model, "classes_"):
        assert (list(loaded.classes_), loaded.classes_.dtype) == (list(model.classes_), model.classes_.dtype)
    assert _last(loaded).get_params() == pytest.approx(_last(model).get_params(), nan_ok=True)


@pytest.mark.parametrize("name", ["xgb early", "lgb early"])
def test_the_best_iteration_of_early_stopping_is_kept(name: str, models: dict[str, Any], tmp_path: Path):
    loaded = keep(models[name], tmp_path).load()
    best = "best_iteration" if name.startswith("xgb") else "best_iteration_"
    assert getattr(loaded, best) == getattr(models[name], best) < 19


def test_a_refit_has_the_same_digests(models: dict[str, Any], tmp_path: Path):
    for name, again in _models().items():
        folders = [tmp_path / name / side for side in ("one", "two")]
        for folder in folders:
            folder.mkdir(parents=True)
        assert keep(models[name], folders[0]).digests == keep(again, folders[1]).digests, name


def test_storing_leaves_the_pipeline_as_it_was(models: dict[str, Any], tmp_path: Path):
    before = models["xgb pipeline"].predict(X)
    keep(models["xgb pipeline"], tmp_path)
    assert np.array_equal(models["xgb pipeline"].predict(X), before)


def test_native_boosters_are_stored_alone(tmp_path: Path):
    one = xgboost.train({"objective": "binary:logistic"}, xgboost.DMatrix(X, Y), 5)
    kept = keep(one, tmp_path)
    assert list(kept.files) == ["model.ubj"]
    assert np.array_equal(kept.load().predict(xgboost.DMatrix(X)), one.predict(xgboost.DMatrix(X)))


def test_a_native_lightgbm_booster_answers_the_same(tmp_path: Path):
    options = {"objective": "binary", "verbose": -1, "min_data_in_leaf": 2}
    booster = lightgbm.train(options, lightgbm.Dataset(X, Y), 5)
    assert np.array_equal(keep(booster, tmp_path).load().predict(X), booster.predict(X))


def test_a_booster_inside_a_search_is_refused_with_the_way_out(tmp_path: Path):
    search = GridSearchCV(xgboost.XGBClassifier(n_estimators=2), {"max_depth": [1, 2]}, cv=2).fit(X, Y)
    with pytest.raises(Unsupported, match="best_estimator_"):
        keep(search, tmp_path)


def test_a_booster_that_was_not_fitted_is_refused(tmp_path: Path):
    with pytest.raises(BadInput, match="not fitted"):
        keep(xgboost.XGBClassifier(), tmp_path)


@pytest.mark.parametrize(
    ("name", "file"), [("xgb", "model.ubj"), ("lgb words", "model.txt"), ("cat words", "model.cbm")]
)
def test_a_cut_booster_file_is_damaged(name: str, file: str, models: dict[str, Any], tmp_path: Path):
    kept = keep(models[name], tmp_path)
    kept.files[file].write_bytes(kept.files[file].read_bytes()[:50])
    with pytest.raises(Damaged, match=file):
        kept.load()


def test_a_notebook_objective_is_code_to_trust(tmp_path: Path):
    def objective(label: Any, margin: Any) -> Any:
        return margin - label, np.ones_like(margin)

    with pytest.raises(Unsupported, match="objective, which was made inside a function"):
        keep(xgboost.XGBRegressor(n_estimators=2, objective=objective).fit(X, X[:, 1]), tmp_path)


def _last(model: Any) -> Any:
    return model[-1] if hasattr(model, "steps") else model
