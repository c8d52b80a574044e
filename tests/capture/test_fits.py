"""What the watch over fits does to the classes it watches: nothing anyone can see, and all of it undone."""

import inspect
import pickle
import subprocess
import sys
import threading
import traceback
import weakref

import cloudpickle
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from scipy import sparse
from sklearn import set_config
from sklearn.base import BaseEstimator, ClassifierMixin, clone
from sklearn.cluster import KMeans
from sklearn.decomposition import PCA
from sklearn.dummy import DummyClassifier
from sklearn.linear_model import LogisticRegression, SGDClassifier
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from nb_mlops.capture import fits, kept

rng = np.random.default_rng(0)
X = pd.DataFrame(rng.normal(size=(60, 3)), columns=["a", "b", "c"])
y = pd.Series((X["a"] > 0).astype(int), name="y")


@pytest.fixture
def watch():
    started = fits.watch()
    yield started
    started.stop()


def test_watching_twice_is_one_watch(watch):
    assert fits.watch() is watch


def test_a_fit_remembers_what_it_was_given(watch):
    model = LogisticRegression().fit(X, y, sample_weight=np.ones(60))
    fit = watch.fit_of(model)
    pd.testing.assert_frame_equal(fit.X, X)
    pd.testing.assert_series_equal(fit.y, y)
    assert fit.sample_weight.sum() == 60
    assert fit.columns_at_fit == ("a", "b", "c")
    assert fit.at.utcoffset().total_seconds() == 0
    assert fit.changed() is False


def test_arguments_are_known_by_name_and_by_place(watch):
    class Odd(BaseEstimator):
        def fit(self, features, labels=None, *, groups=None):
            return self

    model = Odd().fit(labels=y, features=X, groups=[1, 2])
    fit = watch.fit_of(model)
    assert fit.X.shape == (60, 3)
    assert fit.y.shape == (60,)
    assert fit.other == {"groups": [1, 2]}


def test_only_the_outermost_fit_is_remembered(watch):
    pipe = make_pipeline(StandardScaler(), LogisticRegression()).fit(X, y)
    assert watch.fit_of(pipe).X.shape == (60, 3)
    assert watch.fit_of(pipe[0]) is None
    assert watch.fit_of(pipe[-1]) is None


def test_a_searchs_winner_was_fitted_on_the_searchs_data(watch):
    search = GridSearchCV(LogisticRegression(), {"C": [0.1, 1]}, cv=2).fit(X, y)
    best = search.best_estimator_
    assert watch.fit_of(best) is watch.fit_of(search)
    del search
    assert watch.fit_of(best).X.shape == (60, 3)


def test_fit_transform_and_fit_predict_count_as_fits(watch):
    pca, pipe = PCA(2), make_pipeline(StandardScaler(), KMeans(2, n_init=1))
    pca.fit_transform(X)
    pipe.fit_predict(X)
    assert watch.fit_of(pca).X.shape == watch.fit_of(pipe).X.shape == (60, 3)


def test_partial_fit_leaves_no_data_behind_that_is_only_a_batch(watch):
    model = SGDClassifier().fit(X, y)
    model.partial_fit(X[:5], y[:5])
    assert watch.fit_of(model) is None


def test_a_failed_fit_is_forgotten_and_raises_what_it_raised(watch):
    model = LogisticRegression().fit(X, y)
    with pytest.raises(ValueError, match="inconsistent") as caught:
        model.fit(X, y[:3])
    ours = [frame for frame in traceback.extract_tb(caught.value.__traceback__) if "nb_mlops" in frame.filename]
    assert len(ours) == 1
    assert watch.fit_of(model) is None
    assert watch.fit_of(LogisticRegression().fit(X, y)) is not None


def test_fits_in_other_threads_are_not_the_notebooks(watch):
    model = LogisticRegression()
    thread = threading.Thread(target=model.fit, args=(X, y))
    thread.start()
    thread.join()
    assert hasattr(model, "coef_")
    assert watch.fit_of(model) is None


def test_the_fit_lives_as_long_as_the_estimator(watch):
    data = X.to_numpy().copy()
    model = LogisticRegression().fit(data, y)
    gone = weakref.ref(data)
    del data
    assert watch.fit_of(model).X.shape == (60, 3)
    del model
    assert gone() is None
    assert not watch._fits


def test_an_estimator_without_weak_references_is_remembered_for_a_while(watch):
    class Slotted:
        __slots__ = ("seen",)

        def fit(self, X, y):
            return self

        def predict(self, X):
            return X

    watch.notice({"Slotted": Slotted})
    many = [Slotted().fit(X, y) for _ in range(20)]
    assert watch.fit_of(many[-1]) is not None
    assert watch.fit_of(many[0]) is None


def test_an_unhashable_estimator_is_remembered(watch):
    class Equal(BaseEstimator):
        __hash__ = None

        def __eq__(self, other):
            return True

        def fit(self, X, y):
            return self

    first, second = Equal().fit(X, y), Equal()
    assert watch.fit_of(first) is not None
    assert watch.fit_of(second) is None


def test_plain_classes_are_watched_once_noticed(watch):
    class Plain:
        def fit(self, X, y):
            return self

        def predict(self, X):
            return X

    model = Plain().fit(X, y)
    assert watch.fit_of(model) is None
    watch.notice({"model": model})
    assert watch.fit_of(model.fit(X, y)).X.shape == (60, 3)


def test_the_class_shows_its_own_function(watch):
    assert inspect.isfunction(LogisticRegression.fit)
    assert LogisticRegression.fit.__module__ == "sklearn.linear_model._logistic"
    model = LogisticRegression()
    assert inspect.ismethod(model.fit)
    assert list(inspect.signature(model.fit).parameters) == ["X", "y", "sample_weight"]
    assert inspect.getsource(model.fit) == inspect.getsource(LogisticRegression.fit)
    assert model.fit.__doc__ == LogisticRegression.fit.__doc__


def test_metadata_routing_sees_a_class_made_under_watch(watch):
    class Weighted(ClassifierMixin, BaseEstimator):
        def fit(self, X, y, sample_weight=None):
            self.weight_ = sample_weight
            return self

        def predict(self, X):
            return np.zeros(len(X))

    set_config(enable_metadata_routing=True)
    try:
        pipe = make_pipeline(PCA(2), Weighted().set_fit_request(sample_weight=True))
        pipe.fit(X, y, sample_weight=np.ones(60))
    finally:
        set_config(enable_metadata_routing=False)
    assert pipe[-1].weight_.sum() == 60
    assert watch.fit_of(pipe).sample_weight.sum() == 60


def test_nothing_of_the_watch_is_pickled(watch):
    model = LogisticRegression().fit(X, y)
    local = type("Local", (LogisticRegression,), {"fit": lambda self, X, y: LogisticRegression.fit(self, X, y)})
    local.__module__ = "__main__"
    for dumped in (
        pickle.dumps(model),
        cloudpickle.dumps(model),
        cloudpickle.dumps(model.fit),
        cloudpickle.dumps(local()),
    ):
        assert b"nb_mlops" not in dumped
    assert pickle.loads(pickle.dumps(model.fit)).__self__.coef_.shape == (1, 3)
    assert clone(model).fit(X, y).score(X, y) > 0.5


def test_stop_puts_every_method_back(watch):
    assert "fit" in LogisticRegression.__dict__
    watch.stop()
    assert inspect.isfunction(LogisticRegression.__dict__["fit"])
    assert "__init_subclass__" not in BaseEstimator.__dict__
    assert not [finder for finder in sys.meta_path if type(finder).__module__.startswith("nb_mlops.capture")]
    assert watch.fit_of(LogisticRegression().fit(X, y)) is None


def test_watching_imports_nothing_and_sees_what_is_imported_later():
    done = subprocess.run([sys.executable, "-c", _LATER], capture_output=True, text=True, check=False)
    assert done.stdout.split() == ["False", "(20,", "2)", "SourceFileLoader"], done.stderr


_LATER = """
import sys
from nb_mlops.capture.fits import watch
seen = watch()
print(any(name in sys.modules for name in ("numpy", "sklearn", "pandas")))
import numpy as np
from sklearn.tree import DecisionTreeClassifier
X, y = np.random.default_rng(0).random((20, 2)), [0, 1] * 10
model = DecisionTreeClassifier().fit(X, y)
print(seen.fit_of(model).X.shape)
print(type(sys.modules["sklearn.base"].__loader__).__name__)
"""


def test_look_alikes_are_watched(watch):
    from catboost import CatBoostClassifier
    from imblearn.over_sampling import RandomOverSampler
    from imblearn.pipeline import make_pipeline as make_sampled
    from lightgbm import LGBMClassifier
    from xgboost import XGBClassifier

    models = [
        CatBoostClassifier(iterations=2, verbose=False, allow_writing_files=False),
        LGBMClassifier(n_estimators=2, verbose=-1),
        XGBClassifier(n_estimators=2),
        make_sampled(RandomOverSampler(random_state=0), LogisticRegression()),
    ]
    for model in models:
        pd.testing.assert_frame_equal(watch.fit_of(model.fit(X, y)).X, X)


@pytest.mark.parametrize(
    "table",
    [
        pytest.param(lambda: X.copy(), id="pandas"),
        pytest.param(lambda: pl.from_pandas(X), id="polars"),
        pytest.param(lambda: X.to_numpy().copy(), id="numpy"),
        pytest.param(lambda: X.to_numpy().copy(order="F"), id="numpy-columns-first"),
        pytest.param(lambda: X.to_numpy().copy()[::2], id="numpy-view"),
        pytest.param(lambda: sparse.csr_matrix(X.to_numpy()), id="csr"),
        pytest.param(lambda: sparse.coo_array(X.to_numpy()), id="coo"),
        pytest.param(lambda: X.to_numpy().tolist(), id="lists"),
        pytest.param(lambda: ["one text", "two"], id="texts"),
    ],
)
def test_untouched_data_is_unchanged(table):
    data = table()
    remembered = kept.keep(data)
    assert remembered.changed() is False
    assert remembered.value is not None


def test_a_later_write_to_a_pandas_or_polars_frame_does_not_reach_what_was_kept():
    frame, other = X.copy(), pl.from_pandas(X)
    first, second = kept.keep(frame), kept.keep(other)
    frame.loc[0, "a"] = 99
    frame["pred"] = 1
    other[0, "a"] = 99
    pd.testing.assert_frame_equal(first.value, X)
    assert second.value["a"].max() < 99
    assert first.changed() is second.changed() is False


def test_arrow_is_kept_itself():
    table = pa.table({"a": [1, 2]})
    assert kept.keep(table).value is table


@pytest.mark.parametrize("order", ["C", "F"])
def test_a_write_to_an_array_is_noticed(order):
    array = X.to_numpy().copy(order=order)
    remembered = kept.keep(array)
    array[[0, 1]] = array[[1, 0]]
    assert remembered.changed() is True


def test_a_write_to_a_sparse_matrix_or_to_a_list_of_rows_is_noticed():
    matrix, rows = sparse.csr_matrix(X.to_numpy()), X.to_numpy().tolist()
    first, second = kept.keep(matrix), kept.keep(rows)
    matrix.data[3] = 0.5
    rows[7][0] = 0.5
    assert first.changed() is True
    assert second.changed() is True


def test_an_array_of_objects_that_got_another_one_is_noticed():
    labels = np.array(["yes", "no", "yes"], dtype=object)
    remembered = kept.keep(labels)
    labels[1] = "perhaps"
    assert remembered.changed() is True


def test_a_huge_array_is_held_weakly_and_its_checksum_is_of_a_sample(tmp_path):
    mapped = np.memmap(tmp_path / "x", dtype="f8", mode="w+", shape=(6_500_000, 4))  # 208 MB of holes
    remembered = kept.keep(mapped)
    assert remembered.sampled
    assert remembered.held_bytes == 0
    mapped[0, 0] = 1
    assert remembered.changed() is True
    del mapped
    assert remembered.value is None
    assert remembered.changed() is None


def test_arrays_of_many_fits_are_let_go_above_a_bound(watch, monkeypatch):
    monkeypatch.setattr(fits, "_HELD_BYTES", 5_000)
    models = [DummyClassifier().fit(rng.random((60, 3)), [0, 1] * 30) for _ in range(10)]
    alive = [watch.fit_of(model).X is not None for model in models]
    assert alive == [False] * 7 + [True] * 3
    assert watch.fit_of(models[0]).changed() is None


def test_data_that_cannot_be_read_does_not_stop_a_fit(watch):
    class Strange:
        @property
        def columns(self):
            raise RuntimeError("no")

    class Any(BaseEstimator):
        def fit(self, X):
            return self

    model = Any().fit(Strange())
    assert watch.fit_of(model) is None
