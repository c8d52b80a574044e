"""Face 4: `nb-mlops …` for terminals and CI. Every command parses, calls one action, and prints its answer.

Exit codes: 0 done · 1 a gate, check or drift said no · 2 usage · 3 no registry can be reached · 4 damaged or untrusted.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable, Iterable, Sequence
from functools import wraps
from typing import Any

import click

import nb_mlops
from nb_mlops.core.errors import BadInput, NbMlopsError, NotFound, Refused, Unreachable, Unsafe
from nb_mlops.core.printable import printable
from nb_mlops.core.shown import Shown

# What an error means for a script; the first that fits counts.
EXIT_CODES: tuple[tuple[type[NbMlopsError], int], ...] = (
    (BadInput, 2),
    (NotFound, 2),
    (Unreachable, 3),
    (Unsafe, 4),
    (Refused, 1),
    (NbMlopsError, 1),
)


def exit_code(error: NbMlopsError) -> int:
    """The exit code of an error of ours."""
    return next(code for kind, code in EXIT_CODES if isinstance(error, kind))


class _Group(click.Group):
    """A group whose commands end with our exit codes and two lines instead of a traceback."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except NbMlopsError as error:
            hint = _as_commands(error.hint, self.commands)
            click.echo("\n".join(filter(None, (f"{type(error).__name__}: {error.message}", hint))), err=True)
            ctx.exit(exit_code(error))


def _as_commands(hint: str, names: Iterable[str]) -> str:
    """The hint with each magic that is a command too in the words of a terminal.

    >>> _as_commands("See %gate churn@1, then %mlops outbox.", ["gate", "outbox"])
    'See nb-mlops gate churn@1, then nb-mlops outbox.'
    """
    known = "|".join(map(re.escape, names))
    return re.sub(rf"(?<![\w%])%%?(?:mlops )?({known})(?![\w-])", r"nb-mlops \1", hint)


@click.group(cls=_Group, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(nb_mlops.__version__, prog_name="nb-mlops")
@click.option("--registry", metavar="ADDRESS", help="The registry to use: a folder. Default: NB_MLOPS_REGISTRY, then …")
@click.option("--actor", metavar="NAME", help="Who acts, where the registry takes the machine's word for it.")
def main(registry: str | None, actor: str | None) -> None:
    """Register, validate, promote, monitor and roll back models; the same verbs as in the notebook."""
    if registry or actor:
        nb_mlops.connect(registry, actor)


def _answers(function: Callable[..., Shown | None]) -> Callable[..., None]:
    """Adds `--json` and prints what the command returns; a result that says no ends with exit code 1."""

    @click.option("--json", "as_json", is_flag=True, help="Print the answer as JSON.")
    @wraps(function)
    def command(*args: Any, as_json: bool, **options: Any) -> None:
        answer = function(*args, **options)
        if answer is None:
            return
        click.echo(json.dumps(answer.to_dict(), indent=1, default=str) if as_json else printable(answer.to_text()))
        if _says_no(answer):
            sys.exit(1)

    return command


def _says_no(answer: Shown) -> bool:
    """Whether an answer is a no: a closed gate, a failed validation, a drift alarm, damage."""
    verdicts = [getattr(answer, name, None) for name in ("allowed", "passed", "whole", "healthy")]
    return False in verdicts or getattr(answer, "alarm", False) is True


_REF = click.argument("ref")
_TO = click.option("--to", default="production", show_default=True, metavar="ALIAS", help="Which alias.")
_REASON = click.option("-m", "--reason", default="", metavar="TEXT", help="Why; kept in the audit.")


@main.command()
@_answers
def status() -> Shown:
    """Which registry, who you are, and how far its governance can be trusted."""
    return nb_mlops.status()


@main.command()
@click.argument("text", required=False)
@_answers
def models(text: str | None) -> Shown:
    """The models, or those whose name contains TEXT."""
    return nb_mlops.models(text)


@main.command()
@click.argument("name")
@click.option("--where", metavar="EXPR", help="Like \"metrics.roc_auc >= 0.8 and tags.team == 'risk'\".")
@click.option("--sort", metavar="METRIC", help="A metric; -METRIC for the largest first.")
@click.option("--top", type=int, metavar="N", help="How many.")
@_answers
def versions(name: str, where: str | None, sort: str | None, top: int | None) -> Shown:
    """The versions of a model, newest first."""
    return nb_mlops.versions(name, where=where, sort=sort, top=top)


@main.command()
@click.argument("name")
@click.argument("file", type=click.Path(exists=True, dir_okay=False))
@click.option("--trust", is_flag=True, help="Unpickle FILE (joblib): it runs whatever code is in it.")
@click.option("--data", metavar="PATH", help="The training data, Parquet or CSV.")
@click.option("--target", metavar="COLUMN", help="The target column in it.")
@click.option("--stakes", metavar="LEVEL", help="low, medium or high.")
@click.option("--owner", metavar="WHO", help="Who answers for the model.")
@click.option("--purpose", metavar="TEXT", help="What the model is for.")
@click.option("--tag", "tags", multiple=True, metavar="KEY=VALUE", help="A tag; may be repeated.")
@_answers
def register(name: str, file: str, trust: bool, tags: Sequence[str], **options: Any) -> Shown:
    """Register the model in FILE: .onnx as it is, .joblib with --trust."""
    from nb_mlops.actions.model_file import read_model

    if options["data"]:
        from nb_mlops.profiling import read_table

        options["data"] = read_table(options["data"])
    return nb_mlops.register(read_model(file, trust=trust), name, tags=_pairs(tags), **options)


@main.command()
@_REF
@click.option("--data", required=True, metavar="PATH", help="The held-out data, Parquet or CSV.")
@click.option("--target", required=True, metavar="COLUMN", help="The target column in it.")
@click.option("--ignore", multiple=True, metavar="COLUMN", help="A column to leave out; may be repeated.")
@click.option("--check", "checks", multiple=True, metavar="LINE", help="A check line; may be repeated.")
@click.option("--checks", "file", type=click.File(), help="A file of check lines.")
@click.option("--positive", metavar="LABEL", help="The positive class.")
@click.option("--on", metavar="NAME", help="What the data set is called.")
@click.option("--draft", is_flag=True, help="Record nothing.")
@click.option("--trust", is_flag=True, help="Run the code that the version brings.")
@_answers
def validate(ref: str, checks: Sequence[str], file: Any, **options: Any) -> Shown:
    """Run checks on held-out data and record the outcome as evidence."""
    lines = [*checks, *(file.read().splitlines() if file else [])]
    return nb_mlops.validate(ref, lines, **options)


@main.command()
@_REF
@_TO
@_answers
def gate(ref: str, to: str) -> Shown:
    """What the policy asks before REF may be promoted, and what is missing."""
    return nb_mlops.gate(ref, to)


def _vote(verb: str, summary: str) -> None:
    @main.command(verb, help=summary)
    @_REF
    @_TO
    @click.option("-m", "--comment", default="", metavar="TEXT", help="Why; kept in the audit.")
    @_answers
    def command(ref: str, to: str, comment: str) -> Shown:
        answer: Shown = getattr(nb_mlops, verb)(ref, to, comment=comment)
        return answer


_vote("request", "Ask others to approve REF.")
_vote("approve", "Sign a yes on REF: the artifact, its evidence and what the policy asks.")
_vote("reject", "Sign a no on REF, or withdraw your own yes.")


@main.command()
@_answers
def pending() -> Shown:
    """What waits for your approval."""
    return nb_mlops.pending()


@main.command()
@_REF
@_TO
@_REASON
@_answers
def promote(ref: str, to: str, reason: str) -> Shown:
    """Move an alias forward to REF, through the gate of its stakes."""
    return nb_mlops.promote(ref, to, reason=reason)


@main.command()
@click.argument("name")
@click.option("--alias", default="production", show_default=True, metavar="ALIAS", help="Which alias.")
@click.option("--from", "expect", metavar="REF", help="What the alias points to now; required where nobody watches.")
@click.option("--to", metavar="REF", help="Where to; default: the version before that was not rolled back.")
@_REASON
@_answers
def rollback(name: str, **options: Any) -> Shown:
    """Move an alias back to a version it has pointed to before."""
    return nb_mlops.rollback(name, **options)


@main.command()
@_REF
@click.argument("table", metavar="PATH")
@click.option("--time", metavar="COLUMN", help="A time column to cut windows by.")
@click.option("--every", metavar="SPAN", help="How long a window is: 7d, 1mo.")
@click.option("--by", metavar="COLUMN", help="A column to cut segments by.")
@click.option("--record", is_flag=True, help="Make it a look that counts; otherwise looking is free.")
@_answers
def drift(ref: str, table: str, **options: Any) -> Shown:
    """Compare a table with the training data of REF; exit code 1 on an alarm."""
    return nb_mlops.drift(ref, table, **options)


@main.command()
@click.argument("refs", nargs=-1, required=True)
@_answers
def compare(refs: Sequence[str]) -> Shown:
    """What differs between versions: metrics, parameters, data, environment, code."""
    return nb_mlops.compare(*refs)


@main.command()
@_REF
@_answers
def lineage(ref: str) -> Shown:
    """What produced a version."""
    return nb_mlops.lineage(ref)


@main.command()
@_REF
@_answers
def audit(ref: str) -> Shown:
    """The history of a model or a version, as a story."""
    return nb_mlops.audit(ref)


@main.command()
@_REF
@_answers
def card(ref: str) -> Shown:
    """The model card of a version."""
    return nb_mlops.card(ref)


@main.command()
@_REF
@click.option("--trust", is_flag=True, help="Run the code that the version brings.")
@_answers
def doctor(ref: str, trust: bool) -> Shown:
    """Whether a version still gives the answers it gave at registration."""
    return nb_mlops.doctor(ref, trust=trust)


@main.command()
@_answers
def verify() -> Shown:
    """Replay all histories, compare them with what queries read, and re-hash every stored file."""
    return nb_mlops.verify()


@main.command()
@click.option("--grace-hours", type=float, default=24.0, show_default=True, help="What is younger stays.")
@click.option("--dry-run", is_flag=True, help="Only say what there is.")
@_answers
def gc(grace_hours: float, dry_run: bool) -> Shown:
    """Remove what registrations that were cut off left behind; nothing that a version names."""
    from nb_mlops.actions.gc import gc as sweep

    return sweep(grace_hours=grace_hours, dry_run=dry_run)


@main.command()
@click.argument("name")
@click.argument("level", metavar="LEVEL")
@click.option("--owner", metavar="WHO", help="Who answers for the model.")
@click.option("--purpose", metavar="TEXT", help="What the model is for.")
@_answers
def stakes(name: str, level: str, owner: str | None, purpose: str | None) -> Shown:
    """Set how much depends on a model: low, medium or high."""
    return nb_mlops.describe(name, stakes=level, owner=owner, purpose=purpose)


@main.command()
@_REF
@click.argument("tags", nargs=-1, required=True, metavar="KEY=VALUE...")
@_answers
def tag(ref: str, tags: Sequence[str]) -> Shown:
    """Tag a version; KEY= takes a tag away."""
    return nb_mlops.tag(ref, {key: value or None for key, value in _pairs(tags).items()})


@main.command()
@_REF
@click.option("-m", "--text", required=True, metavar="TEXT", help="The note.")
@_answers
def note(ref: str, text: str) -> Shown:
    """Put a note on a version's record."""
    return nb_mlops.note(ref, text)


@main.command()
@_REF
@_REASON
@_answers
def discard(ref: str, reason: str) -> Shown:
    """Take back your own version that nobody used."""
    return nb_mlops.discard(ref, reason=reason)


@main.group()
def alias() -> None:
    """The aliases that versions can have."""


@alias.command("add")
@click.argument("name")
def alias_add(name: str) -> None:
    """Add an alias for all models."""
    from nb_mlops.actions.describe import add_alias

    click.echo(", ".join(add_alias(name)))


@main.group()
def outbox() -> None:
    """Registrations that their registry could not take."""


@outbox.command("list")
@_answers
def outbox_list() -> Shown:
    """What waits."""
    from nb_mlops.actions.outbox import waiting

    return waiting()


@outbox.command("push")
@click.argument("parcel", required=False)
def outbox_push(parcel: str | None) -> None:
    """Send what waits, oldest first."""
    from nb_mlops.actions.outbox import push

    sent = push(parcel)
    for version in sent:
        click.echo(f"registered: {version.ref}")
    if not sent:
        click.echo("the outbox is empty")


@outbox.command("drop")
@click.argument("parcel")
def outbox_drop(parcel: str) -> None:
    """Throw one parcel away."""
    from nb_mlops.actions.outbox import drop

    click.echo(f"dropped: {drop(parcel).to_text()}")


@main.command()
@click.argument("notebook", type=click.Path())
@click.option(
    "-p", "--parameter", "parameters", type=(str, str), multiple=True, metavar="NAME VALUE", help="A parameter."
)
@click.option("-o", "--output", type=click.Path(), metavar="PATH", help="Where the executed notebook goes.")
@_answers
def run(notebook: str, parameters: Sequence[tuple[str, str]], output: str | None) -> Shown:
    """Run a notebook unattended; exit code 1 with its reason when a gate or check stops it."""
    from nb_mlops.actions.run import execute

    given = {name: _value(text) for name, text in parameters}
    return execute(notebook, given, output=output, progress=_progress)


@main.command()
@click.argument("folder", type=click.Path(), default=".")
@click.option(
    "-o", "--output", type=click.Path(), default="executed", show_default=True, help="Where executed notebooks go."
)
@_answers
def ci(folder: str, output: str) -> Shown:
    """Run every notebook of a folder unattended, in the order of their names."""
    from nb_mlops.actions.run import ci as run_folder

    found = run_folder(folder, output=output, progress=_progress)
    for one in found:
        if not one.passed:
            click.echo(printable(one.to_text()), err=True)
    return found


@main.command()
@click.option(
    "-o", "--output", type=click.Path(), default="demo-output", show_default=True, help="Where everything goes."
)
@_answers
def demo(output: str) -> Shown:
    """Run the example notebooks on a fresh registry: from training to drift and back."""
    from nb_mlops.actions.demo import demo as run_demo

    return run_demo(output, progress=_progress)


def _progress(notebook: str, done: int, cells: int) -> None:
    """One line that grows on a terminal; one line per notebook elsewhere."""
    if sys.stderr.isatty():
        click.echo(f"\r{notebook}: cell {done} of {cells} ", nl=done == cells, err=True)
    elif done == cells:
        click.echo(f"{notebook}: {cells} cells", err=True)


def _pairs(given: Sequence[str]) -> dict[str, str]:
    pairs = dict(text.partition("=")[::2] for text in given)
    wrong = [text for text in given if "=" not in text or text.startswith("=")]
    if wrong:
        raise BadInput(f"{wrong[0][:60]!r} is not KEY=VALUE.", "Like team=risk.")
    return pairs


def _value(text: str) -> Any:
    """A parameter's value: a number, true, false, null or JSON where it reads as one, else text."""
    try:
        return json.loads(text)
    except ValueError:
        return text


if __name__ == "__main__":
    main()
