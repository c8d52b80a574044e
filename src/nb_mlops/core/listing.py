"""A list of results that shows itself as a table, as text and as a DataFrame."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Generic, TypeVar, overload

from nb_mlops.core.printable import one_line
from nb_mlops.core.shown import Json, Shown
from nb_mlops.core.version import short

if TYPE_CHECKING:
    import pandas as pd

T = TypeVar("T", bound=Shown)


@dataclass(frozen=True, repr=False)
class Listing(Shown, Sequence[T], Generic[T]):
    """Results in order; `columns` says what a table of them shows, taken from each one's `to_dict()`."""

    kind: ClassVar[str] = "listing"
    items: tuple[T, ...]
    columns: tuple[str, ...]
    title: str = ""
    empty: str = "nothing here yet"

    def __len__(self) -> int:
        return len(self.items)

    @overload
    def __getitem__(self, index: int) -> T: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[T, ...]: ...
    def __getitem__(self, index: int | slice) -> T | tuple[T, ...]:
        return self.items[index]

    def __iter__(self) -> Iterator[T]:
        return iter(self.items)

    @property
    def says_no(self) -> bool:
        """Whether one of the results does."""
        return any(item.says_no for item in self.items)

    def cells(self) -> list[list[str]]:
        """The table's cells as text, a row per result."""
        rows = [item.to_dict() for item in self.items]
        return [[one_line(_cell(row, column)) for column in self.columns] for row in rows]

    def to_text(self) -> str:
        """An aligned table."""
        if not self.items:
            return f"{self.title}: {self.empty}" if self.title else self.empty
        table = [list(self.columns), *self.cells()]
        widths = [max(len(row[index]) for row in table) for index in range(len(self.columns))]
        lines = [
            "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in table
        ]
        return "\n".join([self.title, *lines] if self.title else lines)

    def to_dict(self) -> dict[str, Json]:
        """All results as JSON, not only the columns shown."""
        return {"items": [item.to_dict() for item in self.items]}

    def to_pandas(self) -> pd.DataFrame:
        """A DataFrame with a row per result; dicts spread as `metrics.roc_auc`."""
        import pandas as pd

        return pd.json_normalize([item.to_dict() for item in self.items])


def _cell(row: Mapping[str, Any], column: str) -> str:
    """A value by its dotted name: `metrics.roc_auc`; lists joined, dicts as name=value."""
    value: Any = row
    for part in column.split(".", 1):
        value = value.get(part) if isinstance(value, Mapping) else None
    if value is None:
        return ""
    if isinstance(value, Mapping) and "mean" not in value:
        return " ".join(f"{key}={short(item)}" for key, item in list(value.items())[:3])
    if isinstance(value, list):
        return ", ".join(map(str, value))
    is_time = isinstance(value, str) and (column.endswith("_at") or column in ("at", "due"))
    if is_time:
        return str(value)[:16].replace("T", " ")
    return value[:80] if isinstance(value, str) else short(value)  # a command that is cut cannot be run
