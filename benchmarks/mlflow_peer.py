"""MLflow on the same acts, with its defaults (SQLite, local files)."""

from __future__ import annotations

import multiprocessing
import os
import tempfile
import time
from pathlib import Path
from typing import Any

from benchmarks.measuring import peak_megabytes, percentile, seconds

os.environ["MLFLOW_DISABLE_TELEMETRY"] = "true"
os.environ["MLFLOW_DISABLE_AUTOLOGGING"] = "true"


def _connect(folder: str | None = None) -> Any:
    import logging

    import mlflow

    logging.getLogger("mlflow").setLevel(logging.ERROR)
    root = folder or tempfile.mkdtemp()
    os.chdir(root)
    mlflow.set_tracking_uri(f"sqlite:///{root}/mlflow.db")
    return mlflow


def import_time() -> dict[str, float]:
    """`import mlflow`."""
    begun = time.perf_counter()
    import mlflow  # noqa: F401

    return {"seconds": time.perf_counter() - begun}


def new_registry() -> dict[str, float]:
    """A registry that was not there takes its first model."""
    mlflow = _connect()
    begun = time.perf_counter()
    mlflow.MlflowClient().create_registered_model("churn")
    return {"seconds": time.perf_counter() - begun}


def _log(mlflow: Any, model: Any, **more: Any) -> None:
    with mlflow.start_run():
        mlflow.sklearn.log_model(model, name="model", registered_model_name="churn", **more)


def register(kind: str, requirements: str) -> dict[str, float]:
    """log_model with a registered name: by default (requirements inferred), or with requirements given."""
    from benchmarks import models

    model, _, _ = getattr(models, kind)()
    mlflow = _connect()
    given = {"pip_requirements": ["scikit-learn"]} if requirements == "given" else {}
    options = {"input_example": None, **given, "serialization_format": "cloudpickle"}
    _log(mlflow, model, **options)
    times = 10 if requirements == "given" else 2
    return {"seconds": seconds(lambda: _log(mlflow, model, **options), times=times, warm=0)}


def load() -> dict[str, float]:
    """Load by alias."""
    from benchmarks.models import small

    model, _, _ = small()
    mlflow = _connect()
    _log(mlflow, model, pip_requirements=["scikit-learn"], serialization_format="cloudpickle")
    mlflow.MlflowClient().set_registered_model_alias("churn", "production", 1)
    return {"seconds": seconds(lambda: mlflow.sklearn.load_model("models:/churn@production"), times=20, warm=2)}


def large_model() -> dict[str, float]:
    """A model of about 500 MB, first and again."""
    from benchmarks.models import large, small

    model = large()
    folder = tempfile.mkdtemp()
    mlflow = _connect(folder)
    options = {"pip_requirements": ["scikit-learn"], "serialization_format": "cloudpickle"}
    _log(mlflow, small()[0], **options)  # what is imported only once
    before, begun = peak_megabytes(), time.perf_counter()
    _log(mlflow, model, **options)
    first, memory, stored = time.perf_counter() - begun, peak_megabytes() - before, _bytes(folder)
    begun = time.perf_counter()
    _log(mlflow, model, **options)
    return {"first": first, "again": time.perf_counter() - begun, "memory": memory, "added": _bytes(folder) - stored}


def _bytes(folder: str) -> int:
    return sum(path.stat().st_size for path in Path(folder).rglob("*") if path.is_file() and path.suffix != ".db")


def many_versions(count: str) -> dict[str, float]:
    """Get by alias, search by tag, list models: among `count` versions of 100 models."""
    mlflow = _connect()
    client = mlflow.MlflowClient()
    for place in range(100):
        client.create_registered_model(f"model-{place}")
    for place in range(int(count)):
        client.create_model_version(f"model-{place % 100}", source="s", tags={"batch": f"b{place % 1000}"})
    client.set_registered_model_alias("model-7", "production", 1)
    return {
        "get": seconds(lambda: client.get_model_version_by_alias("model-7", "production"), times=50, warm=5),
        "tag": seconds(lambda: client.search_model_versions("tags.batch = 'b77'"), times=5),
        "models": seconds(lambda: client.search_registered_models(), times=5),
    }


def set_alias() -> dict[str, float]:
    """An alias set to a new version each time: no policy, no approval, no history."""
    client = _connect().MlflowClient()
    client.create_registered_model("churn")
    for _ in range(100):
        client.create_model_version("churn", source="s")
    numbers = iter(range(1, 101))
    taken = seconds(lambda: client.set_registered_model_alias("churn", "production", next(numbers)), times=90, warm=5)
    return {"p50": taken}


def processes() -> dict[str, float]:
    """8 processes × 25 versions into one SQLite file."""
    folder = tempfile.mkdtemp()
    client = _connect(folder).MlflowClient()
    client.create_registered_model("shared")
    gate, results = multiprocessing.Barrier(8), multiprocessing.Queue()
    workers = [multiprocessing.Process(target=_worker, args=(folder, gate, results)) for _ in range(8)]
    for worker in workers:
        worker.start()
    found = [results.get() for _ in workers]
    for worker in workers:
        worker.join()
    lasted = max(end for _, end, _ in found) - min(start for start, _, _ in found)
    return {"per_second": 200 / lasted, "p99": percentile([wait for _, _, one in found for wait in one], 0.99)}


def _worker(folder: str, gate: Any, results: Any) -> None:
    client = _connect(folder).MlflowClient()
    client.get_registered_model("shared")
    gate.wait()
    start, waits = time.monotonic(), []
    for _ in range(25):
        begun = time.perf_counter()
        client.create_model_version("shared", source="s")
        waits.append(time.perf_counter() - begun)
    results.put((start, time.monotonic(), waits))
