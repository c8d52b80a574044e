"""Names that are paths, options, code or look like others: every verb refuses each of them, on every face."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import nb_mlops
from nb_mlops.actions import connect, content
from nb_mlops.actions.options import Options
from nb_mlops.actions.registry import Registry
from nb_mlops.core.errors import BadInput, NbMlopsError
from tests.actions.conftest import fitted, table
from tests.attacks.conftest import PAYLOAD, Say, command, on_every_face
from tests.core.test_ref import BAD_NAMES

MORE_NAMES = [
    "..%252f..%252fetc%252fpasswd",
    "....//....//etc/passwd",
    "..\\..\\windows",
    "churn#/../../../etc",
    "churn?x=1",
    "file:///etc/passwd",
    "~/.ssh/id_rsa",
    "$HOME/x",
    "`touch pwned`",
    "$(touch pwned)",
    "a" * 100_000,
    "\ud800",
    "\u2066churn\u2069",
    "ch\u00adurn",
    "con:",
]
BAD_SELECTORS = ["0", "-1", "1e3", "03", str(2**63), "\uff13", "\u0663", "../x", "latest/../1", "", " 3", "3\n", "3;x"]
VERSIONED = ("gate", "promote", "request", "approve", "reject", "validate", "drift", "card", "lineage", "compare")
WITHOUT_MAGIC = ("load", "doctor", "tag", "note", "discard")
OF_A_MODEL = ("versions", "audit", "rollback", "describe", "register")


def refused(say: Say, verb: str, targets: list[str]) -> dict[str, Any]:
    """What was not refused as it should be: as bad input (or nothing there), in two printable lines, exit code 2."""
    odd = {}
    for target in targets:
        said = say(verb, target)
        good = said.kind in ("BadInput", "NotFound") and 1 <= len(said.lines) <= 2 and said.exit_code in (None, 2)
        if not good or not all(line.isprintable() for line in said.lines) or len(said.text) > 600:
            odd[target[:60]] = said
    return odd


@on_every_face(*VERSIONED, *WITHOUT_MAGIC)
def test_a_bad_name_or_number_is_refused_by_every_verb_about_a_version(say: Say, verb: str, place: Registry) -> None:
    names = [f"{name}@1" for name in [*BAD_NAMES, *MORE_NAMES]]
    assert refused(say, verb, [*names, *(f"churn@{selector}" for selector in BAD_SELECTORS)]) == {}


@on_every_face(*OF_A_MODEL)
def test_a_bad_name_is_refused_by_every_verb_about_a_model(say: Say, verb: str, place: Registry) -> None:
    assert refused(say, verb, [*BAD_NAMES, *MORE_NAMES]) == {}


@pytest.mark.parametrize(
    "name", ["../x", "production\n", "Production", "produ\u0441tion", "-m", "latest", "a" * 101, "3"]
)
def test_a_bad_alias_is_refused_on_every_face(name: str, place: Registry, run: Callable[[str], object]) -> None:
    for act in (nb_mlops.gate, nb_mlops.promote, nb_mlops.request, nb_mlops.approve, nb_mlops.reject):
        with pytest.raises(NbMlopsError):
            act("churn@1", to=name)
    for verb in ("gate", "promote", "request", "approve", "reject"):
        assert command(verb, "churn@1", "--to", name).exit_code == 2
    assert command("alias", "add", "--", name).exit_code == 2
    run("%load_ext nb_mlops\nsaid = " + repr(name))
    for line in ("%gate churn@1 --to {said}", "%promote churn@1 --to {said}", "%mlops alias add " + ascii(name)):
        with pytest.raises(NbMlopsError):
            run(line)
    run("%unload_ext nb_mlops")


@pytest.mark.parametrize(
    "name", ["../../x", "/etc/passwd", "a/../../x", "C:\\x", "a\x00b", "", ".", "a\nb", "x" * 300, "a:b"]
)
def test_a_file_beside_a_model_cannot_be_called_like_a_way_out(name: str, place: Registry, tmp_path: Path) -> None:
    inside = tmp_path / "work" / "weights"
    inside.write_text("w")
    try:
        with pytest.raises(BadInput, match="no file name"):
            nb_mlops.register(fitted(3), "churn", data=table(seed=3), files={name: inside})
    finally:
        inside.unlink()


@pytest.mark.parametrize("kind", ["link", "pipe", "device", "folder"])
def test_a_file_swapped_between_check_and_read_is_not_followed(
    kind: str, own: Registry, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    secret = tmp_path / "secret"
    secret.write_text("canary-of-another-user")
    given = tmp_path / "weights"
    given.write_text("w")
    checked = content._checked

    def swapped(files: Any) -> Any:
        found = checked(files)
        given.unlink()
        make = {"link": lambda: given.symlink_to(secret), "device": lambda: given.symlink_to("/dev/zero")}
        make |= {"pipe": lambda: os.mkfifo(given), "folder": given.mkdir}
        make[kind]()
        return found

    monkeypatch.setattr(content, "_checked", swapped)
    with pytest.raises(BadInput):
        nb_mlops.register(fitted(), "churn", data=table(), files={"weights": given})
    assert own.catalog.position() == 0
    assert not any(b"canary" in own.blobs.read(sha256) for sha256 in own.blobs.names())


@pytest.mark.parametrize("name", ["pipe.csv", "pipe.parquet", "zero.csv"])
def test_a_pipe_or_device_under_a_tables_name_is_not_waited_for(name: str, place: Registry, tmp_path: Path) -> None:
    path = tmp_path / name
    if name.startswith("zero"):
        path.symlink_to("/dev/zero")
    else:
        os.mkfifo(path)
    try:
        for act in (lambda: nb_mlops.drift("churn@1", str(path)), lambda: nb_mlops.profile(str(path))):
            with pytest.raises(BadInput, match="regular file"):
                act()
        assert command("drift", "churn@1", str(path)).exit_code == 2
    finally:
        path.unlink()


def test_a_folder_planted_in_the_outbox_leads_nowhere(
    own: Registry, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from nb_mlops.actions import outbox
    from nb_mlops.core.errors import Unreachable

    (tmp_path / "elsewhere").mkdir()
    outbox.folder().mkdir()
    (outbox.folder() / f".unfinished-{os.getpid()}-churn").symlink_to(tmp_path / "elsewhere")
    made = content.content_of(own, fitted(), "churn", Options(data=table()))
    outbox.park(made, own, Unreachable("away", ""))
    (parcel,) = outbox.waiting()
    assert list((tmp_path / "elsewhere").iterdir()) == []
    assert parcel.folder.stat().st_mode & 0o077 == 0


# ------------------------------------------------------------------------------------- what went wrong elsewhere


def test_mlflow_cve_2023_1177_a_version_cannot_name_a_file_of_the_machine(own: Registry, tmp_path: Path) -> None:
    """There, a version's `source` named any folder, and its files were then served."""
    sha256 = own.blobs.put(b"x")
    for name in ("../../etc/passwd", "/etc/passwd", "file:///etc/passwd"):
        part = {"sha256": name, "size": 1}
        body = {"digest": sha256, "identity": sha256, "record": sha256, "format": "skops", "size_bytes": 1}
        with pytest.raises(BadInput):
            own.append("registered", "churn", {**body, "files": {"model.skops": part}})
        with pytest.raises(BadInput):
            own.append("registered", "churn", {**body, "record": name, "files": {"m": {"sha256": sha256, "size": 1}}})
    assert own.catalog.position() == 0


@pytest.mark.parametrize("name", ["..%2f..%2fcanary", "%2e%2e%2f%2e%2e%2fcanary", "../../canary", "../canary@1"])
def test_mlflow_cve_2023_6831_nothing_outside_is_deleted(name: str, own: Registry, tmp_path: Path) -> None:
    """There, deleting an artifact with an encoded `../` deleted any file."""
    canary = tmp_path / "canary"
    canary.write_text("here")
    (tmp_path / "outbox").mkdir()
    assert command("discard", "--", name).exit_code == 2
    assert command("outbox", "drop", "--", name).exit_code == 2
    with pytest.raises(BadInput):
        own.blobs.read(name)
    assert canary.read_text() == "here"


def test_mlflow_cve_2024_1560_a_name_is_decoded_no_second_time(own: Registry) -> None:
    """There, `%252e%252e` passed the check and was decoded once more before use."""
    for name in ("%252e%252e%252fcanary", "churn%252f..%252fcanary"):
        with pytest.raises(BadInput):
            nb_mlops.get(f"{name}@1")
        with pytest.raises(BadInput):
            nb_mlops.register(fitted(), name, data=table())
    assert own.catalog.position() == 0


def test_mlflow_cve_2024_3848_what_stands_behind_a_hash_is_no_path(place: Registry) -> None:
    """There, a fragment in an address hid the `../` from the check."""
    for address in ("https://host#/../../../etc", "https://host/#/../x", "s3://bucket#/../../x"):
        with pytest.raises(BadInput):
            connect.connect(address)
        assert command("--registry", address, "models").exit_code == 2


def test_mlflow_cve_2025_11201_a_models_name_makes_no_folder(own: Registry, tmp_path: Path) -> None:
    """There, the name of a new model was joined to a path, and the file that was written there was run."""
    before = sorted(tmp_path.rglob("*"))
    for name in (f"../{PAYLOAD}", f"/tmp/{PAYLOAD}", f"risk/../../{PAYLOAD}", f"risk/{PAYLOAD}/x"):
        with pytest.raises(BadInput):
            nb_mlops.register(fitted(), name, data=table())
    assert sorted(tmp_path.rglob("*")) == before
