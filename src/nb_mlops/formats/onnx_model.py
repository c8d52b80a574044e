"""The ONNX format: a model of any library as an ONNX graph, answered by onnxruntime."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from nb_mlops.core.errors import BadInput, Damaged, Unsafe, Unsupported
from nb_mlops.formats.format import OpenFile

FILE = "model.onnx"
_TYPES = {
    "tensor(float)": np.float32,
    "tensor(double)": np.float64,
    "tensor(int64)": np.int64,
    "tensor(int32)": np.int32,
    "tensor(bool)": np.bool_,
    "tensor(string)": np.object_,
    "tensor(float16)": np.float16,
}


class OnnxModel:
    """An ONNX graph that answers like a fitted estimator. `bytes` is the graph; the session starts at the first use."""

    def __init__(self, graph: bytes) -> None:
        self.bytes = graph
        self._session: Any = None

    @property
    def session(self) -> Any:
        """The onnxruntime session."""
        if self._session is None:
            import onnxruntime

            self._session = onnxruntime.InferenceSession(self.bytes, providers=["CPUExecutionProvider"])
        return self._session

    def run(self, table: object) -> dict[str, Any]:
        """All outputs by name. A graph of one input takes the rows as an array, one of several the columns by name."""
        inputs = self.session.get_inputs()
        if len(inputs) == 1:
            feed = {inputs[0].name: _typed(table, inputs[0])}
        else:
            feed = {each.name: _typed(_column(table, each.name), each) for each in inputs}
        names = [each.name for each in self.session.get_outputs()]
        return dict(zip(names, self.session.run(names, feed), strict=True))

    def predict(self, table: object) -> Any:
        """The first output, one answer a row; a column of one is made flat."""
        answer = next(iter(self.run(table).values()))
        is_column = isinstance(answer, np.ndarray) and answer.ndim == 2 and answer.shape[1] == 1
        return answer[:, 0] if is_column else answer

    def predict_proba(self, table: object) -> Any:
        """The probabilities, rows × classes, of a classifier made by skl2onnx and the like."""
        outputs = list(self.run(table).values())
        if len(outputs) < 2:
            raise Unsupported("This ONNX model has one output, so no probabilities.", "Use predict.")
        found = outputs[1]
        if isinstance(found, list):  # skl2onnx's ZipMap: one dict of class -> probability a row
            return np.array([[row[label] for label in sorted(row)] for row in found])
        return found

    def __repr__(self) -> str:
        return f"OnnxModel({len(self.bytes)} bytes)"


class Onnx:
    """ONNX graphs: a ModelProto, a path of an .onnx file, its bytes, or one loaded before."""

    name = "onnx"
    pickle_like = False
    by_name = False
    requires = ("onnxruntime",)

    def fits(self, estimator: object) -> bool:
        """Whether it is a graph or the path of one; bytes are taken only with format='onnx'."""
        if isinstance(estimator, (str, Path)):
            return str(estimator).endswith(".onnx")
        return isinstance(estimator, OnnxModel) or _is_proto(estimator)

    def write(self, estimator: object, open_file: OpenFile, *, modules: Mapping[str, str]) -> tuple[str, ...]:
        """Writes model.onnx, after onnxruntime has accepted it."""
        graph = _graph(estimator)
        model = _loaded(graph)
        with open_file(FILE) as stream:
            stream.write(graph)
        several = len(model.session.get_inputs()) > 1
        return ("The graph has several inputs: predict takes a table with their names as columns.",) if several else ()

    def read(self, files: Mapping[str, Path], *, trust: bool, mmap: bool, modules: Mapping[str, str]) -> OnnxModel:
        """An object with `predict`, `predict_proba`, `run`."""
        if FILE not in files:
            raise Damaged(f"The version has no {FILE}.", "Its files and its format do not belong together.")
        return _loaded(files[FILE].read_bytes())


def _is_proto(value: object) -> bool:
    return type(value).__name__ == "ModelProto" and hasattr(value, "SerializeToString")


def _graph(estimator: Any) -> bytes:
    if isinstance(estimator, OnnxModel):
        return estimator.bytes
    if _is_proto(estimator):
        return bytes(estimator.SerializeToString(deterministic=True))
    if isinstance(estimator, (bytes, bytearray, memoryview)):
        return bytes(estimator)
    if isinstance(estimator, (str, Path)):
        try:
            return Path(estimator).read_bytes()
        except OSError as error:
            raise BadInput(f"{ascii(str(estimator))[:100]} can't be read: {error.strerror}.") from error
    raise Unsupported(f"A {type(estimator).__qualname__} is no ONNX model.", "Give a ModelProto, or a path of .onnx.")


def _loaded(graph: bytes) -> OnnxModel:
    """The model, once it is sure that it reads no other file and that onnxruntime takes it."""
    _refuse_outside_data(graph)
    model = OnnxModel(graph)
    try:
        _ = model.session
    except ImportError as error:
        raise Unsupported("ONNX models need the package onnxruntime.", "pip install onnxruntime") from error
    except Exception as error:  # onnxruntime's own errors have no common class that it exports
        raise Damaged(f"onnxruntime does not take this model: {ascii(str(error))[1:-1][:200]}.") from error
    return model


def _refuse_outside_data(graph: bytes) -> None:
    """Tensors may name a file to read their data from (`../../etc/passwd`). The key of it must stand in the bytes."""
    if b"location" not in graph:
        return
    try:
        import onnx
        from onnx.external_data_helper import _get_all_tensors, uses_external_data
    except ImportError as error:
        raise Unsupported("To check this ONNX model the package onnx is needed.", "pip install onnx") from error
    try:
        outside = any(uses_external_data(each) for each in _get_all_tensors(onnx.load_from_string(graph)))
    except Exception as error:  # protobuf raises several kinds for bytes that are no graph
        raise Damaged(f"The bytes are no ONNX graph: {ascii(str(error))[1:-1][:120]}.") from error
    if outside:
        raise Unsafe(
            "The ONNX model keeps weights in another file, which a registry can't vouch for.",
            "Save it in one file: onnx.save(model, path, save_as_external_data=False).",
        )


def _column(table: Any, name: str) -> Any:
    try:
        values = np.asarray(table[name])
    except (KeyError, IndexError, TypeError) as error:
        raise BadInput(f"The table has no column {name!a}, which the ONNX model takes.") from error
    return values.reshape(-1, 1)


def _typed(values: Any, declared: Any) -> Any:
    return np.ascontiguousarray(np.asarray(values), dtype=_TYPES.get(declared.type))
