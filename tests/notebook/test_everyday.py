"""Everyday notebooks, cell by cell, in a real IPython shell: what people do, and what they get."""

import json
import signal

import pytest

from nb_mlops.core.errors import Ambiguous, BadInput, ChecksFailed, GateClosed, Refused, Untrusted

SETUP = """
import numpy as np
import pandas as pd
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
rng = np.random.default_rng(0)
X = pd.DataFrame(rng.normal(size=(400, 3)), columns=["age", "income", "visits"])
y = (X["age"] + rng.normal(size=400) > 0).map({True: "yes", False: "no"}).rename("late")
X_test = pd.DataFrame(rng.normal(size=(300, 3)), columns=X.columns)
y_test = (X_test["age"] + rng.normal(size=300) > 0).map({True: "yes", False: "no"})
"""
FIT = "model = make_pipeline(StandardScaler(), LogisticRegression()).fit(X, y)"
REGISTER = f"%%register churn\n{FIT}"
VALIDATE = "%%validate churn@latest --data X_test, y_test\nroc_auc >= 0.7  # held out"


@pytest.fixture
def nb(run, shell, monkeypatch, tmp_path):
    """A notebook with the extension loaded, a registry in memory and some data."""
    monkeypatch.setenv("NB_MLOPS_REGISTRY", f"memory://{tmp_path.name}")
    run("%load_ext nb_mlops")
    run(SETUP)
    yield run
    run("%unload_ext nb_mlops")


def test_a_register_cell_gives_a_version_with_all_that_was_captured(nb):
    version = nb(f"%%register churn --tag team=risk --into v\n{FIT}")
    assert version.ref == "churn@1"
    assert nb("v is _") or nb("v.ref") == "churn@1"
    assert version.tags == {"team": "risk"}
    assert [column.name for column in version.signature.columns] == ["age", "income", "visits"]
    assert version.lineage.data[0].rows == 400
    assert version.lineage.cell.source == f"%%register churn --tag team=risk --into v\n{FIT}"
    assert any("default_rng" in cell.source for cell in version.lineage.slice.cells)
    assert len(json.dumps(version._repr_mimebundle_())) < 30_000


def test_a_line_at_the_cells_end_captures_the_same(nb):
    first = nb(REGISTER)
    nb(f"{FIT}\nv = %register churn --again")
    second = nb("v")
    assert second.ref == "churn@2"
    assert second.signature == first.signature
    assert second.lineage.data == first.lineage.data
    assert [cell.source for cell in second.lineage.slice.cells][:-1] == [
        cell.source for cell in first.lineage.slice.cells
    ][:-1]


def test_the_same_cell_run_ten_times_makes_one_version(nb):
    versions = [nb(REGISTER) for _ in range(10)]
    assert {version.ref for version in versions} == {"churn@1"}
    assert versions[-1].to_text().startswith("unchanged: churn@1")
    new = [any("is a new model" in note for note in version.notes) for version in versions]
    assert new == [True] + 9 * [False]


def test_the_same_line_run_again_changes_nothing(nb):
    nb(FIT)
    first = nb("%register churn")
    assert (first.ref, nb("%register churn").ref) == ("churn@1", "churn@1")
    assert nb("%register churn --model model").ref == nb("%register churn --model model").ref


def test_run_all_on_an_old_notebook_moves_nothing(nb):
    cells = [REGISTER, "%promote churn@1 --to production"]
    for cell in cells:
        nb(cell)
    nb("X = X * 2")
    assert nb(REGISTER).ref == "churn@2"
    nb("%promote churn@2")
    with pytest.raises(Refused, match="rollback"):
        nb(cells[1])
    assert nb("%gate churn@production").ref == "churn@2"


def test_bare_words_roll_nothing_back(nb, shell):
    nb(REGISTER)
    nb("%promote churn@1")
    shell.automagic = True
    for words in (
        *("rollback churn", "  rollback churn", "promote churn@1", "mlops undo", "approve churn@1"),
        *("rollback churn # %rollback", "drift churn@1 X --record"),
    ):
        with pytest.raises(BadInput, match="without a %"):
            nb(words)
    assert nb("versions churn")[0].ref == "churn@1"
    nb("promote = %promote churn@1")


def test_a_magic_inside_a_function_of_another_cell_may_act(nb):
    nb(REGISTER)
    nb("def go_live(ref):\n    return get_ipython().run_line_magic('promote', ref)")
    nb("def go(ref):\n    v = %promote {ref}\n    return v")
    assert nb("go_live('churn@1')").moved
    assert not nb("go('churn@1')").moved


def test_loops_over_refs_show_each(nb, capsys):
    nb(REGISTER)
    nb("X = X * 2")
    nb(REGISTER)
    capsys.readouterr()
    nb("for number in (1, 2):\n    %gate churn@{number}\nNone")
    shown = capsys.readouterr().out
    assert "gate churn@1" in shown
    assert "gate churn@2" in shown


def test_refs_take_variables_and_text_does_not(nb):
    version = nb(REGISTER)
    nb("v = _")
    moved = nb('%promote {v} -m "{v} is good, isn\'t it"')
    assert moved.ref == version.ref
    assert nb("%audit churn").entries[-1].said == "{v} is good, isn't it"


def test_an_unknown_name_in_a_ref_is_an_error(nb):
    with pytest.raises(BadInput, match="no variable 'versoin'"):
        nb("%gate {versoin}")


def test_a_ref_left_out_means_the_last_registration(nb):
    nb(REGISTER)
    assert nb("%gate").ref == "churn@1"
    assert nb("%card").ref == "churn@1"


def test_labels_yes_and_no_validate(nb):
    nb(REGISTER)
    report = nb(VALIDATE)
    assert report.passed
    assert report.rows == 300


def test_a_failed_check_raises_after_the_report_was_shown(nb, capsys):
    nb(REGISTER)
    with pytest.raises(ChecksFailed):
        nb("%%validate churn@1 --data X_test,y_test\nroc_auc >= 0.999")
    assert "0 of 1 check passed" in capsys.readouterr().out
    assert not nb("%%validate churn@1 --data X_test,y_test --soft\nroc_auc >= 0.999").passed
    assert nb("%audit churn").entries[-1].act == "validated"


def test_check_lines_take_variables(nb):
    nb(REGISTER)
    nb("limits = type('L', (), {'auc': 0.5})\nleast = 0.5")
    report = nb("%%validate churn@1 --data X_test,y_test --draft\nroc_auc >= {least}\nroc_auc >= {limits.auc}")
    assert [result.limit for result in report.results] == [0.5, 0.5]


def test_medium_stakes_need_evidence_and_a_second_person(nb, monkeypatch):
    with pytest.raises(BadInput, match="no owner"):
        nb(f"%%register churn --stakes medium\n{FIT}")
    nb(f'%%register churn --stakes medium --owner risk --purpose "who leaves"\n{FIT}')
    with pytest.raises(GateClosed):
        nb("%promote churn@1")
    nb(VALIDATE)
    monkeypatch.setenv("NB_MLOPS_ACTOR", "ben@example.org")
    nb('%approve churn@1 -m "looks right"')
    monkeypatch.setenv("NB_MLOPS_ACTOR", "ada@example.org")
    assert nb("%promote churn@1").moved


def test_cross_validation_after_the_fit_does_not_confuse(nb):
    nb("from sklearn.model_selection import cross_val_score")
    version = nb(f"%%register churn\n{FIT}\nscores = cross_val_score(make_pipeline(LogisticRegression()), X, y, cv=3)")
    assert version.lineage.data[0].rows == 400


def test_a_pca_beside_the_model_does_not_confuse(nb):
    nb("from sklearn.decomposition import PCA\npca = PCA(2).fit(X)")
    assert nb(REGISTER).record["estimator"] == "Pipeline"


def test_resampled_data_is_what_the_model_was_fitted_on(nb):
    nb("from imblearn.over_sampling import SMOTE\nrare = (X['age'] > 1).map({True: 'yes', False: 'no'})")
    fit = "Xs, ys = SMOTE(random_state=0).fit_resample(X, rare)\nmodel = LogisticRegression().fit(Xs, ys)"
    version = nb(f"%%register churn\n{fit}")
    assert version.record["estimator"] == "LogisticRegression"
    assert version.lineage.data[0].rows == nb("len(Xs)") > 400


def test_a_plot_after_the_fit_does_not_confuse(nb):
    nb("import matplotlib\nmatplotlib.use('agg')\nfrom sklearn.inspection import PartialDependenceDisplay as Display")
    version = nb(f"%%register churn\n{FIT}\nshown = Display.from_estimator(model, X, ['age'], grid_resolution=5)")
    assert version.lineage.data[0].rows == 400


def test_ten_candidates_in_a_dict_are_asked_back_with_ready_lines(nb):
    nb("models = {f'c{i}': LogisticRegression(C=10.0**-i).fit(X, y) for i in range(10)}")
    with pytest.raises(Ambiguous) as caught:
        nb("%register churn")
    assert 'models["c3"]' in str(caught.value)
    assert nb('%register churn --model models["c3"]').params["C"] == 0.001


def test_a_loop_registers_each_candidate_by_name(nb):
    nb("models = {f'c{i}': LogisticRegression(C=10.0**-i).fit(X, y) for i in range(3)}")
    nb("for name in models:\n    %register {name} --model models[name]")
    assert [model.name for model in nb("%models")] == ["c0", "c1", "c2"]


def test_a_model_returned_by_a_function(nb):
    nb("def train():\n    inner = LogisticRegression()\n    return inner.fit(X, y)")
    version = nb("%%register churn\nbest = train()")
    assert version.lineage.data[0].rows == 400


def test_a_grid_search_stores_its_best(nb):
    nb("from sklearn.model_selection import GridSearchCV")
    nb("search = GridSearchCV(LogisticRegression(), {'C': [0.1, 1]}, cv=2, n_jobs=2)")
    version = nb("%%register churn\nsearch.fit(X, y)")
    assert version.record["fitted"] == "LogisticRegression"


def test_a_frame_changed_after_the_fit_gives_no_wrong_baseline(nb):
    version = nb(f"%%register churn\n{FIT}\nX['pred'] = model.predict(X)")
    names = [column.name for column in version.signature.columns] if version.signature else []
    assert "pred" not in names
    assert names or any("no baseline" in note for note in version.notes)


def test_a_fit_before_the_extension_was_loaded_needs_its_data(run, shell, monkeypatch, tmp_path):
    monkeypatch.setenv("NB_MLOPS_REGISTRY", f"memory://{tmp_path.name}")
    run(SETUP + FIT)
    run("%load_ext nb_mlops")
    assert any("no baseline" in note for note in run("%register churn").notes)
    version = run("%register churn --model model --data X, y --again")
    assert version.signature is not None
    run("%unload_ext nb_mlops")


def test_three_classes_numpy_and_polars(nb):
    nb("y3 = np.array(['a', 'b', 'c'])[np.arange(400) % 3]")
    assert nb("%%register three\nm = LogisticRegression().fit(X.to_numpy(), y3)").ref == "three@1"
    nb("import polars as pl\nXp = pl.DataFrame(X.to_dict('list'))")
    version = nb("%%register polar\nmp = make_pipeline(StandardScaler(), LogisticRegression()).fit(Xp, y.to_numpy())")
    assert version.ref == "polar@1"


def test_a_target_inside_the_table(nb):
    nb("table = X.assign(late=y)")
    version = nb(f"%%register churn --data table --target late\n{FIT}")
    assert "late" not in [column.name for column in version.signature.columns]


def test_an_error_in_the_options_stops_before_the_fit(nb, shell):
    with pytest.raises(BadInput, match="--taag"):
        nb(f"%%register churn --taag a=b\n{FIT}")
    with pytest.raises(BadInput, match="not a model name"):
        nb(f"%%register Churn!\n{FIT}")
    assert "model" not in shell.user_ns


def test_rollback_goes_back_and_says_from_where(nb):
    nb(REGISTER)
    nb("%promote churn@1")
    nb("X = X * 2")
    nb(REGISTER)
    nb("%promote churn@2")
    moved = nb('%rollback churn --from churn@2 -m "drifted"')
    assert (moved.ref, moved.previous) == ("churn@1", "churn@2")


def test_unwatched_rollback_must_say_what_it_expects(nb):
    nb(REGISTER)
    nb("%promote churn@1")
    with pytest.raises(BadInput, match="watching"):
        nb("%rollback churn")


def test_undo_takes_back_the_last_registration(nb):
    nb(REGISTER)
    assert "churn@1" in nb("%mlops undo").to_text()
    assert "none any more; %audit churn tells why" in nb("%versions churn").to_text()


def test_an_empty_list_says_what_is_not_there(nb):
    assert "none yet" in nb("%models").to_text()
    nb(REGISTER)
    assert "no name holds 'zzz'" in nb("%models zzz").to_text()
    assert "none match" in nb("%versions churn --where \"tags.team == 'x'\"").to_text()


def test_a_version_with_code_of_its_own_says_how_to_trust_it_in_a_magic(nb):
    from nb_mlops.actions.session import session

    nb("from sklearn.preprocessing import FunctionTransformer\ndef twice(X):\n    return X * 2")
    nb("%%register own\nown = make_pipeline(FunctionTransformer(twice), LogisticRegression()).fit(X, y)")
    session().made.clear()  # as in another kernel
    with pytest.raises(Untrusted, match="or --trust"):
        nb("%mlops doctor own@1")
    assert nb("%mlops doctor own@1 --trust").healthy


def test_look_at_everything(nb):
    nb(REGISTER)
    nb("X = X * 2")
    nb(REGISTER)
    assert len(nb("%versions churn --sort -created_at --top 1")) == 1
    assert nb("%compare churn@1 churn@2").refs == ("churn@1", "churn@2")
    assert nb("%lineage churn@1").cell is not None
    assert nb("%mlops status").watching
    assert nb("%mlops doctor churn@1").healthy
    assert nb("%mlops stakes churn").stakes == "low"
    assert nb("%drift churn@1 X").rows if hasattr(nb("%drift churn@1 X"), "rows") else nb("%drift churn@1 X")


def test_an_interactive_figure_comes_with_a_report_for_those_who_cannot_draw_it(nb, shell):
    nb(REGISTER)
    shown = nb("%drift churn@1 X --interactive")
    bundle, _ = shell.display_formatter.format(shown)
    assert shown.figure.data[0].type == "bar"
    assert bundle["application/vnd.plotly.v1+json"]["data"]
    assert '<div class="nbm ' in bundle["text/html"]
    assert bundle["text/plain"] == shown.report.to_text()


@pytest.mark.parametrize(
    "cell", [f"%%register churn --tag team=risk\n{FIT}", f"{FIT}\n%register churn --tag team=risk"]
)
def test_an_interrupt_while_packing_says_that_the_fit_is_done(nb, monkeypatch, capsys, cell):
    def interrupted(*_: object) -> None:
        signal.raise_signal(signal.SIGINT)

    capsys.readouterr()
    with monkeypatch.context() as patch:
        patch.setattr("nb_mlops.actions.register.pack", interrupted)
        with pytest.raises(KeyboardInterrupt):
            nb(cell.format(FIT))
    told = ["Interrupted before it was stored.", "The fit is done: %register churn --tag team=risk registers it."]
    assert capsys.readouterr().out.split("\n")[:2] == told
    assert nb("%register churn --tag team=risk").ref == "churn@1"


def test_a_dry_run_knows_what_the_model_says_already(nb):
    cell = f'%%register churn --stakes medium --owner risk --purpose "who leaves"\n{FIT}'
    nb(cell)
    shown = nb(f"%%register churn --dry-run\n{FIT.replace('Regression()', 'Regression(C=2)')}")
    assert shown.ref == "churn@2"
    assert not any("new model" in note for note in shown.notes)
    assert nb("%gate").ref == "churn@1"


def test_a_dry_run_shows_what_would_be_stored_and_stores_nothing(nb):
    shown = nb(f"%%register churn --dry-run\n{FIT}")
    assert shown.ref == "churn@1"
    assert {"record", "baseline", "example rows"} < set(shown.stored)
    assert shown.columns == ("age", "income", "visits")
    assert len(nb("%models")) == 0
    assert nb("%register churn").ref == "churn@1"
    assert nb("%register churn --dry-run --model model").to_text().startswith("dry run: churn@")


def test_a_baseline_of_an_earlier_cell_is_no_question(nb):
    nb("from sklearn.dummy import DummyClassifier\nbase = DummyClassifier().fit(X, y)")
    assert nb(REGISTER).notes[0].startswith("model: Pipeline")


def test_another_line_that_registers_the_same_fit_makes_no_version(nb):
    nb(REGISTER)
    assert nb("%register churn").unchanged


def test_checks_on_the_training_data_say_that_they_are_no_evidence(nb):
    nb(REGISTER)
    report = nb("%%validate churn@1 --data X,y\nroc_auc >= 0.6")
    assert "the data it was trained on: no evidence" in report.to_text()
