"""When a data set gets a name: it never means other data."""

from __future__ import annotations

from nb_mlops.core.errors import BadInput, Refused
from nb_mlops.core.ref import alias_name
from nb_mlops.core.rows import DataNameRow
from nb_mlops.core.rules.body import is_count
from nb_mlops.core.rules.ruling import Case, Ruling, hexdigest, in_registry


def data_named(case: Case) -> Ruling:
    """A name for a data set, pinned to its fingerprint: it never means other data."""
    name = alias_name(case.body.get("name", ""))
    data = hexdigest(case.body.get("data"), "the fingerprint of the data")
    rows = case.body.get("rows")
    if not is_count(rows) or not rows:
        raise BadInput("A named data set has at least one row.", "Give the table that validations are run on.")
    known = case.facts.get(DataNameRow, name)
    if known is None:
        return Ruling((in_registry("data_named", {"name": name, "data": data, "rows": rows}, *case.draft.texts),))
    if known.data == data:
        return Ruling(existing=known.event)
    message = f"{name!r} names other data already ({known.rows:,} rows, {known.data[:12]})."
    raise Refused(message, "A name never moves: choose a new one, such as one with a later quarter.")
