"""Annex IV: every point has its place or says that it has none, and the page tells what the code tells."""

from __future__ import annotations

from pathlib import Path

import pytest

from nb_mlops.core.annex_iv import CLAIM, POINTS, Point
from nb_mlops.core.card_text import HEADINGS, HINTS, SECTIONS

PAGE = (Path(__file__).parents[2] / "docs" / "model_card.md").read_text(encoding="utf-8")
LETTERS = {"1": "abcdefgh", "2": "abcdefgh"}


def test_every_point_of_the_annex_is_there_once_and_in_order() -> None:
    asked = [f"{one}({letter})" for one in "12" for letter in LETTERS[one]] + list("3456789")
    assert [point.number for point in POINTS] == asked


@pytest.mark.parametrize("point", POINTS, ids=lambda point: point.number)
def test_the_page_tells_of_each_point(point: Point) -> None:
    assert f"| {point.number} | {point.asks} | {point.by} | {point.where} |" in PAGE
    assert (point.by == "not covered here") == (not point.where) == (not point.section)


@pytest.mark.parametrize("section", SECTIONS)
def test_the_page_tells_what_a_person_writes(section: str) -> None:
    assert f"| `{section}` | {HEADINGS[section]} | {HINTS[section]} |" in PAGE


def test_nothing_claims_compliance() -> None:
    assert CLAIM in PAGE
