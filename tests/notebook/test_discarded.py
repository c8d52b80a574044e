"""A magic's value shows itself where the line that runs drops it, and only there."""

import pytest
from IPython.core.magic import no_var_expand

from nb_mlops.notebook.discarded import is_discarded


@pytest.fixture
def seen(shell) -> list[bool]:
    found: list[bool] = []

    @no_var_expand
    def look(line: str) -> str:
        found.append(is_discarded())
        return "value"

    shell.register_magic_function(look, "line", "look")
    return found


@pytest.mark.parametrize(
    ("cell", "dropped"),
    [
        ("%look", [False]),
        ("x = %look", [False]),
        ("%look\nx = 1", [True]),
        ("%look\n%look", [True, False]),
        ("for i in range(2):\n    %look", [True, True]),
        ("for i in range(2):\n    x = %look", [False, False]),
        ("if True:\n    %look", [True]),
        ("def f():\n    %look\nf()", [True]),
        ("def f():\n    v = %look\n    return v\nf()", [False]),
        ("values = [get_ipython().run_line_magic('look', '') for i in 'ab']", [False, False]),
        ("import asyncio\nawait asyncio.sleep(0)\n%look\nx = 1", [True]),
        ("%time %look\nx = 1", [False]),
    ],
)
def test_only_a_dropped_value_is_shown(run, seen, cell, dropped):
    run(cell)
    assert seen == dropped
