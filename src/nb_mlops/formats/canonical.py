"""A skops file whose bytes depend on the model alone: equal models, equal digests, in any process.

skops names members and objects by memory address and stamps them with the time. Here its own state builder runs, but
its "zip file" is a sink of ours: members are numbered in the order they come and go straight to the stream (so a
500 MB model needs no second copy), and the schema is made canonical before it is written last:

* ids only where an object is shared, numbered by first appearance; immutable values need none
* sets sorted; padding bytes of records zeroed; sparse matrices stored, not deflated (zlib versions differ)
* no skops version (nothing reads it); modules of the notebook under the name they will be loaded by

Two things that skops would lose on the way back are mended, keys that are bools and memory-mapped arrays. What using a
model changes, and is no part of it, is left out: caches (_CACHES) and the query counters of neighbour indexes. So a
model has the same digest before and after it was asked.
"""

from __future__ import annotations

import io
import json
from collections.abc import Collection, Iterator, Mapping
from typing import IO, Any, cast
from zipfile import ZIP_STORED, ZipFile, ZipInfo

import numpy as np

from nb_mlops.core.errors import Unsupported

SCHEMA = "schema.json"
LARGEST_SCHEMA = 128 << 20  # bytes; a forest of 10,000 trees has about 40 MB
State = dict[str, Any]  # skops' schema: JSON objects, nested
_IMMUTABLE = frozenset({"JsonNode", "TypeNode", "FunctionNode", "DTypeNode", "SliceNode", "BytesNode"})
_CACHES = {
    "sklearn.feature_extraction.text": "_stop_words_id",  # the address of a list, set by fit or the first transform
    "sklearn.preprocessing._label": "_cached_dict",  # MultiLabelBinarizer's, made by the first transform
}
_INDEXES = frozenset({"sklearn.neighbors._kd_tree", "sklearn.neighbors._ball_tree"})
_BOOSTERS = frozenset({"xgboost.core", "lightgbm.basic", "catboost.core", "_catboost"})
_JOBLIB = "format='joblib' stores it, but is a pickle: it loads only where it is trusted."


def write(obj: object, stream: IO[bytes], *, modules: Mapping[str, str]) -> State:
    """Writes `obj` to `stream` and answers with its schema; raises Unsupported for what skops can't store."""
    with ZipFile(_one_way(stream), "w", ZIP_STORED) as archive:
        members = _Members(archive)
        schema = _canonical(_state(obj, members), members.names, modules)
        try:
            text = json.dumps(schema, separators=(",", ":")).encode()
        except (TypeError, ValueError) as error:
            raise _unsupported(obj, f"holds a dict that JSON can't hold ({error})") from error
        if len(text) > LARGEST_SCHEMA:
            raise _unsupported(obj, f"has {len(text) >> 20} MB of structure, too much for skops")
        _put(archive, SCHEMA, text)
    return schema


def nodes(state: object) -> Iterator[State]:
    """Every node anywhere in a schema: each dict that names a loader. Wherever skops looks, this has looked too."""
    waiting: list[object] = [state]
    while waiting:
        value = waiting.pop()
        if isinstance(value, dict):
            if isinstance(value.get("__loader__"), str):
                yield value
            waiting.extend(value.values())
        elif isinstance(value, (list, tuple)):
            waiting.extend(value)


def _state(obj: object, members: _Members) -> State:
    """skops' own description of the object. Its internals are used, as its public dump holds the file in memory."""
    import skops.io  # noqa: F401  # registers how each type is described
    from skops.io._utils import SaveContext, get_state
    from skops.io.exceptions import UnsupportedTypeException

    context = SaveContext(zip_file=members)  # it calls writestr and namelist only
    try:
        state: State = get_state(obj, context)
    except UnsupportedTypeException as error:
        raise _unsupported(obj, str(error).splitlines()[0].rstrip(".")) from error
    except RecursionError:
        raise Unsupported(f"The {type(obj).__qualname__} holds itself or is nested too deeply.", _JOBLIB) from None
    state["protocol"] = context.protocol
    return state


def _unsupported(obj: object, why: str) -> Unsupported:
    return Unsupported(f"The {type(obj).__qualname__} can't be stored as skops: {why}.", _JOBLIB)


class _OneWay:
    """A stream that can only be written, whatever is below: a ZipFile writes other bytes where it can seek."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream

    def write(self, data: bytes) -> int:
        self._stream.write(data)
        return len(data)

    def flush(self) -> None:
        """Nothing is held back here."""


def _one_way(stream: IO[bytes]) -> IO[bytes]:
    return cast("IO[bytes]", _OneWay(stream))  # all that a ZipFile calls when it can't seek


class _Members:
    """What skops takes for its zip file: each member goes on at once, under a number."""

    def __init__(self, archive: ZipFile) -> None:
        self._archive = archive
        self.names: dict[str, str] = {}

    def namelist(self) -> Collection[str]:
        """The names skops gave; a view, as skops looks one up for every array."""
        return self.names.keys()

    def writestr(self, name: str, data: bytes | memoryview) -> None:
        """Takes one member as skops made it."""
        self.names[name] = f"{len(self.names)}.{name.rpartition('.')[2]}"
        if name.endswith(".npy"):
            data = _without_padding(data)
        elif name.endswith(".npz"):
            data = _stored(data)
        _put(self._archive, self.names[name], data)


def _put(archive: ZipFile, name: str, data: bytes | memoryview) -> None:
    info = ZipInfo(name)  # its date is 1980-01-01
    info.create_system = 3  # the same on Windows
    archive.writestr(info, data)


def _stored(data: bytes | memoryview) -> bytes:
    """The same archive without compression or time stamps."""
    buffer = io.BytesIO()
    with ZipFile(io.BytesIO(data)) as source, ZipFile(_one_way(buffer), "w", ZIP_STORED) as target:
        for name in sorted(source.namelist()):
            _put(target, name, source.read(name))
    return buffer.getvalue()


def _without_padding(data: bytes | memoryview) -> bytes | memoryview:
    """An .npy file whose records have zeros between their fields, where malloc left whatever there was."""
    if b"'V" not in bytes(data[:256]) and b"[(" not in bytes(data[:256]):
        return data
    length = 10 + int.from_bytes(data[8:10], "little") if data[6] == 1 else 12 + int.from_bytes(data[8:12], "little")
    source = io.BytesIO(data[:length])
    version = np.lib.format.read_magic(source)
    reader = np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
    dtype = reader(source)[2]
    used = np.zeros(dtype.itemsize, dtype=bool)
    _mark(used, dtype, 0)
    if used.all():
        return data
    # The buffer that skops made for this one array is changed in place: a copy of it all would cost as much as hashing.
    changed = data if isinstance(data, memoryview) and not data.readonly else memoryview(bytearray(data))
    records = np.frombuffer(changed, dtype=np.uint8, offset=length).reshape(-1, dtype.itemsize)
    for start, end in _gaps(used):
        records[:, start:end] = 0
    return changed


def _gaps(used: np.ndarray[Any, np.dtype[np.bool_]]) -> list[tuple[int, int]]:
    """Where runs of unused bytes begin and end."""
    edges = np.flatnonzero(np.diff(np.concatenate(([True], used, [True])).astype(np.int8)))
    return [(int(start), int(end)) for start, end in edges.reshape(-1, 2)]


def _mark(used: np.ndarray[Any, np.dtype[np.bool_]], dtype: np.dtype[Any], start: int) -> None:
    """Marks the bytes of a record that belong to a field; void fields without names are padding."""
    if dtype.names is not None and dtype.fields is not None:
        for name in dtype.names:
            field, offset = dtype.fields[name][:2]
            _mark(used, field, start + offset)
    elif dtype.kind != "V" or dtype.subdtype is not None:
        used[start : start + dtype.itemsize] = True


def _canonical(state: State, files: Mapping[str, str], modules: Mapping[str, str]) -> State:
    for node in nodes(state):
        _mend(node, files, modules)
    shared = _shared_ids(state)
    numbers: dict[int, int] = {}
    _number(state, shared, numbers)
    return state


def _mend(node: State, files: Mapping[str, str], modules: Mapping[str, str]) -> None:
    module, name, loader = node.get("__module__"), node.get("__class__"), node["__loader__"]
    if module in _BOOSTERS:
        raise Unsupported(
            f"A {module.partition('.')[0]} model is inside another estimator, where its own file can't replace it.",
            "Register the booster itself or a Pipeline that ends with it (search.best_estimator_); or format='joblib', "
            "which loads only where it is trusted.",
        )
    if isinstance(module, str) and module in modules:
        node["__module__"] = modules[module]
    if isinstance(node.get("file"), str):
        node["file"] = files[node["file"]]
    if loader == "NdArrayNode" and name == "memmap":
        node["__class__"], node["__module__"] = "ndarray", "numpy"
    elif loader == "DictNode":
        node["content"] = _text_keys(node)
    elif loader == "DefaultDictNode" and not all(isinstance(key, str) for key in node["content"]["main"]["content"]):
        raise Unsupported("A defaultdict in the model has keys that are no text; skops can't load that.", _JOBLIB)
    elif loader == "SetNode":
        node["content"] = sorted(node["content"], key=_without_ids)
    elif loader == "ObjectNode" and module in _CACHES:
        _forget(node, _CACHES[module])
    elif loader == "ObjectNode" and module in _INDEXES:
        for counter in node["content"]["content"][7:11]:  # trims, leaves, splits, calls of all queries so far
            counter["content"] = "0"


def _forget(node: State, attribute: str) -> None:
    """Takes a cache as it was before its first use: None for MultiLabelBinarizer, not there for text vectorizers."""
    state = node.get("content") or {}
    keys = list(state.get("content", ()))
    if attribute not in keys:
        return
    if attribute == "_cached_dict":
        loader = {"__class__": "str", "__module__": "builtins", "__loader__": "JsonNode"}
        state["content"][attribute] = {**loader, "content": "null", "is_json": True}
        return
    del state["key_types"]["content"][keys.index(attribute)]
    del state["content"][attribute]


def _text_keys(node: State) -> State:
    """The items of a dict node under the texts from which skops makes the keys again."""
    content: State = {}
    for key, value in node["content"].items():
        if key is None or not isinstance(key, (str, int, float)):
            raise Unsupported(f"A dict in the model has the key {ascii(key)[:60]}; skops can't load that.", _JOBLIB)
        if isinstance(key, bool):
            text = "true" if key else ""  # bool("false") would be True
        else:
            text = key if isinstance(key, str) else json.dumps(key)
        if text in content:
            raise Unsupported(f"A dict in the model has two keys written {ascii(text)[:60]}.", _JOBLIB)
        content[text] = value
    return content


def _without_ids(value: object) -> str:
    """What orders the items of a set: all but the addresses."""
    return json.dumps(_plain(value))


def _plain(value: object) -> object:
    if isinstance(value, dict):
        return {key: _plain(each) for key, each in value.items() if key not in ("__id__", "file")}
    return [_plain(each) for each in value] if isinstance(value, (list, tuple)) else value


def _shared_ids(state: State) -> set[int]:
    """Ids of mutable objects that stand in more than one place."""
    once: set[int] = set()
    shared: set[int] = set()
    for node in nodes(state):
        address = node.get("__id__")
        if address is None or _is_immutable(node):
            continue
        (shared if address in once else once).add(address)
    return shared


def _is_immutable(node: State) -> bool:
    loader = node["__loader__"]
    if loader == "TupleNode":
        return all(_is_immutable(each) for each in node["content"])
    return loader in _IMMUTABLE


def _number(value: object, shared: set[int], numbers: dict[int, int]) -> None:
    """Gives shared objects numbers in the order they are written, and takes the ids of all others away."""
    if isinstance(value, dict):
        if isinstance(value.get("__loader__"), str):
            address = value.pop("__id__", None)
            if address in shared and not _is_immutable(value):
                value["__id__"] = numbers.setdefault(address, len(numbers) + 1)
        for each in value.values():
            _number(each, shared, numbers)
    elif isinstance(value, (list, tuple)):
        for each in value:
            _number(each, shared, numbers)
