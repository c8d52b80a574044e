"""Which registry is meant, who acts, and what a cloned project may not decide."""

from __future__ import annotations

from pathlib import Path

import pytest
from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config

import nb_mlops
from nb_mlops.actions import connect, session
from nb_mlops.actions.project import trust_project
from nb_mlops.core.errors import BadInput, Conflict, NotFound, Unreachable, Unsupported
from nb_mlops.core.version import Version
from tests.actions.conftest import fitted, table


def test_the_call_comes_before_the_environment_and_that_before_the_default(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NB_MLOPS_REGISTRY", str(tmp_path / "by-environment"))
    assert connect.current().address == str(tmp_path / "by-environment")
    connect.connect(tmp_path / "by-call")
    assert connect.current().address == str(tmp_path / "by-call")
    assert connect.current(str(tmp_path / "other")).address == str(tmp_path / "other")


def test_the_default_is_in_the_user_data_folder_never_the_working_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("NB_MLOPS_REGISTRY")
    monkeypatch.chdir(tmp_path)
    assert connect.current().address == str(connect.default_folder())
    assert tmp_path not in connect.default_folder().parents


def test_looking_makes_no_files(tmp_path: Path) -> None:
    place = connect.connect(tmp_path / "new")
    assert len(nb_mlops.models()) == 0
    assert nb_mlops.status().models == 0
    assert nb_mlops.verify().whole
    assert not Path(place.address).exists()


def test_a_cloned_project_chooses_no_registry_until_it_is_trusted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("NB_MLOPS_REGISTRY")
    monkeypatch.setattr(connect, "default_folder", lambda: tmp_path / "data" / "registry")
    project = tmp_path / "project"
    project.mkdir()
    file = project / "nb_mlops.toml"
    file.write_text(f'registry = "{tmp_path / "theirs"}"')
    monkeypatch.chdir(project)
    assert connect.current().address == str(tmp_path / "data" / "registry")
    assert "trust-project" in nb_mlops.status().hints[0]
    assert trust_project() == str(tmp_path / "theirs")
    assert connect.current().address == str(tmp_path / "theirs")
    file.write_text(f'registry = "{tmp_path / "changed"}"')
    assert connect.current().address == str(tmp_path / "data" / "registry")


def test_a_folder_without_a_project_file_has_nothing_to_trust(tmp_path: Path) -> None:
    with pytest.raises(NotFound):
        trust_project(tmp_path)


@pytest.mark.parametrize("address", ["s3://bucket/models", "ftp://x", "javascript://x", "  ", "a\x00b"])
def test_what_is_no_address_is_refused(address: str) -> None:
    with pytest.raises(BadInput):
        connect.connect(address)


@pytest.mark.parametrize("address", ["postgresql://ann:hunter2@db/models", "https://ann:hunter2@models.example.org"])
def test_a_password_is_never_printed(address: str) -> None:
    with pytest.raises(Unsupported) as error:
        connect.connect(address)
    assert "hunter2" not in str(error.value)


def test_a_file_is_no_registry(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(BadInput, match="is a file"):
        connect.connect(tmp_path / "file")


def test_who_acts_is_the_call_then_the_environment_then_git(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert connect.connect(tmp_path, actor="ann").actor.name == "ann"
    assert connect.whoami().name == "ada@example.org"
    monkeypatch.delenv("NB_MLOPS_ACTOR")
    monkeypatch.setenv("JUPYTERHUB_USER", "hub-user")
    assert connect.whoami().name == "hub-user"
    monkeypatch.delenv("JUPYTERHUB_USER")
    monkeypatch.setenv("GIT_AUTHOR_EMAIL", "git@example.org")
    monkeypatch.chdir(tmp_path)
    assert connect.whoami().name == "git@example.org"


def register(seed: int, actor: str, address: Path) -> Version:
    return nb_mlops.register(
        fitted(seed), "churn", data=table(seed=seed), registry=connect.open_registry(address, actor)
    )


def test_a_latest_that_somebody_else_made_meanwhile_is_not_acted_on(tmp_path: Path) -> None:
    connect.connect(tmp_path, actor="ann")
    register(0, "ann", tmp_path)
    assert nb_mlops.promote("churn@latest").ref == "churn@1"
    connect.open_registry(tmp_path, "bob").append(
        "registered",
        "churn",
        {
            "digest": "0" * 64,
            "identity": "1" * 64,
            "format": "skops",
            "size_bytes": 1,
            "files": {"m": {"sha256": "0" * 64, "size": 1}},
            "record": "0" * 64,
        },
    )
    with pytest.raises(Conflict, match="somebody else registered meanwhile"):
        nb_mlops.promote("churn@latest")
    assert nb_mlops.get("churn@latest").number == 2  # looking is free


def test_a_ref_left_out_is_this_sessions_last_registration(tmp_path: Path) -> None:
    connect.connect(tmp_path, actor="ann")
    with pytest.raises(BadInput, match="nothing was registered in this session"):
        nb_mlops.promote()
    register(0, "ann", tmp_path)
    assert nb_mlops.promote().ref == "churn@1"


def test_a_folder_that_cannot_be_written_is_said_before_the_fit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from nb_mlops.actions.register import preflight

    monkeypatch.setattr("os.access", lambda *_: False)
    with pytest.raises(Unreachable, match="cannot be written"):
        preflight("churn", registry=str(tmp_path / "models"))


def test_a_profile_of_ipython_may_choose(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shell = InteractiveShell(config=Config({"NbMlops": {"registry": str(tmp_path / "profile")}}))
    monkeypatch.delenv("NB_MLOPS_REGISTRY")
    monkeypatch.setattr(session, "_session", [session.Session(shell=shell)])
    assert connect.current().address == str(tmp_path / "profile")
