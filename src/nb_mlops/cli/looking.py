"""The commands that look: status, models, versions, compare, lineage, audit, card."""

from __future__ import annotations

from collections.abc import Sequence

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
@answers
def audit(ref: str) -> Shown:
    """The history of a model or a version, as a story."""
    return nb_mlops.audit(ref)


@main.command()
@REF
@answers
def card(ref: str) -> Shown:
    """The model card of a version."""
    return nb_mlops.card(ref)
