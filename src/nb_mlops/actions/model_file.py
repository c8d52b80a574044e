"""A model out of a file, for `nb-mlops register NAME FILE`: ONNX as it is; a pickle only when it is trusted."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from nb_mlops.core.errors import BadInput, Damaged, Unsupported, Untrusted


def read_model(file: str, *, trust: bool = False) -> Any:
    """The model in `file`; raises Untrusted for a pickle without `trust`, Unsupported for other endings."""
    path = Path(file)
    if not path.is_file():  # nor a pipe, which would be waited for for ever
        raise BadInput(f"{path.name!r} is not a regular file.", "Give .onnx or .joblib.")
    match path.suffix.lower():
        case ".onnx":
            return path.read_bytes()
        case ".joblib" | ".pkl" | ".pickle" if not trust:
            raise Untrusted(f"{path.name} is a pickle: reading it runs the code in it.", "If you trust it: --trust")
        case ".joblib" | ".pkl" | ".pickle":
            import joblib

            try:
                return joblib.load(path)
            except Exception as error:  # a pickle, once trusted, can raise whatever it likes
                raise Damaged(f"{path.name} cannot be read: {error}.", "Write it again with joblib.dump.") from error
        case other:
            raise Unsupported(f"{other or 'A file without ending'} is not a model file.", "Give .onnx or .joblib.")
