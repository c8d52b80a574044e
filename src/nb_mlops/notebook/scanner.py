"""One magic line, read from left to right: words, quoted text, expressions, and the comment at its end.

Ours, since shlex reads differently on Windows, eats backslashes and stumbles over an apostrophe:
- blanks part words; a word may hold quotes, backslashes and apostrophes, which are then text;
- a quote opens quoted text only at the start of a word (or after `=`), and closes it only before a blank or the end;
- ` # …` outside quotes is a comment;
- an expression (`models["my rf"]`, `X, y`) ends at a blank outside brackets and quotes that no comma is next to.
"""

from __future__ import annotations

from nb_mlops.core.errors import BadInput

_QUOTES = "\"'"
_OPEN, _CLOSE = "([{", ")]}"


class Scanner:
    """A place in a line; each `read_…` moves it on.

    >>> Scanner("churn --data X, y  # mine").read_word()
    'churn'
    """

    def __init__(self, line: str) -> None:
        self.line = line
        self.at = 0

    def at_end(self) -> bool:
        """Whether nothing but blanks and a comment is left."""
        while self.at < len(self.line) and self.line[self.at].isspace():
            self.at += 1
        return self.at >= len(self.line) or self._comment_starts()

    def peek(self) -> str:
        """The next run of characters without a blank, not taken."""
        if self.at_end():
            return ""
        return self.line[self.at :].split(maxsplit=1)[0]

    def read_word(self, *, braces: bool = False) -> str:
        """The next word, its quotes taken off; with `braces`, a blank inside `{…}` does not end it."""
        if self.at_end():
            return ""
        if self.line[self.at] in _QUOTES:
            return self._read_quoted()
        start = self.at
        while self.at < len(self.line) and not self.line[self.at].isspace():
            if braces and self.line[self.at] == "{" and "}" in self.line[self.at :]:
                self.at = self.line.index("}", self.at)
            self.at += 1
            if self.line[self.at - 1] == "=" and self.at < len(self.line) and self.line[self.at] in _QUOTES:
                return self.line[start : self.at] + self._read_quoted()
        return self.line[start : self.at]

    def read_option(self) -> str:
        """The next option's name, up to a blank or `=`; a value after `=` stays to be read."""
        start = self.at
        while self.at < len(self.line) and not self.line[self.at].isspace() and self.line[self.at] != "=":
            self.at += 1
        name = self.line[start : self.at]
        if self.at < len(self.line) and self.line[self.at] == "=":
            self.at += 1
        return name

    def read_expression(self) -> str:
        """The next expression as it was typed; `X, y` and `frames["a b"]` are one each."""
        self.at_end()
        start, depth, quote = self.at, 0, ""
        while self.at < len(self.line):
            here = self.line[self.at]
            if quote:
                quote = "" if here == quote else quote
            elif here in _QUOTES:
                quote = here
            elif here in _OPEN:
                depth += 1
            elif here in _CLOSE:
                depth -= 1
            elif here.isspace() and depth <= 0 and not self._comma_joins():
                break
            self.at += 1
        if quote:
            raise BadInput(f"The quote {quote} in {self.line[start:]!r} is never closed.", f"Close it with {quote}.")
        return self.line[start : self.at].strip()

    def _read_quoted(self) -> str:
        r"""Quoted text: it ends at the first closing quote before a blank or the end; `\"` inside is a quote."""
        quote, start = self.line[self.at], self.at + 1
        ends = [at for at in range(start, len(self.line)) if self.line[at] == quote and self._blank_after(at)]
        if not ends:
            shown = self.line[start : start + 20]
            raise BadInput(f"The quote {quote} before {shown!r} is never closed.", f"Close it with {quote}.")
        # A folder such as "C:\data\" ends in a backslash: it escapes the quote only where another one can close.
        free = [at for at in ends if self.line[at - 1] != "\\"]
        end = free[0] if free else ends[0]
        self.at = end + 1
        return self.line[start:end].replace("\\" + quote, quote)

    def _blank_after(self, at: int) -> bool:
        return at + 1 >= len(self.line) or self.line[at + 1].isspace()

    def _comment_starts(self) -> bool:
        return self.line[self.at] == "#" and (self.at == 0 or self.line[self.at - 1].isspace())

    def _comma_joins(self) -> bool:
        """Whether the blank here only follows or precedes a comma."""
        after = self.line[self.at :].lstrip()
        before = self.line[: self.at].rstrip()
        return bool(after) and not after.startswith("#") and (before.endswith(",") or after.startswith(","))
