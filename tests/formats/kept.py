"""A place that takes what `write` gives, as the real blob store does: streams that can only be written."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from nb_mlops.formats import Written, read, write


class _Stream(io.RawIOBase):
    def __init__(self, path: Path) -> None:
        self._file = path.open("wb")
        self.digest = hashlib.sha256()

    def writable(self) -> bool:
        return True

    def write(self, data: Any, /) -> int:
        self.digest.update(data)
        return self._file.write(data)

    def close(self) -> None:
        self._file.close()
        super().close()


class Kept:
    """Files by artifact name, their digests, and what `write` said."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.files: dict[str, Path] = {}
        self.digests: dict[str, str] = {}
        self.written: Written

    @contextmanager
    def open(self, name: str) -> Iterator[Any]:
        path = self._folder / f"{len(list(self._folder.iterdir()))}.bin"
        stream = _Stream(path)
        with stream:
            yield stream
        self.files[name], self.digests[name] = path, stream.digest.hexdigest()

    def load(self, **options: Any) -> Any:
        return read(self.written.format, self.files, **options)


def keep(estimator: object, folder: Path, **options: Any) -> Kept:
    kept = Kept(folder)
    kept.written = write(estimator, kept.open, **options)
    return kept
