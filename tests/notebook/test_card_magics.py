"""%card shows, %%card writes, %mlops dossier packs: in a real shell."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from nb_mlops.core.errors import BadInput


def test_a_cell_writes_its_sections(notebook: Any) -> None:
    made = notebook("%%card churn@1\n## Limits\nNever tried on {people} under $18.\n## Ethics\nLooked at by age.")
    assert made.missing == ("oversight",)
    assert made.section("limits").written.text == "Never tried on {people} under $18."
    assert notebook("%card churn@1").missing == ("oversight",)


def test_a_cell_is_the_text_of_one_section(notebook: Any) -> None:
    made = notebook("%%card --section oversight\nEve stops it.\n\nShe is there by day.\n")
    assert made.section("oversight").written.text == "Eve stops it.\n\nShe is there by day."
    assert "oversight" in notebook("%%card churn@1 --section oversight\n\n").missing


def test_a_template_is_put_into_a_cell_below(notebook: Any, shell: Any) -> None:
    notebook("%%card churn@1 --section limits\nBad at night.")
    told = notebook("%card churn@1 --template")
    below = shell.rl_next_input
    assert "stands below" in repr(told)
    assert below.startswith("%%card churn@1\n## Intended use")
    assert "Bad at night." in below
    assert notebook(below).notes[0].startswith("nothing changed")


@pytest.mark.parametrize(
    ("cell", "match"),
    [
        ("%%card churn@1\nBad at night.", "no heading"),
        ("%%card churn@1\n## Limts\nx", "no section 'Limts'"),
        ("%%card churn@1 --section limts\nx", "'limts' is not known"),
        ("%card churn@1 --section limits", "shows the whole card"),
        ("%mlops dossier churn@1 a b", "takes fewer words"),
    ],
)
def test_what_is_not_clear_says_how_it_goes(cell: str, match: str, notebook: Any) -> None:
    with pytest.raises(BadInput, match=match):
        notebook(cell)


def test_a_dossier_is_packed_where_it_was_asked_for(notebook: Any, tmp_path: Path) -> None:
    made = notebook(f"%mlops dossier churn@1 {tmp_path / 'd.zip'}")
    assert Path(made.path) == tmp_path / "d.zip"
    assert "lineage/code.py" in dict(made.files)
    assert "<details" in made._repr_mimebundle_()["text/html"]
