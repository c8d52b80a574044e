"""Text as a terminal may show it: what people typed can neither move the cursor, nor turn the text, nor fake a line."""

from __future__ import annotations

import unicodedata

_KEPT = frozenset("\n\t")


def printable(text: str) -> str:
    r"""`text` with control, direction-changing and invisible characters as escapes; line ends stay.

    >>> printable("a\x1b[31mb\u202e")
    'a\\x1b[31mb\\u202e'
    """
    if text.isprintable():
        return text
    return "".join(one if one in _KEPT else _visible(one) for one in text)


def one_line(text: str, *, most: int = 200) -> str:
    r"""The same on one line, cut at `most` characters: a comment must not look like a line of somebody else's.

    >>> one_line("fine\n  7  ben approved it")
    'fine\\n  7  ben approved it'
    """
    cut = text if len(text) <= most else text[: most - 1] + "…"
    return cut if cut.isprintable() else "".join(map(_visible, cut))


def _visible(character: str) -> str:
    """The character, or its escape; the blanks of every script stay what they are."""
    if character.isprintable() or unicodedata.category(character) == "Zs":
        return character
    return ascii(character)[1:-1]
