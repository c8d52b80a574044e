"""Registering by a form is registering by `%register`."""

from __future__ import annotations

import pytest

import nb_mlops
from nb_mlops.notebook import widgets
from tests.notebook.widgets.conftest import HOSTILE, notice

pytestmark = pytest.mark.usefixtures("watched")

FIT = (
    "from sklearn.linear_model import LogisticRegression\n"
    "from tests.actions.conftest import table\n"
    "X, y = table()\n"
    "clf = LogisticRegression().fit(X, y)"
)


@pytest.fixture
def notebook(run):
    run("%load_ext nb_mlops")
    run(FIT)
    yield run
    run("%unload_ext nb_mlops")


def test_it_gives_the_version_that_the_magic_would_have_given(notebook) -> None:
    form_tags = "team=risk\n\nnote=a = b"
    form = notebook("form = %mlops form register churn\nform")
    form.owner.value, form.purpose.value, form.tags.value = "ann", f"to keep {HOSTILE}", form_tags

    form.register.click()

    version = form.result
    assert (version.ref, dict(version.tags)) == ("churn@1", {"team": "risk", "note": "a = b"})
    assert "clf = LogisticRegression().fit(X, y)" in version.lineage.slice.source
    assert version.lineage.data[0].rows == 400
    again = widgets.register("churn")
    again.tags.value = form_tags
    again.register.click()
    assert again.result.unchanged


def test_several_estimators_are_a_choice_with_the_last_fit_first(notebook) -> None:
    notebook(f"models = {{{HOSTILE!r}: LogisticRegression(C=2).fit(X, y)}}")
    form = widgets.register("churn")
    (shown, last), (_, first) = form.model.options
    assert (last, first) == (f'models["{HOSTILE}"]', "clf")
    assert shown.startswith(f"{last}: LogisticRegression, fitted ")
    assert form.model.value == last

    form.model.value = "clf"
    form.register.click()

    assert "C" not in form.result.params  # as of clf, whose C was left as it is


def test_what_was_fitted_meanwhile_is_found_by_looking_again(run) -> None:
    run("%load_ext nb_mlops")
    form = run("form = %mlops form register churn\nform")
    run(FIT)

    form.look.click()

    assert form.model.value == "clf"
    run("%unload_ext nb_mlops")


@pytest.mark.parametrize(
    ("field", "typed", "said"),
    [
        ("name", "../etc", "is not a model name"),
        ("name", "", "is not a model name"),
        ("data", "open('pwned', 'w'), y", "would have to be evaluated"),
        ("data", "nothing", "there is no variable 'nothing'"),
        ("tags", "team", "Tags: 'team' is not key=value."),
        ("stakes", "medium", "medium stakes"),
    ],
)
def test_what_cannot_be_meant_is_said_in_the_form(field: str, typed: str, said: str, notebook, tmp_path) -> None:
    form = widgets.register("churn")
    getattr(form, field).value = typed

    form.register.click()

    assert form.result is None
    assert said in notice(form)
    assert not list(tmp_path.rglob("pwned"))


def test_the_fields_show_what_the_model_has_already(notebook) -> None:
    nb_mlops.register(notebook("clf"), "churn", owner="ann", purpose="keep them")
    form = widgets.register()
    assert form.owner.placeholder == "who answers for the model"

    form.name.value = "churn"

    assert (form.owner.placeholder, form.purpose.placeholder) == ("ann (as it is)", "keep them (as it is)")
    assert form.name.options == ("churn",)
