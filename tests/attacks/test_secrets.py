"""Canaries in every place where people keep secrets; after a whole life of a model, none stands anywhere of ours.

One life is lived by the module: a notebook is run by `nb-mlops run` with secrets all around it, registers, validates
and promotes; other commands answer, and some fail. Each test then looks for one canary in everything that was left.
"""

from __future__ import annotations

import io
import json
import os
import subprocess
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from nb_mlops.actions import connect, session
from nb_mlops.cli import main
from tests.actions.conftest import table
from tests.actions.test_run import notebook

CANARIES = {
    "environment": "c4nary-env-8Zq1Kx7Wv2",
    "registry address": "c4nary-reg-3Bn5Tm9Rd4",
    "registry token": "c4nary-tok-6Hj2Lp8Gs1",
    "git remote": "c4nary-git-7Yf4Nc3Vb9",
    "git token": "c4nary-gtk-4Ws8Xe2Mz5",
    "parameter": "c4nary-par-1Qd6Uk5Ja8",
    "parameter login": "c4nary-pad-9Ot3Bi7Fh2",
    "literal": "c4nary-lit-2Rv7Cy4Ng6",
    "package index": "c4nary-pip-5Lx9Ez1Tw3",
    "tracker": "c4nary-mlf-8Ka2Ps6Do7",
    "data source": "c4nary-src-3Gm1Hu9Vc4",
    "table login": "c4nary-tab-6Jn8Yb5Rq2",
    "table query": "c4nary-que-7Fz4Xi3Lk1",
    "error": "c4nary-err-9Cw2Ta8Be6",
}

FIT = f"""
from sklearn.linear_model import LogisticRegression
import os, pandas as pd
password = "{CANARIES["literal"]}"
engine = "postgresql://ada:{CANARIES["literal"]}@db.example/train"
train = pd.read_csv("train.csv")
X, y = train.drop(columns="churned"), train["churned"]
model = LogisticRegression(C=strength).fit(X, y)
"""
VALIDATE = "%%validate churn@latest --data test.csv --target churned\naccuracy >= 0.1"


@pytest.fixture(scope="module")
def lived(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """The folder after the life, and all that was printed meanwhile."""
    folder = tmp_path_factory.mktemp("secrets")
    with pytest.MonkeyPatch.context() as patch:
        session.stop()
        connect.forget()
        patch.chdir(_project(folder))
        for name, value in _environment(folder).items():
            patch.setenv(name, value)
        printed = "".join(_live(folder))
        connect.forget()
        session.stop()
    return folder, printed


def _project(folder: Path) -> Path:
    """A repository with a secret in its remote, and data."""
    project = folder / "project"
    project.mkdir()
    for name, seed in (("train", 0), ("test", 7)):
        X, y = table(seed=seed)
        X.assign(churned=y).to_csv(project / f"{name}.csv", index=False)
    git = ["git", "-C", str(project), "-c", "user.name=ada", "-c", "user.email=ada@example.org"]
    remote = f"https://ada:{CANARIES['git remote']}@git.example/team/churn.git?token={CANARIES['git token']}"
    for words in (["init", "-q"], ["add", "."], ["commit", "-qm", "x"], ["remote", "add", "origin", remote]):
        subprocess.run([*git, *words], check=True, capture_output=True)
    return project


def _environment(folder: Path) -> dict[str, str]:
    return {
        "NB_MLOPS_REGISTRY": str(folder / "ours" / "registry"),
        "NB_MLOPS_OUTBOX": str(folder / "ours" / "outbox"),
        "NB_MLOPS_ACTOR": "ada@example.org",
        "DB_PASSWORD": CANARIES["environment"],
        "AWS_SECRET_ACCESS_KEY": CANARIES["environment"],
        "PIP_INDEX_URL": f"https://ada:{CANARIES['package index']}@pypi.example/simple",
        "MLFLOW_TRACKING_URI": f"https://ada:{CANARIES['tracker']}@mlflow.example",
        "IPYTHONDIR": str(folder / "ipython"),
        "JUPYTER_DATA_DIR": str(folder / "jupyter"),
    }


def _live(folder: Path) -> Iterator[str]:
    """Every command's output, of those that work and those that fail."""
    source = notebook(Path("train.ipynb"), f"%%register churn\n{FIT}", VALIDATE, "%promote churn@1 -m first", "v")
    failing = notebook(Path("failing.ipynb"), "raise RuntimeError('no: ' + open('address.txt').read())")
    Path("address.txt").write_text(f"postgresql://ada:{CANARIES['error']}@db.example/x")
    address = f"https://ada:{CANARIES['parameter login']}@store.example/x"
    secrets = ["-p", "db_password", CANARIES["parameter"], "-p", "source", address]
    secrets += ["-p", "options", json.dumps({"api_key": CANARIES["parameter"]})]
    outputs = folder / "ours" / "executed"
    yield _said("run", str(source), *secrets, "-o", str(outputs))
    yield _said("run", str(failing), *secrets, "-o", str(outputs))
    data = f"https://ada:{CANARIES['table login']}@127.0.0.1:9/x.csv?sig={CANARIES['table query']}"
    for words in (
        ["drift", "churn@1", data],
        ["validate", "churn@1", "--data", data, "--target", "y", "--check", "f1>0"],
    ):
        yield _said(*words)
    for place in (
        "postgresql://ada:{}@db.example/x",
        "https://ada:{}@models.example",
        "postgresql:/ada:{}@db/x",
        "s3://k:{}@b",
    ):
        yield _said("--registry", place.format(CANARIES["registry address"]), "models")
    for place in ("https://{}@models.example", "https://models.example?token={}", "postgresql://db/x?password={}"):
        yield _said("--registry", place.format(CANARIES["registry token"]), "promote", "churn@1")
    yield _register_here(folder)
    for look in ("card", "lineage", "audit", "gate", "doctor"):
        yield _said(look, "churn@1")
        yield _said(look, "churn@1", "--json")
    for words in (["status"], ["verify"], ["models"], ["versions", "churn", "--json"], ["outbox", "list"]):
        yield _said(*words)


def _register_here(folder: Path) -> str:
    """A registration in this process, and one that is parked: what the outbox holds is looked at, too."""
    import nb_mlops
    from nb_mlops.actions import content, outbox
    from nb_mlops.actions.options import Options
    from nb_mlops.core.errors import Unreachable
    from tests.actions.conftest import fitted

    source = f"postgresql://ada:{CANARIES['data source']}@db.example/train?sslpassword={CANARIES['data source']}"
    version = nb_mlops.register(fitted(5), "churn", data=table(seed=5), data_source=source)
    place = connect.current()
    made = content.content_of(place, fitted(6), "churn", Options(data=table(seed=6), data_source=source))
    parked = outbox.park(made, place, Unreachable("It is away.", ""))
    return f"{version!r}{parked}{version._repr_mimebundle_()}"


def _said(*words: str) -> str:
    done = CliRunner().invoke(main, list(words))
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    return done.output


def _left(folder: Path) -> Iterator[tuple[str, bytes]]:
    """Every file of ours, name and bytes; the members of zip files unpacked."""
    for path in sorted((folder / "ours").rglob("*")):
        if path.is_file():
            data = path.read_bytes()
            yield str(path), data
            if zipfile.is_zipfile(io.BytesIO(data)):
                with zipfile.ZipFile(io.BytesIO(data)) as archive:
                    yield from ((f"{path}: {name}", archive.read(name)) for name in archive.namelist())


def test_the_life_was_lived(lived: tuple[Path, str]) -> None:
    """Else nothing below would mean anything: it registered, promoted, failed, and parked."""
    folder, printed = lived
    versions = json.loads(_looked(folder, "versions", "churn", "--json"))["items"]
    assert [version["ref"] for version in versions] == ["churn@2", "churn@1"]
    assert versions[1]["aliases"] == ["production"]
    assert "RuntimeError" in printed
    assert printed.count("needs a later release") >= 4
    assert list((folder / "ours" / "outbox").iterdir())
    assert len(list((folder / "ours" / "executed").glob("*.ipynb"))) == 2


def test_what_is_no_secret_was_kept(lived: tuple[Path, str]) -> None:
    folder, _ = lived
    told = json.loads(_looked(folder, "lineage", "churn@1", "--json"))
    assert "git.example" in told["git"]["remote"]
    assert told["parameters"]["db_password"] == "***"
    assert told["parameters"]["options"] == {"api_key": "***"}
    assert "strength" in json.dumps(told["slice"])


def _looked(folder: Path, *words: str) -> str:
    return CliRunner().invoke(main, ["--registry", str(folder / "ours" / "registry"), *words]).output


@pytest.mark.parametrize("canary", CANARIES)
def test_a_secret_stands_in_nothing_that_was_stored(canary: str, lived: tuple[Path, str]) -> None:
    """Row, blob, outbox, log, executed notebook. A literal stays in the copy of the cell that it was typed into."""
    folder, _ = lived
    where = [name for name, data in _left(folder) if CANARIES[canary].encode() in data]
    if canary == "literal":
        where = [name for name in where if not _only_typed(Path(name), CANARIES[canary])]
    assert where == []


def _only_typed(path: Path, canary: str) -> bool:
    """Whether a secret stands in the cells' own source only, and in no output."""
    if path.suffix != ".ipynb":
        return False
    cells = json.loads(path.read_text())["cells"]
    return canary not in json.dumps([cell.get("outputs") for cell in cells])


@pytest.mark.parametrize("canary", CANARIES)
def test_a_secret_is_never_printed(canary: str, lived: tuple[Path, str]) -> None:
    _, printed = lived
    assert CANARIES[canary] not in printed


def test_a_parked_parcel_is_for_its_owner_only(lived: tuple[Path, str]) -> None:
    folder, _ = lived
    for path in (folder / "ours" / "outbox").iterdir():
        assert path.stat().st_mode & 0o077 == 0


def test_the_kernel_gets_no_more_than_this_process_had(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """What `run` puts into the environment for the kernel is gone afterwards, parameters included."""
    source = notebook(tmp_path / "train.ipynb", "x = 1")
    before = dict(os.environ)
    assert CliRunner().invoke(main, ["run", str(source), "-p", "db_password", CANARIES["parameter"]]).exit_code == 0
    assert {name for name, value in os.environ.items() if CANARIES["parameter"] in value} == set()
    assert set(os.environ) - set(before) <= {"PYTEST_CURRENT_TEST"}
