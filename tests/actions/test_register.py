"""Registering: one line makes a version with what it was made from; the same again makes none."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import fields, replace
from pathlib import Path

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV, cross_validate
from sklearn.preprocessing import FunctionTransformer

from nb_mlops.actions import outbox
from nb_mlops.actions.connect import open_registry
from nb_mlops.actions.load import check_table, doctor, load
from nb_mlops.actions.look import get, models, versions
from nb_mlops.actions.options import Options
from nb_mlops.actions.register import preflight, register
from nb_mlops.actions.registry import Registry
from nb_mlops.actions.status import status
from nb_mlops.actions.validate import validate
from nb_mlops.core.errors import BadInput, Damaged, NbMlopsError, NotFound, Parked, Refused, Unreachable, Untrusted
from nb_mlops.core.version import Version
from nb_mlops.storage import disk
from tests.actions.conftest import fitted, table

Registered = Callable[..., Version]


def test_every_option_of_register_is_one_of_its_options_value() -> None:
    keywords = {name: given.default for name, given in inspect.signature(register).parameters.items()}
    options = {option.name: option.default for option in fields(Options)}
    assert {**options, "registry": None} == {
        name: default for name, default in keywords.items() if name not in ("estimator", "name")
    }


def test_the_first_version_is_1_and_says_that_its_model_is_new(ann: Registry, registered: Registered) -> None:
    version = registered(ann)
    assert str(version) == "churn@1"
    assert "churn is a new model." in version.notes


def test_a_new_name_shows_near_ones(ann: Registry, registered: Registered) -> None:
    registered(ann, "churn")
    assert "churn2 is a new model. Did you mean churn?" in registered(ann, "churn2", seed=1).notes


def test_the_same_bytes_data_and_code_are_the_same_version(ann: Registry, registered: Registered) -> None:
    again = [registered(ann) for _ in range(10)]
    assert {version.ref for version in again} == {"churn@1"}
    assert [version.unchanged for version in again] == [False] + [True] * 9


def test_again_forces_a_new_version(ann: Registry, registered: Registered) -> None:
    registered(ann)
    assert registered(ann, again=True).ref == "churn@2"


def test_somebody_elses_equal_model_is_a_version_of_its_own(
    ann: Registry, bob: Registry, registered: Registered
) -> None:
    registered(ann)
    assert registered(bob).ref == "churn@2"


def test_equal_models_share_their_bytes(ann: Registry, registered: Registered) -> None:
    registered(ann)
    before = set(ann.blobs.names())
    registered(ann, again=True)
    assert set(ann.blobs.names()) == before


def test_a_big_model_registered_again_is_not_written_again(ann: Registry, monkeypatch: pytest.MonkeyPatch) -> None:
    big = FunctionTransformer(np.add, kw_args={"x2": np.random.default_rng(0).random(400_000)})
    first = register(big, "big", format="joblib", registry=ann)
    written: list[int] = []
    monkeypatch.setattr(disk, "write_all", lambda file, data: written.append(data.nbytes))
    assert register(big, "big", format="joblib", again=True, registry=ann).ref == "big@2"
    assert first.size_bytes > 3_000_000
    assert sum(written) < 100_000  # the record, no more


def test_a_version_knows_what_it_was_made_from(ann: Registry, registered: Registered) -> None:
    version = get(registered(ann, metrics={"auc": np.float64(0.8)}, tags={"team": "risk"}), registry=ann)
    assert version.metrics == {"auc": 0.8}
    assert version.tags == {"team": "risk"}
    assert version.lineage.data[0].rows == 400
    assert version.lineage.environment is not None
    assert version.signature is not None
    assert [column.name for column in version.signature.columns] == ["age", "balance", "noise"]
    assert version.signature.output.classes == ("0", "1")


def test_cross_validation_gives_mean_sd_and_folds(ann: Registry) -> None:
    scores = cross_validate(LogisticRegression(), *table(), cv=3)
    version = register(fitted(), "churn", data=table(), metrics=scores, registry=ann)
    assert len(version.metrics["test_score"]["folds"]) == 3
    assert 0 < version.metrics["test_score"]["mean"] <= 1


def test_a_search_stores_its_best_estimator_and_the_table_of_tries(ann: Registry) -> None:
    search = GridSearchCV(LogisticRegression(), {"C": [0.1, 1.0]}, cv=2).fit(*table())
    version = register(search, "churn", data=table(), registry=ann)
    assert isinstance(load(version, registry=ann), LogisticRegression)
    assert "search/cv_results.json" in version.files


def test_only_what_was_chosen_is_a_parameter(ann: Registry) -> None:
    version = register(fitted(C=0.5), "churn", data=table(), params={"note": "tuned"}, registry=ann)
    assert version.params == {"logisticregression__C": 0.5, "note": "tuned"}


def test_no_data_is_said(ann: Registry) -> None:
    version = register(fitted(), "churn", registry=ann)
    assert "no baseline: drift needs data=" in version.notes


@pytest.mark.parametrize("name", ["../../etc/passwd", "C:\\x", "Churn", "", "a/b/c", "verify", "churn\u202e"])
def test_a_bad_name_writes_nothing(ann: Registry, name: str) -> None:
    with pytest.raises(BadInput):
        register(fitted(), name, registry=ann)
    assert ann.catalog.position() == 0
    assert list(ann.blobs.names()) == []


def test_nested_metrics_are_flattened(ann: Registry) -> None:
    version = register(fitted(), "churn", data=table(), metrics={"cv": {"auc": [0.7, 0.9]}, "f1": 0.5}, registry=ann)
    assert version.metrics["cv.auc"]["mean"] == pytest.approx(0.8)
    assert version.metrics["f1"] == 0.5


def test_a_version_whose_record_is_gone_still_shows_itself(registered: Registered, tmp_path: Path) -> None:
    place = open_registry(tmp_path / "folder", "ann")
    record = registered(place).row.record
    (tmp_path / "folder" / "blobs" / record).unlink()
    assert "its record cannot be read" in repr(get("churn@1", registry=place))


@pytest.mark.parametrize("metrics", [{"auc": "high"}, {"auc": [[1, 2]]}, {"": 1}, {"a\x1b[31m": 1}, ["auc"]])
def test_bad_metrics_are_refused(ann: Registry, metrics: object) -> None:
    with pytest.raises(BadInput):
        register(fitted(), "churn", metrics=metrics, registry=ann)  # type: ignore[arg-type]


def test_medium_stakes_ask_for_owner_and_purpose_before_the_fit(ann: Registry) -> None:
    with pytest.raises(BadInput, match="no owner and no purpose"):
        preflight("churn", stakes="medium", registry=ann)
    preflight("churn", stakes="medium", owner="ann", purpose="to keep customers", registry=ann)


def test_high_stakes_refuse_a_pickle_and_unknown_data(ann: Registry) -> None:
    stated = {"stakes": "high", "owner": "ann", "purpose": "credit"}
    with pytest.raises(Refused, match="runs code"):
        register(fitted(), "credit", data=table(), format="joblib", registry=ann, **stated)
    with pytest.raises(Refused, match="training data must be known"):
        register(fitted(), "credit", registry=ann, **stated)
    assert register(fitted(), "credit", data=table(), registry=ann, **stated).stakes == "high"


def test_a_registration_cannot_lower_the_stakes(ann: Registry, registered: Registered) -> None:
    registered(ann, stakes="medium", owner="ann", purpose="retention")
    with pytest.raises(Refused, match="cannot lower"):
        registered(ann, seed=1, stakes="low")


def test_a_parent_is_kept(ann: Registry, registered: Registered) -> None:
    first = registered(ann)
    assert registered(ann, seed=1, parent=first).parent == "churn@1"


def test_links_and_folders_do_not_travel_with_a_version(ann: Registry, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("x")
    (tmp_path / "link").symlink_to(secret)
    for given in (tmp_path / "link", tmp_path, tmp_path / "missing"):
        with pytest.raises(BadInput, match="regular file"):
            register(fitted(), "churn", files={"extra": given}, registry=ann)


class _DeadCatalog:
    """A catalog that can be read but not written, like a database that went away during the fit."""

    def __init__(self, real: object) -> None:
        self._real = real

    def __getattr__(self, name: str) -> object:
        return getattr(self._real, name)

    def append(self, draft: object) -> object:
        raise Unreachable("the registry went away", "Wait for it.")


def test_what_the_registry_cannot_take_waits_in_the_outbox_and_is_sent_once(ann: Registry) -> None:
    broken = replace(ann, catalog=_DeadCatalog(ann.catalog))  # type: ignore[arg-type]
    with pytest.raises(Parked, match="went away") as error:
        register(fitted(), "churn", data=table(), registry=broken)
    assert "nb-mlops outbox push" in error.value.hint
    assert [parcel.name for parcel in outbox.waiting()] == ["churn"]
    assert [version.ref for version in outbox.push()] == ["churn@1"]
    assert len(outbox.waiting()) == 0
    assert load("churn@1", registry=ann).predict(table()[0]).shape == (400,)


def _parked(ann: Registry, *names: str) -> list[outbox.Parcel]:
    broken = replace(ann, catalog=_DeadCatalog(ann.catalog))  # type: ignore[arg-type]
    for name in names:
        with pytest.raises(Parked):
            register(fitted(), name, data=table(), registry=broken)
    return list(outbox.waiting())


@pytest.mark.parametrize("label", ["", "[]", '{"package": 1}', '{"package": {}, "registry": "x"}', "\x00" * 9])
def test_a_damaged_parcel_is_listed_as_such_and_holds_up_no_other(ann: Registry, label: str) -> None:
    first, second = _parked(ann, "churn", "credit")
    (first.folder / "package.json").write_text(label, encoding="utf-8")
    assert sorted(parcel.damaged for parcel in outbox.waiting()) == [False, True]
    assert f"damaged: outbox drop {first.id[:8]} drops it" in repr(outbox.waiting())
    assert any("1 of what waits in the outbox is damaged" in hint for hint in status(registry=ann).hints)
    with pytest.raises(Damaged, match="cannot be read") as error:
        outbox.push()
    assert error.value.hint.endswith(f"nb-mlops outbox drop {first.id}")
    assert get("credit@1", registry=ann).ref == "credit@1"
    assert outbox.drop(first.id).damaged
    assert len(outbox.waiting()) == 0
    assert not second.folder.exists()


@pytest.mark.parametrize("harm", [Path.unlink, lambda blob: blob.write_bytes(b"other bytes")])
def test_a_parcel_with_damaged_bytes_stays_and_the_others_are_sent(ann: Registry, harm: Callable[[Path], None]) -> None:
    first, _ = _parked(ann, "churn", "credit")
    ann.blobs.sweep(keep=(), older_than_seconds=-60)  # what it needs is nowhere else
    for blob in (first.folder / "blobs").glob("[0-9a-f]*"):
        harm(blob)
    with pytest.raises(Damaged, match=f"{first.id} in the outbox cannot be read"):
        outbox.push()
    assert [parcel.id for parcel in outbox.waiting()] == [first.id]
    assert get("credit@1", registry=ann).ref == "credit@1"


def test_what_is_refused_where_nobody_watches_says_where_it_waits(
    ann: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NB_MLOPS_UNATTENDED", "1")
    stated = {"stakes": "high", "owner": "ann", "purpose": "credit"}
    with pytest.raises(Refused, match="runs code") as error:
        register(fitted(), "credit", data=table(), format="joblib", registry=ann, **stated)
    [parcel] = outbox.waiting()
    assert f"NB_MLOPS_OUTBOX={parcel.folder.parent} nb-mlops outbox push" in error.value.hint


def test_what_came_by_the_outbox_is_trusted_by_nobody_yet(ann: Registry) -> None:
    broken = replace(ann, catalog=_DeadCatalog(ann.catalog))  # type: ignore[arg-type]
    with pytest.raises(Parked):
        register(fitted(), "churn", data=table(), format="joblib", registry=broken)
    outbox.push()
    with pytest.raises(Untrusted, match="runs code"):
        load("churn@1", registry=ann)


class _SilentCatalog(_DeadCatalog):
    """A catalog that records, and whose answer is lost on the way."""

    def append(self, draft: object) -> object:
        self._real.append(draft)  # type: ignore[attr-defined]
        return super().append(draft)


@pytest.mark.parametrize("again", [False, True])
def test_what_was_recorded_before_its_answer_was_lost_is_not_registered_twice(ann: Registry, again: bool) -> None:
    broken = replace(ann, catalog=_SilentCatalog(ann.catalog))  # type: ignore[arg-type]
    with pytest.raises(Parked):
        register(fitted(), "churn", data=table(), again=again, registry=broken)
    assert [version.ref for version in outbox.push()] == ["churn@1"]
    assert len(versions("churn", registry=ann)) == 1


class _GoneCatalog:
    """A catalog that can be neither read nor written."""

    def __getattr__(self, name: str) -> object:
        raise Unreachable("the registry is gone", "Wait for it.")


def test_a_registry_that_cannot_even_be_read_loses_no_model(ann: Registry, registered: Registered) -> None:
    registered(ann)
    gone = replace(ann, catalog=_GoneCatalog())  # type: ignore[arg-type]
    with pytest.raises(Parked, match="is gone"):
        register(fitted(1), "churn", data=table(seed=1), owner="ann", parent="churn@1", registry=gone)
    [version] = outbox.push()
    assert (version.ref, version.row.parent) == ("churn@2", 1)


def test_a_loaded_model_answers_as_the_fitted_one(ann: Registry, registered: Registered) -> None:
    version = registered(ann)
    X, _ = table(seed=5)
    assert np.array_equal(load(version, check=True, registry=ann).predict_proba(X), fitted().predict_proba(X))
    assert doctor(version, registry=ann).healthy


def test_a_flipped_bit_is_refused_at_load(registered: Registered, tmp_path: Path) -> None:
    place = open_registry(tmp_path / "folder", "ann")
    version = registered(place)
    sha256 = next(iter(version.files.values()))["sha256"]
    path = tmp_path / "folder" / "blobs" / sha256
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(bytes(data))
    with pytest.raises(Damaged):
        load(version, registry=place)


def test_a_table_is_checked_against_the_signature(ann: Registry, registered: Registered) -> None:
    version = registered(ann)
    assert check_table(version, table()[0], registry=ann) == []
    broken = table()[0].drop(columns="age").assign(balance="much")
    assert {found.column for found in check_table(version, broken, registry=ann)} >= {"age", "balance"}


def test_versions_can_be_searched_and_sorted(ann: Registry, registered: Registered) -> None:
    for seed, auc in enumerate([0.7, 0.9, 0.8]):
        registered(ann, seed=seed, metrics={"auc": auc}, tags={"team": "risk" if seed else "growth"})
    assert [found.number for found in versions("churn", sort="-auc", registry=ann)] == [2, 3, 1]
    assert [found.number for found in versions("churn", where="metrics.auc > 0.75", registry=ann)] == [3, 2]
    assert [found.number for found in versions("churn", where="tags.team == 'growth'", registry=ann)] == [1]


def test_a_cross_validated_metric_counts_by_its_mean(ann: Registry, registered: Registered) -> None:
    for seed, folds in enumerate([[0.7, 0.8], [0.8, 0.9]]):
        registered(ann, seed=seed, metrics={"auc": folds})
    assert [found.number for found in versions("churn", where="metrics.auc > 0.8", registry=ann)] == [2]
    assert [found.number for found in versions("churn", sort="auc", registry=ann)] == [1, 2]


def test_a_metric_that_no_version_reports_is_no_empty_list(ann: Registry, registered: Registered) -> None:
    registered(ann, metrics={"roc_auc": 0.9})
    for asked in ({"sort": "-roc_aucc"}, {"where": "metrics.roc_aucc > 0.5 or metrics.roc_auc > 1"}):
        with pytest.raises(BadInput, match="No version of churn reports roc_aucc") as refused:
            versions("churn", registry=ann, **asked)
        assert refused.value.hint == "Did you mean roc_auc?"
    assert len(versions("churn", where="metrics.roc_auc > 1", sort="-roc_auc", registry=ann)) == 0
    validate("churn@1", ["f1 >= 0.1"], data=table(seed=7), positive=1, registry=ann)
    with pytest.raises(BadInput, match="No version of churn reports f1") as refused:
        versions("churn", sort="f1", registry=ann)
    assert "register with --metrics" in refused.value.hint


def test_what_is_not_there_is_said_with_near_names(ann: Registry, registered: Registered) -> None:
    registered(ann)
    with pytest.raises(NotFound, match="Did you mean churn"):
        get("chrun@1", registry=ann)
    with pytest.raises(NotFound, match="There is churn@1"):
        get("churn@7", registry=ann)
    with pytest.raises(BadInput, match="which version"):
        get("churn", registry=ann)
    with pytest.raises(NotFound, match="Did you mean production"):
        get("churn@prodution", registry=ann)


def test_a_plain_function_is_a_model(ann: Registry) -> None:
    version = register(plain_rule, "rule", data=table(), registry=ann)
    assert version.format == "function"
    assert list(load(version, check=True, registry=ann).predict(table()[0])) == list(plain_rule(table()[0]))


def plain_rule(table):  # type: ignore[no-untyped-def]  # it travels as source, so it stands alone
    return (table["age"] + table["balance"] > 0).astype(int)


def test_a_refused_parcel_does_not_hold_up_the_others(ann: Registry) -> None:
    broken = replace(ann, catalog=_DeadCatalog(ann.catalog))  # type: ignore[arg-type]
    for name, options in (("credit", {"stakes": "high", "owner": "ann", "purpose": "loans"}), ("churn", {})):
        with pytest.raises(Parked):
            register(fitted(), name, registry=broken, **options)  # type: ignore[arg-type]
    with pytest.raises(Refused, match="training data must be known"):
        outbox.push()
    assert [parcel.name for parcel in outbox.waiting()] == ["credit"]
    assert get("churn@1", registry=ann).ref == "churn@1"


def test_what_is_said_of_the_model_counts_where_the_artifact_is_nothing_new(
    ann: Registry, registered: Registered
) -> None:
    registered(ann)
    version = registered(ann, stakes="medium", owner="ann", purpose="retention")
    assert (version.ref, version.unchanged, version.stakes) == ("churn@1", True, "medium")
    assert models(registry=ann)[0].owner == "ann"
    before = ann.catalog.position()
    registered(ann, stakes="medium", owner="ann", purpose="retention")
    assert ann.catalog.position() == before


def test_a_table_that_changed_in_place_is_summarised_again(ann: Registry) -> None:
    X, y = table()
    first = register(fitted(), "churn", data=(X, y), registry=ann)
    X["age"] += 5
    second = register(fitted(), "churn", data=(X, y), registry=ann)
    assert first.signature is not None
    assert second.signature is not None
    assert (second.signature.columns[0].low or 0) > (first.signature.columns[0].low or 0) + 4


def test_a_model_without_versions_says_so_in_a_sentence(ann: Registry, registered: Registered) -> None:
    registered(ann)
    ann.append("discarded", "churn", {"number": 1})
    for ref in ("churn", "churn@1", "churn@7"):
        with pytest.raises(NbMlopsError, match=r"\nThere is no version any more; see %audit churn\.$"):
            get(ref, registry=ann)
