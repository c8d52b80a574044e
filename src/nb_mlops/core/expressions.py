"""An expression that a person typed (a check line, `--where`), as Python's own syntax tree, never run.

Two fences stand before anybody looks at the tree. Each word must be one of ours, so that no call to `lambda`, no
f-string, no `**`, no full-width or look-alike letter and no thousand-digit number gets further; then `ast.parse`
gives the structure, whose depth is bounded. The reader of the tree takes the nodes it knows and refuses all others.
"""

from __future__ import annotations

import ast
import keyword
import re
import unicodedata
from collections.abc import Iterator, Set

from nb_mlops.core.errors import BadInput
from nb_mlops.core.printable import one_line

MAX_LENGTH = 1_000  # characters of one expression
MAX_DEPTH = 40  # brackets inside brackets, and operators inside operators
MAX_NUMBER = 30  # characters of one number
MAX_TEXT = 200  # characters between two quotes

_WORD = re.compile(
    r"""(?P<blank>[ \t]+)
      | (?P<text>"[^"]*"|'[^']*')
      | (?P<number>(?:\d[\d_]*\.?[\d_]*|\.\d[\d_]*)(?:[eE][+-]?\d+)?)
      | (?P<name>[A-Za-z_][A-Za-z0-9_]*)
      | (?P<sign>\*\*|//|==|!=|<=|>=|[-<>+*/().])""",
    re.VERBOSE | re.ASCII,
)
_OPERANDS = {"text", "number", "name"}  # two of these need something between them


def parse(text: str, *, example: str, keywords: Set[str] = frozenset()) -> ast.expr:
    """The syntax tree of `text`, in which every name, number and text is within bounds; nothing is evaluated.

    `keywords` are the Python keywords that this language shares (`and`, `or`). Raises BadInput, with `example` as
    hint, for everything that holds another word, does not parse, or is too long or too deep.
    """
    hint = f"It looks like this: {example}"
    if not isinstance(text, str) or len(text) > MAX_LENGTH:
        raise BadInput(f"An expression is text of at most {MAX_LENGTH} characters.", hint)
    brackets = 0
    before = "blank"
    for kind, word in _words_of(text, hint):
        _refuse_word(kind, word, keywords, hint)
        if kind in _OPERANDS and before in _OPERANDS and kind != "name":
            raise BadInput(f"Something is missing before {one_line(word)}.", hint)
        if kind == "name" and before == "number":
            raise BadInput(f"{word!r} stands right behind a number.", hint)
        brackets += (word == "(") - (word == ")")
        if brackets > MAX_DEPTH:
            raise BadInput(f"Brackets are nested more than {MAX_DEPTH} deep.", hint)
        before = kind
    return _tree(text.strip(), hint)


def refused(node: ast.expr, example: str) -> BadInput:
    """The error for a node that the language does not know: it names what stood there."""
    what = _NODES.get(type(node), "this")
    return BadInput(f"{what} is not part of this language: {one_line(ast.unparse(node), most=60)}", f"Try {example}")


def _words_of(text: str, hint: str) -> Iterator[tuple[str, str]]:
    """Kind and text of each word, blanks included; BadInput at the first character that is none."""
    at = 0
    while at < len(text):
        found = _WORD.match(text, at)
        if found is None:
            raise BadInput(_strange(text[at]), hint)
        yield str(found.lastgroup), found.group()
        at = found.end()


def _strange(char: str) -> str:
    """What to say about a character that starts no word."""
    if char in "\"'":
        return f"A quote {char} is not closed."
    if char == "=":
        return "A single = is no comparison; equal is written ==."
    if char.isascii() and char.isprintable():
        return f"{char!r} is not part of this language."
    name = unicodedata.name(char, "a control character")
    return f"U+{ord(char):04X} ({name.lower()}) is not allowed outside quotes."


def _refuse_word(kind: str, word: str, keywords: Set[str], hint: str) -> None:
    """Raises BadInput for a word that no language of ours has, or that is out of bounds."""
    if word in ("**", "//"):
        raise BadInput(f"{word} is not part of this language; + - * / are.", hint)
    if kind == "number" and (len(word) > MAX_NUMBER or (word.startswith("0") and word.strip("0_").isdigit())):
        raise BadInput(f"{one_line(word, most=40)} is not a number that can be meant.", hint)
    if kind == "name" and keyword.iskeyword(word) and word not in keywords:
        raise BadInput(f"{word!r} is a word of Python, not of this language.", hint)
    if kind == "text" and (len(word) > MAX_TEXT or "\\" in word or not word.isprintable()):
        raise BadInput(f"A quoted text is printable, without a backslash, at most {MAX_TEXT} characters.", hint)


def _tree(text: str, hint: str) -> ast.expr:
    """What Python's parser makes of it; its ways of giving up all become BadInput."""
    try:
        body = ast.parse(text, mode="eval").body
    except (SyntaxError, ValueError, MemoryError, RecursionError) as error:
        raise BadInput(f"{one_line(text, most=60)!r} cannot be read as an expression.", hint) from error
    level: list[ast.AST] = [body]
    for _ in range(MAX_DEPTH):
        level = [child for node in level for child in ast.iter_child_nodes(node)]
        if not level:
            return body
    raise BadInput(f"The expression is nested more than {MAX_DEPTH} deep.", hint)


_NODES: dict[type[ast.AST], str] = {
    ast.Call: "This call",
    ast.Attribute: "What is asked after the dot",
    ast.Constant: "This constant",
    ast.UnaryOp: "This sign",
    ast.BoolOp: "'and' or 'or'",
    ast.Compare: "A comparison inside another",
    ast.Name: "The name",
}
