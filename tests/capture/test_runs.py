"""An active run is linked; a tracker that is not in use is never imported."""

from __future__ import annotations

import subprocess
import sys
from types import ModuleType, SimpleNamespace

from nb_mlops.capture.runs import runs_of, without_credentials
from nb_mlops.core.lineage import Run


def tracker(name: str, **names: object) -> dict[str, ModuleType]:
    module = ModuleType(name)
    module.__dict__.update(names)
    return {name: module}


def test_an_active_mlflow_run_is_linked_without_credentials() -> None:
    run = SimpleNamespace(info=SimpleNamespace(run_id="r1", experiment_id="7"))
    modules = tracker("mlflow", active_run=lambda: run, get_tracking_uri=lambda: "https://ada:pw@ml.example:5000/x/")
    assert runs_of(modules) == (Run("mlflow", "r1", "https://ml.example:5000/x/#/experiments/7/runs/r1"),)


def test_a_local_mlflow_run_has_no_address() -> None:
    run = SimpleNamespace(info=SimpleNamespace(run_id="r1"))
    assert runs_of(tracker("mlflow", active_run=lambda: run, get_tracking_uri=lambda: "file:///q")) == (
        Run("mlflow", "r1"),
    )


def test_an_active_wandb_run_is_linked() -> None:
    modules = tracker("wandb", run=SimpleNamespace(id="w1", url="https://wandb.example/a/b/runs/w1"))
    assert runs_of(modules) == (Run("wandb", "w1", "https://wandb.example/a/b/runs/w1"),)


def test_no_run_no_tracker_and_half_imported_trackers_give_nothing() -> None:
    assert runs_of({}) == ()
    assert runs_of({**tracker("mlflow", active_run=lambda: None), **tracker("wandb", run=None)}) == ()
    assert runs_of({**tracker("mlflow"), **tracker("wandb")}) == ()


def test_asking_imports_no_tracker() -> None:
    program = (
        "import sys; from nb_mlops.capture.runs import runs_of; runs_of(); "
        "print({'mlflow', 'wandb'} & set(sys.modules))"
    )
    said = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout
    assert said.strip() == "set()"


def test_addresses_lose_user_password_and_query() -> None:
    assert without_credentials("https://u:p@h:1/x?token=t#f") == "https://h:1/x#f"
    assert without_credentials("ssh://git@[::1]:22/x") == "ssh://[::1]:22/x"
    for bad in ("", "no address", "https://[", "https://h:port/x"):
        assert without_credentials(bad) == ""
