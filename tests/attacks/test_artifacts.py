"""Bytes made to harm, and stores edited by hand: no face loads, runs or follows them."""

from __future__ import annotations

import io
import json
import os
import pickle
import sqlite3
import stat
import tarfile
import zipfile
from contextlib import closing
from pathlib import Path
from typing import Any

import joblib
import pytest
from click.testing import CliRunner
from sklearn.linear_model import LogisticRegression

import nb_mlops
from nb_mlops.actions import connect, session
from nb_mlops.actions.registry import Registry
from nb_mlops.cli import main
from nb_mlops.core.canonical import canonical, digest
from nb_mlops.core.errors import BadInput, Damaged, NbMlopsError, Unsafe, Untrusted
from tests.actions.conftest import fitted, table
from tests.attacks.conftest import PAYLOAD, Say, as_ben, command, on_every_face

LOADING = ("load", "doctor", "validate")


class Payload:
    """A pickle of it makes a folder where it is read."""

    def __reduce__(self) -> tuple[Any, ...]:
        return os.mkdir, (PAYLOAD,)


def pickled() -> bytes:
    buffer = io.BytesIO()
    joblib.dump({"model": Payload()}, buffer)
    return buffer.getvalue()


def forged(
    place: Registry,
    files: dict[str, bytes],
    *,
    format: str,
    runs_code: bool = False,
    record: bytes = canonical({"estimator": "Pipeline", "signature": None, "lineage": {}}),
    **more: Any,
) -> None:
    """What a hostile client, or one with the database open, registers as ben: any bytes, and lies about them."""
    parts = {name: {"sha256": place.blobs.put(data), "size": len(data)} for name, data in files.items()}
    artifact = digest({name: part["sha256"] for name, part in parts.items()})
    body = {"digest": artifact, "identity": artifact, "format": format, "size_bytes": 1, "files": parts}
    small = {key: place.blobs.put(data) for key, data in {"record": record, **more}.items()}
    as_ben(place).append("registered", "churn", {**body, **small, "runs_code": runs_code})


def edited(place: Registry, statement: str, *values: object) -> None:
    """Changes the catalog's file as its owner could."""
    place.catalog.close()
    with closing(sqlite3.connect(Path(place.address) / "catalog.sqlite", isolation_level=None)) as connection:
        assert connection.execute(statement, values).rowcount > 0


def mine(place: Registry) -> None:
    """Registers churn@1 as ada, in another session than the one that loads."""
    nb_mlops.register(fitted(), "churn", data=table(), registry=place)
    session.stop()


def test_the_payload_would_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    joblib.load(io.BytesIO(pickled()))
    assert (tmp_path / PAYLOAD).is_dir()


@pytest.mark.parametrize("name", ["model.joblib", "model.pkl", "model.pickle", "MODEL.PKL"])
def test_a_pickle_is_not_read_without_trust(name: str, place: Registry, kept: Path) -> None:
    path = kept / name
    path.write_bytes(pickled())
    said = command("register", "other", str(path))
    assert (said.kind, said.exit_code) == ("Untrusted", 4)
    path.unlink()


@pytest.mark.parametrize("name", ["model.onnx", "model.skops", "model", "model.zip", "model.yaml", "model.npy"])
def test_a_pickle_under_another_name_is_refused(name: str, place: Registry, kept: Path) -> None:
    path = kept / name
    path.write_bytes(pickled())
    said = command("register", "other", str(path), "--trust")
    assert (said.kind in ("Unsupported", "BadInput", "Damaged"), said.exit_code in (2, 4)) == (True, True)
    assert len(said.lines) <= 2
    path.unlink()


@on_every_face(*LOADING)
@pytest.mark.parametrize("runs_code", [True, False])
def test_somebody_elses_pickle_is_not_loaded_whatever_its_row_says(
    say: Say, verb: str, own: Registry, runs_code: bool
) -> None:
    forged(own, {"model.joblib": pickled()}, format="joblib", runs_code=runs_code)
    position = own.catalog.position()
    said = say(verb, "churn@1")
    assert (said.kind, said.exit_code) == ("Untrusted", 4 if said.exit_code else None)
    assert own.catalog.position() == position


@on_every_face(*LOADING)
@pytest.mark.parametrize(
    ("format", "files"),
    [
        ("skops", {"model.skops": pickled()}),
        ("onnx", {"model.onnx": pickled()}),
        ("xgboost", {"model.ubj": pickled()}),
        ("lightgbm", {"model.txt": pickled()}),
        ("function", {"function.json": json.dumps({"module": "os", "name": "mkdir"}).encode()}),
        ("skops", {"model.skops": b"", "code/__main__.py": f"import os; os.mkdir({PAYLOAD!r})".encode()}),
        ("../../evil", {"m": b""}),
    ],
    ids=["skops", "onnx", "xgboost", "lightgbm", "function", "code", "traversal"],
)
def test_other_formats_run_nothing_either(
    say: Say, verb: str, own: Registry, format: str, files: dict[str, bytes]
) -> None:
    forged(own, files, format=format)
    said = say(verb, "churn@1")
    assert said.kind in ("Untrusted", "Damaged", "Unsupported", "BadInput", "NotFound")
    assert 1 <= len(said.lines) <= 2


@on_every_face(*LOADING)
@pytest.mark.parametrize("change", ["flip", "cut", "empty", "gone", "link"])
def test_a_stored_file_that_was_changed_is_refused(say: Say, verb: str, own: Registry, change: str) -> None:
    mine(own)
    (part,) = nb_mlops.get("churn@1").files.values()
    path = Path(own.address) / "blobs" / part["sha256"]
    data = path.read_bytes()
    path.chmod(0o600)
    path.unlink()
    if change == "link":
        path.symlink_to(own.address)
    elif change != "gone":
        path.write_bytes(
            {"flip": data[:50] + bytes([data[50] ^ 1]) + data[51:], "cut": data[:-9], "empty": b""}[change]
        )
    said = say(verb, "churn@1")
    assert said.kind in (("NotFound", "Damaged") if change == "gone" else ("BadInput", "Damaged"))
    assert len(said.lines) == 2


@on_every_face(*LOADING)
@pytest.mark.parametrize("column", ["digest", "files", "format", "runs_code"])
def test_a_row_edited_in_the_database_loads_no_other_bytes(say: Say, verb: str, own: Registry, column: str) -> None:
    """Whatever columns are changed: a pickle that somebody planted is refused, and `verify` finds the edit."""
    mine(own)
    sha256 = own.blobs.put(pickled())
    planted = json.dumps({"model.joblib": {"sha256": sha256, "size": 1}})
    trusted_by_this_session = nb_mlops.register(LogisticRegression().fit(*table()), "other", data=table())
    edited(own, "UPDATE versions SET files = ?, format = 'joblib', runs_code = 0 WHERE number = 1", planted)
    if column == "digest":
        edited(own, "UPDATE versions SET digest = ? WHERE number = 1", trusted_by_this_session.digest)
    elif column == "files":
        edited(own, "UPDATE versions SET digest = ? WHERE number = 1", digest({"model.joblib": sha256}))
    elif column == "format":
        edited(own, "UPDATE versions SET format = 'skops' WHERE number = 1")
    assert say(verb, "churn@1").kind in ("Damaged", "Untrusted")
    assert not nb_mlops.verify().whole


@pytest.mark.parametrize(
    "record",
    [b"{", b"[" * 100_000, b"null", b"[]", b'{"lineage": 3}', b'{"lineage": {"slice": [1]}}', b"\xff", b"NaN"],
    ids=lambda given: ascii(given[:16]),
)
@pytest.mark.parametrize("look", ["card", "lineage", "get"])
def test_a_record_that_is_none_breaks_no_view(record: bytes, look: str, own: Registry) -> None:
    forged(own, {"model.skops": b"x"}, format="skops", record=record)
    try:
        shown = getattr(nb_mlops, look)("churn@1")._repr_mimebundle_()["text/html"]
    except (Unsafe, BadInput) as error:
        shown = str(error)
    assert shown


@pytest.mark.parametrize(
    "bytes_", [b"{", b"[" * 100_000, b"null", b"[]", b'{"profile": {}, "rows": 3}'], ids=lambda given: ascii(given[:16])
)
def test_a_baseline_that_is_none_is_damaged(bytes_: bytes, own: Registry) -> None:
    forged(own, {"model.skops": b"x"}, format="skops", baseline=bytes_)
    with pytest.raises(NbMlopsError):
        nb_mlops.drift("churn@1", table()[0])
    assert command("drift", "churn@1", str(saved_table(own))).exit_code in (2, 4)


def saved_table(place: Registry) -> Path:
    path = Path(place.address).parent / "table.csv"
    table()[0].to_csv(path, index=False)
    return path


@pytest.mark.parametrize(
    "bytes_", [b"{", b"[" * 100_000, b"null", b'{"table": 1, "answers": 2}'], ids=lambda given: ascii(given[:16])
)
def test_kept_examples_that_are_none_are_damaged(bytes_: bytes, own: Registry) -> None:
    mine(own)
    files = {name: own.blobs.read(part["sha256"]) for name, part in nb_mlops.get("churn@1").files.items()}
    forged(own, files, format="skops", examples=bytes_)
    with pytest.raises(Damaged):
        nb_mlops.doctor("churn@2")
    assert command("doctor", "churn@2").exit_code == 4


@pytest.mark.parametrize(
    "text",
    ["{}", "[]", "null", "[" * 100_000, '{"package": {"name": 3}}', "\x00", '{"package": []}'],
    ids=lambda given: ascii(given[:16]),
)
def test_a_parcel_that_is_none_is_damaged(text: str, own: Registry, tmp_path: Path) -> None:
    parcel = tmp_path / "outbox" / "parcel"
    parcel.mkdir(parents=True)
    (parcel / "package.json").write_text(text)
    assert command("outbox", "push").exit_code == 4
    assert "damaged: outbox drop parcel" in CliRunner().invoke(main, ["outbox", "list"]).stdout
    assert own.catalog.position() == 0


def test_a_parcel_cannot_name_bytes_outside_itself(own: Registry, tmp_path: Path) -> None:
    parcel = tmp_path / "outbox" / "parcel"
    parcel.mkdir(parents=True)
    (tmp_path / "secret").write_text("canary")
    name = "../../../secret"
    body = {"files": {"m": {"sha256": name, "size": 1}}, "record": name}
    package = {"name": "churn", "body": body, "texts": {}, "draft_id": "x", "notes": []}
    label = {"package": package, "registry": own.address, "actor": "a", "parked_at": "2026-11-23T12:00:00.000000Z"}
    (parcel / "package.json").write_text(json.dumps({**label, "reason": "r"}))
    assert command("outbox", "push").exit_code in (2, 4)
    assert own.catalog.position() == 0
    assert list(own.blobs.names()) == []


def _zip_with_link(target: str) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("schema.json", "{}")
        link = zipfile.ZipInfo("0.npy")
        link.create_system, link.external_attr = 3, (stat.S_IFLNK | 0o777) << 16
        archive.writestr(link, target)
        archive.writestr("0.npy/../../x.npy", b"")
    return buffer.getvalue()


def _tar_with_link(target: str) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        link = tarfile.TarInfo("out")
        link.type, link.linkname = tarfile.SYMTYPE, target
        archive.addfile(link)
        inside = tarfile.TarInfo(f"out/{PAYLOAD}")
        archive.addfile(inside, io.BytesIO(b""))
    return buffer.getvalue()


@pytest.mark.parametrize("make", [_zip_with_link, _tar_with_link])
@on_every_face(*LOADING)
def test_bentoml_cve_2026_27905_links_in_an_archive_lead_nowhere(
    say: Say, verb: str, own: Registry, make: Any, tmp_path: Path
) -> None:
    """There, a link in an archive was unpacked first, and the next member was written through it."""
    forged(own, {"model.skops": make(str(tmp_path))}, format="skops")
    before = sorted(path for path in tmp_path.rglob("*") if "ipython" not in path.parts)
    assert say(verb, "churn@1").kind == "Damaged"
    assert sorted(path for path in tmp_path.rglob("*") if "ipython" not in path.parts) == before


def test_skops_cve_2025_54886_a_model_that_is_no_zip_is_not_unpickled_through_the_registry(own: Registry) -> None:
    """There, the model card's reader fell back to joblib for whatever was no skops file."""
    for protocol in range(6):
        forged(own, {"model.skops": pickle.dumps(Payload(), protocol)}, format="skops")
        with pytest.raises(Damaged):
            nb_mlops.load("churn@latest")
        for look in (nb_mlops.card, nb_mlops.lineage, nb_mlops.get):
            assert look("churn@latest").to_text()


def test_trust_is_for_one_digest_and_on_record(own: Registry) -> None:
    made = LogisticRegression().fit(*table())
    nb_mlops.register(made, "churn", data=table(), format="joblib", registry=as_ben(own))
    session.stop()
    with pytest.raises(Untrusted):
        nb_mlops.load("churn@1")
    nb_mlops.load("churn@1", trust=True)
    assert nb_mlops.audit("churn").entries[-1].act == "trusted"
    forged(own, {"model.joblib": pickled()}, format="joblib")
    with pytest.raises(Untrusted):
        nb_mlops.load("churn@2")
    connect.forget()
