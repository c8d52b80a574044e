"""The commands that look: status, models, versions, compare, lineage, audit, card."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import click

import nb_mlops
from nb_mlops.cli.program import REF, answers, main
from nb_mlops.core.shown import Shown


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
@click.option("--kind", multiple=True, metavar="KIND", help="Only events of this kind; may be repeated.")
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
@answers
def card(ref: str) -> Shown:
    """The model card of a version."""
    return nb_mlops.card(ref)
