"""A model card that writes itself from what is known; what only a person can say stands beside it, or is missing.

The sections are those of Mitchell et al., "Model Cards for Model Reporting" (FAT* 2019), and two more that regulators
ask for: human oversight and monitoring.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from nb_mlops.core import markdown
from nb_mlops.core.annex_iv import CLAIM, POINTS
from nb_mlops.core.event import stamp
from nb_mlops.core.printable import one_line
from nb_mlops.core.shown import Json, Shown

_WHOLE = 20_000  # no longer text can be stored
A_PERSON = "only a person can say this, and nobody has"
EMPTY = "what stands there is a placeholder: it counts as empty"


@dataclass(frozen=True, slots=True)
class Written:
    """What a person wrote into a section, as Markdown; `ref` is the version it was written for."""

    text: str
    by: str
    at: datetime
    ref: str
    filled: bool
    inherited: bool = False  # it was written for an earlier version than the one this card is of
    erased: bool = False

    @property
    def about(self) -> str:
        """Who wrote it when, and for which version where it is not this one."""
        whose = f", written for {self.ref}" if self.inherited else ""
        return f"{self.by}, {self.at:%Y-%m-%d}{whose}" + ("; the text was erased" if self.erased else "")

    def to_dict(self) -> dict[str, Json]:
        """What was written, as JSON."""
        return {
            "text": self.text,
            "by": self.by,
            "at": stamp(self.at),
            "ref": self.ref,
            "filled": self.filled,
            "inherited": self.inherited,
            "erased": self.erased,
        }


@dataclass(frozen=True, slots=True)
class Table:
    """Figures of a section: a title, the names of the columns, and rows of as many texts."""

    title: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]

    def to_dict(self) -> dict[str, Json]:
        """The table as JSON."""
        return {"title": self.title, "head": list(self.head), "rows": [list(row) for row in self.rows]}


@dataclass(frozen=True, slots=True)
class Section:
    """One section: lines and tables of what is known, what a person wrote, and what is missing."""

    key: str
    title: str
    lines: tuple[tuple[str, str], ...] = ()  # (what, value)
    tables: tuple[Table, ...] = ()
    written: Written | None = None
    missing: str = ""  # what only a person can say, and has not
    person: str = ""  # the name under which a person writes into it; empty where nobody does

    @property
    def is_filled(self) -> bool:
        """Whether anything stands there."""
        return bool(self.lines or self.tables or (self.written and self.written.filled)) and not self.missing

    def to_dict(self) -> dict[str, Json]:
        """The section as JSON."""
        return {
            "key": self.key,
            "title": self.title,
            "lines": [list(line) for line in self.lines],
            "tables": [table.to_dict() for table in self.tables],
            "written": self.written.to_dict() if self.written else None,
            "missing": self.missing,
        }


@dataclass(frozen=True, slots=True, repr=False)
class Card(Shown):
    """The card of one version."""

    kind: ClassVar[str] = "card"
    ref: str
    sections: tuple[Section, ...]
    missing: tuple[str, ...] = ()  # the sections that only a person can fill, and nobody has
    notes: tuple[str, ...] = ()  # what the act that gave this card has to say

    def to_text(self) -> str:
        """The card as plain text."""
        lines = [f"model card of {self.ref}", *(f"  {note}" for note in self.notes)]
        for section in self.sections:
            lines += ["", section.title]
            lines += [one_line(f"  {what}: {value}", most=_WHOLE) for what, value in section.lines]
            for table in section.tables:
                lines += [f"  {one_line(table.title)}", *_aligned(table)]
            lines += _told(section) or ([] if section.is_filled else ["  nothing known"])
        return "\n".join(lines)

    def to_dict(self) -> dict[str, Json]:
        """The card as JSON."""
        return {
            "ref": self.ref,
            "sections": [section.to_dict() for section in self.sections],
            "missing": list(self.missing),
            "annex_iv": [dict(zip(("point", "asks", "by", "where", "here"), row, strict=True)) for row in self.annex()],
            "notes": list(self.notes),
        }

    def to_markdown(self) -> str:
        """The card as Markdown: facts as plain text, what people wrote as quotations."""
        lines = [f"# Model card of {markdown.plain(self.ref)}"]
        for section in self.sections:
            lines += ["", f"## {section.title}", ""] if section.lines else ["", f"## {section.title}"]
            lines += [f"- **{markdown.plain(what)}**: {markdown.plain(value)}" for what, value in section.lines]
            for table in section.tables:
                lines += ["", f"**{markdown.plain(table.title)}**", "", *markdown.table(table.head, table.rows)]
            lines += _quoted(section) or ([] if section.is_filled else ["", "*Nothing known.*"])
        lines += ["", "## EU AI Act, Annex IV: where to look", "", CLAIM, ""]
        lines += markdown.table(("point", "what it asks", "from", "where", "here"), self.annex())
        return "\n".join(lines) + "\n"

    def section(self, key: str) -> Section:
        """The section of this key (`limits` and `ethics` are keys, too); KeyError where there is none."""
        found = [one for one in self.sections if key in (one.key, one.person)]
        if not found:
            raise KeyError(key)
        return found[0]

    def annex(self) -> list[tuple[str, str, str, str, str]]:
        """The points of Annex IV: number, what it asks, from whom, where, and whether something stands there."""
        return [(*point[:4], self._state(point.section)) for point in POINTS]

    def _state(self, key: str) -> str:
        if not key:
            return "–"
        return (
            "there" if any(one.key == key or one.person == key for one in self.sections if one.is_filled) else "missing"
        )


def _aligned(table: Table) -> list[str]:
    rows = [tuple(one_line(cell, most=60) for cell in row) for row in (table.head, *table.rows)]
    widths = [max(len(row[at]) for row in rows) for at in range(len(table.head))]
    cells = [(f"{cell:<{width}}" for cell, width in zip(row, widths, strict=True)) for row in rows]
    return [f"    {'  '.join(row)}".rstrip() for row in cells]


def _told(section: Section) -> list[str]:
    """What a person wrote, each line behind a bar, so that it can look like none of ours."""
    lines = []
    if section.written is not None and (section.written.text or section.written.erased):
        lines.append(f"  written by {one_line(section.written.about)}:")
        shown = section.written.text.split("\n") if section.written.text else []
        lines += [f"  │ {one_line(line, most=_WHOLE)}".rstrip() for line in shown]
    if section.missing:
        lines.append(f"  ({section.missing})")
    return lines


def _quoted(section: Section) -> list[str]:
    lines: list[str] = []
    if section.written is not None and (section.written.text or section.written.erased):
        about = markdown.plain(f"written by {section.written.about}")
        lines += ["", f"*{about}*", ""]
        lines += [markdown.quoted(section.written.text)] if section.written.text else []
    if section.missing:
        lines += ["", f"*Missing: {markdown.plain(section.missing)}.*"]
    return lines
