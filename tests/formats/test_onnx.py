"""ONNX graphs come back as small objects that predict; a graph that reads other files is refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
import skl2onnx
from onnx.external_data_helper import set_external_data
from sklearn.linear_model import LinearRegression, LogisticRegression

from nb_mlops.core.errors import BadInput, Damaged, NotFound, Unsafe
from tests.formats.estimators import X, Y
from tests.formats.kept import keep

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")  # skl2onnx's own
ROWS = X.astype(np.float32)


def _graph(estimator: Any) -> Any:
    return skl2onnx.to_onnx(estimator, ROWS[:1])


def test_a_classifier_answers_with_labels_and_probabilities(tmp_path: Path):
    model = LogisticRegression().fit(ROWS, np.where(Y, "yes", "no"))
    kept = keep(_graph(model), tmp_path)
    loaded = kept.load()
    assert (kept.written.format, kept.written.code, list(kept.files)) == ("onnx", False, ["model.onnx"])
    assert list(loaded.predict(ROWS)) == list(model.predict(ROWS))
    np.testing.assert_allclose(loaded.predict_proba(ROWS), model.predict_proba(ROWS), atol=1e-5)


def test_a_regression_answers_one_number_a_row(tmp_path: Path):
    model = LinearRegression().fit(ROWS, X[:, 1])
    answer = keep(_graph(model), tmp_path).load().predict(X)
    assert answer.shape == (len(X),)
    np.testing.assert_allclose(answer, model.predict(ROWS), atol=1e-5)


def test_a_path_and_bytes_and_a_loaded_model_give_the_same_bytes(tmp_path: Path):
    path = tmp_path / "m.onnx"
    path.write_bytes(_graph(LinearRegression().fit(ROWS, Y)).SerializeToString(deterministic=True))
    digests = set()
    for number, model in enumerate([str(path), path, path.read_bytes(), onnx.load(path)]):
        folder = tmp_path / str(number)
        folder.mkdir()
        kept = keep(model, folder, format="onnx")
        digests.add(kept.digests["model.onnx"])
        (folder / "again").mkdir()
        digests.add(keep(kept.load(), folder / "again").digests["model.onnx"])
    assert len(digests) == 1


def test_a_graph_that_reads_another_file_is_refused(tmp_path: Path):
    graph = _graph(LinearRegression().fit(ROWS, Y))
    tensor = onnx.numpy_helper.from_array(np.ones(3, dtype=np.float32), "w")
    set_external_data(tensor, location="../../etc/passwd")
    tensor.ClearField("raw_data")
    graph.graph.initializer.append(tensor)
    with pytest.raises(Unsafe, match="another file"):
        keep(graph, tmp_path)


@pytest.mark.parametrize("content", [b"", b"location", b"\x80\x04N.", b"\x08\x07location"])
def test_bytes_that_are_no_graph_are_damaged(content: bytes, tmp_path: Path):
    path = tmp_path / "m.onnx"
    path.write_bytes(content)
    with pytest.raises(Damaged):
        keep(path, tmp_path)


def test_a_path_that_is_not_there_is_named(tmp_path: Path):
    with pytest.raises(BadInput, match=r"none\.onnx' can't be read"):
        keep("none.onnx", tmp_path)


def test_an_unknown_format_shows_near_names(tmp_path: Path):
    with pytest.raises(NotFound, match="Did you mean onnx"):
        keep("none.onnx", tmp_path, format="onx")
