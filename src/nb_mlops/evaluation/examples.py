"""A few rows with the model's answers, kept with a version: later they prove that it still answers the same.

They are plain JSON: columns by name with their kinds, so nothing has to be trusted to read them.
"""

from __future__ import annotations

import json
from typing import Any

from nb_mlops.core.canonical import canonical
from nb_mlops.core.errors import Damaged

MAX_BYTES = 200_000  # wide tables (pixels, embeddings) keep no examples
_RELATIVE = 1e-6  # float32 models and other BLAS builds differ in the last digits
_ABSOLUTE = 1e-9


def take(estimator: Any, X: Any, *, rows: int = 5) -> bytes | None:
    """The first `rows` rows of X and what the estimator answers to them; None where that cannot be kept as JSON."""
    head = _head(X, rows)
    if head is None:
        return None
    table = _frozen(head)
    if table is None:
        return None
    # What comes back from JSON is what will be asked later, so that is what is asked now.
    answers = answers_of(estimator, _thawed(table))
    if answers is None:
        return None
    data = canonical({"table": table, "answers": answers})
    return data if len(data) <= MAX_BYTES else None


def replay(estimator: Any, kept: bytes) -> tuple[str, ...]:
    """What the estimator answers differently today, one line for each method and row; empty when all is the same."""
    try:
        raw = json.loads(kept)
        table, before = _thawed(raw["table"]), dict(raw["answers"])
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise Damaged("The kept example rows cannot be read.", "Run `nb-mlops verify`.") from error
    now = answers_of(estimator, table) or {}
    found = []
    for method, expected in before.items():
        given = now.get(method)
        if given is None or len(given) != len(expected):
            found.append(f"{method}: gives nothing to compare any more")
            continue
        for row, (old, new) in enumerate(zip(expected, given, strict=True), start=1):
            if not _same(old, new):
                found.append(f"{method} of example row {row}: was {_shown(old)}, is {_shown(new)}")
    return tuple(found)


def answers_of(estimator: Any, X: Any) -> dict[str, list[Any]] | None:
    """What each of predict, predict_proba and transform gives, as lists; None where the estimator cannot answer."""
    methods = [name for name in ("predict", "predict_proba") if callable(getattr(estimator, name, None))]
    methods = methods or [name for name in ("transform", "__call__") if callable(getattr(estimator, name, None))]
    answers: dict[str, list[Any]] = {}
    for name in methods:
        try:
            answers[name] = _listed(getattr(estimator, name)(X))
        except Exception:  # noqa: BLE001, S112 (the model's own code: no example is kept for what it cannot answer)
            continue
    return answers or None


def _head(X: Any, rows: int) -> Any:
    if hasattr(X, "head"):
        return X.head(rows)
    return X[:rows] if hasattr(X, "__getitem__") and not isinstance(X, dict | str) else None


def _frozen(head: Any) -> dict[str, Any] | None:
    """A table as JSON: `names` is None for an array."""
    import numpy as np

    if hasattr(head, "columns") and hasattr(head, "iloc"):
        if head.columns.nlevels > 1 or not all(isinstance(name, str) for name in head.columns):
            return None
        if set(head.dtypes) == {np.dtype(np.float64)}:  # the common case, ten times quicker than column by column
            columns_of_numbers = [_without_gaps(column) for column in head.to_numpy().T.tolist()]
            kinds_of_numbers = ["float64"] * head.shape[1]
            return _table(list(head.columns), kinds_of_numbers, columns_of_numbers, "pandas")
        columns = [head.iloc[:, place] for place in range(head.shape[1])]
        kinds = [_kind(column.dtype) for column in columns]
        values = [_plain(column, kind) for column, kind in zip(columns, kinds, strict=True)]
        if None in kinds or None in values:
            return None
        return _table(list(head.columns), kinds, values, "pandas")
    if isinstance(head, np.ndarray) and head.ndim == 2 and head.dtype.kind in "fiub":
        return _table(None, [head.dtype.str], head.tolist(), "numpy")
    if hasattr(head, "to_pandas") and hasattr(head, "columns"):
        frozen = _frozen(head.to_pandas())
        return {**frozen, "library": "polars"} if frozen and type(head).__module__.startswith("polars") else None
    return None


def _table(names: list[str] | None, kinds: list[Any], values: list[Any], library: str) -> dict[str, Any]:
    return {"names": names, "kinds": kinds, "values": values, "library": library}


def _without_gaps(values: list[Any]) -> list[Any]:
    """None for NaN, which JSON lacks."""
    return [None if value is None or value != value else value for value in values]


def _kind(dtype: Any) -> Any:
    """How a column's type is written down; None for one that JSON cannot give back."""
    import pandas as pd

    if isinstance(dtype, pd.CategoricalDtype):
        categories = dtype.categories
        simple = categories.dtype.kind in "iufb" or all(isinstance(value, str) for value in categories)
        return {"categories": categories.tolist(), "ordered": bool(dtype.ordered)} if simple else None
    name = str(dtype)
    kind = getattr(dtype, "kind", "")
    return name if kind in "iufb" or name in ("object", "str", "string") else None


def _plain(column: Any, kind: Any) -> list[Any] | None:
    values = _without_gaps(column.tolist())
    simple = all(value is None or isinstance(value, bool | int | float | str) for value in values)
    return values if simple and kind is not None else None


def _thawed(table: dict[str, Any]) -> Any:
    import numpy as np

    if table["names"] is None:
        return np.array(_numbers(table["values"]), dtype=np.dtype(table["kinds"][0]))
    import pandas as pd

    if table["library"] == "pandas" and set(map(str, table["kinds"])) <= {"float64"}:
        values = np.array([_numbers(column) for column in table["values"]], dtype=np.float64).T
        return pd.DataFrame(values, columns=table["names"])
    columns = {}
    for name, kind, values in zip(table["names"], table["kinds"], table["values"], strict=True):
        if isinstance(kind, dict):
            dtype: Any = pd.CategoricalDtype(kind["categories"], ordered=kind["ordered"])
        else:
            dtype = kind
        columns[name] = pd.Series(_numbers(values), dtype=dtype)
    frame = pd.DataFrame(columns)
    if table["library"] != "polars":
        return frame
    import polars as pl

    return pl.from_pandas(frame)


def _numbers(values: list[Any]) -> list[Any]:
    """Infinities as numbers again: JSON has them as text."""
    special = {"NaN": float("nan"), "Infinity": float("inf"), "-Infinity": float("-inf")}
    return [
        _numbers(value) if isinstance(value, list) else special.get(value, value) if isinstance(value, str) else value
        for value in values
    ]


def _listed(answer: Any) -> list[Any]:
    found = answer.toarray() if hasattr(answer, "toarray") else answer
    found = found.to_numpy() if hasattr(found, "to_numpy") else found
    listed = found.tolist() if hasattr(found, "tolist") else list(found)
    return [value if isinstance(value, bool | int | float | str | list | None) else str(value) for value in listed]


def _same(old: Any, new: Any) -> bool:
    if isinstance(old, list) and isinstance(new, list):
        return len(old) == len(new) and all(_same(one, other) for one, other in zip(old, new, strict=True))
    old, new = (_numbers([value])[0] for value in (old, new))
    if isinstance(old, int | float) and isinstance(new, int | float):
        both_nan = old != old and new != new
        return both_nan or old == new or abs(old - new) <= _ABSOLUTE + _RELATIVE * max(abs(old), abs(new))
    return bool(old == new)


def _shown(value: Any) -> str:
    return str(value)[:80]
