"""Completion knows options, choices, names and variables, is quick, never raises and imports nothing."""

import sys
import threading
import time

import pytest
from IPython.core.completer import CompletionContext

from nb_mlops.notebook.complete import Known, Matcher, suggest
from nb_mlops.notebook.extension import _loaded

KNOWN = Known({"churn": 3, "risk/churn": 1}, ("production", "staging"), {"churn": ("production",)})
NAMES = {"rf": 1, "X": 2, "y": 3, "_hidden": 4, "In": []}


@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        ("%promote churn@3 --t", ["--to"]),
        ("%promote churn@3 --to ", ["production", "staging"]),
        ("%promote ch", ["churn"]),
        ("v = %promote ri", ["risk/churn"]),
        ("%gate churn@p", ["churn@production"]),
        ("%gate churn@", ["churn@latest", "churn@production", "churn@3", "churn@2", "churn@1"]),
        ("%promote risk/churn@", ["risk/churn@latest", "risk/churn@1"]),
        ("%gate unknown@s", ["unknown@staging"]),
        ("%compare churn@1 churn@l", ["churn@latest"]),
        ("%%register churn --stakes m", ["medium"]),
        ("%%register churn --model r", ["rf"]),
        ("%%register churn --data X,", ["X", "rf", "y"]),
        ("%%register ch", ["churn"]),
        ("%drift churn@3 X", ["X"]),
        ("%mlops st", ["status", "stakes"]),
        ("%rollback churn --alias s", ["staging"]),
    ],
)
def test_what_comes_next_is_offered(typed, offered):
    assert suggest(typed, NAMES, KNOWN)[1] == offered


def test_an_option_is_offered_once_unless_it_may_be_repeated():
    offered = suggest("%%register churn --again --tag a=1 --", NAMES, KNOWN)[1]
    assert "--again" not in offered
    assert "--tag" in offered


@pytest.mark.parametrize("typed", ["x = 1", "%time ch", "%promoted ch", "print('%promote ch", "", "%promote"])
def test_other_lines_are_left_to_others(typed):
    assert suggest(typed, NAMES, KNOWN) == ("", [])


def context(text: str) -> CompletionContext:
    return CompletionContext(
        token=text.split(" ")[-1], full_text=text, cursor_position=len(text), cursor_line=0, limit=None
    )


def test_it_answers_in_time_and_imports_nothing(shell):
    matcher = Matcher(shell, fetch=lambda: KNOWN)
    matcher.refresh().join()
    before = set(sys.modules)
    start = time.perf_counter()
    found = matcher.match(context("%promote churn@"))
    assert time.perf_counter() - start < 0.05
    assert set(sys.modules) == before
    assert [completion.text for completion in found["completions"]][:2] == ["churn@latest", "churn@production"]
    assert found["matched_fragment"] == "churn@"


def test_a_registry_that_cannot_be_reached_leaves_options(shell):
    def unreachable() -> Known:
        raise OSError("gone")

    matcher = Matcher(shell, fetch=unreachable)
    matcher.refresh().join()
    assert [one.text for one in matcher.match(context("%promote churn@3 --t"))["completions"]] == ["--to"]


def test_it_never_raises(shell):
    matcher = Matcher(shell, fetch=lambda: KNOWN)
    matcher.known = None
    assert matcher.match(context("%promote churn@")) == {"completions": []}


def wait_for_names() -> None:
    for thread in threading.enumerate():
        if thread.name == "nb_mlops-names":
            thread.join()


@pytest.mark.parametrize("watched", [True, False])
def test_the_first_tab_after_a_registration_knows_it_where_somebody_types(shell, run, monkeypatch, tmp_path, watched):
    monkeypatch.setenv("NB_MLOPS_REGISTRY", f"memory://{tmp_path.name}")
    monkeypatch.setattr("nb_mlops.notebook.complete.is_watched", lambda: watched)
    run("%load_ext nb_mlops")
    run("from sklearn.dummy import DummyClassifier\nmodel = DummyClassifier().fit([[0], [1]], [0, 1])")
    run("import nb_mlops\n_ = nb_mlops.register(model, 'wine')")
    wait_for_names()
    matcher = _loaded[0].matcher.match
    offered = [one.text for one in matcher(context("%promote wine@"))["completions"]]
    assert offered == (["wine@latest", "wine@1"] if watched else ["wine@latest", "wine@production", "wine@staging"])
    wait_for_names()
    run("%promote wine@1")
    wait_for_names()
    assert "wine@production" in [one.text for one in matcher(context("%gate wine@"))["completions"]]
    run("%unload_ext nb_mlops")


def test_names_are_asked_again_after_a_registration(shell):
    asked = []

    def fetch() -> Known:
        asked.append(1)
        return KNOWN

    matcher = Matcher(shell, fetch)
    matcher.refresh().join()
    shell.events.register("post_run_cell", matcher.refresh_after)
    shell.run_cell("x = '%register churn'")
    wait_for_names()
    assert len(asked) == 2
