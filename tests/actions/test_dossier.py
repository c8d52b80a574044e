"""A dossier is the same bytes from the same record, holds what it says, and its history checks with standard tools."""

from __future__ import annotations

import hashlib
import io
import json
import os
import shutil
import sqlite3
import subprocess
import sys
import zipfile
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from nb_mlops.actions.approve import approve
from nb_mlops.actions.card import edit_card
from nb_mlops.actions.checkpoint import checkpoint
from nb_mlops.actions.connect import open_registry
from nb_mlops.actions.dossier import dossier
from nb_mlops.actions.policy import apply_policy
from nb_mlops.actions.promote import promote
from nb_mlops.actions.registry import Registry
from nb_mlops.actions.validate import validate
from nb_mlops.core.dossier import Dossier, pack, safe_part
from nb_mlops.core.errors import BadInput, Conflict, NotFound, Unreachable
from nb_mlops.core.version import Version
from tests.actions.conftest import table

Registered = Callable[..., Version]
SECTIONS = {"limits": "Never tried on people under 18.", "ethics": "Looked at by age.", "oversight": "Eve stops it."}


def parts(made: Dossier) -> dict[str, bytes]:
    with zipfile.ZipFile(made.path) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name) for name in archive.namelist()}


def governed(ann: Registry, bob: Registry, registered: Registered) -> None:
    """A version with all that a dossier tells of."""
    registered(ann, stakes="medium", owner="Ann", purpose="keep customers")
    edit_card("churn@1", SECTIONS, registry=bob)
    validate("churn@1", ["roc_auc >= 0.6", "roc_auc.ci_low >= 0.1"], data=table(seed=7), registry=ann)
    validate("churn@1", ["roc_auc >= 0.999"], data=table(seed=8), registry=bob)
    validate("churn@1", ["roc_auc >= 0.6"], data=table(seed=8), registry=bob)
    approve("churn@1", comment="looked at every region", registry=bob)
    promote("churn@1", reason="better", registry=ann)


def test_the_same_record_makes_the_same_bytes(
    ann: Registry, bob: Registry, registered: Registered, tmp_path: Path
) -> None:
    governed(ann, bob, registered)
    one = dossier("churn@1", tmp_path / "one.zip", registry=ann)
    elsewhere = replace(bob, address="https://elsewhere.example.org")
    two = dossier("churn@production", tmp_path / "two.zip", registry=elsewhere)
    assert (tmp_path / "one.zip").read_bytes() == (tmp_path / "two.zip").read_bytes()
    assert one.sha256 == two.sha256 == hashlib.sha256((tmp_path / "one.zip").read_bytes()).hexdigest()
    registered(ann, "other")
    assert dossier("churn@1", tmp_path, registry=ann).sha256 == one.sha256
    edit_card("churn@1", {"limits": "Nor on companies."}, registry=ann)
    assert dossier("churn@1", tmp_path / "one.zip", registry=ann).sha256 != one.sha256


def test_another_process_in_another_place_makes_the_same_bytes(tmp_path: Path, registered: Registered) -> None:
    ann = open_registry(tmp_path / "here", "ann@example.org")
    governed(ann, replace(ann, actor=type(ann.actor)("bob@example.org")), registered)
    here = dossier("churn@1", tmp_path / "here.zip", registry=ann)
    shutil.copytree(tmp_path / "here", tmp_path / "there")
    other = {"PYTHONHASHSEED": "7", "TZ": "Asia/Tokyo", "LC_ALL": "C", "NB_MLOPS_ACTOR": "eve@example.org"}
    asks = [sys.executable, "-m", "nb_mlops", "--registry", str(tmp_path / "there"), "dossier", "churn@1", "--json"]
    done = subprocess.run(asks, cwd=tmp_path, env={**os.environ, **other}, capture_output=True, text=True, check=True)
    assert json.loads(done.stdout)["sha256"] == here.sha256
    assert (tmp_path / "dossier-churn-1.zip").is_file()


def test_it_holds_what_an_officer_asks_for(
    ann: Registry, bob: Registry, registered: Registered, tmp_path: Path
) -> None:
    governed(ann, bob, registered)
    found = parts(dossier("churn@1", tmp_path, registry=ann))
    told = {"README.md", "SHA256SUMS", "dossier.html", "card/card.html", "card/card.json", "card/card.md"}
    told |= {"decisions/decisions.json", "decisions/gates.txt", "history/events.json", "policy/policy.toml"}
    assert told <= found.keys()
    assert [name[16:] for name in sorted(found) if name.startswith("evidence/")][::2] == [
        "passed.json",
        "failed.json",
        "passed.json",
    ]
    decided = json.loads(found["decisions/decisions.json"])
    assert [(one["actor"], one["comment"]) for one in decided["approvals"]] == [
        ("bob@example.org", "looked at every region")
    ]
    assert [one["reason"] for one in decided["moves"]] == ["better"]
    page = found["dossier.html"].decode()
    for said in ("Never tried on people under 18.", "looked at every region", "roc_auc.ci_low &gt;= 0.1", "Annex IV"):
        assert said in page
    for name in found:
        assert name in found["README.md"].decode().replace("\\", "")


def test_its_sums_and_its_chain_hold(ann: Registry, bob: Registry, registered: Registered, tmp_path: Path) -> None:
    governed(ann, bob, registered)
    made = dossier("churn@1", tmp_path, registry=ann)
    found = parts(made)
    stated = dict(line.split("  ")[::-1] for line in found["SHA256SUMS"].decode().splitlines())
    assert stated == {name: hashlib.sha256(data).hexdigest() for name, data in found.items() if name != "SHA256SUMS"}
    before = "0" * 64
    events = json.loads(found["history/events.json"])["events"]
    for event in events:
        assert hashlib.sha256(event["bytes"].encode()).hexdigest() == event["hash"]
        assert json.loads(event["bytes"])["prev"] == event["previous"] == before
        before = event["hash"]
    assert made.state == f"event {len(events)} of the model's history, sha256 {before}"


def test_the_way_of_checking_that_it_tells_works(ann: Registry, registered: Registered, tmp_path: Path) -> None:
    registered(ann)
    with zipfile.ZipFile(dossier("churn@1", tmp_path, registry=ann).path) as archive:
        archive.extractall(tmp_path / "out")
    told = (tmp_path / "out" / "history" / "CHECK.md").read_text()
    script = "\n".join(line[4:] for line in told.splitlines() if line.startswith("    "))
    done = subprocess.run(
        ["bash", "-e", "-c", script], cwd=tmp_path / "out", capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines()[-2:] == [
        "every hash is the hash of its bytes",
        "every event names the one before it",
    ]
    assert "FAILED" not in done.stdout


def test_the_policy_of_each_move_is_in_it(ann: Registry, bob: Registry, registered: Registered, tmp_path: Path) -> None:
    governed(ann, bob, registered)
    file = tmp_path / "policy.toml"
    file.write_text('[people]\n"bob@example.org" = ["robert"]\n[high.production]\napprovals = 5\n')
    apply_policy(file, reason="agreed", registry=ann)
    found = parts(dossier("churn@1", tmp_path, registry=ann))
    (earlier,) = (name for name in found if name.startswith("policy/policy-"))
    assert "approvals = 5" in found["policy/policy.toml"].decode()
    assert "bob@example.org" in found["policy/policy.toml"].decode()
    assert "approvals = 5" not in found[earlier].decode()


def test_an_erased_name_is_erased_in_it(tmp_path: Path, registered: Registered) -> None:
    ann = open_registry(tmp_path / "registry", "ann@example.org")
    governed(ann, replace(ann, actor=type(ann.actor)("bob@example.org")), registered)
    (tmp_path / "policy.toml").write_text('[roles]\napprovers = ["bob@example.org", "eve"]\n')
    apply_policy(tmp_path / "policy.toml", reason="agreed", registry=ann)
    ann.catalog.close()
    with closing(sqlite3.connect(tmp_path / "registry" / "catalog.sqlite")) as connection, connection:
        connection.execute("DELETE FROM actors WHERE name = 'bob@example.org'")
    found = parts(dossier("churn@1", tmp_path, registry=open_registry(tmp_path / "registry", "ann@example.org")))
    assert not [name for name, data in found.items() if b"bob@example.org" in data]
    assert json.loads(found["decisions/decisions.json"])["approvals"][0]["actor"] == "erased"
    assert 'approvers = ["erased 1", "eve"]' in found["policy/policy.toml"].decode()


def test_the_newest_checkpoint_is_in_it_with_the_head_that_it_signs(registered: Registered, tmp_path: Path) -> None:
    ann = open_registry(tmp_path / "registry", "ann@example.org")
    registered(ann)
    signed = checkpoint(registry=ann)
    edit_card("churn@1", SECTIONS, registry=ann)
    found = parts(dossier("churn@1", tmp_path, registry=ann))
    proof = json.loads(found["history/events.json"])
    assert (
        hashlib.sha256(found["history/checkpoint.json"]).hexdigest() == signed.digest == proof["checkpoint"]["digest"]
    )
    head = proof["checkpoint"]["head"]
    assert proof["events"][head["sequence"] - 1]["hash"] == head["hash"]
    assert f"signs this history up to event {head['sequence']}" in found["dossier.html"].decode()


def test_a_checkpoint_that_was_changed_or_kept_elsewhere_is_only_named(registered: Registered, tmp_path: Path) -> None:
    ann = open_registry(tmp_path / "registry", "ann@example.org")
    registered(ann)
    (tmp_path / "safe").mkdir()
    signed = checkpoint(tmp_path / "safe", registry=ann)
    (tmp_path / "registry" / "checkpoints").mkdir()
    (tmp_path / "registry" / "checkpoints" / signed.name).write_text("{}")
    found = parts(dossier("churn@1", tmp_path, registry=ann))
    assert "history/checkpoint.json" not in found
    assert json.loads(found["history/events.json"])["checkpoint"]["digest"] == signed.digest
    assert "its file is not in this dossier" in found["dossier.html"].decode()


NOTEBOOK = {"cells": [{"cell_type": "code", "source": 'password = "hunter2"', "outputs": [], "metadata": {}}]}


@pytest.fixture
def saved(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A notebook that runs here, with a secret in it."""
    path = tmp_path / "my train.ipynb"
    path.write_text(json.dumps(NOTEBOOK))
    monkeypatch.setenv("NB_MLOPS_NOTEBOOK", str(path))
    return path


def test_the_notebook_is_in_it_without_its_secrets(saved: Path, registered: Registered, tmp_path: Path) -> None:
    registered(open_registry(tmp_path / "registry", "ann"))
    made = dossier("churn@1", tmp_path, registry=str(tmp_path / "registry"))
    assert "1 secret masked" in made.notes[0]
    text = parts(made)["notebook/my_train.ipynb"]
    assert b"hunter2" not in text
    assert json.loads(text)["cells"][0]["source"] == 'password = "***"'


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (lambda path: path.write_text("{}"), "changed after the registration"),
        (lambda path: path.unlink(), "not at its recorded path"),
        (lambda path: (path.unlink(), os.mkfifo(path)), "not at its recorded path"),
        (lambda path: (path.unlink(), path.mkdir()), "not at its recorded path"),
    ],
    ids=["changed", "gone", "a pipe", "a folder"],
)
def test_a_notebook_that_is_not_what_ran_is_left_out_and_said(
    change: Any, why: str, saved: Path, registered: Registered, tmp_path: Path
) -> None:
    registered(open_registry(tmp_path / "registry", "ann"))
    change(saved)
    made = dossier("churn@1", tmp_path, registry=str(tmp_path / "registry"))
    assert why in made.notes[0]
    assert why in parts(made)["dossier.html"].decode()
    assert not [name for name in parts(made) if name.startswith("notebook/")]


def test_a_notebook_that_was_registered_with_it_is_found_anywhere(
    ann: Registry, registered: Registered, tmp_path: Path
) -> None:
    (tmp_path / "ran.ipynb").write_text(json.dumps(NOTEBOOK))
    registered(ann, files={"ran.ipynb": tmp_path / "ran.ipynb"})
    (tmp_path / "ran.ipynb").unlink()
    assert b"***" in parts(dossier("churn@1", tmp_path, registry=ann))["notebook/ran.ipynb"]


def test_only_an_earlier_dossier_is_replaced(ann: Registry, registered: Registered, tmp_path: Path) -> None:
    registered(ann)
    path = tmp_path / "mine.zip"
    path.write_text("my thesis")
    with pytest.raises(Conflict, match="no dossier"):
        dossier("churn@1", path, registry=ann)
    assert path.read_text() == "my thesis"
    made = dossier("churn@1", tmp_path / "d.zip", registry=ann)
    assert dossier("churn@1", made.path, registry=ann).sha256 == made.sha256
    assert not [file for file in tmp_path.iterdir() if file.name.endswith(".part")]


def test_what_cannot_be_written_is_said(ann: Registry, registered: Registered, tmp_path: Path) -> None:
    registered(ann)
    with pytest.raises(BadInput, match="no folder"):
        dossier("churn@1", tmp_path / "no" / "where.zip", registry=ann)
    with pytest.raises(NotFound):
        dossier("churn@9", tmp_path, registry=ann)
    with pytest.raises(Unreachable, match="cannot be written"):
        dossier("churn@1", "/proc/dossier.zip", registry=ann)


@pytest.mark.parametrize("name", ["../x", "/x", "a/../b", "a\\b", "C:x", "", "a//b", ".hidden", "a\nb", "x" * 101, "ä"])
def test_no_member_leaves_the_folder_it_is_unpacked_in(name: str) -> None:
    with pytest.raises(BadInput):
        pack({name: b""})
    (made,) = zipfile.ZipFile(io.BytesIO(pack({safe_part(name): b""}))).namelist()
    assert made == safe_part(name)


def test_a_dossier_shows_itself(ann: Registry, registered: Registered, tmp_path: Path) -> None:
    made = dossier(registered(ann), tmp_path, registry=ann)
    assert made.sha256 in repr(made)
    assert made.path in repr(made)
    assert dict(made.files)["dossier.html"] > 1_000
    assert made.sha256 in made.to_html()
