"""A few rows with the model's answers: kept as JSON, replayed later, and different only when the model is."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest
from sklearn.compose import make_column_transformer
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from nb_mlops.core.errors import Damaged
from nb_mlops.evaluation.examples import replay, take

ROWS = 60
draw = np.random.default_rng(0)
NUMBERS = pd.DataFrame(draw.normal(size=(ROWS, 3)), columns=["a", "b", "c"])
Y = (NUMBERS["a"] > 0).astype(int)
MIXED = NUMBERS.assign(kind=draw.choice(["x", "y"], ROWS), whole=np.arange(ROWS), grade=pd.Categorical(["low"] * ROWS))


def mixed_model() -> Any:
    encode = make_column_transformer((OneHotEncoder(), ["kind", "grade"]), remainder="passthrough")
    return make_pipeline(encode, LogisticRegression(max_iter=500)).fit(MIXED, Y)


@pytest.mark.parametrize("X", [NUMBERS, NUMBERS.to_numpy(), NUMBERS.to_numpy("float32"), pl.from_pandas(NUMBERS)])
def test_the_same_model_answers_the_same(X: Any) -> None:
    model = LogisticRegression().fit(X, Y)
    kept = take(model, X)
    assert kept is not None
    assert replay(model, kept) == ()


def test_text_categories_and_whole_numbers_come_back_as_they_were() -> None:
    model = mixed_model()
    kept = take(model, MIXED)
    assert kept is not None
    assert replay(model, kept) == ()


def test_another_model_is_noticed_row_by_row() -> None:
    kept = take(LogisticRegression().fit(NUMBERS, Y), NUMBERS)
    assert kept is not None
    found = replay(LogisticRegression(C=0.01).fit(NUMBERS, Y), kept)
    assert any(line.startswith("predict_proba of example row 1: was") for line in found)


def test_a_transformer_is_known_by_what_it_gives() -> None:
    kept = take(StandardScaler().fit(NUMBERS), NUMBERS)
    assert kept is not None
    assert replay(StandardScaler().fit(NUMBERS * 2), kept) != ()


def test_gaps_stay_gaps() -> None:
    holed = NUMBERS.mask(NUMBERS > 1.5)
    model = make_pipeline(_Filled(), LinearRegression()).fit(holed, Y)
    kept = take(model, holed, rows=20)
    assert kept is not None
    assert None in [value for column in json.loads(kept)["table"]["values"] for value in column]
    assert replay(model, kept) == ()


class _Filled:
    def fit(self, X: Any, y: Any = None) -> Any:
        return self

    def transform(self, X: Any) -> Any:
        return X.fillna(0)


@pytest.mark.parametrize("X", [np.zeros((5, 50_000)), NUMBERS.assign(when=pd.Timestamp("2026-01-01")), {"a": [1]}])
def test_what_json_cannot_hold_keeps_no_examples(X: Any) -> None:
    assert take(_Constant(), X) is None


class _Constant:
    def predict(self, X: Any) -> Any:
        return np.zeros(len(X))


@pytest.mark.parametrize("kept", [b"", b"[]", b'{"table": {}}', b"\xff"])
def test_damaged_examples_are_said(kept: bytes) -> None:
    with pytest.raises(Damaged):
        replay(_Constant(), kept)
