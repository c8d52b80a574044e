"""What counts as written in a card: words that say something. The template, placeholders and their disguises do not."""

from __future__ import annotations

import time

import pytest

from nb_mlops.core.card_text import HEADINGS, HINTS, SECTIONS, clean, is_filled, section_named, split_sections, template
from nb_mlops.core.errors import BadInput

PLACEHOLDERS = (
    *(
        "",
        "  ",
        "\n\n",
        "n/a",
        "N / A",
        "na",
        "todo",
        "TODO: write this",
        "TODO(ann): later",
        "- TODO\n- TBD\n",
        "tbd.",
    ),
    *("...", "…", "???", "xxx", "xxxxxxx", "---", "***", "aaaaaa", "0", "**TBD**", "_n/a_", "`todo`", "> n/a", "\\"),
    *("# Limits", "## Limits\n\nTBD", "Limits", "Ethical considerations", "None.", "none known", "Not applicable"),
    *("not yet written", "To be defined", "to be done later", "Will be added later.", "Coming soon!", "WIP", "draft"),
    *(
        "Fill this in",
        "please describe here",
        "[insert text here]",
        "<describe the limits>",
        "{{ limits }}",
        "{limits}",
    ),
    *("lorem ipsum dolor sit amet", "test", "asdfasdf", "foo bar baz", "see above", "same as before", "| n/a | tbd |"),
    *("- [ ] todo", "1. n/a\n2. n/a", "TBD; TBD. TODO!", "FIXME - ask the business", "| | |\n|-|-|", "___", "&nbsp;"),
    *("<!-- a comment that says a lot -->", "<!-- one that never ends and says a lot", "entfällt", "k.A.", "待定"),
    *("ｔｏｄｏ", "to\u200bdo", "n\u2060/a", "\u202etodo", "t\u00adbd", "тест"[:2]),  # noqa: RUF001  # disguised on purpose
)
WRITTEN = (
    *("Ranks applications for a call back; never declines one.", "No known limits beyond what was tested."),
    *("Not for people under 18.", "TODO: nothing. But it fails for tiny firms.", "None of the groups differ."),
    *("Example: a customer who left.", "Test data of 2024 only", "用于贷款申请的排序", "- TBD\n- fails on rain"),
    *("n/a for children, and wrong for pensioners", "[the handbook](https://example.org/h)", "Draft letters only"),
)  # fmt: skip


@pytest.mark.parametrize("text", PLACEHOLDERS)
def test_a_placeholder_counts_as_empty(text: str) -> None:
    assert not is_filled(text)


@pytest.mark.parametrize("text", WRITTEN)
def test_a_sentence_counts_as_written(text: str) -> None:
    assert is_filled(text)


@pytest.mark.parametrize("shape", ["{}", "<!-- {} -->", "*{}*", "> {}", "- {}", "{}\n\nTBD"])
@pytest.mark.parametrize("section", SECTIONS)
def test_the_words_of_the_template_are_nobodys_answer(section: str, shape: str) -> None:
    assert not is_filled(shape.format(HINTS[section]))
    assert not is_filled(shape.format(HINTS[section].upper()))


def test_an_untouched_template_fills_nothing() -> None:
    assert not any(is_filled(text) for text in split_sections(template({})).values())


def test_a_template_holds_what_was_written_and_comes_back_the_same() -> None:
    written = {"limits": "Bad at night.\n\n```\n## Ethics\n```", "factors": "Age."}
    assert {name: text for name, text in split_sections(template(written)).items() if text} == written


def test_headings_inside_of_a_section_stay_below_it() -> None:
    found = split_sections("# Limits\n### Night\nBad.\n## Human oversight ##\nAsk Eve.")
    assert found == {"limits": "### Night\nBad.", "oversight": "Ask Eve."}
    assert clean("limits", "# Night\nBad.") == "### Night\nBad."


@pytest.mark.parametrize("section", SECTIONS)
def test_a_section_is_known_by_its_heading_and_by_its_name(section: str) -> None:
    for name in (section, HEADINGS[section], HEADINGS[section].upper(), f" **{section.replace('_', ' ')}** "):
        assert section_named(name) == section


@pytest.mark.parametrize(
    ("text", "match"),
    [
        ("", "no section"),
        ("Bad at night.", "no heading"),
        ("Hello.\n## Limits\nBad.", "no heading"),
        ("## Limts\nBad.", "no section 'Limts'"),
        ("## Limits\na\n## limitations\nb", "twice"),
    ],
)
def test_what_cannot_be_split_says_why(text: str, match: str) -> None:
    with pytest.raises(BadInput, match=match):
        split_sections(text)


LONG = (
    *("# " + " " * 19_990 + "x", "# " * 10_000, "<!--" * 5_000, "[" * 20_000, "{a" * 10_000, "`" * 20_000),
    *("todo" + " " * 19_000 + "x", "fill " + "the a " * 3_300 + "x", " |" * 10_000, "- " * 10_000 + "a", "a. " * 6_000),
)


@pytest.mark.parametrize("text", LONG)
def test_no_text_takes_long_to_judge(text: str) -> None:
    started = time.perf_counter()
    is_filled(text)
    split_sections(f"## Limits\n{text}".replace("\n# ", "\n### "))
    assert time.perf_counter() - started < 1
