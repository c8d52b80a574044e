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

_WHERE = "The registry to use: a folder. Left out: NB_MLOPS_REGISTRY, a trusted project's, your user data."
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


# The commands of the help, by what they are for: each room of life is a file.
_ROOMS = {
    "making": "Make and measure",
    "moving": "Move an alias",
    "governing": "Govern",
    "looking": "Look",
    "keeping": "Keep house",
}


class _Usage(click.UsageError):
    """What was typed is no command of ours: two lines, as all errors have."""

    def show(self, file: Any = None) -> None:
        """Says what is wrong, and what the command takes."""
        takes = self.ctx.get_usage() if self.ctx else "Usage: nb-mlops COMMAND"
        click.echo(f"BadInput: {printable(self.format_message())}\n{' '.join(takes.split())} (-h tells more)", err=True)


class _Group(click.Group):
    """A group whose commands end with our exit codes and two lines instead of a traceback."""

    def make_context(self, *args: Any, **more: Any) -> click.Context:
        """The context of the whole line."""
        try:
            return super().make_context(*args, **more)
        except click.UsageError as error:
            raise _two_lines(error) from None

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The commands, under what they are for."""
        for room, title in _ROOMS.items():
            rows = [(name, one) for name, one in self.commands.items() if _room(one) == room]
            with formatter.section(title):
                formatter.write_dl([(name, (one.help or "").partition("\n")[0]) for name, one in rows])

    def invoke(self, ctx: click.Context) -> Any:
        """Runs the command; an error of ours ends it with its exit code."""
        try:
            return super().invoke(ctx)
        except click.UsageError as error:
            raise _two_lines(error) from None
        except NbMlopsError as error:
            hint = on_a_shell(error.hint)
            click.echo("\n".join(filter(None, (f"{type(error).__name__}: {error.message}", hint))), err=True)
            ctx.exit(exit_code(error))


def _two_lines(error: click.UsageError) -> click.UsageError:
    """The error as we show it; a group that was given no command shows its help."""
    return error if isinstance(error, click.exceptions.NoArgsIsHelpError) else _Usage(error.format_message(), error.ctx)


def _room(command: click.Command) -> str:
    """The file that holds a command."""
    return str(getattr(command.callback, "__module__", "")).rpartition(".")[2]


@click.group(cls=_Group, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(nb_mlops.__version__, prog_name="nb-mlops")
@click.option("--registry", metavar="ADDRESS", help=_WHERE)
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
