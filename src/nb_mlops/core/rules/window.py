"""When a look at drift counts: the same rows looked at twice are one look."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from nb_mlops.core.errors import BadInput
from nb_mlops.core.rows import WindowRow
from nb_mlops.core.rules.body import NEWER, check_count, kept
from nb_mlops.core.rules.ruling import Case, Ruling, hexdigest, one

_SAID = ("number", "data", "rows", "alarm", "report")


def observed(case: Case) -> Ruling:
    """A look at drift that counts; the same rows looked at twice are one look."""
    model = case.model()
    version = case.version(model)
    data = hexdigest(case.body.get("data"), "the fingerprint of the data")
    if not isinstance(case.body.get("alarm"), bool):
        raise BadInput("A recorded window says whether it raised the alarm.", "Give alarm=True or False.")
    if not isinstance(case.body.get("report", {}), Mapping):
        raise BadInput("The report of a window is a table.", NEWER)
    check_count(case.body, "rows", "The rows of a window")
    of_this: dict[str, Any] = {"model": model.id, "number": version.number}
    known = case.facts.last(WindowRow, **of_this, data=data)
    if known is not None:
        return Ruling(existing=known.event)
    return one(
        model,
        "observed",
        kept(case.body, _SAID) | {"look": case.facts.how_many(WindowRow, **of_this) + 1},
        case.draft.texts,
    )
