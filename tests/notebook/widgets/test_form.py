"""Every form acts once, says what went wrong in two lines, and leaves its result instead of a control."""

from __future__ import annotations

import subprocess
import sys

import pytest
from IPython.utils.capture import capture_output

import nb_mlops
from nb_mlops.notebook import widgets
from nb_mlops.notebook.html import Html
from nb_mlops.notebook.widgets import inputs
from tests.notebook.widgets.conftest import HOSTILE, STATED, notice

CONTROL = "application/vnd.jupyter.widget-view+json"


def test_ipywidgets_is_imported_when_a_form_opens_and_not_before() -> None:
    asks = (
        "import sys, nb_mlops; nb_mlops.widgets.approve; print('IPython' in sys.modules, 'ipywidgets' in sys.modules);"
        "print(nb_mlops.widgets.browse(registry='memory://x').root, 'ipywidgets' in sys.modules)"
    )

    answer = subprocess.run([sys.executable, "-c", asks], capture_output=True, text=True, check=True)

    assert answer.stdout.split() == ["False", "False", "None", "False"]


def test_where_nobody_watches_the_form_is_what_would_be_decided_and_its_magic(ann, proven) -> None:
    proven(ann)

    form = widgets.promote("churn@1", registry=ann)

    assert form.root is None
    assert form.result is None
    assert CONTROL not in form.bundle()
    assert "an approval by another person" in form.bundle()["text/html"]
    assert "No form opens here: %promote churn@1 --to production" in form.bundle()["text/plain"]


@pytest.mark.usefixtures("watched")
def test_an_open_form_has_html_and_text_beside_its_control(ann, proven) -> None:
    proven(ann)

    form = widgets.approve("churn@1", registry=ann)
    bundle = form.bundle()

    assert set(bundle) == {"text/html", "text/plain"}
    assert CONTROL in form.control()
    assert (form.control()["text/html"], form.control()["text/plain"]) == ("", "")
    assert "churn@1 → production" in bundle["text/html"]
    assert "%approve churn@1 --to production" in bundle["text/plain"]


@pytest.mark.usefixtures("watched")
def test_when_it_acted_its_output_is_replaced_by_the_results_own(ann, registered, run) -> None:
    registered(ann)
    form = widgets.promote("churn@1", registry=ann)
    with capture_output() as first:
        form._ipython_display_()
    with capture_output() as then:
        form.promote.click()

    (plain, control), (left, emptied) = first.outputs, then.outputs
    assert CONTROL in control.data
    assert [one.update for one in (plain, control, left, emptied)] == [False, False, True, True]
    assert (left.transient, emptied.transient) == (plain.transient, control.transient)
    assert (left.data, emptied.data) == (form.result._repr_mimebundle_(), {"text/html": "", "text/plain": ""})


@pytest.mark.usefixtures("watched")
def test_once_it_acted_no_control_is_left_to_click(ann, registered) -> None:
    registered(ann)
    form = widgets.promote("churn@1", registry=ann)
    button = form.promote

    button.click()
    first = form.result
    button.click()

    assert form.result is first
    assert {type(child).__name__ for child in form.root.children} == {"HTML"}
    assert sum("promoted" in entry.told for entry in nb_mlops.audit("churn", registry=ann).entries) == 1


@pytest.mark.usefixtures("watched")
def test_an_error_of_ours_is_two_lines_inside_the_form(ann, registered) -> None:
    registered(ann, **STATED)
    form = widgets.approve("churn@1", registry=ann)

    form.approve.click()

    assert form.result is None
    assert "Refused: churn@1 was registered by you: your own approval does not count." in notice(form)
    assert "Ask somebody else" in notice(form)
    assert 'role="alert"' in form._notice.value
    assert not form.reject.disabled


@pytest.mark.usefixtures("watched")
def test_a_fault_of_ours_is_named_in_the_form_and_goes_on_to_the_log(ann, registered) -> None:
    registered(ann)
    form = widgets.promote("churn@1", registry=ann)

    with pytest.raises(ZeroDivisionError):
        form.act(lambda: 1 / 0)

    assert "ZeroDivisionError: division by zero" in notice(form)
    assert not form.promote.disabled


@pytest.mark.parametrize("kind", ["line", "lines", "number", "button"])
def test_what_stands_beside_a_field_is_text(kind: str) -> None:
    given = {"number": (0.5,), "button": (print,)}.get(kind, ())

    made = getattr(inputs, kind)(HOSTILE, *given)

    assert made.description == HOSTILE  # ipywidgets shows it as text:
    assert not getattr(made, "description_allow_html", False)


def test_only_our_own_markup_is_shown() -> None:
    assert "&lt;" not in inputs.markup(Html("<p>"))
    with pytest.raises(TypeError, match="only Html"):
        inputs.markup("<p>")


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("%mlops form", "takes more words"),
        ("%mlops form aprove churn@1", "There is no form 'aprove'.\nDid you mean approve, promote?"),
        ("%mlops form checks churn@1 --to staging", "The form checks moves no alias."),
        ("%mlops form promote churn@1 --to prod", "There is no alias 'prod'."),
        ("%mlops form approve churn@9", "There is no churn@9."),
        ("%mlops browse a b", "takes fewer words"),
    ],
)
def test_a_form_that_cannot_be_meant_is_refused_in_two_lines(line: str, said: str, registered, run) -> None:
    registered(nb_mlops.connect())
    run("%load_ext nb_mlops")

    with pytest.raises(nb_mlops.errors.NbMlopsError) as caught:
        run(line)

    assert said in str(caught.value)
    run("%unload_ext nb_mlops")


@pytest.mark.usefixtures("watched")
def test_the_magic_gives_the_form(registered, run) -> None:
    registered(nb_mlops.connect())
    run("%load_ext nb_mlops")

    form = run("form = %mlops form promote churn@1 --to staging\nform")

    assert repr(form) == "<form promote churn@1 to staging: nothing decided>"
    form.promote.click()
    assert run("form.result").alias == "staging"
    run("%unload_ext nb_mlops")
