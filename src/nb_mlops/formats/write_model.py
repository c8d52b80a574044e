"""Writes a fitted object as files: finds the format, the local code it needs, and says what loading will take."""

from __future__ import annotations

import os
import shutil
import stat
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import BinaryIO

from nb_mlops.core.errors import BadInput
from nb_mlops.formats.carried import Code
from nb_mlops.formats.choice import choose
from nb_mlops.formats.format import CODE, FILES, Format, OpenFile, Written


def write(
    estimator: object,
    open_file: OpenFile,
    *,
    format: str | None = None,
    local_modules: Sequence[str] = (),
    files: Mapping[str, Path] | None = None,
) -> Written:
    """Writes the object, the source of notebook code it refers to, and `files`, through `open_file`.

    `local_modules` names modules (`steps`, `mylib`) whose source shall travel too. Raises Unsupported, with the way
    out, for what can't be stored so that it loads elsewhere: lambdas, closures, unknown kinds of object.
    """
    chosen = choose(estimator, format)
    if files is None:  # a function that was loaded with files is stored again with them
        files = getattr(estimator, "files", {}) if chosen.name == "function" else {}
    own_files = {FILES + _checked(name): Path(path) for name, path in files.items()}
    code, requires, warnings = _surroundings(estimator, chosen, local_modules)
    warnings += chosen.write(estimator, open_file, modules=code.modules)
    for name, text in code.files.items():
        with open_file(CODE + name) as stream:
            stream.write(text.encode())
    for name, path in own_files.items():
        with _opened(path) as source, open_file(name) as stream:
            shutil.copyfileobj(source, stream, 1 << 20)
    return Written(chosen.name, bool(code.files), requires, warnings)


def _opened(path: Path) -> BinaryIO:
    """The file itself, open: what was a file when it was checked can be a link, a pipe or a device by now."""
    flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    try:
        file = os.fdopen(os.open(path, flags), "rb")
    except OSError as error:
        raise BadInput(f"{ascii(path.name)[:60]} cannot be read: {error.strerror}.", "Give a regular file.") from error
    if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
        file.close()
        raise BadInput(f"{ascii(path.name)[:60]} is not a regular file.", "Give files, not links, pipes or devices.")
    return file


def _surroundings(
    estimator: object, chosen: Format, local_modules: Sequence[str]
) -> tuple[Code, tuple[str, ...], tuple[str, ...]]:
    """The code that must travel, the distributions that must be there, and what to warn of."""
    if not chosen.by_name:
        return Code({}), chosen.requires, ()
    from nb_mlops.formats.function import PlainFunction
    from nb_mlops.formats.graph import parts
    from nb_mlops.formats.packages import distributions, elsewhere_missing

    found = parts(estimator.function if isinstance(estimator, PlainFunction) else estimator, local_modules)
    if not found.local:
        roots = {module.partition(".")[0] for module in found.modules}
        return Code({}), _merged(distributions(roots), chosen.requires), elsewhere_missing(roots)
    from nb_mlops.formats.source import gather

    gathered = gather(found.local, local_modules)
    own = {name.partition("/")[0].removesuffix(".py") for name in gathered.code.files}
    roots = {module.partition(".")[0] for module in found.modules} | gathered.imports
    roots -= own | {root.partition(".")[0] for root in local_modules}
    warnings = (*gathered.warnings, *elsewhere_missing(roots))
    return gathered.code, _merged(distributions(roots), chosen.requires), warnings


def _merged(*groups: Sequence[str]) -> tuple[str, ...]:
    return tuple(sorted({name for group in groups for name in group}))


def _checked(name: str) -> str:
    """The name of a user's file, when it stays inside the model's folder on every system."""
    parts = name.split("/") if isinstance(name, str) else [""]
    if len(name) > 200 or not all(_is_plain(part) for part in parts):
        raise BadInput(f"{ascii(name)[:60]} is no file name for a model.", "Use a relative name such as 'labels.csv'.")
    return name


def _is_plain(part: str) -> bool:
    return part not in ("", ".", "..") and part.isprintable() and not set(part) & set('\\:*?"<>|')
