"""A whole HTML page round a view: no script, nothing fetched from anywhere, and it says so to the browser."""

from __future__ import annotations

import html

from nb_mlops.core.printable import one_line

# What a browser may do with the page: show it. Styles stand in it, pictures are SVG or in the page itself.
RULES = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'"
_STYLE = "body{max-width:64em;margin:1.5em auto;padding:0 1em;font-family:system-ui,sans-serif}"


def page(title: str, body: str, style: str = _STYLE, *, scheme: str = "light dark") -> str:
    """A page with this title around `body`, which is HTML already and escaped by who made it."""
    head = (
        '<meta charset="utf-8">',
        f'<meta http-equiv="Content-Security-Policy" content="{RULES}">',
        '<meta name="viewport" content="width=device-width,initial-scale=1">',
        '<meta name="referrer" content="no-referrer">',
        f"<title>{html.escape(one_line(title))}</title>",
        f"<style>:root{{color-scheme:{scheme}}}{style}</style>",
    )
    return "\n".join(["<!doctype html>", '<html lang="en"><head>', *head, "</head><body>", body, "</body></html>", ""])
