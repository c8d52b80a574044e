r"""Markdown that is safe wherever it is rendered: our own facts as plain text, a person's Markdown as a quotation.

Nothing is parsed, so no difference between two parsers can be used: what could open markup is made text, and only
links of one strict form to a web or mail address stay links. In code, `<` then shows as `&lt;`: the price.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from nb_mlops.core.printable import one_line, printable

_SIGNS = re.compile(r"[\\`*_{}\[\]|<>&$~]")
_BRACKETS = str.maketrans({"[": r"\[", "]": r"\]", "$": r"\$"})
_ENTITIES = str.maketrans({"&": "&amp;", "<": "&lt;", "{": "&#123;", "}": "&#125;"})
_LINK = re.compile(
    r"(!?)\[([^\[\]\\`!\n]{1,500})\]\(((?:https?://|mailto:)[^\s()<>\\\"'`\[\]{}]{1,2000})\)", re.IGNORECASE
)


def plain(text: str, *, most: int = 1_000) -> str:
    r"""Any text on one line that Markdown shows as it is.

    >>> plain("<b> [x](javascript:y)")
    '&lt;b&gt; \\[x\\](javascript:y)'
    """
    return _SIGNS.sub(_escaped, " ".join(one_line(text, most=most).split()))


def quoted(text: str) -> str:
    """A person's Markdown as a quotation: it cannot end it, draw markup, load a picture or hide where a link goes."""
    shown = printable(text.replace("\r\n", "\n").replace("\r", "\n").replace("\t", "    "))
    parts: list[str] = []
    at = 0
    for link in _LINK.finditer(shown):
        parts.append(_defused(shown[at : link.start()]))
        label, address = _defused(link[2]), link[3].translate(_ENTITIES).replace("$", "%24")
        parts.append(f"{'&#33;' if link[1] else ''}[{label}]({address})")  # a picture's `!` becomes text
        at = link.end()
    parts.append(_defused(shown[at:]))
    return "\n".join(f"> {line}".rstrip() for line in "".join(parts).split("\n"))


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    """The lines of a table of plain texts."""
    lines = [_row(head), _row(["---"] * len(head), raw=True)]
    return [*lines, *map(_row, rows)]


def _row(cells: Sequence[str], *, raw: bool = False) -> str:
    return f"| {' | '.join(cell if raw else plain(cell) for cell in cells)} |"


def _escaped(sign: re.Match[str]) -> str:
    entity = {"<": "&lt;", ">": "&gt;", "&": "&amp;", "{": "&#123;", "}": "&#125;", "|": "&#124;", "$": "&#36;"}
    return entity.get(sign[0], f"\\{sign[0]}")


def _defused(text: str) -> str:
    """Text whose brackets, angles, braces and dollars are signs, not markup.

    An odd backslash before a bracket would un-escape our own: each is doubled there.
    """
    doubled = re.sub(r"\\(?=[\[\]$\\!])", r"\\\\", text)
    return doubled.translate(_BRACKETS).translate(_ENTITIES)
