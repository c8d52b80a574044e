"""Were held-out rows trained on? The share of rows found in training beyond what chance duplicates explain.

A share `d` of training rows has a twin in training, so about `d` of fresh rows have one there too. If a share `e` of
the held-out rows was copied from training, the share found there is `o = e + (1 − e)·d`; solved for `e`:
`e = (o − d) / (1 − d)`. Both are counted on the sample of rows that the sketch of the training data holds.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from nb_mlops.core.measures import Value
from nb_mlops.core.row_sketch import RowSketch, row_hashes
from nb_mlops.evaluation.table import columns


def sketch_rows(table: Any) -> RowSketch:
    """The row sketch of a table's features (pandas, polars, pyarrow or an array), to be stored with the version."""
    return RowSketch.of(columns(table))


def excess_overlap(training: RowSketch | None, table: Any) -> Value:
    """The estimated share of rows that came from training, 0 to 1; not applicable where it cannot be known."""
    if training is None or not training.rows:
        return Value.not_applicable("the version keeps no sketch of its training rows (register it with data=)")
    found = columns(table)
    missing = [name for name in training.columns if name not in found]
    if missing:
        return Value.not_applicable(f"the held-out data lacks the training column {missing[0]!r}")
    looked_up, shared = training.shared(row_hashes({name: found[name] for name in training.columns}))
    if not looked_up:
        return Value.too_few("none of the held-out rows falls into the sample kept of the training rows")
    twins = training.twin_share
    if twins == 1.0:
        return Value.not_applicable("every training row has a twin in training")
    share = shared / looked_up
    excess = max(0.0, (share - twins) / (1 - twins))
    detail = f"{shared:,} of {looked_up:,} rows looked up are in training"
    if twins:
        detail += f", where {twins:.1%} have a twin"
    if not training.is_exact:
        detail += f" (a sample, ± {1.96 * float(np.sqrt(max(share * (1 - share), 1 / looked_up) / looked_up)):.2g})"
    return Value(excess, detail)
