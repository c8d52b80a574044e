"""One digest of what measured: the same lines, scorers and versions give the same."""

from __future__ import annotations

from sklearn.metrics import fbeta_score, make_scorer

from nb_mlops.capture.measuring_code import measuring_code, source_of


def cost(model, X, y):
    return 1.0


def other(model, X, y):
    return 2.0


class Costly:
    def __call__(self, model, X, y):
        return 3.0


def test_the_same_checks_and_scorers_have_the_same_digest():
    assert measuring_code(["f1 >= 0.5"], {"cost": cost}) == measuring_code(["f1 >= 0.5"], {"cost": cost})


def test_another_line_scorer_or_order_has_another():
    found = {
        measuring_code(["f1 >= 0.5", "a > 1"], {"cost": cost}),
        measuring_code(["a > 1", "f1 >= 0.5"], {"cost": cost}),
        measuring_code(["f1 >= 0.5", "a > 1"], {"cost": other}),
        measuring_code(["f1 >= 0.5", "a > 1"]),
    }
    assert len(found) == 4


def test_scorers_are_told_apart_by_their_source():
    assert "return 1.0" in source_of(cost)
    assert "return 3.0" in source_of(Costly())
    assert source_of("accuracy") == "accuracy"
    two, half = (source_of(make_scorer(fbeta_score, beta=beta)) for beta in (2, 0.5))
    assert "def fbeta_score" in two
    assert two != half


def test_what_has_no_source_is_named():
    assert source_of(len) == "builtins.builtin_function_or_method"
