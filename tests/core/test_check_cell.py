"""What somebody picks becomes a check line that reads back as itself, or an error that says what is missing."""

from __future__ import annotations

import math

import pytest

from nb_mlops.core.check_cell import OVER, CheckCell, Picked, typed_lines, usual_metrics
from nb_mlops.core.checks import Check
from nb_mlops.core.errors import BadInput

LOWEST, GAP, CI = "in the lowest segment", "as the gap of segments", "at its low end (95 %)"


@pytest.mark.parametrize(
    ("picked", "line"),
    [
        (Picked("roc_auc", amount=0.85), "roc_auc >= 0.85"),
        (Picked(" mae ", sign="<=", amount=12), "mae <= 12"),
        (Picked("latency_ms.p99", sign="<", amount=5), "latency_ms.p99 < 5"),
        (Picked("roc_auc", CI, amount=0.8), "roc_auc.ci_low >= 0.8"),
        (Picked("f1", "on noisy rows", amount=0.7), "f1.noisy >= 0.7"),
        (Picked("f1", LOWEST, amount=0.7), 'f1.by("Home Region").min >= 0.7'),
        (Picked("recall", GAP, sign="<=", amount=0.1), 'recall.by("Home Region").gap <= 0.1'),
        (Picked("roc_auc", amount=0.005, alias="production"), "roc_auc >= production.roc_auc - 0.005"),
        (Picked("mae", sign="<=", amount=0.5, alias="production"), "mae <= production.mae + 0.5"),
        (Picked("f1", amount=0.0, alias="pre-prod"), 'f1 >= alias("pre-prod").f1'),
    ],
)
def test_what_is_picked_is_one_line(picked: Picked, line: str) -> None:
    assert str(picked.check("Home Region")) == line
    assert str(Check.parse(line)) == line


def test_a_column_that_looks_like_a_check_is_a_column() -> None:
    column = 'x").max >= 0 - f1.by("x'

    (measure,) = Picked("f1", LOWEST, amount=0.5).check(column).needs()

    assert measure.by == column


@pytest.mark.parametrize(
    ("picked", "column", "said"),
    [
        (Picked("", amount=0.5), "", "no metric yet"),
        (Picked("f1", LOWEST), " ", "of which column"),
        (Picked("f1", amount=math.nan), "", "finite number"),
        (Picked("f1", amount=math.inf), "", "finite number"),
        (Picked("f1", amount=-0.1, alias="production"), "", "A margin is zero or more"),
        (Picked("f1 >= 0 or f1", amount=0.5), "", "not of this language"),
        (Picked("__import__('os').system('id')", amount=0.5), "", "not part of this language"),
        (Picked("f1", LOWEST, amount=0.5), "a\"b'c", "is not closed"),
        (Picked("size_mb", amount=1, alias="production"), "", "on the version under validation only"),
    ],
)
def test_what_makes_no_check_is_refused(picked: Picked, column: str, said: str) -> None:
    with pytest.raises(BadInput, match=said):
        picked.check(column)


def test_typed_lines_are_written_as_the_check_prints_itself_and_those_with_a_name_as_typed() -> None:
    text = "# agreed\n roc_auc>=0.850  # why not\n\nf1 >= {least}"

    assert typed_lines(text, {"least": 0.7}) == ["roc_auc >= 0.85", "f1 >= {least}"]
    with pytest.raises(BadInput, match="is not a name"):
        typed_lines(text, {})


def test_a_cell_is_its_header_and_each_line_once() -> None:
    assert CheckCell.of("churn@1", "%%validate churn@1", ["a >= 1", "b >= 1", "a >= 1"]).text.count("\n") == 2
    with pytest.raises(BadInput, match="no check yet"):
        CheckCell.of("churn@1", "%%validate churn@1", [])


@pytest.mark.parametrize("kind", ["classes", "number", "numbers", "transform", "unknown"])
def test_every_metric_offered_makes_a_check(kind: str) -> None:
    for classes in (2, 5):
        for metric in usual_metrics(kind, classes):
            assert Picked(metric, amount=0.5).check()


def test_every_way_of_measuring_makes_a_check() -> None:
    assert all(Picked("f1", over, amount=0.5).check("region") for over in OVER)
