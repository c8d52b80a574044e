"""What is written into Markdown stays what it was, whatever renders it: a fact is text, a person's text a quotation."""

from __future__ import annotations

from typing import Any

import mistune
import pytest

from nb_mlops.core.markdown import plain, quoted, table

ATTACKS = (
    *("<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "<b", "</style>", "&lt;script&gt;", "<!-- x", "<?x"),
    *("[x](javascript:alert(1))", "[x](JaVaScRiPt:alert(1))", "[x]( javascript:a(1))", "[x](<javascript:alert(1)>)"),
    *("[x](java&#x73;cript:alert(1))", "[x](javascript\\:alert(1))", "[x](data:text/html,x)", "[x](vbscript:x)"),
    *("[x][r]\n\n[r]: javascript:alert(1)", "[r]\n\n[r]:\njavascript:alert(1)", "<javascript:alert(1)>", "[x](//evil)"),
    *("![x](http://evil/track.png)", "\\![x](http://evil/track.png)", "\\\\![x](http://evil/x.png)", "!\\[x](http://evil)"),
    *("[![x](http://evil/a.png)](http://b)", "[a[b](http://c)", "\\[x](javascript:a)", "\\\\[x](javascript:a)"),
    *("`[x](javascript:a)", "```\n<script>\n", "    <script>", "a\n\n<div onclick=x>", "> > <script>", "- <script>"),
    *("[x](http://a\" onclick=x)", "[x](http://a 'onclick=x')", "[`](http://a)<img src=x>", "|a|\n|-|\n|<script>|"),
)  # fmt: skip


def rendered(text: str) -> list[dict[str, Any]]:
    """Every node of what a renderer that lets HTML through makes of it."""
    waiting = list(mistune.create_markdown(renderer=None, plugins=["table"])(text))
    found = []
    while waiting:
        node = waiting.pop()
        found.append(node)
        waiting += node.get("children", [])
    return found


@pytest.mark.parametrize("text", ATTACKS)
def test_a_quotation_opens_no_markup_and_no_picture_and_no_link_but_to_the_web(text: str) -> None:
    nodes = rendered(f"# ours\n\n{quoted(text)}\n\nours again\n")
    assert not {"block_html", "inline_html", "image"} & {node["type"] for node in nodes}
    links = [node["attrs"]["url"] for node in nodes if node["type"] == "link"]
    assert all(link.startswith(("http://", "https://", "mailto:")) for link in links)


@pytest.mark.parametrize(
    "text", ["# Model details", "\n\nours?", "```\nours?", "a\r\n# b\rc", "---\n# x", "> a\n\n# b"]
)
def test_a_quotation_cannot_end_itself(text: str) -> None:
    assert all(line.startswith(">") for line in quoted(text).split("\n"))
    top = mistune.create_markdown(renderer=None)(f"{quoted(text)}\n\nours\n")
    assert [node["type"] for node in top if node["type"] != "blank_line"] == ["block_quote", "paragraph"]


def test_a_link_to_the_web_stays_one() -> None:
    assert quoted("see [it](https://a.b/?x=1&y=2)") == "> see [it](https://a.b/?x=1&amp;y=2)"


@pytest.mark.parametrize(
    "text", [*ATTACKS, "a | b", "$x^2$ {{7*7}} {% x %}", "*a* _b_ `c` ~~d~~", "\x1b[31m\u202e\u200b"]
)
def test_a_fact_is_shown_as_it_is_on_one_line(text: str) -> None:
    made = plain(text)
    nodes = rendered(f"- x: {made}\n")
    assert {node["type"] for node in nodes} <= {"list", "list_item", "block_text", "text", "blank_line", "softbreak"}
    assert made.isprintable()
    assert not set("{}$|<>") & set(made)


def test_a_cell_of_a_table_cannot_make_another() -> None:
    rows = table(("a", "b"), [("x | y", "<b>\nz")])
    assert [line.count("|") for line in rows] == [3, 3, 3]


def test_braces_and_dollars_of_a_quotation_mean_nothing_to_templates_and_formulas() -> None:
    assert not {"{", "}"} & set(quoted("{{7*7}} {% raw %} ${x}"))
    assert quoted("costs $5 and $6") == "> costs \\$5 and \\$6"
