"""Everyday notebooks, cell by cell in a real IPython shell: which model is found, and with which data."""

from collections.abc import Iterator

import numpy as np
import pandas as pd
import polars as pl
import pytest
from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config

from nb_mlops.capture import fits
from nb_mlops.capture.data import fingerprint, split_xy
from nb_mlops.capture.estimators import Found, bound_since, find_estimator, snapshot
from nb_mlops.core.errors import Ambiguous

START = """
import numpy as np, pandas as pd, polars as pl
from sklearn.linear_model import LogisticRegression
from sklearn.tree import DecisionTreeClassifier
from sklearn.preprocessing import StandardScaler
from sklearn.decomposition import PCA
from sklearn.pipeline import make_pipeline
from sklearn.model_selection import GridSearchCV, cross_val_score
rng = np.random.default_rng(0)
X = pd.DataFrame(rng.normal(size=(120, 3)), columns=["a", "b", "c"])
y = pd.Series((X["a"] + 0.1 * X["b"] > 0).astype(int), name="late")
"""


class Notebook:
    """A shell that runs cells and answers what a registration would find after them."""

    def __init__(self, shell: InteractiveShell) -> None:
        self.shell = shell
        self.before: dict[str, int] = {}

    def run(self, *cells: str) -> "Notebook":
        for cell in cells:
            done = self.shell.run_cell(cell, store_history=True)
            if error := done.error_before_exec or done.error_in_exec:
                raise error
        return self

    def start(self) -> "Notebook":
        watch = fits.watch(self.shell.user_ns)
        self.shell.events.register("pre_run_cell", lambda info: watch.notice(self.shell.user_ns))
        return self

    def found(self, expression: str | None = None) -> Found:
        names = self.shell.user_ns
        return find_estimator(names, bound_since(names, self.before), fits.watch(), expression)

    def registered(self) -> None:
        self.before = snapshot(self.shell.user_ns)

    def __getitem__(self, name: str) -> object:
        return self.shell.user_ns[name]


@pytest.fixture
def notebook(monkeypatch: pytest.MonkeyPatch, tmp_path) -> Iterator[Notebook]:
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "ipython"))
    config = Config()
    config.HistoryManager.enabled = False
    config.InteractiveShell.colors = "nocolor"
    InteractiveShell.clear_instance()
    shell = InteractiveShell.instance(config=config)
    yield Notebook(shell)
    if (watch := fits.running()) is not None:
        watch.stop()
    shell.restore_sys_module_state()
    InteractiveShell.clear_instance()


def test_cross_validation_and_a_plot_after_the_fit_change_nothing(notebook):
    notebook.start().run(
        START,
        "model = LogisticRegression().fit(X, y)",
        "cross_val_score(LogisticRegression(), X[:60], y[:60], cv=3).mean()",
        "from sklearn.inspection import DecisionBoundaryDisplay\n"
        "import matplotlib; matplotlib.use('agg')\n"
        "_ = DecisionBoundaryDisplay.from_estimator(LogisticRegression().fit(X[['a', 'b']], y), X[['a', 'b']])",
    )
    found = notebook.found()
    assert found.name == "model"
    assert found.fit.X.shape == (120, 3)


def test_a_pca_beside_the_model_is_told_and_not_taken(notebook):
    notebook.start().run(START, "pca = PCA(2)\nZ = pca.fit_transform(X)\nmodel = LogisticRegression().fit(Z, y)")
    found = notebook.found()
    assert (found.name, found.beside) == ("model", ("pca",))
    assert found.fit.X is notebook["Z"]


def test_ten_candidates_in_a_dict_are_a_question_with_ten_lines(notebook):
    notebook.start().run(
        START,
        "models = {f'tree{d}': DecisionTreeClassifier(max_depth=d) for d in range(1, 11)}\n"
        "for name, model in models.items():\n    model.fit(X, y)",
    )
    with pytest.raises(Ambiguous) as caught:
        notebook.found()
    lines = caught.value.hint.splitlines()[1:]
    assert len(lines) == 10
    assert lines[4].split("#")[0].strip() == '--model models["tree5"]'
    assert notebook.found('models["tree5"]').fit.X.shape == (120, 3)


def test_a_model_returned_by_a_function_is_found_with_its_data(notebook):
    notebook.start().run(
        START,
        "def train(features, labels):\n"
        "    scaler = StandardScaler().fit(features)\n"
        "    return make_pipeline(scaler, LogisticRegression()).fit(features, labels)\n"
        "best = train(X, y)",
    )
    found = notebook.found()
    assert found.name == "best"
    pd.testing.assert_frame_equal(found.fit.X, notebook["X"])


def test_a_grid_search_on_two_processes_pickles_a_class_of_the_notebook(notebook):
    notebook.start().run(
        START,
        "from sklearn.base import BaseEstimator, TransformerMixin\n"
        "class Clip(TransformerMixin, BaseEstimator):\n"
        "    def __init__(self, at=1.0): self.at = at\n"
        "    def fit(self, X, y=None):\n        self.seen_ = len(X)\n        return self\n"
        "    def transform(self, X): return np.clip(X, -self.at, self.at)\n"
        "Clip.__module__ = '__main__'\n"
        "pipe = make_pipeline(Clip(), LogisticRegression())\n"
        "search = GridSearchCV(pipe, {'clip__at': [0.5, 1.0]}, cv=2, n_jobs=2, error_score='raise').fit(X, y)",
    )
    found = notebook.found()
    assert found.name == "search"
    assert found.fit.X.shape == (120, 3)
    assert fits.watch().fit_of(found.estimator.best_estimator_) is found.fit
    assert notebook["search"].best_estimator_[0].seen_ == 120


def test_a_frame_changed_after_the_fit_is_kept_as_it_was(notebook):
    notebook.start().run(
        START, "model = LogisticRegression().fit(X, y)", "X['pred'] = model.predict(X)\nX.loc[0, 'a'] = 99"
    )
    fit = notebook.found().fit
    assert fit.columns_at_fit == ("a", "b", "c")
    assert list(fit.X.columns) == ["a", "b", "c"]
    assert fit.X["a"].max() < 99
    assert fit.changed() is False


def test_an_array_changed_after_the_fit_is_said_to_be(notebook):
    notebook.start().run(START, "A = X.to_numpy().copy()\nmodel = LogisticRegression().fit(A, y)", "A[0, 0] = 99")
    assert notebook.found().fit.changed() is True


def test_a_fit_before_the_watch_is_found_without_data(notebook):
    notebook.run(START, "model = LogisticRegression().fit(X, y)").start()
    found = notebook.found()
    assert found.name == "model"
    assert found.fit is None


def test_libraries_imported_before_the_watch_are_watched(notebook):
    notebook.run(START).start().run("model = LogisticRegression().fit(X, y)")
    assert notebook.found().fit.X.shape == (120, 3)


def test_smote_data_is_what_the_model_was_fitted_on(notebook):
    notebook.start().run(
        START,
        "from imblearn.over_sampling import SMOTE\n"
        "rare = (X['a'] > 1).astype(int)\n"
        "X_res, y_res = SMOTE(random_state=0).fit_resample(X, rare)\n"
        "model = LogisticRegression().fit(X_res, y_res)",
    )
    found = notebook.found()
    assert found.name == "model"
    assert len(found.fit.X) == len(found.fit.y) == len(notebook["X_res"]) > 120
    assert found.fit.y.mean() == 0.5


@pytest.mark.parametrize(
    "labels", ["np.where(y, 'yes', 'no')", "pd.Series(np.where(y, 'yes', 'no'))", "['yes', 'no'] * 60"]
)
def test_labels_yes_and_no_are_kept(notebook, labels):
    notebook.start().run(START, f"answer = {labels}\nmodel = LogisticRegression().fit(X, answer)")
    fit = notebook.found().fit
    assert set(fit.y) == {"yes", "no"}
    assert fit.changed() is False
    assert fingerprint(fit.X, fit.y).target[0][1] in {"str", "object"}


def test_three_classes_are_kept(notebook):
    notebook.start().run(
        START, "model = LogisticRegression().fit(X, pd.cut(X['a'], 3, labels=['lo', 'mid', 'hi']).astype(str))"
    )
    assert set(notebook.found().fit.y) == {"lo", "mid", "hi"}


def test_polars_is_kept_without_a_copy(notebook):
    notebook.start().run(START, "P = pl.from_pandas(X)\nmodel = LogisticRegression().fit(P, y)", "P[0, 'a'] = 99.0")
    fit = notebook.found().fit
    assert isinstance(fit.X, pl.DataFrame)
    assert fit.X["a"].max() < 99
    assert fit.columns_at_fit == ("a", "b", "c")


def test_numpy_without_names_is_kept_itself(notebook):
    notebook.start().run(START, "A = rng.normal(size=(120, 3))\nmodel = LogisticRegression().fit(A, y)")
    fit = notebook.found().fit
    assert fit.X is notebook["A"]
    assert fit.columns_at_fit is None
    assert fingerprint(fit.X).columns == (("x0", "float64"), ("x1", "float64"), ("x2", "float64"))


def test_an_array_that_was_never_named_is_still_there(notebook):
    notebook.start().run(START, "model = LogisticRegression().fit(X.to_numpy() * 2, y)")
    assert notebook.found().fit.X.shape == (120, 3)


def test_a_target_inside_the_table_is_split_off(notebook):
    notebook.start().run(
        START, "df = X.assign(late=y, note='x')\nmodel = LogisticRegression().fit(df[['c', 'a']], df['late'])"
    )
    found = notebook.found()
    X, y = split_xy(notebook["df"], target="late", estimator=found.estimator)
    pd.testing.assert_frame_equal(X, found.fit.X)
    pd.testing.assert_series_equal(y, found.fit.y)


def test_five_gigabytes_of_x_are_not_copied(notebook, tmp_path):
    notebook.start().run(
        START,
        "from sklearn.base import BaseEstimator\n"
        "class Light(BaseEstimator):\n"
        "    def fit(self, X, y=None):\n        self.shape_ = X.shape\n        return self\n"
        "    def predict(self, X): return X\n"
        "wide = np.broadcast_to(np.arange(1000.0), (625_000, 1000))\n"
        f"mapped = np.memmap({str(tmp_path / 'huge')!r}, dtype='f8', mode='w+', shape=(31_250_000, 20))\n",
    )
    from resource import RUSAGE_SELF, getrusage

    before = getrusage(RUSAGE_SELF).ru_maxrss
    for name in ("wide", "mapped"):
        notebook.run(f"model = Light().fit({name})")
        fit = notebook.found().fit
        assert fit.X is notebook[name]
        assert fit.sampled
        assert fit.changed() is False
        assert fit.held_bytes == 0
        assert fingerprint(fit.X).sampled
    assert getrusage(RUSAGE_SELF).ru_maxrss - before < 600_000  # kB, of 5,000,000 each


def test_a_plain_class_of_the_notebook_is_watched_from_the_next_cell(notebook):
    notebook.start().run(
        START,
        "class Rule:\n"
        "    def fit(self, X, y):\n        self.inner = LogisticRegression().fit(X[['a']], y)\n        return self\n"
        "    def predict(self, X): return self.inner.predict(X[['a']])",
        "rule = Rule().fit(X, y)",
    )
    found = notebook.found()
    assert found.name == "rule"
    assert found.fit.X.shape == (120, 3)


def test_a_failing_fit_shows_its_own_error_and_hides_our_frame(notebook, capsys):
    notebook.start().run(START)
    with pytest.raises(ValueError, match="inconsistent"):
        notebook.run("LogisticRegression().fit(X, y[:3])")
    shown = capsys.readouterr().out
    assert "inconsistent numbers of samples" in shown
    assert "watched_method" not in shown


def test_the_same_cell_run_again_finds_the_new_model(notebook):
    cell = "model = make_pipeline(StandardScaler(), LogisticRegression()).fit(X, y)"
    notebook.start().run(START, cell)
    notebook.registered()
    for _ in range(10):
        notebook.run(cell)
        assert notebook.found().estimator is notebook["model"]
        notebook.registered()


def test_the_digest_of_the_kept_data_is_that_of_the_data(notebook):
    notebook.start().run(START, "model = LogisticRegression().fit(X, y)")
    fit = notebook.found().fit
    assert fingerprint(fit.X, fit.y) == fingerprint(notebook["X"], notebook["y"])
    assert np.shape(fit.X) == (120, 3)
