"""Real repositories, a stranger's among them."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from nb_mlops.capture import git as module
from nb_mlops.capture.git import git_of


@pytest.fixture(autouse=True)
def _own_git(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    monkeypatch.delenv("GIT_AUTHOR_EMAIL", raising=False)
    module._kept.clear()


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    folder = tmp_path / "work"
    folder.mkdir()
    git(folder, "init", "-q", "-b", "main")
    git(folder, "config", "user.email", "ada@example.org")
    git(folder, "config", "user.name", "Ada")
    (folder / "a.txt").write_text("1")
    git(folder, "add", "a.txt")
    git(folder, "commit", "-q", "-m", "first")
    return folder


def git(folder: Path, *arguments: str) -> str:
    return subprocess.run(["git", *arguments], cwd=folder, check=True, capture_output=True, text=True).stdout.strip()


def test_a_clean_checkout(repository: Path) -> None:
    found = git_of(str(repository))
    assert found is not None
    assert (found.commit, found.branch, found.dirty) == (git(repository, "rev-parse", "HEAD"), "main", False)
    assert (found.author, found.remote) == ("ada@example.org", None)


def test_a_change_and_a_commit_are_seen(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = git_of(str(repository))
    monkeypatch.setattr(module, "KEEP_SECONDS", 0.0)
    (repository / "a.txt").write_text("22")
    second = git_of(str(repository))
    git(repository, "commit", "-q", "-am", "second")
    third = git_of(str(repository))
    assert first
    assert second
    assert third
    assert (first.dirty, second.dirty, third.dirty) == (False, True, False)
    assert third.commit == git(repository, "rev-parse", "HEAD") != first.commit


def test_asking_again_starts_no_program_and_a_commit_asks_again(
    repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    git_of(str(repository))
    started: list[object] = []
    real = subprocess.run
    monkeypatch.setattr(module.subprocess, "run", lambda *a, **k: (started.append(a), real(*a, **k))[1])
    git_of(str(repository))
    assert started == []
    real(["git", "commit", "-q", "--allow-empty", "-m", "x"], cwd=repository, check=True)
    git_of(str(repository))
    assert started


def test_a_detached_head_a_work_tree_and_a_fresh_repository(repository: Path, tmp_path: Path) -> None:
    commit = git(repository, "rev-parse", "HEAD")
    git(repository, "worktree", "add", "-q", "--detach", str(tmp_path / "tree"))
    tree = git_of(str(tmp_path / "tree"))
    assert tree is not None
    assert (tree.commit, tree.branch) == (commit, None)
    fresh = tmp_path / "fresh"
    fresh.mkdir()
    git(fresh, "init", "-q")
    empty = git_of(str(fresh))
    assert empty is not None
    assert empty.commit is None


@pytest.mark.parametrize(
    ("remote", "kept"),
    [
        ("https://ada:canary@host.example/r.git", "https://host.example/r.git"),
        ("https://canary@host.example/r.git?token=canary", "https://host.example/r.git"),
        ("git@host.example:team/r.git", "git@host.example:team/r.git"),
        ("ada:canary@host.example:r.git", "host.example:r.git"),
        ("/srv/git/r.git", "/srv/git/r.git"),
    ],
)
def test_the_remote_has_no_credentials(repository: Path, remote: str, kept: str) -> None:
    git(repository, "remote", "add", "origin", remote)
    found = git_of(str(repository))
    assert found is not None
    assert found.remote == kept
    assert "canary" not in repr(found)


def test_a_strangers_repository_runs_nothing(repository: Path, tmp_path: Path) -> None:
    proof = tmp_path / "ran"
    script = tmp_path / "evil.sh"
    script.write_text(f"#!/bin/sh\ntouch {proof}\ncat\n")
    script.chmod(0o755)
    included = repository / ".git" / "more"
    included.write_text(f'[filter "x"]\n\tclean = {script}\n[core]\n\tfsmonitor = {script}\n')
    with (repository / ".git" / "config").open("a") as file:
        file.write(f'[include]\n\tpath = more\n[filter "y"]\n\tprocess = {script}\n\trequired = true\n')
        file.write(f"[core]\n\tfsmonitor = {script}\n\thooksPath = {tmp_path}\n\tpager = {script}\n")
    (repository / ".gitattributes").write_text("a.txt filter=x\nb.txt filter=y\n")
    (repository / "b.txt").write_text("b")
    (repository / "a.txt").write_text("2")
    found = git_of(str(repository))
    assert found is not None
    assert found.dirty is True
    assert not proof.exists()


def test_what_the_environment_says_about_git_is_not_followed(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_DIR", "/nowhere")
    found = git_of(str(repository))
    assert found is not None
    assert found.dirty is False


def test_no_repository_and_no_git_are_unknown(
    repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert git_of(str(tmp_path)) is None
    monkeypatch.setenv("PATH", ".")
    assert git_of(str(repository)) is None


def test_a_git_that_hangs_is_unknown_and_not_asked_again_at_once(
    repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    slow = tmp_path / "bin" / "git"
    slow.parent.mkdir()
    slow.write_text("#!/bin/sh\nexec sleep 5\n")
    slow.chmod(0o755)
    monkeypatch.setenv("PATH", f"{slow.parent}:/usr/bin:/bin")
    monkeypatch.setattr(module, "WAIT_SECONDS", 0.2)
    commit = (repository / ".git" / "refs" / "heads" / "main").read_text().strip()
    found = git_of(str(repository))
    monkeypatch.setattr(module.subprocess, "run", lambda *a, **k: pytest.fail("the git that hangs was asked again"))
    assert git_of(str(repository)) == found
    assert found is not None
    assert (found.commit, found.dirty) == (commit, None)
