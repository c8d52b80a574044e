"""The builder writes a `%%validate` cell, shows it as it grows, and runs none of it."""

from __future__ import annotations

import pytest

import nb_mlops
from nb_mlops.core.errors import BadInput
from nb_mlops.notebook import widgets
from tests.actions.conftest import table
from tests.notebook.widgets.conftest import HOSTILE, told

pytestmark = pytest.mark.usefixtures("watched")


@pytest.fixture
def builder(ann, registered):
    registered(ann)
    return widgets.checks("churn@1", registry=ann)


def test_the_cell_is_shown_as_it_grows(builder) -> None:
    builder.data.value = "X_new, y_new"
    builder.segments.value = "age"
    row = builder.rows[0]
    row.amount.value = 0.75
    builder.add_check()
    worst = builder.rows[1]
    worst.metric.value, worst.over.value = "f1", "in the lowest segment"
    worst.against.value = "production"
    builder.typed.value = "# agreed in May\nmae<=production.mae * 1.10\n"

    assert told(builder.preview).partition(":")[2].strip().splitlines() == [
        "%%validate churn@1 --data X_new, y_new --by age",
        "roc_auc >= 0.75",
        "f1.by(age).min >= production.f1.by(age).min - 0.005",
        "mae <= production.mae * 1.1",
    ]
    builder.take_away(worst)
    assert "f1.by" not in builder.preview.value


@pytest.mark.parametrize(
    ("field", "typed", "said"),
    [
        ("typed", "__import__('os').system('touch pwned') >= 0", "is not part of this language"),
        ("typed", "roc_auc >= {nothing}", "is not a name this notebook holds"),
        ("data", "X --trust", "does not make the first line of a cell"),
        ("data", "open('x'), y", "would have to be evaluated"),
        ("ref", "churn@1\nimport os", "is not a ref"),
        ("ref", "churn@1 --soft", "is not a ref"),
        ("segments", "a\"b'c", ""),
        ("segments", "a\n!touch pwned", ""),
    ],
)
def test_what_makes_no_cell_is_said_and_cannot_be_written(field: str, typed: str, said: str, builder) -> None:
    builder.rows[0].over.value = "in the lowest segment"
    builder.segments.value = "age"
    assert not builder.write_button.disabled

    getattr(builder, field).value = typed

    assert builder.write_button.disabled
    assert said in told(builder.preview)
    with pytest.raises(BadInput):
        builder.cell()


def test_a_column_of_any_name_is_shown_as_text_and_written_in_quotes(builder) -> None:
    builder.segments.value = HOSTILE

    assert builder.cell().text.splitlines()[0] == f'%%validate churn@1 --data X_test,y_test --by "{HOSTILE}"'
    assert "<img" not in builder.preview.value
    assert "<script" not in builder.preview.value


def test_the_written_cell_is_put_below_when_the_forms_cell_runs_again(registered, run, shell) -> None:
    registered(nb_mlops.connect())
    run("%load_ext nb_mlops")
    put = []
    shell.set_next_input = lambda text, replace: put.append((text, replace))
    form = run("form = %mlops form checks churn@1\nform")
    form.write_button.click()
    assert form.result.text.endswith("roc_auc >= 0.5")
    assert put == []  # no cell of the user's own gets it

    again = run("form = %mlops form checks churn@1\nform")

    assert put == [(form.result.text, False)]
    assert again.result.is_put
    assert run("form = %mlops form checks churn@1\nform").result is None
    run("%unload_ext nb_mlops")


def test_the_written_cell_validates(registered, run, shell) -> None:
    registered(nb_mlops.connect())
    run("%load_ext nb_mlops")
    shell.user_ns["X_test"], shell.user_ns["y_test"] = table(seed=77)
    shell.set_next_input = lambda text, replace: None
    form = widgets.checks("churn@1")
    form.segments.value = "Home Region"
    shell.user_ns["X_test"]["Home Region"] = "north"
    form.rows[0].over.value = "in the lowest segment"

    report = run(form.write().text)

    assert report.passed
    assert [result.check for result in report.results] == ['roc_auc.by("Home Region").min >= 0.5']
    run("%unload_ext nb_mlops")
