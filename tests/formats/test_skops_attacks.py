"""Files made to harm: each gives a clear error of ours, and nothing in them is executed."""

from __future__ import annotations

import io
import json
import os
import pickle
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.neighbors import KNeighborsClassifier
from sklearn.preprocessing import FunctionTransformer
from sklearn.tree import DecisionTreeClassifier

from nb_mlops.core.errors import Damaged, Unsafe, Untrusted
from nb_mlops.formats import canonical, read
from tests.formats.estimators import X, Y
from tests.formats.kept import keep

Edit = Callable[[dict[str, bytes]], None]


@pytest.fixture(autouse=True)
def _nothing_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Every payload below would make this folder."""
    monkeypatch.chdir(tmp_path)
    yield
    assert not (tmp_path / "pwned").exists()


class Payload:
    def __reduce__(self) -> tuple[Any, ...]:
        return os.mkdir, ("pwned",)


def _write(members: dict[str, bytes] | list[tuple[str, bytes]], path: Path, packing: int = zipfile.ZIP_STORED) -> Path:
    with zipfile.ZipFile(path, "w", packing) as archive:
        for name, data in members.items() if isinstance(members, dict) else members:
            archive.writestr(name, data)
    return path


def _load(path: Path) -> Any:
    return read("skops", {"model.skops": path})


def _node(loader: str, name: str, **rest: Any) -> dict[str, Any]:
    module, _, cls = name.rpartition(".")
    return {"__loader__": loader, "__module__": module, "__class__": cls, **rest}


def _text(value: Any) -> dict[str, Any]:
    return _node("JsonNode", "builtins.str", content=json.dumps(value), is_json=True)


def _items(*nodes: Any, loader: str = "TupleNode", name: str = "builtins.tuple") -> dict[str, Any]:
    return _node(loader, name, content=list(nodes))


def _file(schema: dict[str, Any], tmp_path: Path, **members: bytes) -> Path:
    schema["protocol"] = 2
    return _write({"schema.json": json.dumps(schema).encode(), **members}, tmp_path / "made")


def _edited(estimator: Any, tmp_path: Path, edit: Edit) -> Path:
    """A real file of the estimator, its members changed by `edit`."""
    folder = tmp_path / "real"
    folder.mkdir()
    with zipfile.ZipFile(keep(estimator, folder).files["model.skops"]) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    edit(members)
    return _write(members, tmp_path / "edited")


def _arrays(members: dict[str, bytes], change: Callable[[np.ndarray[Any, Any]], bool]) -> None:
    """Rewrites each array that `change` changed; it must have been one."""
    changed = 0
    for name, data in members.items():
        if name.endswith(".npy"):
            array = np.load(io.BytesIO(data)).copy()
            if change(array):
                buffer = io.BytesIO()
                np.save(buffer, array)
                members[name] = buffer.getvalue()
                changed += 1
    assert changed


@pytest.mark.parametrize("name", ["model.skops", "model.joblib", "model.pkl"])
def test_a_pickle_with_the_name_of_a_skops_file_is_damaged(name: str, tmp_path: Path):
    path = tmp_path / name
    path.write_bytes(pickle.dumps(Payload()))
    with pytest.raises(Damaged, match="no skops file"):
        _load(path)


def test_a_pickle_is_never_read_without_trust(tmp_path: Path):
    path = tmp_path / "model.joblib"
    path.write_bytes(pickle.dumps(Payload()))
    with pytest.raises(Untrusted, match="trust=True"):
        read("joblib", {"model.joblib": path})


def test_a_pickle_nested_in_an_object_array_is_not_unpickled(tmp_path: Path):
    buffer = io.BytesIO()
    np.save(buffer, np.array([Payload()], dtype=object), allow_pickle=True)
    schema = _node("NdArrayNode", "numpy.ndarray", type="numpy", file="0.npy")
    with pytest.raises(Damaged, match="allow_pickle"):
        _load(_file(schema, tmp_path, **{"0.npy": buffer.getvalue()}))


def test_a_pickle_nested_in_a_sparse_matrix_is_not_unpickled(tmp_path: Path):
    array, inner = io.BytesIO(), io.BytesIO()
    np.save(array, np.array([Payload()], dtype=object), allow_pickle=True)
    with zipfile.ZipFile(inner, "w") as archive:
        archive.writestr("format.npy", array.getvalue())
    schema = _node("SparseMatrixNode", "scipy.sparse._csr.csr_matrix", type="scipy", file="0.npz")
    with pytest.raises(Damaged):
        _load(_file(schema, tmp_path, **{"0.npz": inner.getvalue()}))


@pytest.mark.parametrize("member", ["schema.json", "0.npy"])
def test_a_zip_bomb_is_refused_before_it_unpacks(member: str, tmp_path: Path):
    bomb = {"schema.json": b"{}", member: b" " * (300 << 20)}
    path = _write(bomb, tmp_path / "bomb", zipfile.ZIP_DEFLATED)
    assert path.stat().st_size < 1 << 20
    with pytest.raises(Damaged, match="not loaded"):
        _load(path)


def test_a_zip_bomb_inside_a_sparse_matrix_is_refused(tmp_path: Path):
    inner = _write({"data.npy": b" " * (300 << 20)}, tmp_path / "inner", zipfile.ZIP_DEFLATED)
    schema = _node("SparseMatrixNode", "scipy.sparse._csr.csr_matrix", type="scipy", file="0.npz")
    with pytest.raises(Damaged, match="would unpack"):
        _load(_file(schema, tmp_path, **{"0.npz": inner.read_bytes()}))


@pytest.mark.filterwarnings("ignore:Duplicate name")  # zipfile warns while the attack is being made
def test_two_schemas_in_one_file_are_refused(tmp_path: Path):
    path = _write([("schema.json", b"{}"), ("schema.json", b"{}")], tmp_path / "twice")
    with pytest.raises(Damaged, match="two members"):
        _load(path)


@pytest.mark.parametrize("name", ["../evil.npy", "/etc/passwd", "a/b.npy", "C:\\x.npy", "x.py", "0.npy~.py", ".."])
def test_members_with_other_names_than_skops_gives_are_refused(name: str, tmp_path: Path):
    path = _write({"schema.json": b"{}", name: b""}, tmp_path / "names")
    path.write_bytes(path.read_bytes().replace(b"~", b"\0"))  # a NUL ends the name for some readers
    with pytest.raises(Damaged, match="member called"):
        _load(path)


@pytest.mark.parametrize("length", [0, 1, 100, -1, -30])
def test_a_cut_file_is_damaged(length: int, tmp_path: Path):
    kept = keep(LogisticRegression().fit(X, Y), tmp_path)
    path = kept.files["model.skops"]
    path.write_bytes(path.read_bytes()[:length])
    with pytest.raises(Damaged):
        kept.load()


def test_a_flipped_bit_in_an_array_is_damaged(tmp_path: Path):
    kept = keep(LogisticRegression().fit(X, Y), tmp_path)
    path = kept.files["model.skops"]
    data = bytearray(path.read_bytes())
    data[data.index(b"NUMPY") + 130] ^= 1
    path.write_bytes(data)
    with pytest.raises(Damaged):
        kept.load()


@pytest.mark.parametrize("schema", ["[" * 100_000, "null", "[]", "{}", "\xff", '{"__loader__": 7}', "NaN"])
def test_a_schema_that_is_none_is_damaged(schema: str, tmp_path: Path):
    with pytest.raises(Damaged):
        _load(_write({"schema.json": schema.encode("latin-1")}, tmp_path / "schema"))


@pytest.mark.parametrize("protocol", [0, 1, 2, 99, -1, True, None])
def test_an_old_protocol_opens_no_other_door(protocol: Any, tmp_path: Path):
    content = {"module_path": "os", "function": "mkdir"}
    schema = {**_node("FunctionNode", "os.mkdir", content=content), "protocol": protocol}
    with pytest.raises(Unsafe):
        _load(_write({"schema.json": json.dumps(schema).encode()}, tmp_path / "old"))


@pytest.mark.parametrize(
    "schema",
    [
        _node("FunctionNode", "os.mkdir"),
        _node("TypeNode", "subprocess.Popen"),
        _node("ConstructorFromReduceNode", "os.mkdir", content=_items(_text("pwned"))),
        _node("ObjectNode", "os.mkdir", content=_text("pwned")),
        _items(_text("pwned"), loader="ListNode", name="os.mkdir"),
        _node("OperatorFuncNode", "operator.methodcaller", attrs=_items(_text("mkdir"), _text("pwned"))),
        _node("OperatorFuncNode", "operator.attrgetter", attrs=_items(_text("__globals__"))),
        _node("MethodNode", "builtins.str", content={"func": "format", "obj": _text("pwned")}),
    ],
    ids=lambda schema: f"{schema['__loader__']} {schema['__class__']}",
)
def test_a_file_that_names_something_to_call_is_untrusted(schema: dict[str, Any], tmp_path: Path):
    with pytest.raises(Untrusted, match="trust=True"):
        _load(_file(schema, tmp_path))


def test_cve_2025_54412_operator_node_of_another_module_is_refused(tmp_path: Path):
    schema = _node("OperatorFuncNode", "os.mkdir", attrs=_items(_text("pwned")))
    with pytest.raises(Unsafe):
        _load(_file(schema, tmp_path))


def test_cve_2025_54413_method_node_of_another_object_is_refused(tmp_path: Path):
    schema = _node("MethodNode", "builtins.str", content={"func": "mkdir", "obj": _node("TypeNode", "os.path")})
    with pytest.raises(Unsafe):
        _load(_file(schema, tmp_path))


def test_cve_2025_54886_no_fall_back_to_pickle_for_a_file_that_is_no_zip(tmp_path: Path):
    path = tmp_path / "model.skops"
    path.write_bytes(pickle.dumps({"model": Payload()}, protocol=0))
    with pytest.raises(Damaged, match="no skops file"):
        _load(path)


def test_a_random_generator_that_names_another_attribute_is_refused(tmp_path: Path):
    state = _node("DictNode", "builtins.dict", content={"bit_generator": _text("seed")}, key_types=_items(name="x.y"))
    schema = _node("RandomGeneratorNode", "numpy.random.Generator", content={"bit_generator": state, "seed_seq": state})
    with pytest.raises(Unsafe):
        _load(_file(schema, tmp_path))


@pytest.mark.parametrize("loader", ["ConstructorFromReduceNode", "ListNode", "SetNode", "DictNode", "TypeNode"])
def test_an_allowed_type_is_allowed_only_in_the_way_models_use_it(loader: str, tmp_path: Path):
    schema = _node(loader, "sklearn.tree._tree.Tree", content=[])
    with pytest.raises(Untrusted, match="in a way no model does"):
        _load(_file(schema, tmp_path))


def test_an_allow_list_in_the_file_is_not_listened_to(tmp_path: Path):
    schema = {**_node("FunctionNode", "os.mkdir"), "trusted": ["os.mkdir"], "allow": ["os.mkdir"]}
    with pytest.raises(Untrusted, match=r"os\.mkdir"):
        _load(_file(schema, tmp_path))


def test_an_untrusted_function_deep_in_a_real_pipeline_is_found(tmp_path: Path):
    def swap(members: dict[str, bytes]) -> None:
        members["schema.json"] = members["schema.json"].replace(b'"sqrt"', b'"fromfile"')

    path = _edited(FunctionTransformer(np.sqrt).fit(X), tmp_path, swap)
    with pytest.raises(Untrusted, match=r"numpy\.fromfile"):
        _load(path)


@pytest.mark.parametrize(
    ("field", "value"),
    [("left_child", 10**6), ("left_child", 0), ("right_child", -1), ("feature", 99), ("feature", -5)],
)
def test_a_tree_that_points_outside_itself_is_damaged(field: str, value: int, tmp_path: Path):
    def forge(array: np.ndarray[Any, Any]) -> bool:
        if field not in (array.dtype.names or ()):
            return False
        array[field][0] = value
        return True

    tree = DecisionTreeClassifier(random_state=0).fit(X, Y)
    with pytest.raises(Damaged, match="a tree"):
        _load(_edited(tree, tmp_path, lambda members: _arrays(members, forge)))


def test_a_tree_deeper_than_it_says_is_damaged(tmp_path: Path):
    def forge(members: dict[str, bytes]) -> None:
        schema = json.loads(members["schema.json"])
        (tree,) = (node for node in canonical.nodes(schema) if node["__loader__"] == "TreeNode")
        tree["content"]["content"]["max_depth"]["content"] = "0"
        members["schema.json"] = json.dumps(schema).encode()

    tree = DecisionTreeClassifier(random_state=0, max_depth=3).fit(X, X[:, 1] > X[:, 2])
    with pytest.raises(Damaged, match="deeper than it says"):
        _load(_edited(tree, tmp_path, forge))


@pytest.mark.parametrize(("field", "value"), [("left", 10**6), ("right", 0), ("feature_idx", 99)])
def test_a_boosted_tree_that_points_outside_itself_is_damaged(field: str, value: int, tmp_path: Path):
    def forge(array: np.ndarray[Any, Any]) -> bool:
        if field not in (array.dtype.names or ()) or len(array) < 2:
            return False
        array[field][0] = value
        return True

    model = HistGradientBoostingClassifier(max_iter=3, min_samples_leaf=2, random_state=0).fit(X, Y)
    with pytest.raises(Damaged, match=r"a boosted tree|a tree node"):
        _load(_edited(model, tmp_path, lambda members: _arrays(members, forge)))


def test_a_neighbour_index_that_names_rows_it_has_not_is_damaged(tmp_path: Path):
    def forge(array: np.ndarray[Any, Any]) -> bool:
        if array.dtype != np.int64 or sorted(array.ravel()) != list(range(len(X))):
            return False
        array[0] = 10**9
        return True

    model = KNeighborsClassifier(algorithm="kd_tree").fit(X, Y)
    with pytest.raises(Damaged, match="neighbour index"):
        _load(_edited(model, tmp_path, lambda members: _arrays(members, forge)))
