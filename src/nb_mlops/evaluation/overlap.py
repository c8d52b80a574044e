"""Were held-out rows trained on? The share of rows found in training beyond what chance duplicates explain.

A share `d` of training rows has a twin in training, so about `d` of fresh rows have one there too. If a share `e` of
the held-out rows was copied from training, the share found there is `o = e + (1 − e)·d`; solved for `e`:
`e = (o − d) / (1 − d)`. Both are counted on the sample of rows that the sketch of the training data holds, and a
difference within their sampling error counts as explained.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nb_mlops.core.measures import Value
from nb_mlops.core.row_sketch import Coded, Column, RowSketch, Share, row_hashes
from nb_mlops.evaluation.table import column_names, columns, pick

SURE = 2.58  # standard errors: 99 %


def sketch_rows(table: Any) -> RowSketch:
    """The row sketch of a table's features (pandas, polars, pyarrow or an array), to be stored with the version."""
    return RowSketch.of(_coded(table))


def _coded(table: Any) -> dict[str, Column]:
    """The columns, those of objects as codes of their distinct values, so that each text is hashed once."""
    names = column_names(table)
    texts = _texts(table, names or ())
    others = [name for name in names or () if name not in texts]
    found = columns(pick(table, others) if texts else table) if others or not texts else {}
    made = {name: _by_value(values) for name, values in found.items()} | texts
    return {name: made[name] for name in names or made}


def _by_value(values: NDArray[Any]) -> Column:
    if values.dtype.kind not in "OUS":
        return values
    import pandas as pd

    codes, distinct = pd.factorize(values.astype(object))
    return Coded(codes, np.asarray(distinct, dtype=object))


def _texts(table: Any, names: Sequence[str]) -> dict[str, Column]:
    """pandas' text columns, coded by Arrow where it is installed: ten times quicker than as Python objects."""
    pd = sys.modules.get("pandas")
    if pd is None or not isinstance(table, pd.DataFrame) or len(set(names)) != table.shape[1]:
        return {}
    try:
        import pyarrow as pa
    except ImportError:  # an optional part of pandas
        return {}
    made: dict[str, Column] = {}
    for place, name in enumerate(names):
        if isinstance(table.dtypes.iloc[place], pd.StringDtype):
            array = pa.chunked_array([pa.array(table.iloc[:, place], from_pandas=True)])
            encoded = array.dictionary_encode().combine_chunks()
            codes = encoded.indices.fill_null(-1).to_numpy(zero_copy_only=False)
            made[name] = Coded(codes, np.asarray(encoded.dictionary.to_pylist(), dtype=object))
    return made


def excess_overlap(training: RowSketch | None, table: Any, names: Sequence[str] = ()) -> Value:
    """The estimated share of rows that came from training, 0 to 1; not applicable where it cannot be known.

    `names` are those of the columns of an array, where the model was fitted on a table that had names.
    """
    if training is None or not training.rows:
        return Value.not_applicable("the version keeps no sketch of its training rows (register it with data=)")
    table = _named_alike(training, table, names)
    known = column_names(table)
    missing = [name for name in training.columns if name not in (columns(table) if known is None else known)]
    if missing:
        return Value.not_applicable(f"the held-out data lacks the training column {missing[0]!r}")
    coded = _coded(pick(table, training.columns) if known is not None else table)
    shared = training.shared(row_hashes({name: coded[name] for name in training.columns}))
    twins = training.twins()
    if not shared.rows:
        return Value.too_few("none of the held-out rows falls into the sample kept of the training rows")
    if twins.share == 1.0:
        return Value.not_applicable("every training row has a twin in training")
    return Value(_excess(shared, twins), _detail(shared, twins, exact=training.is_exact))


def _named_alike(training: RowSketch, table: Any, names: Sequence[str]) -> Any:
    """The table under the names of the training columns: the same rows without names, or with some, are the same."""
    known = column_names(table)
    if known is None and names:
        values = list(columns(table).values())
        return dict(zip(names, values, strict=True)) if len(values) == len(names) else table
    places = [str(at) for at in range(len(training.columns))]
    if known and known != places and sorted(places) == list(training.columns) and len(known) == len(places):
        return dict(zip(places, columns(table).values(), strict=True))
    return table


def _excess(shared: Share, twins: Share) -> float:
    """The share of copied rows; 0 where training's own twins explain what was found, sampling error included."""
    beyond = shared.share - twins.share
    error = math.hypot(shared.standard_error, twins.standard_error)
    if beyond <= 0 or (twins.having and beyond <= SURE * error):
        return 0.0
    return beyond / (1 - twins.share)


def _detail(shared: Share, twins: Share, *, exact: bool) -> str:
    detail = f"{shared.having:,} of {shared.rows:,} rows looked up are in training"
    if twins.having:
        detail += f", where {twins.share:.1%} have a twin"
    return detail if exact else f"{detail} (a sample, ± {1.96 * shared.standard_error:.2g})"
