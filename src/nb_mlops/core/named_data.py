"""A data set that has a name in the registry, and why other rows are not it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar

from nb_mlops.core.event import stamp
from nb_mlops.core.printable import one_line
from nb_mlops.core.shown import Json, Shown

if TYPE_CHECKING:
    from nb_mlops.core.dataprint import DataPrint


MOST_NAMED = 200  # columns whose names and types are kept with a name for data


def why_other(named: Mapping[str, Any], seen: DataPrint) -> str:
    """Why rows are not those that a name was given to, as far as its event tells; `named` is the body of that event."""
    if named["rows"] != seen.rows:
        return f"it names {named['rows']:,} rows, these are {seen.rows:,}"
    told = [
        *_differ("target", named.get("target"), seen.target),
        *_differ("column", named.get("columns"), seen.columns),
    ]
    return "; ".join(told[:3]) or "the fingerprint is another one: values, or the order of rows, differ"


def _differ(what: str, named: Any, seen: Sequence[tuple[str, str]]) -> Iterator[str]:
    """How columns differ by name, type and order; nothing where the name's event does not tell them."""
    if named is None:
        return
    there, here = dict(named), dict(seen)
    gone, new = [name for name in there if name not in here], [name for name in here if name not in there]
    if gone and new and what == "target":
        yield f"its target is called {one_line(gone[0], most=60)!r}, this one {one_line(new[0], most=60)!r}"
        return
    yield from (f"it has a {what} {one_line(name, most=60)!r}, these rows have none" for name in gone)
    yield from (f"these rows have a {what} {one_line(name, most=60)!r}, it has none" for name in new)
    yield from (
        f"its {what} {one_line(name, most=60)!r} is {there[name]}, this one {here[name]}"
        for name in there
        if name in here and there[name] != here[name]
    )
    if not gone and not new and list(there) != list(here):
        yield f"its {what}s are in another order"


@dataclass(frozen=True, slots=True, repr=False)
class NamedData(Shown):
    """The name, how many rows, and the fingerprint that they are known again by."""

    kind: ClassVar[str] = "named-data"
    name: str
    rows: int
    data: str
    actor: str
    at: datetime
    about: str = ""

    def to_text(self) -> str:
        """One line."""
        about = f": {one_line(self.about, most=400)}" if self.about else ""
        return f"{self.name}: {self.rows:,} rows, fingerprint {self.data[:16]}…, named by {self.actor}{about}"

    def to_dict(self) -> dict[str, Json]:
        """The name as JSON."""
        return {
            "name": self.name,
            "rows": self.rows,
            "data": self.data,
            "actor": self.actor,
            "at": stamp(self.at),
            "about": self.about,
        }
