"""The commands that govern: policy, stakes, finding, review, data, retire."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import click

import nb_mlops
from nb_mlops.cli.program import REASON, REF, ListsFirst, answers, main, pairs
from nb_mlops.core.errors import BadInput
from nb_mlops.core.shown import Shown

_FILE = click.argument("file", type=click.Path(), metavar="FILE")
_SAID = click.option("-m", "--text", default="", metavar="TEXT", help="What to say; kept on record.")


@main.group(cls=ListsFirst)
def policy() -> None:
    """What each stakes level asks for: shown, checked, compared, applied."""


@policy.command("show")
@answers
def policy_show() -> Shown:
    """The policy in force, as the TOML file that says it."""
    return nb_mlops.policy()


@policy.command("check")
@_FILE
@answers
def policy_check(file: str) -> Shown:
    """Read a policy's file: what is wrong with it, or all that it says."""
    return nb_mlops.check_policy(file)


@policy.command("diff")
@_FILE
@answers
def policy_diff(file: str) -> Shown:
    """Where FILE asks more or less than the policy in force."""
    return nb_mlops.diff_policy(file)


@policy.command("apply")
@_FILE
@REASON
@answers
def policy_apply(file: str, reason: str) -> Shown:
    """Put FILE in force; what asks for less takes others who apply the same file."""
    return nb_mlops.apply_policy(file, reason=reason)


@main.command()
@click.argument("name")
@click.argument("words", nargs=-1, metavar="[LEVEL] [QUESTION=ANSWER...]")
@click.option("--assess", is_flag=True, help="Ask what a model's stakes are, or take the answers.")
@click.option("--owner", metavar="WHO", help="Who answers for the model.")
@click.option("--purpose", metavar="TEXT", help="What the model is for.")
@answers
def stakes(name: str, words: Sequence[str], assess: bool, owner: str | None, purpose: str | None) -> Shown:
    """Set how much depends on a model: low, medium or high; or let a questionnaire suggest it."""
    if assess and (owner is not None or purpose is not None):
        raise BadInput("--assess takes answers alone.", "Set the owner and the purpose without it.")
    if assess:
        return nb_mlops.assess(name, pairs(words))
    if len(words) > 1:
        raise BadInput(f"{words[1][:40]!r} is not clear.", "One LEVEL: low, medium or high.")
    if not words and owner is None and purpose is None:
        from nb_mlops.actions.look import model

        return model(name)
    return nb_mlops.describe(name, stakes=words[0] if words else None, owner=owner, purpose=purpose)


class _Findings(click.Group):
    """A group that lists where a model is named in place of a command, as the magic does: `nb-mlops finding churn`."""

    def resolve_command(self, ctx: click.Context, args: list[str]) -> Any:
        """The command that is named, or `list` of the ref that is."""
        is_ref = bool(args) and args[0] not in self.commands and not args[0].startswith("-")
        return super().resolve_command(ctx, ["list", *args] if is_ref else args)


@main.group(cls=_Findings)
def finding() -> None:
    """Open questions on versions; a critical one closes the gate."""


@finding.command("list")
@REF
@click.option("--all", "closed", is_flag=True, help="Closed ones, too.")
@answers
def finding_list(ref: str, closed: bool) -> Shown:
    """The findings on a model or a version."""
    return nb_mlops.findings(ref, closed=closed)


@finding.command("open")
@REF
@_SAID
@click.option("--severity", default="major", show_default=True, metavar="LEVEL", help="minor, major or critical.")
@click.option("--owner", metavar="WHO", help="Who has to answer it.")
@click.option("--due", metavar="DAY", help="Until when: 2026-12-31.")
@answers
def finding_open(ref: str, text: str, **options: Any) -> Shown:
    """Put a question on a version's record."""
    return nb_mlops.open_finding(ref, text, **options)


@finding.command("close")
@click.argument("name")
@click.argument("number", type=int)
@_SAID
@answers
def finding_close(name: str, number: int, text: str) -> Shown:
    """Answer a finding."""
    return nb_mlops.close_finding(name, number, text)


@main.command()
@click.argument("name")
@_SAID
def review(name: str, text: str) -> None:
    """Say what you found about an emergency in which somebody else broke the glass."""
    click.echo(f"the emergency at {nb_mlops.review(name, text)} is reviewed")


@main.group(cls=ListsFirst)
def data() -> None:
    """Held-out data that has a name, pinned by its fingerprint."""


@data.command("list")
@answers
def data_list() -> Shown:
    """The named data sets."""
    return nb_mlops.named_data()


@data.command("add")
@click.argument("name")
@click.argument("path", metavar="PATH")
@click.option("--target", required=True, metavar="COLUMN", help="The target column in it.")
@click.option("--ignore", multiple=True, metavar="COLUMN", help="A column to leave out; may be repeated.")
@click.option("--about", default="", metavar="TEXT", help="What it is.")
@answers
def data_add(name: str, path: str, **options: Any) -> Shown:
    """Name the data in PATH (Parquet or CSV); only its fingerprint is kept."""
    return nb_mlops.name_data(name, path, **options)


@main.command()
@REF
@REASON
@click.option("--yes", is_flag=True, help="Also what was used in the last 90 days.")
@answers
def retire(ref: str, reason: str, yes: bool) -> Shown:
    """End a version or a model, after telling who used it lately; its record stays."""
    return nb_mlops.retire(ref, reason=reason, yes=yes)
