"""What every test gets: a registry, an outbox and a person of its own, and no trace left on the machine."""

from __future__ import annotations

from pathlib import Path

import pytest


@pytest.fixture(autouse=True)
def _own_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever forgets to name a registry writes into the test's own folder, never into the user's."""
    monkeypatch.setenv("NB_MLOPS_REGISTRY", str(tmp_path / "registry"))
    monkeypatch.setenv("NB_MLOPS_OUTBOX", str(tmp_path / "outbox"))
    monkeypatch.setenv("NB_MLOPS_ACTOR", "ada@example.org")
    for name in ("JUPYTERHUB_USER", "JPY_SESSION_NAME", "MLFLOW_RUN_ID", "WANDB_RUN_ID"):
        monkeypatch.delenv(name, raising=False)
