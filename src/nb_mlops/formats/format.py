"""What a format is, and what writing in one answers. Plug-ins implement `Format` and announce it by an entry point
of the group `nb_mlops.formats`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Protocol

ENTRY_POINTS = "nb_mlops.formats"
CODE = "code/"  # files under this name are Python source that travels with the model
FILES = "files/"  # files under this name are the user's own

OpenFile = Callable[[str], AbstractContextManager[BinaryIO]]
"""Gives a write-only, non-seekable stream for a relative name such as `model.skops`."""


@dataclass(frozen=True)
class Written:
    """What was written: the format, whether source of the user travels with it, and what loading will need."""

    format: str
    code: bool
    requires: tuple[str, ...]
    warnings: tuple[str, ...]


class Format(Protocol):
    """A way to store fitted objects. All methods may raise errors of `nb_mlops.errors`."""

    @property
    def name(self) -> str:
        """The word users type for it: `skops`."""

    @property
    def pickle_like(self) -> bool:
        """Whether reading it can run code that stands in the file; then it is never read without trust."""

    @property
    def by_name(self) -> bool:
        """Whether classes and functions are stored by name only, so that the source of local ones must travel."""

    @property
    def requires(self) -> tuple[str, ...]:
        """Distributions needed to read it, beside those the object's own classes come from."""

    def fits(self, estimator: object) -> bool:
        """Whether this is the format for the object. Quick; imports nothing heavy."""

    def write(self, estimator: object, open_file: OpenFile, *, modules: Mapping[str, str]) -> tuple[str, ...]:
        """Writes the files; answers with warnings. `modules`: local modules and what they are called when loaded."""

    def read(self, files: Mapping[str, Path], *, trust: bool, mmap: bool, modules: Mapping[str, str]) -> object:
        """The object. `files`: verified local paths by artifact name; `modules`: as in `write`, already loaded."""
