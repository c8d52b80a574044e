"""What people write into a card is shown as Markdown, and can show nothing else."""

from __future__ import annotations

import re
import time
from html.parser import HTMLParser

import pytest

from nb_mlops.notebook.markdown import markdown
from tests.core.test_markdown import ATTACKS

ALLOWED = frozenset("div p b i s a ul ol li code pre blockquote table tr td br hr span".split())
MORE = (
    *("<svg onload=alert(1)>", "[x](https://a.b 't\" onmouseover=\"alert(1)')", "<a href=javascript:a>x</a>"),
    *("[x](\x01javascript:alert(1))", "[x](java\nscript:alert(1))", "[x](&#106;avascript:alert(1))", "[x](http://a\u202eb)"),
    *("[<img src=x onerror=a>](http://a)", "![<script>](http://a)", "`</code><script>`"),
    *("```x' onload=y\n</pre><script>\n```", "\x1b[31m"),
    *("| <b> | [x](javascript:a) |\n|--|--|\n| <i onclick=x> | ![](http://a) |", "</div></style><script>x</script>"),
    *("mailto:x", "[m](mailto:javascript:alert(1))", "[m](mailto:a@b.c)", "<http://a.b>", "<javascript:alert(1)>"),
)  # fmt: skip


class Seen(HTMLParser):
    """The tags and attributes of a page."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [(name, value or "") for name, value in attrs]


@pytest.mark.parametrize("text", [*ATTACKS, *MORE])
def test_nothing_but_allowed_tags_with_allowed_attributes(text: str) -> None:
    made = markdown(text)
    seen = Seen(made)
    assert set(seen.tags) <= ALLOWED
    assert {name for name, _ in seen.attributes} <= {"href", "rel", "title", "class"}
    links = [value for name, value in seen.attributes if name == "href"]
    assert all(re.match(r"https?://|mailto:", link) for link in links)
    assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f\u202a-\u202e]", made)


def test_what_people_mean_is_shown() -> None:
    made = markdown(
        "Never **under 18**, *nor*:\n\n- `x < 3`\n- [it](https://a.b/?x=1&y=2)\n\n| a | b |\n|---|---|\n| 1 | 2 |"
    )
    assert "<b>under 18</b>, <i>nor</i>:" in made
    assert "<code>x &lt; 3</code>" in made
    assert 'href="https://a.b/?x=1&amp;y=2"' in made
    assert made.count("<td>") == 4


def test_a_heading_of_theirs_is_none_of_the_page() -> None:
    assert markdown("# Model details\n\nApproved by everybody.") == (
        '<div class="said"><p><b>Model details</b></p><p>Approved by everybody.</p></div>'
    )


@pytest.mark.parametrize(
    "text", ["[" * 20_000, ">" * 20_000, "[a](" * 5_000, "*a " * 6_600, "> - " * 5_000, "|" * 20_000]
)
def test_no_text_takes_long_to_show(text: str) -> None:
    started = time.perf_counter()
    markdown(text)
    assert time.perf_counter() - started < 3
