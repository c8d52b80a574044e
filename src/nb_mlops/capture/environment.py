"""Python, the platform and the installed packages, read off the names of the `*.dist-info` folders at once.

`importlib.metadata` opens a file for each of them: 80 ms warm and 1.3 s at first, for what the folder names say in
0.5 ms. A name or version that is not one (a folder can be called anything) never reaches a lock file: it is left out
and the environment says that it is not complete.
"""

from __future__ import annotations

import os
import platform
import re
import sys
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from nb_mlops.core.lineage import Environment

# PEP 508 names; versions by PEP 440, and looser only in what old packages really use ('2013.1b-r3', '1.0_rc1').
_NAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]{0,98}[A-Za-z0-9])?")
_VERSION = re.compile(r"v?(?:[0-9]{1,8}!)?[0-9][A-Za-z0-9._+-]{0,63}", re.ASCII)
_SEPARATORS = re.compile(r"[-_.]+")
_EGG_TAG = re.compile(r"-py[0-9]+(?:\.[0-9]+)?.*$")
_MOST_ENTRIES = 5_000  # of a folder that is no site-packages: a working folder may hold a million files


class _Found(NamedTuple):
    packages: dict[str, str]
    local: tuple[str, ...]
    complete: bool


def environment_of(paths: list[str] | None = None) -> Environment:
    """What can be imported here; the folders of `paths` (default: `sys.path`), the first one wins as for imports."""
    found = _installed(tuple(_states(sys.path if paths is None else paths)))
    return Environment(
        python=platform.python_version(),
        platform=_platform(),
        packages=dict(found.packages),
        local=found.local,
        complete=found.complete,
    )


def normal_name(name: str) -> str:
    """The one spelling of a package's name (PEP 503).

    >>> normal_name("Scikit_Learn")
    'scikit-learn'
    """
    return _SEPARATORS.sub("-", name).lower()


@lru_cache(maxsize=1)
def _platform() -> str:
    return f"{platform.system()} {platform.release()} {platform.machine()}".strip()


def _states(paths: list[str]) -> list[tuple[str, int]]:
    """Each folder with the time it changed: installing or removing a package changes it."""
    states = []
    for path in paths:
        try:
            states.append((path or ".", Path(path or ".").stat().st_mtime_ns))
        except (OSError, ValueError):
            continue  # sys.path names folders and zip files that are not there: Python itself passes over them
    return list(dict.fromkeys(states))


@lru_cache(maxsize=4)
def _installed(states: tuple[tuple[str, int], ...]) -> _Found:
    packages: dict[str, str] = {}
    local: set[str] = set()
    complete = True
    for folder, _ in states:
        for entry in _metadata_folders(folder):
            named = _name_and_version(entry)
            if named is None:
                complete = False
                continue
            name, version = named
            if name not in packages:
                packages[name] = version
                if _is_local(entry):
                    local.add(name)
    return _Found(packages, tuple(sorted(local)), complete)


def _metadata_folders(folder: str) -> list[str]:
    found: list[str] = []
    bounded = not folder.rstrip("/\\").endswith(("site-packages", "dist-packages"))
    try:
        with os.scandir(folder) as entries:
            for count, entry in enumerate(entries):
                if entry.name.endswith((".dist-info", ".egg-info")) and not entry.name.startswith("~"):
                    found.append(entry.path)  # pip leaves '~ame' folders behind when it is stopped half way
                if bounded and count >= _MOST_ENTRIES:
                    break
    except OSError:
        return []  # a zip file, or a folder this user may not list
    return sorted(found)


def _name_and_version(path: str) -> tuple[str, str] | None:
    """("numpy", "2.4.6") for `numpy-2.4.6.dist-info`; None for what is no name and version."""
    stem, _, kind = Path(path).name.rpartition(".")
    if kind == "egg-info":
        stem = _EGG_TAG.sub("", stem)
    name, dash, version = stem.partition("-")
    if not dash:  # `name.egg-info` of a folder in development keeps its version inside
        version = _stated_version(path)
    if not _NAME.fullmatch(name) or not _VERSION.fullmatch(version):
        return None
    return normal_name(name), version


def _stated_version(path: str) -> str:
    try:
        with Path(path, "PKG-INFO").open(encoding="utf-8", errors="replace") as lines:
            for line, _ in zip(lines, range(50), strict=False):
                if line.startswith("Version:"):
                    return line.partition(":")[2].strip()
    except OSError:
        return ""
    return ""


def _is_local(path: str) -> bool:
    """Whether pip took it from a folder or a URL and not from an index: no lock file can bring it back."""
    return not path.endswith(".dist-info") or Path(path, "direct_url.json").exists()
