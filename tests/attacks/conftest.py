"""One registry to attack, one way to say a verb on every face, and a proof that nothing was written or run.

A test asks `say(verb, target)` for the refusal it got; the same test runs once in Python, once as a magic in a real
IPython shell and once as a command.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from IPython.core.interactiveshell import InteractiveShell

import nb_mlops
from nb_mlops.actions import connect, session
from nb_mlops.actions.register import register
from nb_mlops.actions.registry import Registry
from nb_mlops.cli import main
from nb_mlops.core.errors import NbMlopsError
from nb_mlops.core.event import Actor
from tests.actions.conftest import fitted, table
from tests.notebook.conftest import run, shell  # noqa: F401

PAYLOAD = "pwned"  # every payload makes a folder or file of this name where the test runs


@dataclass(frozen=True)
class Refusal:
    """How a face said no: the class of the error, what a person reads, and the exit code where there is one."""

    kind: str
    lines: list[str]
    exit_code: int | None = None

    @property
    def text(self) -> str:
        return "\n".join(self.lines)


Say = Callable[..., Refusal]


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a registry with churn@1 in production, and the table of its held-out data; not to be changed."""
    folder = tmp_path_factory.mktemp("attacked")
    session.stop()
    place = connect.open_registry(folder / "registry", "ada@example.org")
    register(fitted(), "churn", data=table(), registry=place)
    nb_mlops.promote("churn@1", registry=place)
    X, y = table(seed=7)
    X.assign(churned=y).to_parquet(folder / "test.parquet")
    connect.forget()
    return folder


@pytest.fixture
def place(kept: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Registry]:
    """The registry, made the default; the test fails when it was written to, or when a payload ran."""
    session.stop()
    work = tmp_path / "work"
    work.mkdir()
    monkeypatch.chdir(work)
    monkeypatch.setenv("NB_MLOPS_REGISTRY", str(kept / "registry"))
    found = connect.current()
    before = written(found, tmp_path)
    yield found
    assert written(connect.current(str(kept / "registry")), tmp_path) == before
    session.stop()


@pytest.fixture
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Registry]:
    """A registry of the test's own, which it may change; the test fails when a payload ran."""
    session.stop()
    work = tmp_path / "work"
    work.mkdir()
    monkeypatch.chdir(work)
    yield connect.current()
    assert not list(tmp_path.rglob(f"{PAYLOAD}*"))
    session.stop()


def written(place: Registry, folder: Path) -> tuple[object, ...]:
    """The last position, the blobs, and every file of the test's own folder but IPython's."""
    files = sorted(str(path) for path in folder.rglob("*") if "ipython" not in path.parts)
    return place.catalog.position(), sorted(place.blobs.names()), files


def as_ben(place: Registry) -> Registry:
    """The same registry, as somebody else sees it."""
    return replace(place, actor=Actor("ben@example.org"))


# --------------------------------------------------------------------------------------------------------------- faces

TABLE = "test.parquet"


def _by_python(verb: str, target: str, kept: Path) -> object:
    X, y = table(seed=7)
    more: dict[str, dict[str, Any]] = {
        "validate": {"checks": ["roc_auc >= 0"], "data": (X, y)},
        "drift": {"table": X},
        "rollback": {"reason": "r", "expect": "churn@1"},
        "note": {"text": "n"},
        "tag": {"tags": {"a": "b"}},
        "describe": {"stakes": "high"},
    }
    if verb == "register":
        return nb_mlops.register(fitted(3), target, data=table(seed=3))
    return getattr(nb_mlops, verb)(target, **more.get(verb, {}))


def _by_command(verb: str, target: str, kept: Path) -> list[str]:
    data = str(kept / TABLE)
    options: dict[str, list[str]] = {
        "validate": ["--data", data, "--target", "churned", "--check", "roc_auc >= 0"],
        "rollback": ["--from", "churn@1"],
        "note": ["-m", "n"],
    }
    after: dict[str, list[str]] = {
        "drift": [data],
        "tag": ["a=b"],
        "describe": ["high"],
        "register": [str(kept / "model.joblib")],
    }
    word = "stakes" if verb == "describe" else verb
    trust = ["--trust"] if verb == "register" else []
    return [word, *options.get(verb, []), *trust, "--", target, *after.get(verb, [])]


# `{said}` is the target: so any text reaches a magic, line ends and NUL included
MAGICS = {
    "register": "%register {said} --model fitted",
    "validate": "%%validate {said} --data X,y\nroc_auc >= 0",
    "drift": "%drift {said} X",
    "rollback": '%rollback {said} --from churn@1 -m "r"',
}
NOT_THERE = {("magic", verb) for verb in ("note", "tag", "discard", "load", "describe", "doctor")} | {("cli", "load")}


def on_every_face(*verbs: str) -> pytest.MarkDecorator:
    """Runs a test with `say` and `verb` once for each face that has the verb."""
    faces = [(face, verb) for verb in verbs for face in ("python", "magic", "cli") if (face, verb) not in NOT_THERE]
    return pytest.mark.parametrize(("say", "verb"), faces, indirect=["say"])


@pytest.fixture
def say(request: pytest.FixtureRequest, kept: Path) -> Say:
    """Says one verb about one target on one face; gives the refusal, and fails where there was none of ours."""
    return {"python": _say_python, "magic": _say_magic, "cli": _say_command}[request.param](request, kept)


def _say_python(request: pytest.FixtureRequest, kept: Path) -> Say:
    def say(verb: str, target: str) -> Refusal:
        with pytest.raises(NbMlopsError) as caught:
            _by_python(verb, target, kept)
        return Refusal(type(caught.value).__name__, str(caught.value).splitlines())

    return say


def _say_magic(request: pytest.FixtureRequest, kept: Path) -> Say:
    notebook: InteractiveShell = request.getfixturevalue("shell")
    run_cell = request.getfixturevalue("run")
    run_cell("%load_ext nb_mlops")
    request.addfinalizer(lambda: run_cell("%unload_ext nb_mlops"))
    X, y = table(seed=7)
    notebook.push({"X": X, "y": y, "fitted": fitted(3)})

    def say(verb: str, target: str) -> Refusal:
        notebook.user_ns["said"] = target
        with pytest.raises(NbMlopsError) as caught:
            run_cell(MAGICS.get(verb, f"%{verb} {{said}}"))
        return Refusal(type(caught.value).__name__, caught.value._render_traceback_()[:])

    return say


def _say_command(request: pytest.FixtureRequest, kept: Path) -> Say:
    model = kept / "model.joblib"
    if not model.exists():
        import joblib

        joblib.dump(fitted(3), model)

    def say(verb: str, target: str) -> Refusal:
        return command(*_by_command(verb, target, kept))

    return say


def command(*arguments: str) -> Refusal:
    """What a command that fails says; it must fail by an error of ours or of usage."""
    done = CliRunner().invoke(main, list(arguments))
    assert done.exit_code, done.output
    assert isinstance(done.exception, SystemExit), done.exception
    kind, _, rest = done.stderr.partition(": ")
    return Refusal(kind, rest.splitlines(), done.exit_code)
