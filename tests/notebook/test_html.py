"""Building blocks: whatever is not Html is escaped, and nothing stands by colour alone."""

import re

import pytest

from nb_mlops.notebook import html

HOSTILE = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "</style><script>1</script>",
    "</td></table>",
    "javascript:alert(1)",
    "${7*7} {{7*7}} $x^2$",
]


@pytest.mark.parametrize("said", HOSTILE)
def test_what_was_typed_is_escaped_in_every_block(said):
    shown = html.view(
        html.heading(said, html.badge(said, "bad")),
        html.facts([(said, said)]),
        html.table([said], [[said, said]]),
        html.notes([said]),
        html.code(said),
        html.fold(said, said),
        html.line(said),
        label=said,
    )
    assert said not in shown or not set(said) & set("<>\"'&")
    assert "<script" not in shown
    assert "<img" not in shown
    assert shown.count("</style>") == 1
    assert shown.count("<table") == shown.count("</table>") == 2


@pytest.mark.parametrize("said", [*HOSTILE, "--><script>1</script>", "--!><b>", "> <b>", "-", "a--b---c", "a\n-->\nb"])
def test_the_first_line_is_a_comment_that_nothing_ends_early(said):
    first, _, rest = html.view(label=said).partition("\n")
    assert first.startswith("<!-- ")
    assert first.endswith(" -->")
    assert not re.search("--|[<>]", first[4:-3])
    assert rest.startswith('<div class="nbm ')


def test_a_collapsed_output_shows_what_it_is():
    assert html.view(label="version churn@1").startswith("<!-- version churn@1 -->\n")


def test_characters_that_hide_or_turn_text_are_shown_as_escapes():
    shown = html.text("a\u202eb\x1b[31m\u200b\x00c")
    assert shown == "a\\u202eb\\x1b[31m\\u200b\\x00c"


def test_letters_of_every_language_stay():
    assert html.text("Größe 模型 נתונים \u00a0x") == "Größe 模型 נתונים \u00a0x"


def test_a_tone_has_a_mark_and_a_word():
    assert "✗ closed" in html.badge("closed", "bad")
    assert 'aria-label="failed"' in html.mark("bad", "failed")


def test_a_long_table_and_a_long_text_are_cut_with_a_word_about_it():
    assert "and 800 more" in html.table(["a"], [[number] for number in range(1000)])
    assert "characters more" in html.code("x" * 10_000)
    assert len(html.cut("x" * 200)) == 80


def test_the_style_reaches_nothing_outside_its_view():
    style = re.search(r"<style>(.*?)</style>", html.view(label="x"), re.DOTALL)[1]
    selectors = [part.strip() for rule in re.findall(r"([^{}]+)\{", style) for part in rule.split(",")]
    assert selectors
    assert all(selector.startswith(".nbm") for selector in selectors)
