"""Were held-out rows trained on? The share of rows found in training beyond what chance duplicates explain.

A share `d` of training rows has a twin in training, so about `d` of fresh rows have one there too. If a share `e` of
the held-out rows was copied from training, the share found there is `o = e + (1 − e)·d`; solved for `e`:
`e = (o − d) / (1 − d)`. Both are counted on the sample of rows that the sketch of the training data holds, and a
difference within their sampling error counts as explained.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nb_mlops.core.measures import Value
from nb_mlops.core.row_sketch import Coded, Column, RowSketch, Share, row_hashes
from nb_mlops.evaluation.table import columns

SURE = 2.58  # standard errors: 99 %


def sketch_rows(table: Any) -> RowSketch:
    """The row sketch of a table's features (pandas, polars, pyarrow or an array), to be stored with the version."""
    return RowSketch.of(_coded(columns(table)))


def _coded(found: Mapping[str, NDArray[Any]]) -> dict[str, Column]:
    """The columns, those of objects as codes of their distinct values, so that each text is hashed once."""
    import pandas as pd

    made: dict[str, Column] = {}
    for name, values in found.items():
        made[name] = values
        if values.dtype.kind in "OUS":
            codes, distinct = pd.factorize(values.astype(object))
            made[name] = Coded(codes, np.asarray(distinct, dtype=object))
    return made


def excess_overlap(training: RowSketch | None, table: Any) -> Value:
    """The estimated share of rows that came from training, 0 to 1; not applicable where it cannot be known."""
    if training is None or not training.rows:
        return Value.not_applicable("the version keeps no sketch of its training rows (register it with data=)")
    found = columns(table)
    missing = [name for name in training.columns if name not in found]
    if missing:
        return Value.not_applicable(f"the held-out data lacks the training column {missing[0]!r}")
    shared = training.shared(row_hashes(_coded({name: found[name] for name in training.columns})))
    twins = training.twins()
    if not shared.rows:
        return Value.too_few("none of the held-out rows falls into the sample kept of the training rows")
    if twins.share == 1.0:
        return Value.not_applicable("every training row has a twin in training")
    return Value(_excess(shared, twins), _detail(shared, twins, exact=training.is_exact))


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
