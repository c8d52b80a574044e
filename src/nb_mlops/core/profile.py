"""A table in a few kB a column: what drift, signatures and pictures are computed from. Mergeable by `+`.

Profiles of parts add up to the profile of the whole: counts exactly, moments to rounding. So windows, segments and
partitions cost one reading of the data, whatever is asked of them later.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import TYPE_CHECKING, ClassVar, Literal, cast, get_args

from nb_mlops.core.canonical import canonical
from nb_mlops.core.categories import Categories
from nb_mlops.core.errors import BadInput
from nb_mlops.core.numeric import Numbers
from nb_mlops.core.reading import count_of, object_of, text_of, texts_of
from nb_mlops.core.shown import Shown

if TYPE_CHECKING:
    from collections.abc import Mapping

    from nb_mlops.core.shown import Json

Kind = Literal["numeric", "categorical", "boolean", "datetime", "text", "nested", "empty", "mixed", "unreadable"]
Role = Literal["input", "target", "score"]
MOST_BYTES = 100_000_000
MOST_COLUMNS = 20_000
_VERSION = 1


@dataclass(frozen=True, slots=True)
class ColumnProfile:
    """One column: `rows` of it, `nulls` among them, and its numbers or its values.

    kind: 'numeric' (durations in seconds too), 'datetime' (numbers: seconds since 1970, UTC), 'boolean' and
    'categorical' (values), 'text' (counted, values never stored), 'nested' and 'unreadable' (only nulls counted),
    'empty' (no value at all), 'mixed' (parts that were merged had different kinds). `notes` are sentences for people.
    """

    family: Kind
    rows: int
    nulls: int
    dtype: str = ""
    numbers: Numbers | None = None
    values: Categories | None = None
    role: Role = "input"
    notes: tuple[str, ...] = ()

    @property
    def kind(self) -> Kind:
        """What the column is; private-looking categories are 'text'."""
        if self.family == "categorical" and self.values is not None and self.values.is_private:
            return "text"
        return self.family

    @property
    def present(self) -> int:
        """How many values are not null."""
        return self.rows - self.nulls

    @property
    def distinct_count(self) -> int | None:
        """How many values differ, exactly or estimated; None where they were not looked at."""
        if self.numbers is not None:
            return self.numbers.distinct_count
        return self.values.distinct_count if self.values is not None else None

    def __add__(self, other: ColumnProfile) -> ColumnProfile:
        rows, nulls = self.rows + other.rows, self.nulls + other.nulls
        notes = (*self.notes, *(note for note in other.notes if note not in self.notes))
        if other.family == "empty":
            return replace(self, rows=rows, nulls=nulls, notes=notes)
        if self.family == "empty":
            return replace(other, rows=rows, nulls=nulls, notes=notes, role=self.role)
        if self.family != other.family:
            note = f"merged from {self.family} and {other.family} parts"
            return ColumnProfile("mixed", rows, nulls, self.dtype, role=self.role, notes=(*notes, note))
        return replace(
            self,
            rows=rows,
            nulls=nulls,
            notes=notes,
            dtype=" | ".join(sorted({*self.dtype.split(" | "), *other.dtype.split(" | ")})),
            numbers=self.numbers + other.numbers if self.numbers and other.numbers else None,
            values=self.values + other.values if self.values and other.values else None,
        )

    def to_dict(self) -> dict[str, Json]:
        """The column as JSON; private values are left out."""
        written: dict[str, Json] = {"kind": self.family, "rows": self.rows, "nulls": self.nulls, "dtype": self.dtype}
        if self.role != "input":
            written["role"] = self.role
        if self.notes:
            written["notes"] = [*self.notes]
        if self.numbers is not None:
            written["numbers"] = self.numbers.to_dict()
        if self.values is not None:
            written["values"] = self.values.to_dict()
        return written

    @classmethod
    def from_dict(cls, given: object) -> ColumnProfile:
        """The column that `to_dict` wrote; raises BadInput for anything else."""
        fields = object_of(given, "A column's profile")
        read = cls(
            kind_of(fields.get("kind")),
            count_of(fields, "rows"),
            count_of(fields, "nulls"),
            text_of(fields, "dtype"),
            numbers=Numbers.from_dict(fields["numbers"]) if "numbers" in fields else None,
            values=Categories.from_dict(fields["values"]) if "values" in fields else None,
            role=_role_of(fields.get("role", "input")),
            notes=texts_of(fields, "notes"),
        )
        read._check()
        return read

    def _check(self) -> None:
        needs_numbers = self.family in ("numeric", "datetime")
        needs_values = self.family in ("categorical", "boolean")
        if needs_numbers != (self.numbers is not None) or needs_values != (self.values is not None):
            raise BadInput(f"A {self.family} column's profile lacks its part, or has another's.", _CHANGED)
        kept = self.numbers.total if self.numbers else self.values.count if self.values else None
        if self.nulls > self.rows or (kept is not None and kept != self.present):
            raise BadInput("A column's values and nulls do not add up to its rows.", _CHANGED)


@dataclass(frozen=True, slots=True, eq=True, repr=False)
class Profile(Shown):
    """The profiles of a table's columns, by name, in the table's order."""

    kind: ClassVar[str] = "profile"
    rows: int
    columns: Mapping[str, ColumnProfile]

    def __post_init__(self) -> None:
        object.__setattr__(self, "columns", MappingProxyType(dict(self.columns)))

    def __reduce__(self) -> tuple[object, ...]:
        """How it travels between processes (a mapping proxy cannot)."""
        return Profile, (self.rows, dict(self.columns))

    def __add__(self, other: Profile) -> Profile:
        """The profile of both tables together; a column that one lacks counts as missing there."""
        if not isinstance(other, Profile):
            return NotImplemented
        names = [*self.columns, *(name for name in other.columns if name not in self.columns)]
        return Profile(self.rows + other.rows, {name: self._part(name) + other._part(name) for name in names})

    def _part(self, name: str) -> ColumnProfile:
        return self.columns.get(name) or ColumnProfile("empty", self.rows, self.rows)

    def to_text(self) -> str:
        """A line per column."""
        lines = [f"Profile of {self.rows:,} rows, {len(self.columns):,} columns"]
        width = max((min(len(name), 30) for name in self.columns), default=0)
        for name, column in self.columns.items():
            lines.append(f"  {_plain(name)[:30]:<{width}}  {column.kind:<11} {_summary(column)}".rstrip())
        return "\n".join(lines)

    def to_dict(self) -> dict[str, Json]:
        """The profile as JSON; private values are left out."""
        columns: list[Json] = [{"name": name, **column.to_dict()} for name, column in self.columns.items()]
        return {"profile": _VERSION, "rows": self.rows, "columns": columns}

    @classmethod
    def from_dict(cls, given: object) -> Profile:
        """The profile that `to_dict` wrote; raises BadInput for anything else."""
        fields = object_of(given, "This")
        if fields.get("profile") != _VERSION:
            raise BadInput("This is no profile that this release reads.", _NEWER)
        listed = fields.get("columns")
        if not isinstance(listed, list) or len(listed) > MOST_COLUMNS:
            raise BadInput(f"The columns of this profile are not a list of at most {MOST_COLUMNS:,}.", _CHANGED)
        columns: dict[str, ColumnProfile] = {}
        for each in listed:
            name = text_of(object_of(each, "A column's profile"), "name", most=10_000)
            if name in columns:
                raise BadInput(f"This profile has the column {ascii(name)[:60]} twice.", _CHANGED)
            columns[name] = ColumnProfile.from_dict(each)
        return cls(count_of(fields, "rows"), columns)

    def to_bytes(self) -> bytes:
        """Canonical JSON (RFC 8785): equal profiles have equal bytes."""
        return canonical(self.to_dict())

    @classmethod
    def from_bytes(cls, data: bytes) -> Profile:
        """The profile that `to_bytes` wrote; raises BadInput for anything else."""
        if len(data) > MOST_BYTES:
            raise BadInput(f"A profile of {len(data):,} bytes is too large to be one.", _CHANGED)
        try:
            given = json.loads(data)
        except (ValueError, RecursionError) as error:  # RecursionError: JSON nested without end
            raise BadInput("These bytes are not the JSON of a profile.", _CHANGED) from error
        return cls.from_dict(given)


def kind_of(given: object) -> Kind:
    """The kind that a stored text names; raises BadInput."""
    for kind in get_args(Kind):
        if given == kind:
            return cast("Kind", kind)
    raise BadInput(f"A column has the unknown kind {ascii(given)[:40]}.", _NEWER)


def _role_of(given: object) -> Role:
    for role in get_args(Role):
        if given == role:
            return cast("Role", role)
    raise BadInput(f"A column has the unknown role {ascii(given)[:40]}.", _NEWER)


def _summary(column: ColumnProfile) -> str:
    missing = f"{column.nulls / column.rows:.1%} missing" if column.nulls and column.rows else ""
    if column.numbers is not None and column.family == "numeric" and column.numbers.count:
        numbers = column.numbers
        parts = [f"{numbers.low:.4g} … {numbers.high:.4g}, mean {numbers.mean:.4g}", missing]
    elif column.distinct_count:
        parts = [f"{column.distinct_count:,} values", missing]
    else:
        parts = [missing]
    return " · ".join(part for part in (*parts, *column.notes) if part)


def _plain(text: str) -> str:
    """Text without control characters, for terminals."""
    return "".join(letter if letter.isprintable() else "�" for letter in text)


_CHANGED = "It was not written by nb_mlops, or was changed since."
_NEWER = "It may have been written by a newer nb_mlops: upgrade this one."
