"""A cell as it was typed, as Python that `ast` can read: magics and shell lines become calls that name what they touch.

IPython's own transformer is exact but costs 0.3 ms a cell and hides what a magic was given; here only lines that
Python itself cannot read are replaced, by one expression each, so that line numbers stay right.
"""

from __future__ import annotations

import ast
import re
import warnings
from typing import NamedTuple

# Names the replaced lines are made of; no notebook can bind a name with these (they only exist inside our own text).
TOUCHES = "__nb_mlops_touches__"  # mentions names, changes none
SHELL = "__nb_mlops_shell__"  # may read and write any file
OPAQUE = "__nb_mlops_opaque__"  # may do anything to any name

# Cell magics whose body is Python that runs in the notebook's namespace.
_PYTHON_BODY = frozenset("time capture prun register snakeviz memit heat".split())
# Cell magics that change no Python name (`timeit` runs its body as a function's).
_NO_NAMES = frozenset(
    "timeit html HTML javascript js svg SVG latex markdown card validate writefile file bash sh script cmd system sx "
    "perl ruby mermaid".split()
)
_SHELL_BODY = frozenset("bash sh script cmd system sx writefile file perl ruby".split())
# Line magics that may set or change names behind our back.
_OPAQUE_LINES = frozenset("run load loadpy rerun recall rep store reset reset_selective xdel edit pylab".split())
_SHELL_LINES = frozenset("sx system cp mv rm mkdir rmdir cd cat logstart save notebook pushd popd".split())

# Quantifiers are bounded and lines are stripped first: a line of a million blanks must not cost a million squared.
_MAGIC_LINE = re.compile(
    r"(?:(?P<target>[\w., \[\]'\"]{1,200}?)[ \t]{0,20}=[ \t]{0,20})?(?P<mark>%{1,2}|!{1,2})(?P<rest>.*)"
)
_WORD = re.compile(r"[^\W\d]\w*")
_HELP = re.compile(r"\?{0,2}[%\w.*]{1,200}\?{0,2}")


class Typed(NamedTuple):
    """The cell's syntax tree (None: Python cannot read it) and whether it was read only in part."""

    tree: ast.Module | None
    opaque: str | None = None  # what in it cannot be followed


def read(source: str) -> Typed:
    """The cell as a syntax tree; never raises for text that somebody typed."""
    if not source.lstrip().startswith(("%%", "!!")):
        tree = _parsed(source)
        if tree is not None:
            return Typed(tree)
    return _read_magics(source)


def _read_magics(source: str) -> Typed:
    lines = source.split("\n")
    first = next((index for index, line in enumerate(lines) if line.strip()), 0)
    head = lines[first].strip()
    if head.startswith("%%"):
        return _read_cell_magic(lines, first)
    tree = _parsed("\n".join(_replaced(lines)))
    return Typed(tree) if tree is not None else Typed(None, "text that Python cannot read")


def _read_cell_magic(lines: list[str], first: int) -> Typed:
    head = lines[first].strip()
    name, _, options = head[2:].strip().partition(" ")
    body = lines[first + 1 :]
    if name in _PYTHON_BODY:
        inner = read("\n".join(body))
        stated = _options(name, options)
        tree = _parsed("\n".join([*([""] * first), stated]))
        if inner.tree is None or tree is None:
            return inner
        for statement in inner.tree.body:
            ast.increment_lineno(statement, first + 1)
        return Typed(ast.Module([*tree.body, *inner.tree.body], []), inner.opaque)
    call = SHELL if name in _SHELL_BODY else TOUCHES if name in _NO_NAMES else OPAQUE
    stated = f"{call}({_names(options + ' ' + ' '.join(body))})"
    return Typed(_parsed(stated), None if call != OPAQUE else f"%%{name[:40]}")


def _options(name: str, options: str) -> str:
    """What a Python cell magic's own line does: `%%capture out` binds `out`, `%%time x = f()` runs code."""
    if name == "capture":
        target = next((word for word in options.split() if word.isidentifier()), None)
        return f"{target} = {TOUCHES}()" if target else "pass"
    if name == "time" and _parsed(options) is not None:
        return options or "pass"
    return "pass"  # the names behind --model, --data and the like are read when the cell's end is reached


def _replaced(lines: list[str]) -> list[str]:
    """The lines with magics, shell lines and help requests replaced; a line inside a string that looks like one too,
    which can only make the slice larger."""
    replaced = []
    for line in lines:
        found = _MAGIC_LINE.fullmatch(line.strip()) if ("%" in line or "!" in line) else None
        if found:
            replaced.append(_statement(line, found))
        elif "?" in line and _HELP.fullmatch(line.strip()):
            replaced.append(_indent(line) + f"{TOUCHES}({_names(line)})")
        else:
            replaced.append(line)
    return replaced


def _statement(line: str, found: re.Match[str]) -> str:
    rest, indent = found["rest"].strip(), _indent(line)
    name, _, options = rest.lstrip("%").partition(" ")
    if found["mark"].startswith("!"):
        call = f"{SHELL}({_names(rest)})"
    elif name in {"time", "timeit", "prun", "memit"} and _parsed(_without_options(options)) is not None:
        if not found["target"]:
            return indent + (_without_options(options) or "pass")
        call = f"{TOUCHES}({_names(options)})"
    elif name in _OPAQUE_LINES:
        call = f"{OPAQUE}({_names(options)})"
    elif name in _SHELL_LINES:
        call = f"{SHELL}({_names(options)})"
    else:
        call = f"{TOUCHES}({_names(options)})"
    target = found["target"]
    return f"{indent}{target.strip()} = {call}" if target and _parsed(f"{target.strip()} = 0") else indent + call


def _without_options(text: str) -> str:
    return re.sub(r"^(?:-{1,2}\w{1,20}(?:\s{1,3}\d+)?\s{1,3}){1,8}", "", text + " ").strip()


def _indent(line: str) -> str:
    return line[: len(line) - len(line.lstrip())]


def _names(text: str) -> str:
    """Every word of a magic's line, as arguments in a string: which of them are names is known only later."""
    words = dict.fromkeys(_WORD.findall(text[:20_000]))
    return repr(" ".join(words))


def _parsed(text: str) -> ast.Module | None:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # IPython has shown this cell's SyntaxWarnings once already
            return ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None  # magics, half-typed cells, NUL bytes, absurd nesting: the caller has another way
