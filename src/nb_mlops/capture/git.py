"""The commit that is checked out, whether tracked files differ from it, the remote and the author.

Two calls of the `git` program (8 ms), kept until HEAD or the index changes or ten seconds have passed: whether files
differ can change without either. The repository may be a stranger's: nothing in its configuration may run a program,
so hooks, the file-system monitor, filters and lazy fetches are switched off. `git` refuses repositories of other users.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from functools import cache
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

from nb_mlops.capture.runs import without_credentials
from nb_mlops.core.lineage import Git

WAIT_SECONDS = 2.0  # a status of a huge tree on a slow disk: "unknown" is then the answer
KEEP_SECONDS = 10.0
_SAFE = (
    "--no-optional-locks",
    "-c", "core.fsmonitor=false",
    "-c", f"core.hooksPath={os.devnull}",
    "-c", "core.untrackedCache=false",
    "-c", "core.askPass=",
    "-c", "credential.helper=",
    "-c", "protocol.allow=never",
    "-c", "diff.external=",
    "-c", "submodule.recurse=false",
    "-c", "log.showSignature=false",
)  # fmt: skip


class _State(NamedTuple):
    head: str
    commit: str
    index_changed_at: int


class _Kept(NamedTuple):
    state: _State
    at: float
    git: Git


_kept: dict[str, _Kept] = {}


def git_of(folder: str | None = None) -> Git | None:
    """The state of the repository that holds `folder` (default: where we are); None without one, or without git."""
    root = _root(Path(folder) if folder else Path.cwd())
    if root is None:
        return None
    state = _state(root)
    kept = _kept.get(str(root))
    if kept is not None and kept.state == state:
        # A status that took too long is not tried again at each registration: it would take too long again.
        last_seconds = KEEP_SECONDS if kept.git.dirty is not None else 60 * KEEP_SECONDS
        if time.monotonic() - kept.at < last_seconds:
            return kept.git
    found = _asked(root)
    if len(_kept) > 32:
        _kept.clear()
    if found is not None:
        _kept[str(root)] = _Kept(state, time.monotonic(), found)
    return found


def author_email() -> str | None:
    """The e-mail that git would put on a commit made here: the repository's, else the user's own; None without one."""
    found = git_of()
    return found.author if found is not None else _own_email()


@cache
def _own_email() -> str | None:
    program = _program()
    given = _run(program, Path.home(), ["config", "--global", "--get", "user.email"]) if program else None
    return os.environ.get("GIT_AUTHOR_EMAIL") or (given or "").strip() or None


def _root(folder: Path) -> Path | None:
    """The nearest folder upwards with a `.git` in it: a folder, or a file in work trees and submodules."""
    folder = folder.absolute()
    return next((one for one in (folder, *folder.parents) if (one / ".git").exists()), None)


def _state(root: Path) -> _State:
    """What changes with a commit, a checkout or `git add`; read without starting a program."""
    folder = root / ".git"
    if folder.is_file():
        named = _text(folder).removeprefix("gitdir:").strip()
        folder = (root / named) if named else folder
    head = _text(folder / "HEAD")
    reference = head.removeprefix("ref:").strip()
    commit = _text(folder / reference) if head.startswith("ref:") and ".." not in reference else head
    return _State(head, commit, _changed_at(folder / "index"))


def _asked(root: Path) -> Git | None:
    program = _program()
    if program is None:
        return None
    values, filters = _configuration(_run(program, root, ["config", "--list", "--show-scope", "-z"]))
    # A filter that the repository itself names would be run by `status`; those of the user's own files are the user's.
    off = [part for name in filters for part in _filter_off(name)]
    status = _run(
        program, root,
        ["status", "--porcelain=v2", "--branch", "-z", "--untracked-files=no", "--ignore-submodules=all"],
        options=off,
    )  # fmt: skip
    commit, branch, dirty = _read_status(status)
    if status is None:
        commit = _checked_out(_state(root))
    remote = values.get("remote.origin.url")
    author = os.environ.get("GIT_AUTHOR_EMAIL") or values.get("user.email")
    return Git(commit, branch, dirty, _public(remote) if remote else None, author)


def _run(program: str, root: Path, arguments: list[str], *, options: list[str] | None = None) -> str | None:
    """What git prints; None when it fails or takes too long, which makes the answer unknown."""
    try:
        done = subprocess.run(
            [program, *_SAFE, *(options or []), *arguments],
            cwd=root,
            env=_environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=WAIT_SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout.decode("utf-8", "replace") if done.returncode == 0 else None


def _environment() -> dict[str, str]:
    """Ours without any GIT_…: they could name another repository, a pager or a program to run."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    safe = {"GIT_OPTIONAL_LOCKS": "0", "GIT_TERMINAL_PROMPT": "0", "GIT_NO_LAZY_FETCH": "1", "LC_ALL": "C"}
    return kept | safe


def _program() -> str | None:
    """The full path of git, never one out of the current folder."""
    folders = [one for one in os.environ.get("PATH", "").split(os.pathsep) if Path(one).is_absolute()]
    return shutil.which("git", path=os.pathsep.join(folders)) if folders else None


def _configuration(text: str | None) -> tuple[dict[str, str], list[str]]:
    """The values by name (the last one counts), and the filters that the repository itself defines."""
    values: dict[str, str] = {}
    filters: dict[str, None] = {}
    parts = (text or "").split("\0")
    for scope, entry in zip(parts[::2], parts[1::2], strict=False):
        name, _, value = entry.partition("\n")
        values[name] = value
        if name.startswith("filter.") and scope in ("local", "worktree"):
            filters[name.removeprefix("filter.").rpartition(".")[0]] = None
    return values, list(filters)


def _filter_off(name: str) -> list[str]:
    settings = (f"filter.{name}.clean=", f"filter.{name}.process=", f"filter.{name}.required=false")
    return [part for setting in settings for part in ("-c", setting)]


def _read_status(text: str | None) -> tuple[str | None, str | None, bool | None]:
    """(commit, branch, dirty) of `status --porcelain=v2 --branch -z`."""
    if text is None:
        return None, None, None
    headers, dirty = {}, False
    for line in text.split("\0"):
        if line.startswith("# branch."):
            key, _, value = line.removeprefix("# branch.").partition(" ")
            headers[key] = value
        elif line:
            dirty = True
    commit, branch = headers.get("oid"), headers.get("head")
    return (
        None if commit in (None, "(initial)") else commit,
        None if branch in (None, "(detached)") else branch,
        dirty,
    )


def _checked_out(state: _State) -> str | None:
    commit = state.commit.strip()
    return commit if len(commit) in (40, 64) and all(c in "0123456789abcdef" for c in commit) else None


def _public(remote: str) -> str:
    """The remote without credentials: `git@host:path` has none, an address may."""
    if "://" not in remote:
        return remote.rpartition("@")[2] if ":" in remote.partition("@")[0] else remote
    if urlsplit(remote).scheme == "file":
        return remote
    return without_credentials(remote)


def _text(path: Path) -> str:
    try:
        with path.open(encoding="utf-8", errors="replace") as file:
            return file.read(4096).strip()
    except OSError:
        return ""  # packed references, a commit not made yet: the time limit above covers them


def _changed_at(path: Path) -> int:
    try:
        return path.stat().st_mtime_ns
    except OSError:
        return 0
