"""The baseline of a version: the profile of its training data, and a sketch of its rows to find overlap with."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from nb_mlops.core.errors import Damaged

if TYPE_CHECKING:
    from nb_mlops.actions.registry import Registry
    from nb_mlops.core.dataprint import DataPrint
    from nb_mlops.core.profile import Profile
    from nb_mlops.core.row_sketch import RowSketch
    from nb_mlops.core.version import Version


@dataclass(frozen=True)
class Baseline:
    """What is kept of the training data: summaries, no rows."""

    profile: Profile
    rows: RowSketch

    @cached_property
    def blob(self) -> bytes:
        """The bytes that are stored; the same summaries give the same bytes. Plain `json`: there are many numbers."""
        made = {"profile": self.profile.to_dict(), "rows": self.rows.to_dict()}
        return json.dumps(made, sort_keys=True, separators=(",", ":")).encode()


_kept: dict[tuple[str, type], Baseline] = {}
_MOST_KEPT = 4


def summarise(table: Any, known: DataPrint) -> Baseline:
    """The baseline of a table, by its fingerprint: several models of one table are summarised once."""
    from nb_mlops.evaluation.overlap import sketch_rows
    from nb_mlops.profiling import profile

    key = (known.sha256, type(table))
    found = _kept.get(key)
    if found is None:
        found = Baseline(profile(table), sketch_rows(table))
        if not known.sampled:  # a digest of a sample does not prove that the rest is the same
            _kept[key] = found
        while len(_kept) > _MOST_KEPT:
            del _kept[next(iter(_kept))]
    return found


def read_baseline(registry: Registry, version: Version) -> Baseline | None:
    """The baseline of a version; None when its training data was not known."""
    if version.row.baseline is None:
        return None
    from nb_mlops.core.profile import Profile
    from nb_mlops.core.row_sketch import RowSketch

    try:
        raw: Any = json.loads(registry.blobs.read(version.row.baseline))
        return Baseline(Profile.from_dict(raw["profile"]), RowSketch.from_dict(raw["rows"]))
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise Damaged(f"The baseline of {version.ref} cannot be read.", "Run `nb-mlops verify`.") from error
