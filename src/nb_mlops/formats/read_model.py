"""Reads a fitted object from its files, which the caller has verified by digest; what needs trust is refused first."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from nb_mlops.core.errors import Damaged, Untrusted
from nb_mlops.formats.choice import named
from nb_mlops.formats.format import CODE

LARGEST_CODE = 4 << 20  # bytes of one source file


def read(format: str, files: Mapping[str, Path], *, trust: bool = False, mmap: bool = True) -> object:
    """The object. `files`: artifact names and local, verified paths.

    Raises Untrusted where it would run code and `trust` is not given, Damaged where the bytes are not what a model
    looks like, Unsupported where a package is missing.
    """
    chosen = named(format)
    sources = {name.removeprefix(CODE): path for name, path in files.items() if name.startswith(CODE)}
    if not trust and sources:
        raise Untrusted(
            f"The model brings code of its own: {_defined(sources)}.",
            "Read it (%lineage shows the cells), then load it with trust=True.",
        )
    if not trust and chosen.pickle_like:
        raise Untrusted(
            f"The model is stored as {format}, which can run any code when it is loaded.",
            "If you trust who made it, load it with trust=True; format='skops' needs no trust.",
        )
    return chosen.read(files, trust=trust, mmap=mmap, modules=_loaded(sources))


def _loaded(sources: Mapping[str, Path]) -> Mapping[str, str]:
    if not sources:
        return {}
    from nb_mlops.formats.carried import Code, load

    return load(Code({name: _text(name, path) for name, path in sources.items()}))


def _text(name: str, path: Path) -> str:
    if path.stat().st_size > LARGEST_CODE:
        raise Damaged(f"The code file {ascii(name)[:60]} is larger than {LARGEST_CODE >> 20} MB.")
    try:
        return path.read_text("utf-8")
    except UnicodeDecodeError as error:
        raise Damaged(f"The code file {ascii(name)[:60]} is no UTF-8 text.") from error


def _defined(sources: Mapping[str, Path]) -> str:
    """The classes and functions that the code defines, for the message; parsed, never run."""
    import ast

    found: list[str] = []
    for name, path in sorted(sources.items()):
        try:
            body = ast.parse(_text(name, path)).body
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            found.append(f"{ascii(name)[1:-1][:60]} (not readable as Python)")
            continue
        kinds = (ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
        names = [node.name for node in body if isinstance(node, kinds)]
        found += names if name == "__main__.py" else [f"{ascii(name)[1:-1][:60]}"]
    return ", ".join(found[:8]) + (f" and {len(found) - 8} more" if len(found) > 8 else "")
