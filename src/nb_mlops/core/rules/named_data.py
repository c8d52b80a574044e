"""When a data set gets a name: it never means other data."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from nb_mlops.core.errors import BadInput, Refused
from nb_mlops.core.named_data import MOST_NAMED
from nb_mlops.core.ref import data_name
from nb_mlops.core.rows import DataNameRow
from nb_mlops.core.rules.body import is_count, is_text
from nb_mlops.core.rules.ruling import Case, Ruling, hexdigest, in_registry

_MOST_NAME = 200  # characters


def data_named(case: Case) -> Ruling:
    """A name for a data set, pinned to its fingerprint: it never means other data."""
    name = data_name(case.body.get("name", ""))
    data = hexdigest(case.body.get("data"), "the fingerprint of the data")
    rows = case.body.get("rows")
    if not is_count(rows) or not rows:
        raise BadInput("A named data set has at least one row.", "Give the table that validations are run on.")
    known = case.facts.get(DataNameRow, name)
    if known is None:
        body = {"name": name, "data": data, "rows": rows} | _columns_of(case.body)
        return Ruling((in_registry("data_named", body, *case.draft.texts),))
    if known.data == data:
        return Ruling(existing=known.event)
    message = f"{name!r} names other data already ({known.rows:,} rows, {known.data[:12]})."
    raise Refused(message, "A name never moves: choose a new one, such as one with a later quarter.")


def _columns_of(body: Mapping[str, Any]) -> dict[str, Any]:
    """Names and types of the columns and the target, where the client gives them: what tells other data apart."""
    given = {key: body[key] for key in ("columns", "target") if body.get(key) is not None}
    for key, pairs in given.items():
        if not isinstance(pairs, list) or len(pairs) > MOST_NAMED or not all(_is_pair(pair) for pair in pairs):
            raise BadInput(f"The {key} of named data are names with types.", f"Leave out more than {MOST_NAMED}.")
    return given


def _is_pair(pair: object) -> bool:
    return isinstance(pair, list) and len(pair) == 2 and all(is_text(text, _MOST_NAME) for text in pair)
