"""A checkpoint on its way: signed by one's own key, written once, read back, and held against what is there."""

from __future__ import annotations

import json
import os
import stat
import sys
import uuid
from collections.abc import Callable
from pathlib import Path

import pytest

from nb_mlops.actions.audit import verify
from nb_mlops.actions.checkpoint import checkpoint, read_checkpoint
from nb_mlops.actions.connect import open_registry
from nb_mlops.actions.describe import note
from nb_mlops.actions.registry import Registry
from nb_mlops.core.errors import BadInput, Conflict, Damaged, NotFound, Unreachable, Unsafe, Unsupported
from nb_mlops.core.version import Version
from nb_mlops.storage import signing

Registered = Callable[..., Version]


@pytest.fixture
def key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where this test's key is, once it was made."""
    path = tmp_path / "keys" / "own.key"
    monkeypatch.setenv("NB_MLOPS_KEY", str(path))
    return path


@pytest.fixture
def place(tmp_path: Path, registered: Registered) -> Registry:
    """An embedded registry with churn@1."""
    found = open_registry(tmp_path / "embedded", "ann@example.org")
    registered(found)
    return found


def test_a_checkpoint_proves_that_nothing_before_it_changed(ann: Registry, registered: Registered) -> None:
    registered(ann)
    made = checkpoint(f"memory://{uuid.uuid4()}", registry=ann)
    note("churn@1", "later", registry=ann)
    found = verify(checkpoint=made.place, registry=ann)
    assert found.whole
    assert found.proofs[0].key_is_known
    assert f"since the newest checkpoint (position {made.position})" in found.to_text()


def test_making_one_is_put_on_record_with_its_digest(place: Registry, tmp_path: Path) -> None:
    made = checkpoint(tmp_path / "away", registry=place)
    *_, event = place.catalog.events("registry")
    assert event.kind == "checkpointed"
    assert event.body == {"position": made.position, "digest": made.digest, "key": made.key}
    assert read_checkpoint(made.place).digest == made.digest


def test_the_key_is_made_once_for_this_user_only_and_its_public_half_stands_beside(place: Registry, key: Path) -> None:
    first, second = checkpoint(registry=place), checkpoint(registry=place)
    assert (first.key, stat.S_IMODE(key.stat().st_mode)) == (second.key, 0o600)
    assert (Path(first.place).parent / f"{first.key[:16]}.pub").read_text().strip() == first.key
    assert any("the key was made now" in line for line in first.notes)
    assert not any("the key was made now" in line for line in second.notes)


def test_beside_the_registry_it_says_what_that_is_worth(place: Registry) -> None:
    made = checkpoint(registry=place)
    assert Path(made.place).parent == Path(place.address) / "checkpoints"
    assert "protects only what is copied elsewhere" in made.to_text()


def test_nothing_that_is_there_is_replaced(place: Registry, tmp_path: Path) -> None:
    there = tmp_path / "there.json"
    there.write_text("mine")
    with pytest.raises(Conflict, match="not replaced"):
        checkpoint(there, registry=place)
    assert there.read_text() == "mine"
    [*_, last] = place.catalog.events("registry")
    assert last.kind != "checkpointed"


def test_another_key_than_the_one_named_is_found(place: Registry, key: Path, tmp_path: Path) -> None:
    made = checkpoint(tmp_path / "away", registry=place)
    key.unlink()
    other = signing.make_own_key()[0]
    found = verify(checkpoint=made.place, key=other, registry=place)
    assert f"was signed by the key {made.key[:16]}…, not by {other[:16]}…" in found.to_text()
    named = verify(checkpoint=made.place, key=str(tmp_path / "away" / f"{made.key[:16]}.pub"), registry=place)
    assert named.whole


def test_a_key_that_nobody_named_is_believed_with_a_word(place: Registry, key: Path, tmp_path: Path) -> None:
    made = checkpoint(tmp_path / "away", registry=place)
    key.unlink()
    found = verify(checkpoint=made.place, registry=place)
    assert found.whole
    assert "compare its key with the one you were given" in found.to_text()


def test_a_tampered_checkpoint_is_found(place: Registry, tmp_path: Path) -> None:
    path = Path(checkpoint(tmp_path / "away", registry=place).place)
    raw = json.loads(path.read_bytes())
    raw["checkpoint"]["time"] = "2026-01-01T00:00:00.000000Z"
    path.write_text(json.dumps(raw, sort_keys=True, separators=(",", ":")))
    assert "does not bear the signature of its key: it was changed" in verify(checkpoint=path, registry=place).to_text()


def test_a_registry_that_is_gone_or_another_one_is_no_match(
    place: Registry, tmp_path: Path, registered: Registered
) -> None:
    made = checkpoint(tmp_path / "away", registry=place)
    empty, other = open_registry(tmp_path / "empty", "ann"), open_registry(tmp_path / "other", "ann")
    registered(other, "fraud")
    for registry in (empty, other):
        found = verify(checkpoint=made.place, registry=registry)
        assert (found.whole, found.first_position) == (False, 1)
        assert "gone: history" in found.to_text()
        assert ("it is of another registry" in found.to_text()) == (registry is other)


def test_of_a_folder_the_newest_counts(place: Registry, tmp_path: Path) -> None:
    for folder in (str(tmp_path / "away"), f"memory://{uuid.uuid4()}/deep"):
        checkpoint(folder, registry=place)
        newest = checkpoint(folder, registry=place)
        assert verify(checkpoint=folder, registry=place).proofs[0].checkpoint == newest
    (tmp_path / "empty").mkdir()
    for nothing in (tmp_path / "empty", tmp_path / "none", "memory://nowhere"):
        with pytest.raises(NotFound):
            verify(checkpoint=nothing, registry=place)


def test_only_what_holds_is_signed(place: Registry) -> None:
    import sqlite3

    place.catalog.close()
    with sqlite3.connect(Path(place.address) / "catalog.sqlite") as database:
        database.execute("DROP TRIGGER events_are_not_changed")
        database.execute("UPDATE events SET data = x'00' WHERE position = 2")
    with pytest.raises(Damaged, match="at position 2: nothing was signed"):
        checkpoint(registry=place)


def test_an_empty_registry_has_nothing_to_sign(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="nothing to sign"):
        checkpoint(registry=open_registry(tmp_path / "empty"))


def test_in_memory_one_says_where(ann: Registry, registered: Registered) -> None:
    registered(ann)
    if "://" in ann.address:
        with pytest.raises(BadInput, match="no folder for checkpoints"):
            checkpoint(registry=ann)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such modes")
def test_a_key_that_others_can_read_is_not_used(place: Registry, key: Path) -> None:
    checkpoint(registry=place)
    key.chmod(0o644)
    with pytest.raises(Unsafe, match="Others can read the key"):
        checkpoint(registry=place)


def test_a_file_that_is_no_key_is_said(place: Registry, key: Path) -> None:
    key.parent.mkdir()
    key.touch(0o600)
    with pytest.raises(BadInput, match="holds no key"):
        checkpoint(registry=place)


def test_without_cryptography_two_lines_say_which_extra(place: Registry, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "cryptography.hazmat.primitives", None)
    with pytest.raises(Unsupported) as caught:
        checkpoint(registry=place)
    assert str(caught.value) == "Signing needs the package cryptography.\npip install 'nb-mlops[sign]'"


def test_a_checkpoint_that_is_not_there_is_said(place: Registry, tmp_path: Path) -> None:
    for address in (tmp_path / "none.json", "memory://nowhere/none.json", "s4://x/y.json"):
        with pytest.raises((NotFound, BadInput)) as caught:
            verify(checkpoint=os.fspath(address), registry=place)
        assert caught.value.hint


def test_a_file_in_the_place_of_its_folder_is_said_without_a_word_of_the_registry(
    place: Registry, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(Unreachable, match="choose another place") as raised:
        checkpoint(tmp_path / "file" / "x", registry=place)
    assert "registry" not in str(raised.value)


def test_verify_names_a_model_by_its_name(place: Registry) -> None:
    for blob in (Path(place.address) / "blobs").rglob("*"):
        blob.unlink() if blob.is_file() else None
    assert "churn@1, file" in verify(registry=place).to_text()
