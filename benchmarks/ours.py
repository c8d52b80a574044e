"""nb_mlops on each act. Every function runs in a process of its own and returns its figures."""

from __future__ import annotations

import hashlib
import multiprocessing
import os
import shutil
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks.measuring import peak_megabytes, percentile, reset_peak, seconds


def load_ext() -> dict[str, float]:
    """What `%load_ext nb_mlops` adds to a running IPython."""
    from IPython.core.interactiveshell import InteractiveShell

    shell = InteractiveShell.instance()
    begun = time.perf_counter()
    shell.run_line_magic("load_ext", "nb_mlops")
    return {"seconds": time.perf_counter() - begun}


def server_start() -> dict[str, float]:
    """What the server extension adds to a Jupyter Server's start."""
    from types import SimpleNamespace

    from jupyter_server.base.handlers import APIHandler  # noqa: F401 (what every server has loaded before)

    app = SimpleNamespace(web_app=SimpleNamespace(settings={"base_url": "/"}, add_handlers=lambda host, handlers: None))
    begun = time.perf_counter()
    import nb_mlops.server

    nb_mlops.server._load_jupyter_server_extension(app)
    return {"seconds": time.perf_counter() - begun}


def new_registry() -> dict[str, float]:
    """A registry that was not there takes its first event."""
    import nb_mlops
    from nb_mlops.actions.connect import forget

    def make() -> None:
        place = nb_mlops.connect(tempfile.mkdtemp(), actor="ann")
        place.append("alias_added", None, {"name": "pre-prod"})
        forget()

    return {"seconds": seconds(make)}


def first_register() -> dict[str, float]:
    """The first registration in a process that has just fitted: every late import included."""
    import nb_mlops
    from benchmarks.models import small

    model, X, y = small()
    nb_mlops.connect(tempfile.mkdtemp(), actor="ann")
    begun = time.perf_counter()
    nb_mlops.register(model, "churn", data=(X, y))
    return {"seconds": time.perf_counter() - begun}


def register(kind: str) -> dict[str, float]:
    """A new version each time, all default capture, on the same training data: the median."""
    import nb_mlops
    from benchmarks import models

    model, X, y = getattr(models, kind)()
    nb_mlops.connect(tempfile.mkdtemp(), actor="ann")
    nb_mlops.register(model, "churn", data=(X, y))
    return {"seconds": seconds(lambda: nb_mlops.register(model, "churn", data=(X, y), again=True), times=40, warm=5)}


def load() -> dict[str, float]:
    """Load by alias, bytes verified."""
    import nb_mlops
    from benchmarks.models import small

    model, X, y = small()
    nb_mlops.connect(tempfile.mkdtemp(), actor="ann")
    nb_mlops.register(model, "churn", data=(X, y))
    nb_mlops.promote("churn@1")
    return {"seconds": seconds(lambda: nb_mlops.load("churn@production"), times=50, warm=3)}


def search() -> dict[str, float]:
    """What the loaded magics add to a grid search in a cell: its processor time with and without them, in turn.

    A hundred fits of a few milliseconds are the worst case: each passes the place where fits are watched.
    """
    from IPython.core.interactiveshell import InteractiveShell
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import GridSearchCV
    from threadpoolctl import threadpool_limits

    from benchmarks.models import small

    shell, (_, X, y) = InteractiveShell.instance(), small()
    grid = {"C": [0.01 * (1 + place) for place in range(20)]}
    shell.push({"search": GridSearchCV(LogisticRegression(), grid), "X": X, "y": y})

    def taken() -> float:
        begun = time.process_time()
        shell.run_cell("_ = search.fit(X, y)").raise_error()
        return time.process_time() - begun

    loaded, bare = [], []
    with threadpool_limits(1):  # threads that wait for work burn time, too
        for _ in range(30):
            shell.run_line_magic("load_ext", "nb_mlops")
            loaded.append(taken())
            shell.run_line_magic("unload_ext", "nb_mlops")
            bare.append(taken())
    # What disturbs a run only ever adds to it: the quick ones are compared.
    quick, quick_bare = percentile(loaded[1:], 0.25), percentile(bare[1:], 0.25)
    return {"overhead": quick / quick_bare - 1}


def large_model(format: str) -> dict[str, float]:
    """A model of about 500 MB, new and again, beside its own dump; memory above the model, bytes added.

    The four acts take turns, each with a disk at rest, memory that was in use just before, and what others stored
    removed: else the first one pays for memory that a virtual machine must get from its host (up to a second for
    500 MB), and the next one for the disk that still writes the file before.
    """
    import nb_mlops
    from benchmarks.models import large, small

    model, (warm, X, y) = large(), small()
    folder = Path(tempfile.mkdtemp())
    nb_mlops.connect(folder / "warm", actor="ann")
    nb_mlops.register(warm, "warm", data=(X, y), format=format)  # what is imported only once
    figures: list[dict[str, float]] = []
    for turn in range(1 + (5 if format == "joblib" else 3)):
        figures.append(_large_turn(model, format, folder / str(turn)))
        nb_mlops.actions.connect.forget()
        shutil.rmtree(folder / str(turn))
    found = {key: statistics.median(turn[key] for turn in figures[1:]) for key in figures[0]}
    ratios = {"first_ratio": found["first"] / found["dump"], "again_ratio": found["again"] / found["serialise"]}
    return found | ratios | {"memory": max(turn["memory"] for turn in figures)}


def _large_turn(model: Any, format: str, folder: Path) -> dict[str, float]:
    import nb_mlops

    nb_mlops.connect(folder, actor="ann").append("alias_added", None, {"name": "pre-prod"})  # a registry that is there
    dump = _at_rest(lambda: _durable_dump(model, format, folder / "blobs"))
    (folder / "blobs" / "raw").unlink()
    serialise = _at_rest(lambda: _hashed_dump(model, format))
    reset_peak()
    before = peak_megabytes()
    first = _at_rest(lambda: nb_mlops.register(model, "forest", format=format))
    memory, stored = peak_megabytes() - before, _bytes(folder)
    again = _at_rest(lambda: nb_mlops.register(model, "forest", format=format, again=True))
    return {
        "megabytes": nb_mlops.get("forest@1").size_bytes / 1e6,
        "dump": dump,
        "serialise": serialise,
        "first": first,
        "memory": memory,
        "again": again,
        "added": _bytes(folder) - stored,
    }


def _at_rest(act: Callable[[], object]) -> float:
    path = Path(tempfile.gettempdir()) / f"at-rest-{os.getpid()}"
    with path.open("wb") as file:
        for _ in range(100):
            file.write(bytes(10_000_000))
    path.unlink()
    os.sync()
    begun = time.perf_counter()
    act()
    return time.perf_counter() - begun


def _durable_dump(model: Any, format: str, folder: Path) -> None:
    """The format's own dump, durable as a registry's file is: in the same folder, file and folder synced."""
    folder.mkdir(exist_ok=True)
    with (folder / "raw").open("wb") as file:
        _dump(model, format, file)
        file.flush()
        os.fsync(file.fileno())
    descriptor = os.open(folder, os.O_RDONLY)
    os.fsync(descriptor)
    os.close(descriptor)


def _hashed_dump(model: Any, format: str) -> None:
    """Serialise and hash without a disk: straight into SHA-256, no copy of the whole."""
    _dump(model, format, _Hashing())


class _Hashing:
    """A stream that only hashes."""

    def __init__(self) -> None:
        self.sha256 = hashlib.sha256()
        self.position = 0

    def write(self, data: Any) -> int:
        self.sha256.update(data)
        self.position += memoryview(data).nbytes
        return memoryview(data).nbytes

    def tell(self) -> int:
        return self.position


def _dump(model: Any, format: str, file: Any) -> None:
    if format == "joblib":
        import joblib

        joblib.dump(model, file)
    else:
        import skops.io

        file.write(skops.io.dumps(model))


def _bytes(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file() and path.parent.name == "blobs")


def many_versions(count: str) -> dict[str, float]:
    """Get by alias, search by tag, search by metric, list models: among `count` versions."""
    import nb_mlops
    from nb_mlops.core.filters import Filter

    place = nb_mlops.connect(tempfile.mkdtemp(), actor="ann")
    fill(place, int(count))
    nb_mlops.promote("model-7@1")
    tag = Filter.parse("tags.batch == 'b77'")
    metric = Filter.parse("metrics.auc > 0.9999")
    return {
        "get": seconds(lambda: nb_mlops.get("model-7@production"), times=200, warm=10),
        "tag": seconds(lambda: place.catalog.versions(None, where=tag), times=20),
        "metric": seconds(lambda: place.catalog.versions(None, where=metric), times=20),
        "models": seconds(lambda: nb_mlops.models(), times=10),
    }


def fill(place: Any, count: int, *, models: int = 100) -> None:
    """Registers `count` versions of 100 models, events only."""
    import random

    draw = random.Random(0)
    for place_in_order in range(count):
        body = version_body(f"{place_in_order:064x}")
        body["metrics"] = {"auc": draw.random(), "loss": draw.random()}
        body["tags"] = {"batch": f"b{place_in_order % 1000}", "team": "risk"}
        place.append("registered", f"model-{place_in_order % models}", body)


def version_body(digest: str) -> dict[str, Any]:
    """The body of a registration without its blobs: what MLflow's `create_model_version` stores, and more."""
    return {
        "digest": digest,
        "identity": digest,
        "format": "skops",
        "size_bytes": 14_000,
        "files": {"model.skops": {"sha256": digest, "size": 14_000}},
        "record": digest,
    }


def audit_verify(count: str) -> dict[str, float]:
    """Events a second: the chain (bytes, hashes, links, columns), and `verify` with all rows replayed and compared."""
    from benchmarks.many_events import fill as fill_events
    from nb_mlops.core.chain import Chain
    from nb_mlops.storage import chain_apart
    from nb_mlops.storage.sql import queries

    catalog = fill_events(Path(tempfile.mkdtemp()) / "catalog.sqlite", int(count))
    events = catalog.position()
    figures = {"chain": events / seconds(catalog.chain, times=3)}
    chain_apart.LEAST_EVENTS = events + 1
    figures["one_process"] = events / seconds(catalog.chain, times=3)
    figures["verify"] = events / seconds(catalog.verify, times=1, warm=0)
    with catalog._store.reading() as session:
        pages = list(queries.events_by_position(session))

    def follow() -> None:
        chain = Chain()
        for page in pages:
            chain.follow(page)

    return figures | {"memory": events / seconds(follow, times=3)}


def processes(what: str) -> dict[str, float]:
    """8 processes into one SQLite file: versions alone, or whole registrations."""
    folder = tempfile.mkdtemp()
    each = 100 if what == "versions" else 25
    gate, results = multiprocessing.Barrier(8), multiprocessing.Queue()
    workers = [
        multiprocessing.Process(target=_worker, args=(what, folder, number, each, gate, results)) for number in range(8)
    ]
    for worker in workers:
        worker.start()
    found = [results.get() for _ in workers]
    for worker in workers:
        worker.join()
    import nb_mlops

    nb_mlops.connect(folder, actor="ann")
    numbers = sorted(version.number for version in nb_mlops.versions("shared", top=10_000))
    lasted = max(end for _, end, _ in found) - min(start for start, _, _ in found)
    waits = [wait for _, _, one in found for wait in one]
    return {
        "per_second": 8 * each / lasted,
        "p99": percentile(waits, 0.99),
        "lost": float(numbers != list(range(1, 8 * each + 1))),
    }


def _worker(what: str, folder: str, number: int, each: int, gate: Any, results: Any) -> None:
    import nb_mlops
    from benchmarks.models import small

    place = nb_mlops.connect(folder, actor=f"worker-{number}")
    model, X, y = small() if what == "registrations" else (None, None, None)

    def one(turn: int) -> None:
        if what == "registrations":
            nb_mlops.register(model, "shared", data=(X, y), again=True)
        else:
            place.append("registered", "shared", version_body(f"{number:032x}{turn:032x}"))

    place.catalog.models()
    if what == "registrations":
        import nb_mlops.actions.package
        import nb_mlops.formats

        nb_mlops.register(model, f"warm-{number}", data=(X, y))
    gate.wait()
    start, waits = time.monotonic(), []
    for turn in range(each):
        begun = time.perf_counter()
        one(turn)
        waits.append(time.perf_counter() - begun)
    results.put((start, time.monotonic(), waits))


def training_data() -> dict[str, float]:
    """What 1M × 20 training data adds to a registration: fingerprint, baseline profile and sketch of rows together."""
    from benchmarks.models import table
    from nb_mlops.actions import baseline
    from nb_mlops.actions.content import Content
    from nb_mlops.actions.package import see
    from nb_mlops.core.lineage import Lineage

    X = table()
    content = Content(name="x", estimator=None, X=X, lineage=Lineage())
    baseline._MOST_KEPT = 0  # the second registration of the same table would cost its fingerprint only
    return {"seconds": seconds(lambda: see(content), times=5)}


def outputs() -> dict[str, float]:
    """The bytes that a register cell and a drift cell (12 windows × 20 columns) add to a notebook."""
    import json

    import pandas as pd

    import nb_mlops
    from benchmarks.models import small, table

    model, X, y = small()
    nb_mlops.connect(tempfile.mkdtemp(), actor="ann")
    version = nb_mlops.register(model, "churn", data=(X, y))
    frame = table(60_000)
    frame["day"] = pd.date_range("2026-01-01", "2026-12-30 23:00", periods=len(frame))
    report = nb_mlops.drift(nb_mlops.profile(frame.drop(columns="day")), frame, time="day", every="1mo")
    sizes = [len(json.dumps(value._repr_mimebundle_())) for value in (version, report)]
    return {"register": float(sizes[0]), "drift": float(sizes[1])}
