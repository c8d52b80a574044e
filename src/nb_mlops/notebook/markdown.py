"""A person's Markdown as HTML: mistune reads it, an allow-list of ours writes it, so no markup of theirs gets through.

mistune only makes a tree. Each node of it is written by `tag`, which escapes; HTML that stood in the text is shown as
text, pictures as their description (they would tell somebody who looks), and a link is one only to a web or mail
address.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any

from nb_mlops.notebook.html import Html, code, join, muted, tag, text

Node = Mapping[str, Any]

_ADDRESS = re.compile(r"(?:https?://[^\s\x00-\x20]+|mailto:[^\s\x00-\x20]+@[^\s\x00-\x20]+)", re.IGNORECASE)
_DEEPEST = 40  # nested lists and quotations; mistune has limits of its own


def markdown(source: str) -> Html:
    """The text as HTML of ours."""
    return tag("div", _nodes(_reader()(source), 0), class_="said")


@cache
def _reader() -> Callable[[str], Any]:
    import mistune

    return mistune.create_markdown(renderer=None, plugins=["table", "strikethrough"])


def _nodes(nodes: Sequence[Node], depth: int) -> Html:
    return join(_node(node, depth) for node in nodes)


def _node(node: Node, depth: int) -> Html:
    kind = str(node.get("type"))
    if kind in _PLAIN:
        return _PLAIN[kind](node)
    inner = _nodes(node["children"], depth + 1) if node.get("children") and depth < _DEEPEST else text(_raw(node))
    if kind == "heading":
        return tag("p", tag("b", inner))  # a heading of theirs must not look like a section of ours
    if kind == "link":
        return _link(node, inner)
    if kind == "image":
        return muted("[picture: ", inner, "]")
    if kind == "list":
        return tag("ol" if node["attrs"].get("ordered") else "ul", inner)
    name = _TAGS.get(kind)
    return tag(name, inner) if name else inner


def _link(node: Node, inner: Html) -> Html:
    address = str(node["attrs"].get("url", "")).strip()
    if not _ADDRESS.fullmatch(address):
        return join([inner, muted(" (", address, ")")]) if address and address != inner else inner
    return tag("a", inner, href=address, rel="noopener noreferrer nofollow", title=address)


def _raw(node: Node) -> str:
    return str(node.get("raw") or node.get("text") or "")


_TAGS = {
    "paragraph": "p",
    "block_quote": "blockquote",
    "list_item": "li",
    "strong": "b",
    "emphasis": "i",
    "strikethrough": "s",
    "table": "table",
    "table_head": "tr",
    "table_row": "tr",
    "table_cell": "td",
}
_PLAIN: dict[str, Callable[[Node], Html]] = {
    "text": lambda node: text(_raw(node)),
    "codespan": lambda node: tag("code", _raw(node)),
    "block_code": lambda node: code(_raw(node), most=20_000),
    "block_html": lambda node: tag("p", _raw(node)),
    "inline_html": lambda node: text(_raw(node)),
    "linebreak": lambda node: Html("<br>"),
    "softbreak": lambda node: Html("\n"),
    "blank_line": lambda node: Html(""),
    "thematic_break": lambda node: Html("<hr>"),
}
