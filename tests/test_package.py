"""What a person installs: the wheel, looked into, and the way its files are laid out."""

from __future__ import annotations

import json
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
MOST_BYTES = 800_000  # nearly all of it is the project's own Python; every kilobyte is downloaded by everybody
MOST_SIDEBAR_BYTES = 60_000  # what JupyterLab loads, compressed
SHARED = "data/share/jupyter/labextensions/@nb-mlops/labextension/"


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> zipfile.ZipFile:
    """The wheel, built from this folder by the environment of the tests."""
    place = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", place, ROOT]
    built = subprocess.run(command, capture_output=True, text=True)
    assert built.returncode == 0, built.stdout[-3000:] + built.stderr[-3000:]
    return zipfile.ZipFile(next(place.glob("*.whl")))


def named(wheel: zipfile.ZipFile, ending: str) -> list[str]:
    return [name for name in wheel.namelist() if name.endswith(ending)]


def test_the_wheel_is_small(wheel: zipfile.ZipFile) -> None:
    assert wheel.filename is not None
    assert Path(wheel.filename).stat().st_size <= MOST_BYTES
    assert sum(part.compress_size for part in wheel.infolist() if SHARED in part.filename) <= MOST_SIDEBAR_BYTES


def test_the_wheel_is_for_every_machine(wheel: zipfile.ZipFile) -> None:
    assert str(wheel.filename).endswith("py3-none-any.whl")


def test_the_sidebar_comes_once_and_jupyterlab_can_load_it(wheel: zipfile.ZipFile) -> None:
    (about,) = named(wheel, SHARED + "package.json")
    entry = json.loads(wheel.read(about))["jupyterlab"]["_build"]["load"]

    assert len(named(wheel, SHARED + entry)) == 1
    assert not [name for name in wheel.namelist() if name.startswith("nb_mlops/_labextension")]
    assert len(named(wheel, SHARED + "install.json")) == 1


def test_jupyter_server_is_told_to_load_the_extension(wheel: zipfile.ZipFile) -> None:
    (config,) = named(wheel, "data/etc/jupyter/jupyter_server_config.d/nb_mlops.json")

    assert json.loads(wheel.read(config)) == {"ServerApp": {"jpserver_extensions": {"nb_mlops": True}}}


def test_the_example_notebooks_come_with_it(wheel: zipfile.ZipFile) -> None:
    here = {file.name for file in (ROOT / "example_notebooks").glob("*.ipynb")}

    assert {Path(name).name for name in wheel.namelist() if name.startswith("nb_mlops/example_notebooks/")} >= here
    assert len(here) == 5


def test_the_types_are_announced(wheel: zipfile.ZipFile) -> None:
    assert named(wheel, "nb_mlops/py.typed")


def test_no_test_no_source_of_the_sidebar_and_no_scratch_is_shipped(wheel: zipfile.ZipFile) -> None:
    strange = [name for name in wheel.namelist() if name.endswith((".ts", ".tsx", ".pyc")) or "/tests/" in name]

    assert strange == []
