"""Metrics by name: the numbers scikit-learn gives, whatever the labels, and clear words where a name does not fit."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn import metrics as sk
from sklearn.metrics import get_scorer, get_scorer_names, make_scorer

from nb_mlops.core.errors import BadInput
from tests.evaluation.models import numbers, result, run, three_classes, two_classes, value

TWO, THREE, NUMBERS = two_classes(), three_classes(), numbers()
NOT_FOR_ONE_COLUMN = {"f1_samples", "precision_samples", "recall_samples", "jaccard_samples"}
OF_NUMBERS = {name for name in get_scorer_names() if "error" in name or "deviance" in name} | {
    "r2", "explained_variance", "d2_absolute_error_score",
}  # fmt: skip
SKEWED = {name for name in OF_NUMBERS if "gamma" in name or "poisson" in name or "log" in name}  # need positive answers
OF_CLASSES = set(get_scorer_names()) - OF_NUMBERS - NOT_FOR_ONE_COLUMN - {"top_k_accuracy"}
WEIGHT = np.random.default_rng(3).random(400) + 0.1


@pytest.mark.parametrize("name", sorted(OF_CLASSES))
def test_every_scorer_of_two_classes_gives_what_scikit_learn_gives(name):
    assert value(name, TWO) == pytest.approx(get_scorer(name)(*TWO), rel=1e-9)


@pytest.mark.parametrize("name", sorted(OF_NUMBERS - SKEWED))
def test_every_scorer_of_numbers_gives_what_scikit_learn_gives(name):
    assert value(name, NUMBERS) == pytest.approx(get_scorer(name)(*NUMBERS), rel=1e-9)


@pytest.mark.parametrize(
    "name", "accuracy balanced_accuracy f1_macro f1_micro f1_weighted precision_macro recall_weighted jaccard_macro "
    "roc_auc_ovr roc_auc_ovr_weighted roc_auc_ovo neg_log_loss matthews_corrcoef neg_brier_score top_k_accuracy".split()
)  # fmt: skip
def test_several_classes_give_what_scikit_learn_gives(name):
    assert value(name, THREE) == pytest.approx(get_scorer(name)(*THREE), rel=1e-9)


@pytest.mark.parametrize(
    "name", "accuracy roc_auc average_precision f1 f1_macro neg_log_loss neg_brier_score recall".split()
)
def test_weights_count_as_in_scikit_learn(name):
    expected = get_scorer(name)(*TWO, sample_weight=WEIGHT)
    assert value(name, TWO, weight=WEIGHT) == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize(
    ("name", "scorer"),
    [("rmse", "neg_root_mean_squared_error"), ("mae", "neg_mean_absolute_error"), ("max_error", "neg_max_error"),
     ("mape", "neg_mean_absolute_percentage_error"), ("medae", "neg_median_absolute_error")],
)  # fmt: skip
def test_the_names_people_use_for_errors_are_positive(name, scorer):
    assert value(name, NUMBERS) == pytest.approx(-get_scorer(scorer)(*NUMBERS))


@pytest.mark.parametrize("name", ["f1", "precision", "recall", "average_precision", "roc_auc", "log_loss", "brier"])
def test_text_labels_give_the_same_numbers_as_0_and_1(name):
    words = two_classes(labels=("yes", "no"))  # the positive class sorts first
    assert value(name, words, positive="no") == pytest.approx(value(name, TWO))


def test_the_positive_class_matters_and_may_be_given_as_text():
    model, X, y = TWO
    assert value("recall", TWO, positive="0") == pytest.approx(sk.recall_score(y, model.predict(X), pos_label=0))


def test_text_labels_without_a_positive_class_name_the_option():
    with pytest.raises(BadInput, match="f1 needs to know which of 'no' and 'yes' is the positive class") as caught:
        result("f1 > 0", two_classes(labels=("no", "yes")))
    assert "--positive yes" in caught.value.hint


def test_roc_auc_needs_no_positive_class():
    assert value("roc_auc", two_classes(labels=("no", "yes"))) == pytest.approx(value("roc_auc", TWO))


@pytest.mark.parametrize(
    ("name", "offered"), [("f1", "f1_macro"), ("roc_auc", "roc_auc_ovr"), ("recall", "recall_macro")]
)
def test_several_classes_list_what_works(name, offered):
    with pytest.raises(BadInput, match="this model has 3") as caught:
        result(f"{name} > 0", THREE)
    assert offered in caught.value.hint


def test_an_unknown_name_lists_near_ones():
    with pytest.raises(BadInput, match="roc_auk is not a metric") as caught:
        result("roc_auk > 0", TWO)
    assert "roc_auc" in caught.value.hint


def test_names_are_checked_before_the_model_is_asked():
    class Untouched:
        classes_ = np.array([0, 1])

        def predict(self, X):
            raise AssertionError("asked")

    with pytest.raises(BadInput, match="roc_auk"):
        result("f1 > 0\nroc_auk > 0", (Untouched(), TWO[1], TWO[2]))


@pytest.mark.parametrize(("line", "task"), [("rmse > 0", TWO), ("f1 > 0", NUMBERS), ("log_loss > 0", NUMBERS),
                                            ("roc_auc > 0", NUMBERS), ("accuracy > 0", NUMBERS)])  # fmt: skip
def test_a_metric_of_another_task_is_bad_input(line, task):
    with pytest.raises(BadInput):
        result(line, task)


def test_scorers_of_ones_own_see_the_model_and_the_labels_as_they_came():
    words = two_classes(labels=("no", "yes"))
    cost = make_scorer(lambda y, said: float(((y == "yes") & (said == "no")).sum()), greater_is_better=True)
    scorers = {"cost": cost, "plain": lambda model, X, y: len(model.predict(X)), "short": "accuracy"}
    found = run("cost > 0\nplain == 400\nshort > 0", words, scorers=scorers)
    model, X, y = words
    assert found.metrics["cost"] == ((y == "yes") & (model.predict(X) == "no")).sum()
    assert found.passed


def test_evidence_says_when_the_scorer_is_ones_own():
    assert result("mine > 0", TWO, scorers={"mine": lambda *_: 1.0}).detail == "by a scorer of one's own"


def test_a_metric_that_would_always_pass_is_refused():
    with pytest.raises(BadInput, match="always 1"):
        result("top_k_accuracy >= 0.9", TWO)


@pytest.mark.parametrize("name", ["roc_auc", "rmse", "size_mb", "production", "drift", "a b", "__x", "lambda"])
def test_a_scorer_cannot_take_a_name_that_means_something(name):
    with pytest.raises(BadInput):
        result("accuracy > 0", TWO, scorers={name: lambda model, X, y: 1.0})


def test_a_scorer_that_raises_is_bad_input_with_its_words():
    with pytest.raises(BadInput, match=r"mine cannot be computed here: no \\x1b\[31m luck"):
        result("mine > 0", TWO, scorers={"mine": lambda model, X, y: 1 / 0 if X is None else _raise()})


def _raise():
    raise RuntimeError("no \x1b[31m luck\nsecond line")


def test_all_metrics_share_one_answer_of_the_model():
    class Counting(type(TWO[0])):
        asked: list[str] = []

        def predict(self, X):
            Counting.asked.append("predict")
            return super().predict(X)

        def predict_proba(self, X):
            Counting.asked.append("predict_proba")
            return super().predict_proba(X)

    model = Counting()
    model.__dict__.update(TWO[0].__dict__)
    run("f1 > 0\naccuracy > 0\nmatthews_corrcoef > 0\nf1.ci_low > 0\nlog_loss > 0\nbrier > 0", (model, *TWO[1:]))
    assert sorted(Counting.asked) == ["predict", "predict_proba"]
