"""The joblib format: any object that pickles, read only where it is trusted, large arrays mapped instead of read."""

from __future__ import annotations

import pickle
from collections.abc import Mapping
from pathlib import Path
from typing import IO, Any

from nb_mlops.core.errors import Damaged, Unsupported
from nb_mlops.formats.format import OpenFile

FILE = "model.joblib"
MAP_FROM = 8 << 20  # bytes of file; mapping costs about 60 µs an array, which a small model doesn't win back


class Joblib:
    """Pickles, by joblib."""

    name = "joblib"
    pickle_like = True
    by_name = True
    requires = ("joblib",)

    def fits(self, estimator: object) -> bool:
        """Never by itself: who wants a pickle asks for it."""
        return False

    def write(self, estimator: object, open_file: OpenFile, *, modules: Mapping[str, str]) -> tuple[str, ...]:
        """Writes model.joblib; raises Unsupported for what does not pickle."""
        import joblib

        with open_file(FILE) as stream:
            try:
                joblib.dump(estimator, _Counted(stream))
            except (pickle.PicklingError, TypeError, AttributeError) as error:
                raise Unsupported(
                    f"The {type(estimator).__qualname__} can't be stored: {str(error)[:200]}.",
                    "A class whose cell was run again after the fit no longer is the model's: fit again.",
                ) from error
        return ()

    def read(self, files: Mapping[str, Path], *, trust: bool, mmap: bool, modules: Mapping[str, str]) -> object:
        """The object. Arrays of a large file are mapped copy-on-write: writable, and shared until written."""
        path = files.get(FILE)
        if path is None:
            raise Damaged(f"The version has no {FILE}.", "Its files and its format do not belong together.")
        mode = "c" if mmap and path.stat().st_size >= MAP_FROM else None
        try:
            return _load(path, mode, modules)
        except ModuleNotFoundError as error:
            raise Unsupported(
                f"{FILE} needs the package {error.name}, which is not here.", f"Install what provides {error.name!r}."
            ) from error
        except (pickle.UnpicklingError, EOFError, IndexError, KeyError, AttributeError, ValueError) as error:
            raise Damaged(
                f"{FILE} can't be rebuilt: {type(error).__name__} {ascii(str(error))[1:-1][:160]}.",
                "It is damaged, or was made by other versions of its packages.",
            ) from error


def _load(path: Path, mode: str | None, modules: Mapping[str, str]) -> Any:
    import joblib

    if not modules:
        return joblib.load(path, mmap_mode=mode)
    with path.open("rb") as file:
        return _unpickler(path, file, mode, modules).load()


def _unpickler(path: Path, file: IO[bytes], mode: str | None, modules: Mapping[str, str]) -> Any:
    """joblib's unpickler, for which the notebook's names are those of the modules that travelled."""
    from joblib.numpy_pickle import NumpyUnpickler

    class Unpickler(NumpyUnpickler):  # type: ignore[misc]  # joblib has no types
        def find_class(self, module: str, name: str) -> Any:
            """The class or function of this name; the notebook's are in the module that travelled."""
            return super().find_class(modules.get(module, module), name)

    return Unpickler(str(path), file, ensure_native_byte_order=mode is None, mmap_mode=mode)


class _Counted:
    """A stream that knows where it is, which joblib asks in order to align arrays for mapping."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream
        self._position = 0

    def write(self, data: Any) -> int:
        """Hands the data on and counts it."""
        self._stream.write(data)
        self._position += memoryview(data).nbytes
        return memoryview(data).nbytes

    def tell(self) -> int:
        """Bytes written so far."""
        return self._position
