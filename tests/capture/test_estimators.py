"""Which of a notebook's variables is the model, and the question that comes back where nobody can tell."""

from collections import defaultdict
from types import SimpleNamespace

import numpy as np
import pytest
from sklearn.calibration import CalibratedClassifierCV
from sklearn.cluster import KMeans
from sklearn.decomposition import PCA
from sklearn.ensemble import VotingClassifier
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.naive_bayes import GaussianNB
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, LabelEncoder, StandardScaler

from nb_mlops.capture.estimators import bound_since, find_estimator, snapshot
from nb_mlops.capture.fits import watch
from nb_mlops.capture.naming import loop_names, parse
from nb_mlops.core.errors import Ambiguous, BadInput, NotFound

X = np.random.default_rng(0).normal(size=(40, 3))
y = (X[:, 0] > 0).astype(int)


def logistic() -> LogisticRegression:
    return LogisticRegression().fit(X, y)


def bayes() -> GaussianNB:
    return GaussianNB().fit(X, y)


def find(**namespace):
    return find_estimator(namespace, None, None)


def test_the_one_fitted_estimator_is_the_model():
    found = find(model=logistic(), X=X, y=y, np=np, later=GaussianNB(), kind=LogisticRegression)
    assert (found.name, found.beside) == ("model", ())


def test_two_names_of_one_object_are_no_question():
    model = logistic()
    assert find(model=model, best=model).estimator is model


def test_what_is_inside_another_is_not_the_model():
    scaler, inner = StandardScaler().fit(X), logistic()
    assert find(scaler=scaler, pipe=make_pipeline(scaler, inner).fit(X, y), inner=inner).name == "pipe"
    vote = VotingClassifier([("lr", inner), ("nb", GaussianNB())]).fit(X, y)
    assert find(inner=inner, vote=vote).name == "vote"
    calibrated = CalibratedClassifierCV(FrozenEstimator(inner)).fit(X, y)
    assert find(inner=inner, calibrated=calibrated).name == "calibrated"


def test_a_search_is_the_model_and_its_winner_is_inside_it():
    search = GridSearchCV(LogisticRegression(), {"C": [1, 2]}, cv=2).fit(X, y)
    assert find(search=search, best=search.best_estimator_).estimator is search


def test_a_search_without_a_model_is_none():
    search = GridSearchCV(LogisticRegression(), {"C": [1, 2]}, cv=2, refit=False).fit(X, y)
    with pytest.raises(BadInput, match="refit=False"):
        find(search=search)


def test_a_predictor_beside_transformers_is_the_model_and_they_are_told():
    found = find(pca=PCA(2).fit(X), labels=LabelEncoder().fit(y), model=logistic())
    assert found.name == "model"
    assert found.beside == ("pca", "labels")


def test_a_transformer_alone_is_the_model():
    assert find(pca=PCA(2).fit(X), log=FunctionTransformer(np.log1p)).name == "pca"


def test_a_clusterer_predicts():
    assert find(pca=PCA(2).fit(X), groups=KMeans(2, n_init=1).fit(X)).name == "groups"


def test_a_transformer_that_learns_nothing_does_not_stand_in_for_an_unfitted_model():
    with pytest.raises(BadInput, match="not fitted"):
        find(log=FunctionTransformer(np.log1p), model=LogisticRegression())


def test_two_predictors_are_a_question_with_ready_lines():
    with pytest.raises(Ambiguous) as caught:
        find(lr=logistic(), bayes=bayes())
    assert caught.value.hint.splitlines()[1:] == [
        "  --model lr     # LogisticRegression",
        "  --model bayes  # GaussianNB",
    ]


def test_every_ready_line_names_what_it_lists():
    models = {"logistic regression": logistic(), "naïve": bayes(), 3: logistic(), 'a"b': bayes()}
    with pytest.raises(Ambiguous) as caught:
        find(models=models)
    lines = [line.partition("--model ")[2].partition("  #")[0] for line in caught.value.hint.splitlines()[1:]]
    assert [find_estimator({"models": models}, None, None, line).estimator for line in lines] == list(models.values())


def test_a_loops_variable_is_no_choice_among_the_models_of_a_dict():
    models = {"lr": logistic(), "nb": bayes()}
    with pytest.raises(Ambiguous, match=r'models\["nb"\]'):
        find(models=models, m=models["nb"])
    with pytest.raises(Ambiguous, match=r'models\["nb"\]'):
        find_estimator({"models": models, "m": models["nb"]}, None, None, loop_names={"m"})


def test_a_variable_that_no_loop_bound_is_a_choice_among_the_models_of_a_dict():
    models = {"lr": logistic(), "nb": bayes()}
    namespace = {"models": models, "m": models["nb"], "best": models["lr"]}
    assert find_estimator(namespace, None, None, loop_names={"m"}).name == "best"


def test_a_model_that_only_a_container_or_an_attribute_holds_is_a_question():
    with pytest.raises(BadInput, match=r"--model models\[0\]"):
        find(models=[logistic()])
    result = SimpleNamespace(model=logistic(), score=1)
    with pytest.raises(Ambiguous, match=r"--model res\.model") as caught:
        find(res=result)
    assert [choice.estimator for choice in caught.value.choices] == [result.model]


def test_many_candidates_are_listed_up_to_twenty():
    with pytest.raises(Ambiguous, match="and 5 more"):
        find(**{f"m{number}": logistic() for number in range(25)})


def test_nothing_fitted_says_what_is_there():
    with pytest.raises(BadInput, match=r"model \(LogisticRegression\) is not fitted"):
        find(model=LogisticRegression())
    with pytest.raises(BadInput, match="No fitted estimator"):
        find(x=1)


def test_only_what_was_bound_since_the_last_registration_counts():
    namespace = {"old": logistic(), "_": bayes(), "Out": {1: bayes()}}
    before = snapshot(namespace)
    namespace["new"] = bayes()
    since = bound_since(namespace, before)
    assert since == {"new"}
    assert find_estimator(namespace, since, None).name == "new"


def test_with_nothing_bound_since_the_earlier_ones_are_offered():
    namespace = {"old": logistic()}
    with pytest.raises(BadInput, match=r"since the last registration.*\n.*\n.*--model old"):
        find_estimator(namespace, bound_since(namespace, snapshot(namespace)), None)


def test_a_model_fitted_again_in_place_counts_as_bound():
    seen = watch()
    try:
        namespace = {"model": logistic(), "models": {"nb": bayes()}}
        before = snapshot(namespace)
        namespace["model"].fit(X, y)
        assert bound_since(namespace, before) == {"model"}
        namespace["models"]["nb"].fit(X, y)
        assert bound_since(namespace, before) == {"model", "models"}
    finally:
        seen.stop()


def test_a_plain_class_with_a_fitted_part_is_fitted():
    class Wrapped:
        def fit(self, X, y):
            self.inner = LogisticRegression().fit(X, y)
            return self

        def predict(self, X):
            return self.inner.predict(X)

    assert find(mine=Wrapped().fit(X, y)).name == "mine"
    with pytest.raises(BadInput, match="not fitted"):
        find(mine=Wrapped())


def test_an_object_whose_properties_fail_is_passed_over():
    class Proxy:
        fit = None

        @property
        def predict(self):
            raise RuntimeError("remote")

    assert find(proxy=Proxy(), model=logistic()).name == "model"


@pytest.mark.parametrize(
    ("expression", "name"),
    [
        ("model", "lr"),
        ('models["rf"]', "rf"),
        ("rows[0]", "lr"),
        ("rows[-1]", "rf"),
        ("res.model", "rf"),
        (" res.deep['x'].model ", "lr"),
    ],
)
def test_model_takes_names_attributes_and_elements(expression, name):
    lr, rf = logistic(), bayes()
    namespace = {
        "model": lr,
        "models": {"rf": rf},
        "rows": [lr, rf],
        "res": SimpleNamespace(model=rf, deep={"x": SimpleNamespace(model=lr)}),
    }
    assert find_estimator(namespace, None, None, expression).estimator is {"lr": lr, "rf": rf}[name]


@pytest.mark.parametrize(
    "expression",
    [
        "", "f()", "models[name]", "models[0:1]", "a + b", "lambda: 0", "model.__class__", "_hidden", "model._private",
        "a, b", "models[f'{x}']", "models[True]", "x := 1", "(yield)", "[m for m in models]", "*a", "model;", "a" * 501,
        "\0", "a if 1 else 2", "models[1.5]", "models[b'x']", "9**9**9", "(" * 200, "'text'.join",
    ],
)  # fmt: skip
def test_model_refuses_all_that_is_more_than_a_name(expression):
    with pytest.raises(BadInput):
        parse(expression)


def test_a_name_that_is_not_there_shows_near_ones():
    namespace = {"model": logistic(), "models": defaultdict(list, forest=1), "res": SimpleNamespace(model=1)}
    for wrong, near in [("modl", "model"), ('models["forst"]', "forest"), ("res.modl", "model")]:
        with pytest.raises(NotFound, match=near):
            find_estimator(namespace, None, None, wrong)
    assert list(namespace["models"]) == ["forest"]


def test_a_named_class_or_unfitted_estimator_is_refused_and_a_function_is_taken():
    with pytest.raises(BadInput, match="class"):
        find_estimator({"kind": LogisticRegression}, None, None, "kind")
    with pytest.raises(BadInput, match="not fitted"):
        find_estimator({"model": LogisticRegression()}, None, None, "model")
    assert find_estimator({"rule": len}, None, None, "rule").estimator is len


def test_loop_names_are_those_of_top_level_for_statements():
    inner = "def f():\n  for hidden in v: pass\n[c for c in x]"
    source = f"for k, (m, *rest) in x:\n  for j in y: pass\nif z:\n  for w in v: pass\n{inner}"
    assert loop_names(source) == {"k", "m", "rest", "j", "w"}
    assert loop_names("%%time\nnot python") == frozenset()
