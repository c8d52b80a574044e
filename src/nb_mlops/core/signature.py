"""What a model takes and gives: columns with kinds, ranges and categories, and its output. Checks a table against it.

Made from the profile of the training data; private-looking values are not in it, as they are not in the profile.
"""

from __future__ import annotations

from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import TYPE_CHECKING, ClassVar, Literal, cast, get_args

from nb_mlops.core.errors import BadInput
from nb_mlops.core.profile import ColumnProfile, Kind, Profile, kind_of
from nb_mlops.core.reading import number_of, object_of, text_of, texts_of
from nb_mlops.core.shown import Shown

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from nb_mlops.core.shown import Json

OutputKind = Literal["classes", "number", "numbers", "transform", "unknown"]
Problem = Literal["missing", "extra", "renamed", "kind", "range", "categories", "nulls"]
MOST_CATEGORIES = 100  # above this a column's values are open-ended: a new one breaks nothing
_ALIKE = 0.75
_OWN = {"missing", "extra", "renamed", "kind"}


@dataclass(frozen=True, slots=True)
class Column:
    """One input: its name, kind, type, whether it had nulls, its range, or the values it had (None: not listed)."""

    name: str
    kind: Kind
    dtype: str = ""
    nullable: bool = False
    low: float | None = None
    high: float | None = None
    categories: tuple[str, ...] | None = None

    @classmethod
    def of(cls, name: str, profile: ColumnProfile, dtype: str = "") -> Column:
        """The column as its profile shows it."""
        numbers, values = profile.numbers, profile.values
        has_range = numbers is not None and numbers.count > 0
        listed = values.values if values is not None and not values.is_private else None
        return cls(
            name,
            profile.kind,
            dtype or profile.dtype,
            nullable=profile.nulls > 0,
            low=numbers.low if numbers is not None and has_range else None,
            high=numbers.high if numbers is not None and has_range else None,
            categories=tuple(v for v, _ in listed) if listed is not None and len(listed) <= MOST_CATEGORIES else None,
        )

    def to_dict(self) -> dict[str, Json]:
        """The column as JSON, without what does not apply."""
        written: dict[str, Json] = {
            "name": self.name,
            "kind": self.kind,
            "dtype": self.dtype,
            "nullable": self.nullable,
        }
        if self.low is not None and self.high is not None:
            written |= {"low": self.low, "high": self.high}
        if self.categories is not None:
            written["categories"] = [*self.categories]
        return written

    @classmethod
    def from_dict(cls, given: object) -> Column:
        """The column that `to_dict` wrote; raises BadInput."""
        fields = object_of(given, "A signature's column")
        has_range = "low" in fields
        return cls(
            text_of(fields, "name", most=10_000),
            kind_of(fields.get("kind")),
            text_of(fields, "dtype"),
            nullable=fields.get("nullable") is True,
            low=number_of(fields, "low") if has_range else None,
            high=number_of(fields, "high") if has_range else None,
            categories=texts_of(fields, "categories") if "categories" in fields else None,
        )


@dataclass(frozen=True, slots=True)
class Output:
    """What the model gives: classes (and which is the positive one), a number, a transformed table."""

    kind: OutputKind = "unknown"
    classes: tuple[str, ...] = ()
    positive: str | None = None

    def to_dict(self) -> dict[str, Json]:
        """The output as JSON."""
        return {"kind": self.kind, "classes": [*self.classes], "positive": self.positive}

    @classmethod
    def from_dict(cls, given: object) -> Output:
        """The output that `to_dict` wrote; raises BadInput."""
        fields = object_of(given, "A signature's output")
        kind, positive = fields.get("kind"), fields.get("positive")
        if kind not in get_args(OutputKind) or not isinstance(positive, str | None):
            raise BadInput(f"A signature's output has the unknown kind {ascii(kind)[:40]}.", "Upgrade nb_mlops.")
        return cls(cast("OutputKind", kind), texts_of(fields, "classes"), positive)


@dataclass(frozen=True, slots=True)
class Violation:
    """One way in which a table breaks a signature."""

    column: str
    problem: Problem
    detail: str

    def __str__(self) -> str:
        return f"{self.column}: {self.detail}"

    def to_dict(self) -> dict[str, Json]:
        """The violation as JSON."""
        return {"column": self.column, "problem": self.problem, "detail": self.detail}


@dataclass(frozen=True, slots=True, repr=False)
class Signature(Shown):
    """The columns a model takes, in order, and its output."""

    kind: ClassVar[str] = "signature"
    columns: tuple[Column, ...]
    output: Output = Output()

    @classmethod
    def of(cls, profile: Profile, dtypes: Mapping[str, str] | None = None, output: Output | None = None) -> Signature:
        """The signature of a model fitted on the table of this profile; a target column is no input."""
        given = dtypes or {}
        inputs = ((name, each) for name, each in profile.columns.items() if each.role == "input")
        return cls(tuple(Column.of(name, each, given.get(name, "")) for name, each in inputs), output or Output())

    def check(self, table: Profile | Signature) -> list[Violation]:
        """What in a table (its profile or signature) breaks this signature, worst first; empty when nothing does."""
        there = table if isinstance(table, Signature) else Signature.of(table)
        shares = table.columns if isinstance(table, Profile) else {}
        known = {column.name: column for column in self.columns}
        found = {column.name: column for column in there.columns}
        violations = list(_misnamed(known, found))
        for name in [name for name in known if name in found]:
            violations += _broken(known[name], found[name], shares.get(name))
        return sorted(violations, key=lambda each: each.problem not in _OWN)

    def to_text(self) -> str:
        """A line per column and one for the output."""
        lines = [f"Signature: {len(self.columns)} columns → {_output_text(self.output)}"]
        lines += [f"  {column.name[:30]:<24} {_column_text(column)}".rstrip() for column in self.columns]
        return "\n".join("".join(c if c.isprintable() else "�" for c in line) for line in lines)

    def to_dict(self) -> dict[str, Json]:
        """The signature as JSON."""
        return {"columns": [column.to_dict() for column in self.columns], "output": self.output.to_dict()}

    @classmethod
    def from_dict(cls, given: object) -> Signature:
        """The signature that `to_dict` wrote; raises BadInput for anything else."""
        fields = object_of(given, "A signature")
        columns = fields.get("columns")
        if not isinstance(columns, list):
            raise BadInput("A signature has no list of columns.", "It was not written by nb_mlops, or was changed.")
        return cls(tuple(Column.from_dict(column) for column in columns), Output.from_dict(fields.get("output")))


def _misnamed(known: Mapping[str, Column], found: Mapping[str, Column]) -> Iterable[Violation]:
    """Missing and extra columns; a missing one that an extra one resembles is 'renamed'."""
    missing = [name for name in known if name not in found]
    extra = [name for name in found if name not in known]
    for name in missing:
        other = _resembling(known[name], [found[each] for each in extra])
        if other is None:
            yield Violation(name, "missing", "the table does not have it")
            continue
        extra.remove(other)
        yield Violation(name, "renamed", f"missing, but {other!r} looks like it under another name")
    for name in extra:
        yield Violation(name, "extra", "the model does not know it (it would be left out or refused)")


def _resembling(column: Column, others: Iterable[Column]) -> str | None:
    best, likeness = None, _ALIKE
    for other in others:
        names = SequenceMatcher(None, _folded(column.name), _folded(other.name)).ratio()
        if _comparable(column.kind, other.kind) and names > likeness:
            best, likeness = other.name, names
    return best


def _folded(name: str) -> str:
    return "".join(letter for letter in name.casefold() if letter.isalnum())


def _comparable(one: Kind, other: Kind) -> bool:
    """Whether a column of one kind can stand where the other was: texts and categories can, empty ones anywhere."""
    words = {"text", "categorical", "boolean"}
    return one == other or "empty" in (one, other) or (one in words and other in words)


def _broken(known: Column, found: Column, profile: ColumnProfile | None) -> Iterable[Violation]:
    name = known.name
    if not _comparable(known.kind, found.kind):
        yield Violation(name, "kind", f"was {known.kind} ({known.dtype}), is {found.kind} ({found.dtype})")
        return
    if found.nullable and not known.nullable:
        share = f" in {profile.nulls / profile.rows:.1%} of rows" if profile is not None and profile.rows else ""
        yield Violation(name, "nulls", f"values are missing{share}; in training none were")
    if known.kind == "numeric" and _is_outside(known, found):  # dates move on
        was, now = f"{known.low:.6g} to {known.high:.6g}", f"{found.low:.6g} to {found.high:.6g}"
        yield Violation(name, "range", f"ranges from {now}; in training from {was}")
    if known.categories is not None and found.kind == "text":
        yield Violation(name, "categories", "holds text or identifiers; in training it had few values")
    elif known.categories is not None and found.kind != "empty":
        yield from _unseen(known, found)


def _is_outside(known: Column, found: Column) -> bool:
    if known.low is None or known.high is None or found.low is None or found.high is None:
        return False
    return found.low < known.low or found.high > known.high


def _unseen(known: Column, found: Column) -> Iterable[Violation]:
    if found.categories is None:
        yield Violation(known.name, "categories", f"has many values; in training {len(known.categories or ())}")
        return
    new = [value for value in found.categories if value not in set(known.categories or ())]
    if new:
        shown = ", ".join(repr(value[:40]) for value in new[:5]) + (f" and {len(new) - 5} more" if len(new) > 5 else "")
        yield Violation(known.name, "categories", f"values not seen in training: {shown}")


def _output_text(output: Output) -> str:
    if output.kind == "classes" and output.classes:
        shown = ", ".join(output.classes[:6]) + (" …" if len(output.classes) > 6 else "")
        return f"classes {shown}" + (f" (positive: {output.positive})" if output.positive is not None else "")
    return output.kind


def _column_text(column: Column) -> str:
    parts = [f"{column.kind:<11} {column.dtype:<12}"]
    if column.low is not None and column.high is not None and column.kind == "numeric":
        parts.append(f"{column.low:.4g} … {column.high:.4g}")
    if column.categories is not None:
        parts.append(", ".join(column.categories[:5]) + (" …" if len(column.categories) > 5 else ""))
    return " ".join([*parts, "nulls" if column.nullable else ""])
