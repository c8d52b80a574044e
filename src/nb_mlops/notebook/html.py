"""The building blocks of every view: what is not `Html` is escaped, so a view cannot forget to.

A view is one `<div class="nbm">` with one small stylesheet scoped to it. It inherits the page's text colour and draws
lines in half-transparent grey, so it reads on white, on black, in JupyterLab, VS Code, nbconvert's pages and mail. The
three tones are mixed with the text colour (darker on white, lighter on black); `prefers-color-scheme` would be wrong on
nbconvert's pages, which stay white on a dark desktop. No tone stands alone: each has a mark or a word.
Without its stylesheet (GitHub, an untrusted notebook) a view is still headings, tables and text in order.
"""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Iterable, Sequence
from typing import Literal

Tone = Literal["good", "bad", "warn", "plain"]

MARKS: dict[Tone, str] = {"good": "✓", "bad": "✗", "warn": "!", "plain": "–"}
MOST_ROWS = 200  # a table in a cell; the value itself holds all rows

# `.nbm ` is tripled when shown: JupyterLab's own rules for tables have two classes and would win (right-aligned text).
_STYLE = """
.nbm{color:var(--jp-ui-font-color1,var(--vscode-foreground,inherit));font:13px/1.45 var(--jp-ui-font-family,\
var(--vscode-font-family,system-ui,sans-serif));max-width:72em;margin:.3em 0;\
--line:rgba(128,128,128,.32);--soft:rgba(128,128,128,.1)}
.nbm h4{font-size:15px;font-weight:600;line-height:1.5;margin:0;letter-spacing:0}
.nbm p{margin:.15em 0}.nbm .m{opacity:.68}.nbm .say{max-width:60em}
.nbm table{border-collapse:collapse;margin:.45em 0;font-size:13px;border:0;table-layout:auto}
.nbm th,.nbm td,.nbm tr{text-align:left;vertical-align:baseline;padding:.18em 1.1em .18em 0;border:0;background:none;\
white-space:normal;max-width:44em;overflow-wrap:break-word}
.nbm td table{margin:0}.nbm td .b:first-child{margin-left:0}
.nbm th{font-weight:600;white-space:nowrap;overflow-wrap:normal}
.nbm thead th{border-bottom:1px solid var(--line);font-weight:500;opacity:.8}
.nbm tbody tr+tr>*{border-top:1px solid var(--soft)}
.nbm table.facts tr+tr>*{border-top:0}.nbm table.facts th{font-weight:400;opacity:.68;padding-right:1.4em}
.nbm .card,.nbm .card .facts{width:100%}.nbm .card th{white-space:normal;overflow-wrap:break-word}
.nbm .card>tbody>tr>th{width:9em}.nbm .card>tbody>tr>td{max-width:none}.nbm .card .facts{table-layout:fixed}
.nbm .card .facts th{width:14em;white-space:normal}.nbm .card .facts td{overflow-wrap:anywhere}
.nbm .said{border-left:3px solid var(--line);padding-left:.8em;margin:.3em 0}
.nbm .said td{border:1px solid var(--line);padding:.1em .5em}
.nbm blockquote{margin:.3em 0 .3em 1em;opacity:.85}.nbm ol{margin:.3em 0;padding-left:1.6em}
.nbm .n{text-align:right;font-variant-numeric:tabular-nums}.nbm .n,.nbm .w{white-space:nowrap}
.nbm .b{display:inline-block;border:1px solid var(--line);border-radius:3px;padding:0 .45em;margin-left:.25em;\
font-size:12px;font-weight:400;line-height:1.5}
.nbm .good{color:#1e8a4c;color:color-mix(in srgb,currentColor 25%,#1e8a4c)}
.nbm .bad{color:#d2433b;color:color-mix(in srgb,currentColor 25%,#d2433b)}
.nbm .warn{color:#9a6b00;color:color-mix(in srgb,currentColor 25%,#9a6b00)}
.nbm .b.good,.nbm .b.bad,.nbm .b.warn{border-color:currentColor}
.nbm code,.nbm pre{font:12px/1.45 var(--jp-code-font-family,var(--vscode-editor-font-family,ui-monospace,monospace));\
background:none;color:inherit;padding:0}
.nbm pre{margin:.3em 0;padding:.4em .7em;background:var(--soft);overflow-x:auto;white-space:pre}
.nbm ul{margin:.3em 0;padding-left:1.2em}.nbm li{margin:.1em 0}
.nbm details{margin:.3em 0}.nbm summary{cursor:pointer;opacity:.8}
.nbm svg{max-width:100%;height:auto;display:block;margin:.4em 0}
"""


# What people typed is no formula: `$…$` would be set as one, and a formula can hold a link that runs code.
_ROOT = "nbm tex2jax_ignore mathjax_ignore"


class Html(str):
    """Markup that is safe to show as it is: only the functions of this file make it."""

    __slots__ = ()


def text(value: object) -> Html:
    """`value` escaped; control and direction-changing characters are shown as escapes, so that none can hide."""
    shown = "".join(_visible(character) for character in str(value))
    return Html(html.escape(shown, quote=True))


def tag(name: str, *children: object, **attributes: str) -> Html:
    """An element; children that are no `Html` are escaped, None is left out; `class_` is written `class`."""
    attrs = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{text(value)}"' for key, value in attributes.items() if value != ""
    )
    return Html(f"<{name}{attrs}>{join(children)}</{name}>")


def join(children: Iterable[object], between: str = "") -> Html:
    """Children one after the other; what is no `Html` is escaped, None left out."""
    parts = [child if isinstance(child, Html) else text(child) for child in children if child is not None]
    return Html(text(between).join(parts)) if between else Html("".join(parts))


def view(*children: object, label: str) -> Html:
    """A whole output: the stylesheet and what it styles, under a name for screen readers.

    The name comes first, as a comment: JupyterLab shows the first line of an output that was collapsed.
    """
    style = Html(f"<style>{_STYLE.strip().replace('.nbm ', '.nbm.nbm.nbm ')}</style>")
    return join([_comment(label), tag("div", style, *children, class_=_ROOT, role="region", aria_label=label)])


def sheet(rules: str) -> Html:
    """Rules of style that this project wrote, for what stands outside a view: the fields of a form."""
    return Html(f"<style>{rules.strip()}</style>")


def heading(title: object, *badges: object) -> Html:
    """The line at the top. (Blanks between: where styles are taken away, words must not run together.)"""
    return tag("h4", join([title, *(badge for badge in badges if badge is not None)], " "))


def badge(label: object, tone: Tone = "plain") -> Html:
    """A word in a box; a tone other than plain adds its mark."""
    return tag("span", label if tone == "plain" else f"{MARKS[tone]} {label}", class_=f"b {tone}".replace(" plain", ""))


def muted(*children: object) -> Html:
    """Text that steps back."""
    return tag("span", *children, class_="m")


def whole(*children: object) -> Html:
    """Text that is not broken over lines: a time, an address, a digest."""
    return tag("span", *children, class_="w")


def line(*children: object, tone: Tone = "plain") -> Html:
    """A paragraph."""
    return tag("p", *children, class_="say" if tone == "plain" else f"say {tone}")


def mark(tone: Tone, label: str) -> Html:
    """✓, ✗, ! or –, with its meaning for those who cannot see it."""
    return tag("span", MARKS[tone], class_="" if tone == "plain" else tone, role="img", aria_label=label)


def facts(pairs: Iterable[tuple[str, object]]) -> Html:
    """Names and values, one a line; pairs without a value are left out."""
    given = [(name, value) for name, value in pairs if value not in ("", None)]
    rows = [tag("tr", tag("th", name, scope="row"), tag("td", value)) for name, value in given]
    return tag("table", tag("tbody", *rows), class_="facts") if rows else Html("")


def table(
    head: Sequence[object],
    rows: Iterable[Sequence[object]],
    *,
    numeric: Iterable[int] = (),
    named: bool = True,
    most: int = MOST_ROWS,
) -> Html:
    """A table; `numeric` columns stand right, the first column names its row unless `named` is False."""
    right = set(numeric)
    rows = list(rows)
    body = [_row(row, right, named) for row in rows[:most]]
    titles = [tag("th", cell, scope="col", class_=_side(at, right)) for at, cell in enumerate(head)]
    top = tag("thead", tag("tr", *titles))
    more = muted(f"and {len(rows) - most:,} more") if len(rows) > most else None
    return join([tag("table", top if any(head) else None, tag("tbody", *body)), more])


def fold(summary: object, *children: object, is_open: bool = False) -> Html:
    """What opens (or closes) on a click."""
    return tag("details", tag("summary", summary), *children, open="open" if is_open else "")


def notes(lines: Iterable[object]) -> Html:
    """Things to know, each with a `!`; the first twenty."""
    known = list(lines)
    shown = [line(mark("warn", "note"), " ", note if isinstance(note, Html) else cut(note, 400)) for note in known[:20]]
    return join([*shown, line(muted(f"and {len(known) - 20} more")) if len(known) > 20 else None])


def alerts(lines: Iterable[object]) -> Html:
    """What must not be overlooked, each in red with a `✗`."""
    return join(line(mark("bad", "alert"), " ", cut(one, 300), tone="bad") for one in lines)


def code(source: str, *, most: int = 4_000) -> Html:
    """Source text as it was typed, cut at `most` characters with a word about it."""
    cut = source if len(source) <= most else f"{source[:most]}\n… {len(source) - most:,} characters more"
    shown = "".join(c if c in "\n\t" else _visible(c) for c in cut)
    return tag("pre", Html(html.escape(shown)))


def cut(value: object, most: int = 80) -> str:
    """Text of at most `most` characters."""
    shown = str(value)
    return shown if len(shown) <= most else shown[: most - 1] + "…"


def _comment(said: str) -> Html:
    """A line that no page shows; `>` is escaped and no two hyphens meet, so what was said cannot end it."""
    one = text(cut(" ".join(said.split())))
    return Html(f"<!-- {re.sub('-(?=-)', '- ', one)} -->\n")


def _row(row: Sequence[object], right: set[int], named: bool) -> Html:
    first = [tag("th", row[0], scope="row", class_=_side(0, right))] if named and row else []
    rest = [tag("td", row[at], class_=_side(at, right)) for at in range(len(first), len(row))]
    return tag("tr", *first, *rest)


def _side(at: int, right: set[int]) -> str:
    return "n" if at in right else ""


def _visible(character: str) -> str:
    if character.isprintable() or character == "\n":
        return character
    # Cc, Cf (direction marks, zero width), Cs, Co, Cn, separators other than the blank
    return character if unicodedata.category(character) == "Zs" else ascii(character)[1:-1]
