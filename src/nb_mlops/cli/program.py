"""What all commands share: errors end with our exit codes, answers are printed and say yes or no by the exit code."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Sequence
from functools import wraps
from typing import Any

import click

import nb_mlops
from nb_mlops.core.errors import BadInput, NbMlopsError, NotFound, Refused, Unreachable, Unsafe
from nb_mlops.core.printable import printable
from nb_mlops.core.shown import Shown
from nb_mlops.core.spelling import on_a_shell, spell_with

# What an error means for a script; the first that fits counts.
EXIT_CODES: tuple[tuple[type[NbMlopsError], int], ...] = (
    (BadInput, 2),
    (NotFound, 2),
    (Unreachable, 3),
    (Unsafe, 4),
    (Refused, 1),
    (NbMlopsError, 1),
)

REF = click.argument("ref")
TO = click.option("--to", default="production", show_default=True, metavar="ALIAS", help="Which alias.")
REASON = click.option("-m", "--reason", default="", metavar="TEXT", help="Why; kept in the audit.")


def exit_code(error: NbMlopsError) -> int:
    """The exit code of an error of ours."""
    return next(code for kind, code in EXIT_CODES if isinstance(error, kind))


class ListsFirst(click.Group):
    """A group that does its first thing when nothing is said, as the magic does: `nb-mlops outbox` lists."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """The words, or the first command where there are none."""
        return super().parse_args(ctx, args or [next(iter(self.commands))])


class _Group(click.Group):
    """A group whose commands end with our exit codes and two lines instead of a traceback."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except NbMlopsError as error:
            hint = on_a_shell(error.hint)
            click.echo("\n".join(filter(None, (f"{type(error).__name__}: {error.message}", hint))), err=True)
            ctx.exit(exit_code(error))


@click.group(cls=_Group, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(nb_mlops.__version__, prog_name="nb-mlops")
@click.option("--registry", metavar="ADDRESS", help="The registry to use: a folder. Default: NB_MLOPS_REGISTRY, then …")
@click.option("--actor", metavar="NAME", help="Who acts, where the registry takes the machine's word for it.")
def main(registry: str | None, actor: str | None) -> None:
    """Register, validate, promote, monitor and roll back models; the same verbs as in the notebook."""
    click.get_current_context().call_on_close(spell_with(on_a_shell))
    if registry or actor:
        nb_mlops.connect(registry, actor)


def answers(function: Callable[..., Shown | None]) -> Callable[..., None]:
    """Adds `--json` and prints what the command returns; a result that says no ends with exit code 1."""

    @click.option("--json", "as_json", is_flag=True, help="Print the answer as JSON.")
    @wraps(function)
    def command(*args: Any, as_json: bool, **options: Any) -> None:
        answer = function(*args, **options)
        if answer is None:
            return
        click.echo(json.dumps(answer.to_dict(), indent=1, default=str) if as_json else printable(answer.to_text()))
        if answer.says_no:
            sys.exit(1)

    return command


def progress(notebook: str, done: int, cells: int) -> None:
    """One line that grows on a terminal; one line per notebook elsewhere."""
    if sys.stderr.isatty():
        click.echo(f"\r{notebook}: cell {done} of {cells} ", nl=done == cells, err=True)
    elif done == cells:
        click.echo(f"{notebook}: {cells} cells", err=True)


def pairs(given: Sequence[str]) -> dict[str, str]:
    """`KEY=VALUE` texts as a dict; raises BadInput for one that is none."""
    found = dict(text.partition("=")[::2] for text in given)
    wrong = [text for text in given if "=" not in text or text.startswith("=")]
    if wrong:
        raise BadInput(f"{wrong[0][:60]!r} is not KEY=VALUE.", "Like team=risk.")
    return found


def value(text: str) -> Any:
    """A parameter's value: a number, true, false, null or JSON where it reads as one, else text."""
    try:
        return json.loads(text)
    except ValueError:
        return text
