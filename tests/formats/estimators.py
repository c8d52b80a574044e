"""Every estimator of scikit-learn, fitted on small data. Run as a program it prints their digests as JSON."""

from __future__ import annotations

import hashlib
import io
import json
import sys
import warnings
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from sklearn.base import clone
from sklearn.experimental import enable_halving_search_cv, enable_iterative_imputer  # noqa: F401
from sklearn.utils import all_estimators, get_tags
from sklearn.utils._test_common.instance_generator import _construct_instances

from nb_mlops.formats import canonical

RANDOM = np.random.RandomState(0)
X = RANDOM.rand(40, 4) + 0.1
Y = (X[:, 0] > 0.5).astype(int)
TEXT = ["aa bb cc", "bb cc dd", "aa dd ff"] * 5
RECORDS = [{"a": 1, "b": 2}, {"a": 3}] * 5

# Data for those that the tags below do not describe.
_SPECIAL: dict[str, Callable[[Any], Any]] = {
    "KernelCenterer": lambda each: each.fit(X @ X.T),
    "LabelEncoder": lambda each: each.fit(["no", "yes", "maybe"]),
    "LabelBinarizer": lambda each: each.fit(["no", "yes", "maybe"]),
    "MultiLabelBinarizer": lambda each: each.fit([{"a", "b"}, {"c"}]),
    "SparseCoder": lambda each: each.fit(X),
}


def fitted() -> Iterator[tuple[str, Any]]:
    """Names and fitted estimators, in scikit-learn's order; FrozenEstimator, which only wraps another, is made here."""
    from sklearn.frozen import FrozenEstimator
    from sklearn.linear_model import LogisticRegression

    for name, cls in all_estimators():
        if not cls.__module__.startswith("sklearn."):
            continue
        if cls is FrozenEstimator:
            yield name, FrozenEstimator(LogisticRegression().fit(X, Y)).fit(X, Y)
        else:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                yield name, _fit(name, _made(cls))


def _made(cls: Any) -> Any:
    if cls.__name__ == "SparseCoder":  # before 1.9 scikit-learn's own tests did not know what to give it
        return cls(dictionary=np.eye(4))
    return next(iter(_construct_instances(cls)))


def _fit(name: str, estimator: Any) -> Any:
    if "random_state" in estimator.get_params():
        estimator.set_params(random_state=0)
    if name in _SPECIAL:
        return _SPECIAL[name](estimator)
    table = _table(get_tags(estimator).input_tags)
    failures = []
    for target in (Y, Y + 1, np.c_[Y, 1 - Y], None):
        each = clone(estimator)
        try:
            return each.fit(table) if target is None else each.fit(table, target[: len(table)])
        except (ValueError, TypeError, IndexError) as error:
            failures.append(f"{error}")
    raise AssertionError(f"{name} can't be fitted: {failures}")


def _table(tags: Any) -> Any:
    if tags.one_d_array:
        return X[:, 0]
    if tags.string and not tags.two_d_array:
        return TEXT
    return RECORDS if tags.dict else X


def answers(estimator: Any) -> dict[str, Any]:
    """What the estimator says of the data it was fitted on, by method."""
    table = _table(get_tags(estimator).input_tags)
    found = {}
    for verb in ("predict", "predict_proba", "decision_function", "transform", "score_samples"):
        if hasattr(estimator, verb):
            try:
                with warnings.catch_warnings():
                    warnings.simplefilter("ignore")
                    found[verb] = getattr(estimator, verb)(table)
            except (ValueError, TypeError):  # it wants other data; its state is compared all the same
                continue
    return found


def digest(estimator: Any) -> str:
    """The sha256 of the canonical skops file."""
    buffer = io.BytesIO()
    canonical.write(estimator, buffer, modules={})
    return hashlib.sha256(buffer.getvalue()).hexdigest()


def text_models() -> dict[str, Any]:
    """Text models whose stop words are a list or a set: what skops alone stores with an address or in hash order."""
    from sklearn.feature_extraction.text import CountVectorizer, TfidfVectorizer

    listed = TfidfVectorizer(stop_words=["bb", "ff", "zz"]).fit(TEXT)
    return {"stop words": listed, "set": CountVectorizer(vocabulary={"aa", "bb", "cc", "dd"}).fit(TEXT)}


if __name__ == "__main__":
    from nb_mlops.core.errors import Unsupported

    digests = {}
    for name, estimator in [*fitted(), *text_models().items()]:
        try:
            digests[name] = digest(estimator)
        except Unsupported:
            digests[name] = ""
    json.dump(digests, sys.stdout)
