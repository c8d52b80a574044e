"""Hints in the words of a notebook and of a terminal."""

from __future__ import annotations

import pytest

from nb_mlops.core.spelling import on_a_shell, spell_with, spelled


@pytest.mark.parametrize(
    ("notebook", "shell"),
    [
        ("See %gate churn@2.", "See nb-mlops gate churn@2."),
        ("%mlops outbox push sends it", "nb-mlops outbox push sends it"),
        ('%mlops finding close churn 7 -m "…"', 'nb-mlops finding close churn 7 -m "…"'),
        ('nb_mlops.note("churn@2", "…")', 'nb-mlops note churn@2 -m "…"'),
        (
            "First: %%validate churn@2 --data X_test,y_test",
            'First: nb-mlops validate churn@2 --data test.parquet --target COLUMN --check "…"',
        ),
        ("%%card churn@2 --section limits", 'nb-mlops card churn@2 --section limits --text "…"'),
        ("%mlops data add q3 X_test,y_test", "nb-mlops data add q3 test.parquet --target COLUMN"),
        ("5% gate stays, %gateway and 100%gate too", "5% gate stays, %gateway and 100%gate too"),
    ],
)
def test_a_hint_has_the_words_of_a_terminal(notebook: str, shell: str) -> None:
    assert on_a_shell(notebook) == shell


def test_a_notebook_keeps_its_words_and_a_terminal_ends_its_own() -> None:
    end = spell_with(on_a_shell)
    assert spelled("%gate churn@1") == "nb-mlops gate churn@1"
    end()
    assert spelled("%gate churn@1") == "%gate churn@1"
