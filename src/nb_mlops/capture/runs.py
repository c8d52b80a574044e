"""The experiment tracker's run that is active, where one of them is in use: linked, never imported.

Curves and tries stay in MLflow or W&B; a version only says which run it came from.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from types import ModuleType
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from nb_mlops.core.lineage import Run


def runs_of(modules: Mapping[str, ModuleType] | None = None) -> tuple[Run, ...]:
    """The active runs of the trackers that this process has already loaded."""
    loaded = sys.modules if modules is None else modules
    found = (_mlflow_run(loaded.get("mlflow")), _wandb_run(loaded.get("wandb")))
    return tuple(run for run in found if run is not None)


def without_credentials(url: str) -> str:
    """The address without user, password, query and fragment's secrets: safe to store and to show.

    >>> without_credentials("https://ada:pw@host/x?token=1")
    'https://host/x'
    """
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
        port = f":{parts.port}" if parts.port else ""
    except ValueError:
        return ""  # no address at all: what it is cannot be told, so nothing of it is kept
    if not parts.scheme:
        return ""
    host = f"[{host}]" if ":" in host else host
    return urlunsplit((parts.scheme, host + port, parts.path, "", parts.fragment))


def _mlflow_run(mlflow: Any | None) -> Run | None:
    # Any: MLflow is not a dependency; what it lacks (half imported, another version) is an unknown run.
    active = getattr(mlflow, "active_run", None)
    run = active() if callable(active) else None
    info = getattr(run, "info", None)
    run_id = getattr(info, "run_id", None)
    if not isinstance(run_id, str):
        return None
    address = getattr(mlflow, "get_tracking_uri", lambda: "")()
    experiment = getattr(info, "experiment_id", "")
    if not isinstance(address, str) or not address.startswith(("http://", "https://")):
        return Run("mlflow", run_id)
    base = without_credentials(address).rstrip("/")
    return Run("mlflow", run_id, f"{base}/#/experiments/{experiment}/runs/{run_id}")


def _wandb_run(wandb: Any | None) -> Run | None:
    run = getattr(wandb, "run", None)
    run_id = getattr(run, "id", None)
    if not isinstance(run_id, str):
        return None
    url = getattr(run, "url", None)
    return Run("wandb", run_id, without_credentials(url) if isinstance(url, str) and url else None)
