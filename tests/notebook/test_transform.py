"""A `%%register` cell is the user's own cell, with a check before it and a registration after it."""

import linecache

import pytest
from IPython.core.interactiveshell import InteractiveShell

from nb_mlops.core.errors import BadInput, NotFound
from nb_mlops.notebook.transform import RegisterCell, run_as_cell


@pytest.fixture
def calls(shell: InteractiveShell) -> list[tuple[str, str]]:
    """What the check before and the registration after were given."""
    seen: list[tuple[str, str]] = []

    def begin(line: str) -> str:
        seen.append(("before", line))
        if line == "bad":
            raise NotFound("No such thing.", "Do this.")
        return "begun"

    def end(line: str, begun: object) -> str:
        seen.append(("after", line))
        assert begun == "begun"
        return "the version"

    transformer = RegisterCell(shell, begin, end)
    shell.input_transformers_cleanup.append(transformer)
    shell.events.register("post_run_cell", transformer.keep_as_typed)
    return seen


BOTH = [("before", "churn"), ("after", "churn")]


@pytest.mark.parametrize(
    "body",
    [
        "x = 1",
        "x = 1;",
        "x = 1\n\n",
        "x = 1  # a comment",
        "x = 1\n# a comment at the end",
        "x = 1; text = '''a\nb'''",
        "if True:\n    x = 1",
        "for i in range(2):\n    x = 1\n\n    # more",
        "def f():\n    return 1\nx = f()",
        "x = (1 +\n  0)",
        "%time x = 1",
        "x = 1\n!true",
        "import asyncio\nawait asyncio.sleep(0)\nx = 1",
        "x = await __import__('asyncio').sleep(0, 1)",
        "class A:\n    b = 1\nx = A.b",
        "x = 1\nx\n42",
        "# %%time is only a comment here\nx = 1",
        'x = 1\ntext = """\n%%time\n"""',
    ],
)
def test_the_body_runs_and_the_version_is_the_cells_value(run, shell, calls, capsys, body):
    assert run(f"%%register churn\n{body}") == "the version"
    assert calls == BOTH
    assert shell.user_ns["x"] == 1
    assert "42" not in capsys.readouterr().out


def test_windows_line_ends_and_a_first_line_without_words(run, calls):
    assert run("%%register churn\r\nx = 1\r\n") == "the version"
    run("%%register\nx = 1")
    assert calls == [*BOTH, ("before", ""), ("after", "")]


def test_the_input_history_keeps_what_was_typed(run, shell, calls):
    for typed in ("%%register churn\nx = 1", "%%register churn\nx = 1;"):
        assert run(typed) == "the version"
        assert shell.user_ns["In"][-1] == typed
    assert shell.user_ns["_"] == "the version"


def test_a_wrong_first_line_stops_the_cell_before_it_runs(run, shell, calls):
    with pytest.raises(NotFound):
        run("%%register bad\nx = 1")
    assert "x" not in shell.user_ns


def test_if_the_cell_raises_nothing_is_registered_and_one_traceback_shows_its_lines(run, shell, calls, capsys):
    with pytest.raises(ZeroDivisionError):
        run("%%register churn\nx = 1\ny = x / 0\nz = 2")
    shown = capsys.readouterr().out
    assert calls == [("before", "churn")]
    assert shown.count("Traceback") == 1
    assert "----> 3 y = x / 0" in shown
    assert "nb_mlops" not in shown
    assert "get_ipython" not in shown
    assert "z" not in shell.user_ns


def test_a_bug_in_the_registration_is_shown_with_its_traceback(run, shell, calls, capsys):
    transformer = next(one for one in shell.input_transformers_cleanup if isinstance(one, RegisterCell))
    transformer.end = lambda line, begun: 1 / 0
    with pytest.raises(ZeroDivisionError):
        run("%%register churn\nx = 1")
    shown = capsys.readouterr().out
    assert "division by zero" in shown
    assert "__import__" not in shown


def test_debuggers_read_the_cell_as_it_was_typed(run, shell, calls):
    run("%%register churn\ndef f():\n    return 1")
    name = shell.user_ns["f"].__code__.co_filename
    assert linecache.getlines(name)[:3] == ["# %%register churn\n", "def f():\n", "    return 1\n"]
    assert not any("nb_mlops" in line for line in linecache.getlines(name))
    assert shell.user_ns["f"].__code__.co_firstlineno == 2


@pytest.mark.parametrize(
    "body", ["x = (1,\n", "if True:", "x = '''open", "@decorated", "x = 1 + \\", "def f(:", "  x = 1\n y = 2"]
)
def test_a_syntax_error_is_the_users_own(run, calls, capsys, body):
    with pytest.raises(SyntaxError) as caught:
        run(f"%%register churn\n{body}")
    shown = capsys.readouterr().out
    assert calls == []
    assert "nb_mlops" not in f"{caught.value.text}{shown}"


def test_another_cell_magic_inside_is_refused_in_words(run, shell, calls):
    with pytest.raises(BadInput, match=r"%%time cannot stand inside a %%register cell"):
        run("%%register churn\n%%time\nx = 1")
    assert calls == []
    assert "x" not in shell.user_ns


@pytest.mark.parametrize("outer", ["%%time", "%%capture out"])
def test_inside_another_cell_magic_it_works(run, shell, calls, outer):
    run(f"{outer}\n%%register churn\nx = 1")
    assert calls == BOTH
    assert shell.user_ns["x"] == 1


@pytest.mark.parametrize(
    "cell", ["%%register churn", "%%register churn\n\n", "%%validate churn@3", "%%register churn\n   \n"]
)
def test_an_empty_body_is_told(run, calls, cell):
    with pytest.raises(BadInput, match="empty cell"):
        run(cell)
    assert calls == []


def test_it_must_be_the_first_line(run, shell, calls):
    with pytest.raises(BadInput, match="must be the first line"):
        run("# train\n%%register churn\nx = 1")
    assert "x" not in shell.user_ns


def test_text_that_only_looks_like_it_is_left_alone(run, shell, calls):
    run("x = '''\n%%register churn\n'''")
    assert calls == []


def test_other_tools_reach_it_as_a_cell_magic(shell, calls):
    assert run_as_cell(shell, "churn", "x = 1\nx") == "the version"
    assert calls == BOTH
    assert shell.user_ns["x"] == 1


def test_silent_and_unrecorded_cells_register_too(run, shell, calls):
    run("%%register churn\nx = 1", store_history=False)
    run("%%register churn\nx = 2", silent=True, store_history=False)
    assert calls == BOTH * 2


def test_events_fire_once(run, shell, calls):
    fired: list[str] = []
    for event in ("pre_run_cell", "post_run_cell", "pre_execute", "post_execute"):
        shell.events.register(event, lambda *_, event=event: fired.append(event))
    run("%%register churn\nx = 1")
    assert sorted(fired) == ["post_execute", "post_run_cell", "pre_execute", "pre_run_cell"]


def test_a_terminal_waits_for_the_body(shell, calls):
    assert shell.input_transformer_manager.check_complete("%%register churn")[0] == "incomplete"
