"""Versions side by side: what differs in metrics, parameters, data, environment and code."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from nb_mlops.core.printable import one_line
from nb_mlops.core.shown import Json, Shown
from nb_mlops.core.version import Version, short


@dataclass(frozen=True, slots=True)
class Line:
    """One thing compared: its value in each version, None where a version has none."""

    section: str  # metrics, parameters, data, environment, artifact
    name: str
    values: tuple[str | None, ...]

    @property
    def differs(self) -> bool:
        """Whether the versions differ in it."""
        return len(set(self.values)) > 1


@dataclass(frozen=True, slots=True, repr=False)
class Comparison(Shown):
    """Two or more versions, line by line; `code` is the unified diff of the first's code slice to the last's."""

    kind: ClassVar[str] = "comparison"
    refs: tuple[str, ...]
    lines: tuple[Line, ...]
    code: str

    @property
    def differing(self) -> tuple[Line, ...]:
        """The lines in which the versions differ."""
        return tuple(line for line in self.lines if line.differs)

    def to_text(self) -> str:
        """A table of metrics and of all that differs, then the code's diff."""
        table = [["", *self.refs]]
        table += [
            [f"{line.section}: {line.name}", *("–" if value is None else value for value in line.values)]
            for line in self.lines
            if line.differs or line.section == "metrics"
        ]
        table = [[one_line(cell) for cell in row] for row in table]
        widths = [max(len(row[place]) for row in table) for place in range(len(table[0]))]
        rows = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in table]
        same = len(self.lines) - len(self.differing)
        rows.append(f"({same} more are the same)")
        return "\n".join([*rows, "", self.code] if self.code else [*rows, "code: the same, or unknown"])

    def to_dict(self) -> dict[str, Json]:
        """The comparison as JSON."""
        lines: list[Json] = [
            {"section": line.section, "name": line.name, "values": list(line.values), "differs": line.differs}
            for line in self.lines
        ]
        return {"refs": list(self.refs), "lines": lines, "code": self.code}


def compare(versions: Sequence[Version]) -> Comparison:
    """The comparison of two or more versions."""
    lines = [line for section, parts in _sections(versions).items() for line in _lines(section, parts)]
    return Comparison(tuple(version.ref for version in versions), tuple(lines), _code(versions))


def _sections(versions: Sequence[Version]) -> dict[str, list[dict[str, str]]]:
    return {
        "metrics": [{name: short(value) for name, value in one.metrics.items()} for one in versions],
        "parameters": [
            {name: short(value) for name, value in {**one.params, **one.lineage.parameters}.items()} for one in versions
        ],
        "data": [_data(one) for one in versions],
        "environment": [_environment(one) for one in versions],
        "artifact": [
            {"digest": one.digest[:12], "format": one.format, "kilobytes": f"{one.size_bytes / 1e3:.1f}"}
            for one in versions
        ],
    }


def _lines(section: str, parts: list[dict[str, str]]) -> list[Line]:
    names = list(dict.fromkeys(name for part in parts for name in part))
    return [Line(section, name, tuple(part.get(name) for part in parts)) for name in names]


def _data(version: Version) -> dict[str, str]:
    found = version.lineage.data
    if not found:
        return {}
    one = found[0]
    return {"rows": f"{one.rows:,}", "columns": str(len(one.columns)), "fingerprint": one.sha256[:12]}


def _environment(version: Version) -> dict[str, str]:
    environment = version.lineage.environment
    return {"python": environment.python, **environment.packages} if environment else {}


def _code(versions: Sequence[Version]) -> str:
    first, last = versions[0], versions[-1]
    slices = [one.lineage.slice for one in (first, last)]
    if slices[0] is None or slices[1] is None:
        return ""
    before, after = (part.source.splitlines() for part in slices if part is not None)
    return "\n".join(difflib.unified_diff(before, after, first.ref, last.ref, lineterm=""))
