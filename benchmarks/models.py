"""The models and tables that every tool is measured on."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd


def small() -> tuple[Any, pd.DataFrame, pd.Series]:
    """StandardScaler and LogisticRegression on 30 columns."""
    from sklearn.datasets import make_classification
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    values, target = make_classification(2_000, 30, random_state=0)
    X, y = pd.DataFrame(values, columns=[f"c{place}" for place in range(30)]), pd.Series(target)
    return make_pipeline(StandardScaler(), LogisticRegression()).fit(X, y), X, y


def mixed() -> tuple[Any, pd.DataFrame, pd.Series]:
    """ColumnTransformer and HistGradientBoosting on numbers and strings."""
    from sklearn.compose import make_column_transformer
    from sklearn.ensemble import HistGradientBoostingClassifier
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import OneHotEncoder

    _, X, y = small()
    X = X.assign(kind=np.random.default_rng(0).choice(list("abcde"), len(X)))
    encode = make_column_transformer((OneHotEncoder(sparse_output=False), ["kind"]), remainder="passthrough")
    return make_pipeline(encode, HistGradientBoostingClassifier(max_iter=100)).fit(X, y), X, y


def large() -> Any:
    """A random forest of about 500 MB."""
    from sklearn.ensemble import RandomForestRegressor

    draw = np.random.default_rng(0)
    return RandomForestRegressor(61, n_jobs=2, random_state=0).fit(
        draw.normal(size=(90_000, 6)), draw.normal(size=90_000)
    )


def table(rows: int = 1_000_000) -> pd.DataFrame:
    """20 columns: 16 of float64, 4 of strings with 20 categories, 1 % nulls."""
    draw = np.random.default_rng(1)
    columns: dict[str, Any] = {f"x{place}": draw.normal(size=rows) for place in range(16)}
    names = np.array([f"category {place}" for place in range(20)])
    columns |= {f"s{place}": names[draw.integers(0, 20, rows)] for place in range(4)}
    frame = pd.DataFrame(columns)
    return frame.mask(pd.DataFrame(draw.random(frame.shape) < 0.01, columns=frame.columns))
