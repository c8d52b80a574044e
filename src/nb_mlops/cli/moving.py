"""The commands around an alias: gate, request, approve, reject, pending, promote, rollback."""

from __future__ import annotations

from typing import Any

import click

import nb_mlops
from nb_mlops.cli.program import REASON, REF, TO, answers, main
from nb_mlops.core.shown import Shown


@main.command()
@REF
@TO
@answers
def gate(ref: str, to: str) -> Shown:
    """What the policy asks before REF may be promoted, and what is missing."""
    return nb_mlops.gate(ref, to)


def _vote(verb: str, summary: str) -> None:
    @main.command(verb, help=summary)
    @REF
    @TO
    @click.option("-m", "--comment", default="", metavar="TEXT", help="Why; kept in the audit.")
    @answers
    def command(ref: str, to: str, comment: str) -> Shown:
        answer: Shown = getattr(nb_mlops, verb)(ref, to, comment=comment)
        return answer


_vote("request", "Ask others to approve REF.")
_vote("approve", "Sign a yes on REF: the artifact, its evidence and what the policy asks.")
_vote("reject", "Sign a no on REF, or withdraw your own yes.")


@main.command()
@answers
def pending() -> Shown:
    """What waits for you: approvals, reviews, notes that are due, findings, wishes of others."""
    return nb_mlops.pending()


@main.command()
@REF
@TO
@REASON
@click.option("--break-glass", metavar="TICKET", help="Pass a closed gate in an emergency: once, on record, reviewed.")
@answers
def promote(ref: str, to: str, reason: str, break_glass: str | None) -> Shown:
    """Move an alias forward to REF, through the gate of its stakes."""
    return nb_mlops.promote(ref, to, reason=reason, break_glass=break_glass)


@main.command()
@click.argument("name")
@click.option("--alias", default="production", show_default=True, metavar="ALIAS", help="Which alias.")
@click.option("--from", "expect", metavar="REF", help="What the alias points to now; required where nobody watches.")
@click.option("--to", metavar="REF", help="Where to; default: the version before that was not rolled back.")
@REASON
@answers
def rollback(name: str, **options: Any) -> Shown:
    """Move an alias back to a version it has pointed to before."""
    return nb_mlops.rollback(name, **options)
