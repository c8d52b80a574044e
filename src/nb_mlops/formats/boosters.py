"""Gradient boosters in their makers' own files: XGBoost's UBJSON, LightGBM's text, CatBoost's cbm.

A wrapper (XGBClassifier, LGBMClassifier) is stored without its booster by skops, so that all it knows besides trees
(classes, parameters, label encoder, best iteration) comes back; the booster goes into a file of its own and is put in
its place at loading. The same is done for the last step of a Pipeline. Elsewhere (inside a search, a stacking)
boosters are refused by skops' write, with the way out.
"""

from __future__ import annotations

import copy
import json
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from nb_mlops.core.errors import BadInput, Damaged, NbMlopsError, Unsupported
from nb_mlops.formats import skops_model
from nb_mlops.formats.format import OpenFile

_PIPELINES = frozenset({"sklearn.pipeline", "imblearn.pipeline"})


class _Native:
    """A booster in a file of its own, and what wraps it by skops."""

    pickle_like = False
    by_name = True
    name = ""
    library = ""
    file = ""

    @property
    def requires(self) -> tuple[str, ...]:
        """The library; skops too, as most models have a wrapper."""
        return (self.library, "skops")

    def fits(self, estimator: object) -> bool:
        """Whether it is the library's, or a Pipeline that ends with it."""
        return str(type(_last(estimator)).__module__).partition(".")[0] == self.library

    def write(self, estimator: object, open_file: OpenFile, *, modules: Mapping[str, str]) -> tuple[str, ...]:
        """Writes the booster and, where there is one, its wrapper."""
        last = _last(estimator)
        _require_fitted(last)
        warnings: tuple[str, ...] = ()
        hollow = self.without_booster(last)
        if hollow is not None:
            warnings = skops_model.Skops().write(_replaced(estimator, hollow), open_file, modules=modules)
        self.write_booster(last, open_file)
        return warnings

    def read(self, files: Mapping[str, Path], *, trust: bool, mmap: bool, modules: Mapping[str, str]) -> object:
        """The estimator with its booster in place."""
        if self.file not in files:
            raise Damaged(f"The version has no {self.file}.", "Its files and its format do not belong together.")
        try:
            booster = self.read_booster(files)
        except (NbMlopsError, ImportError):
            raise
        except Exception as error:  # each library has errors of its own for a damaged file
            raise Damaged(f"{self.library} can't read {self.file}: {ascii(str(error))[1:-1][:160]}.") from error
        if skops_model.FILE not in files:
            return booster
        wrapper = skops_model.load(files[skops_model.FILE], trust=trust)
        return self.with_booster(wrapper, booster)

    def with_booster(self, wrapper: object, booster: Any) -> object:
        """The wrapper, complete."""
        last = _last(wrapper)
        if type(last).__module__.partition(".")[0] != self.library:
            raise Damaged(f"{skops_model.FILE} does not end with a model of {self.library}.")
        last._Booster = booster
        return wrapper

    def without_booster(self, last: Any) -> Any:
        """A shallow copy of the wrapper that has all but the booster; None for a bare booster."""
        if not hasattr(last, "get_params"):
            return None
        hollow = copy.copy(last)
        hollow._Booster = None
        return hollow

    def write_booster(self, last: Any, open_file: OpenFile) -> None:
        """Writes the library's own file."""
        raise NotImplementedError

    def read_booster(self, files: Mapping[str, Path]) -> Any:
        """Reads the library's own file."""
        raise NotImplementedError


class XGBoost(_Native):
    """xgboost.Booster and XGB* estimators."""

    name = library = "xgboost"
    file = "model.ubj"

    def write_booster(self, last: Any, open_file: OpenFile) -> None:
        """Writes model.ubj; its attributes hold the best iteration."""
        booster = last.get_booster() if hasattr(last, "get_booster") else last
        with open_file(self.file) as stream:
            stream.write(booster.save_raw("ubj"))

    def read_booster(self, files: Mapping[str, Path]) -> Any:
        """Reads model.ubj."""
        import xgboost

        booster = xgboost.Booster()
        booster.load_model(bytearray(files[self.file].read_bytes()))
        return booster


class LightGBM(_Native):
    """lightgbm.Booster and LGBM* estimators. The text keeps all iterations; which was best stands beside it."""

    name = library = "lightgbm"
    file = "model.txt"
    facts = "booster.json"

    def write_booster(self, last: Any, open_file: OpenFile) -> None:
        """Writes model.txt and booster.json."""
        booster = getattr(last, "booster_", last)
        with open_file(self.file) as stream:
            stream.write(booster.model_to_string(num_iteration=-1).encode())
        with open_file(self.facts) as stream:
            stream.write(json.dumps({"best_iteration": int(booster.best_iteration)}).encode())

    def read_booster(self, files: Mapping[str, Path]) -> Any:
        """Reads both."""
        import lightgbm

        booster = lightgbm.Booster(model_str=files[self.file].read_text("utf-8"))
        booster.best_iteration = int(json.loads(files[self.facts].read_bytes())["best_iteration"])
        return booster


class CatBoost(_Native):
    """CatBoost, CatBoostClassifier, … A cbm file holds the whole estimator, parameters and classes included."""

    name = library = "catboost"
    file = "model.cbm"
    facts = "catboost.json"
    kinds = ("CatBoost", "CatBoostClassifier", "CatBoostRegressor", "CatBoostRanker")

    def write(self, estimator: object, open_file: OpenFile, *, modules: Mapping[str, str]) -> tuple[str, ...]:
        """Writes the model; a Pipeline around it holds 'passthrough' in its place."""
        last = _last(estimator)
        _require_fitted(last)
        self.write_booster(last, open_file)
        if last is estimator:
            return ()
        return skops_model.Skops().write(_replaced(estimator, "passthrough"), open_file, modules=modules)

    def write_booster(self, last: Any, open_file: OpenFile) -> None:
        """Without the random id and the time of training, which stand in the file and in no prediction."""
        plain = last.copy()
        metadata = plain.get_metadata()
        for key in ("model_guid", "train_finish_time"):
            if key in metadata:
                metadata[key] = ""
        with tempfile.TemporaryDirectory() as folder, open_file(self.file) as stream:
            path = Path(folder, self.file)
            plain.save_model(str(path))
            stream.write(path.read_bytes())
        with open_file(self.facts) as stream:
            stream.write(_json({"class": type(last).__name__, "params": last.get_params()}))

    def read_booster(self, files: Mapping[str, Path]) -> Any:
        """Reads model.cbm into an estimator of the class and the parameters it had."""
        import catboost

        facts = json.loads(files[self.facts].read_bytes())
        if facts["class"] not in self.kinds:
            raise Damaged(f"{self.facts} names {ascii(facts['class'])[:60]}, which is no CatBoost estimator.")
        model = getattr(catboost, facts["class"])(**facts["params"])
        model.load_model(blob=files[self.file].read_bytes())
        model._init_params = dict(facts["params"])  # load_model puts the defaults in their place
        return model

    def with_booster(self, wrapper: object, booster: Any) -> object:
        """The Pipeline with the model in its place."""
        if _last(wrapper) != "passthrough":
            raise Damaged(f"{skops_model.FILE} has no place for the CatBoost model.")
        return _replaced(wrapper, booster)


def _last(estimator: Any) -> Any:
    """The final step of a Pipeline, of one in it, or the estimator itself."""
    while type(estimator).__module__ in _PIPELINES and getattr(estimator, "steps", None):
        estimator = estimator.steps[-1][1]
    return estimator


def _replaced(estimator: Any, last: Any) -> Any:
    """A shallow copy of the Pipeline with another final step; the original stays as it is."""
    if type(estimator).__module__ not in _PIPELINES:
        return last
    changed = copy.copy(estimator)
    name, step = estimator.steps[-1]
    changed.steps = [*estimator.steps[:-1], (name, _replaced(step, last))]
    return changed


def _json(facts: Mapping[str, object]) -> bytes:
    try:
        return json.dumps(facts).encode()
    except (TypeError, ValueError) as error:
        raise Unsupported(
            f"A parameter of the {facts['class']} is no plain value ({error}), so cbm can't hold it.",
            "Give metrics and losses by name; or format='joblib', which loads only where it is trusted.",
        ) from error


def _require_fitted(last: Any) -> None:
    """A wrapper without trees has nothing for its library's file."""
    fitted = getattr(last, "__sklearn_is_fitted__", getattr(last, "is_fitted", None))
    if fitted is not None and not fitted():
        raise BadInput(f"The {type(last).__name__} is not fitted.", "Call its fit first.")
