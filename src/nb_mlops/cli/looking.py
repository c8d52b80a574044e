"""The commands that look: status, models, versions, compare, lineage, audit, card, dossier."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, TextIO

import click

import nb_mlops
from nb_mlops.cli.program import REF, answers, main
from nb_mlops.core.errors import BadInput
from nb_mlops.core.page import page
from nb_mlops.core.printable import one_line, printable
from nb_mlops.core.shown import Shown

if TYPE_CHECKING:
    from nb_mlops.core.card import Card

_LONGEST = 500_000  # characters of a file with sections


@main.command()
@answers
def status() -> Shown:
    """Which registry, who you are, and how far its governance can be trusted."""
    return nb_mlops.status()


@main.command()
@click.argument("text", required=False)
@answers
def models(text: str | None) -> Shown:
    """The models, or those whose name contains TEXT."""
    return nb_mlops.models(text)


@main.command()
@click.argument("name")
@click.option("--where", metavar="EXPR", help="Like \"metrics.roc_auc >= 0.8 and tags.team == 'risk'\".")
@click.option("--sort", metavar="METRIC", help="A metric; -METRIC for the largest first.")
@click.option("--top", type=int, metavar="N", help="How many.")
@answers
def versions(name: str, where: str | None, sort: str | None, top: int | None) -> Shown:
    """The versions of a model, newest first."""
    return nb_mlops.versions(name, where=where, sort=sort, top=top)


@main.command()
@click.argument("refs", nargs=-1, required=True)
@answers
def compare(refs: Sequence[str]) -> Shown:
    """What differs between versions: metrics, parameters, data, environment, code."""
    return nb_mlops.compare(*refs)


@main.command()
@REF
@answers
def lineage(ref: str) -> Shown:
    """What produced a version."""
    return nb_mlops.lineage(ref)


@main.command()
@REF
@click.option("--since", metavar="DAY", help="Only from this day or moment on (UTC).")
@click.option("--until", metavar="DAY", help="Only up to this day or moment (UTC).")
@click.option("--who", metavar="NAME", help="Only by people whose name holds this.")
@click.option("--kind", multiple=True, metavar="KIND", help="Only events of this kind: a,b; may be repeated.")
@click.option("--as-of", metavar="DAY", help="What stood behind an alias at the end of this day (UTC), and why.")
@click.option("--export", metavar="PATH", help="Also write it to a .csv, .json or .html file.")
@answers
def audit(ref: str, as_of: str | None, export: str | None, **asked: Any) -> Shown:
    """The history of a model or a version, as a story; `registry` is the registry's own."""
    if as_of:
        from nb_mlops.actions.as_of import refuse_beside

        refuse_beside({**asked, "export": export})
        return nb_mlops.as_of(ref, as_of)
    told = nb_mlops.audit(ref, **asked)
    if export:
        told.export(export)
    return told


@main.command()
@REF
@click.option(
    "--edit", type=click.File(encoding="utf-8"), metavar="FILE", help="Write the sections of a Markdown file."
)
@click.option("--section", metavar="NAME", help="Write one section …")
@click.option("--text", metavar="TEXT", help="… with this text; an empty one takes it away.")
@click.option("--markdown", "shape", flag_value="markdown", help="Print it as Markdown.")
@click.option("--html", "shape", flag_value="html", help="Print it as a page.")
@click.option("--template", "shape", flag_value="template", help="Print a file to fill in for --edit.")
@answers
def card(ref: str, edit: TextIO | None, section: str | None, text: str | None, shape: str | None) -> Shown | None:
    """The model card of a version, or what people write into it."""
    if (section is None) != (text is None) or (section is not None and edit is not None):
        raise BadInput("What to write is not clear.", 'Give --edit FILE, or --section limits --text "…"')
    wanted = _read(edit) if edit is not None else {section: text or ""} if section else None
    made = nb_mlops.card(ref) if wanted is None else nb_mlops.edit_card(ref, wanted)
    if shape is None:
        return made
    click.echo(_shaped(ref, made, shape), nl=False)
    return None


@main.command()
@REF
@click.option("--to", type=click.Path(), metavar="FILE", help="A file or a folder; left out: the working folder.")
@answers
def dossier(ref: str, to: str | None) -> Shown:
    """All that stands on record about a version, as one zip that is the same bytes each time."""
    return nb_mlops.dossier(ref, to)


def _read(file: TextIO) -> str:
    try:
        return file.read(_LONGEST)
    except UnicodeDecodeError:
        raise BadInput(f"{one_line(file.name)} is not text in UTF-8.", "Save it as UTF-8.") from None


def _shaped(ref: str, made: Card, shape: str) -> str:
    if shape == "markdown":
        return made.to_markdown()
    if shape == "template":
        from nb_mlops.actions.card import card_template

        return printable(card_template(ref))
    return page(f"model card of {made.ref}", made.to_html())
