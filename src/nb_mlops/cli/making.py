"""The commands that make and measure: register, validate, drift, run, ci, demo."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import click

import nb_mlops
from nb_mlops.cli.program import REF, answers, main, pairs, progress, value
from nb_mlops.core.printable import printable
from nb_mlops.core.shown import Shown


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
@answers
def register(name: str, file: str, trust: bool, tags: Sequence[str], **options: Any) -> Shown:
    """Register the model in FILE: .onnx as it is, .joblib with --trust."""
    from nb_mlops.actions.model_file import read_model

    if options["data"]:
        from nb_mlops.profiling import read_table

        options["data"] = read_table(options["data"])
    return nb_mlops.register(read_model(file, trust=trust), name, tags=pairs(tags), **options)


@main.command()
@REF
@click.option("--data", required=True, metavar="PATH", help="The held-out data, Parquet or CSV.")
@click.option("--target", required=True, metavar="COLUMN", help="The target column in it.")
@click.option("--ignore", multiple=True, metavar="COLUMN", help="A column to leave out; may be repeated.")
@click.option("--check", "checks", multiple=True, metavar="LINE", help="A check line; may be repeated.")
@click.option("--checks", "file", type=click.File(), help="A file of check lines.")
@click.option("--positive", metavar="LABEL", help="The positive class.")
@click.option("--on", metavar="NAME", help="What the data set is called.")
@click.option("--draft", is_flag=True, help="Record nothing.")
@click.option("--no-importance", "importance", is_flag=True, flag_value=False, default=True, help="Shuffle no columns.")
@click.option("--trust", is_flag=True, help="Run the code that the version brings.")
@answers
def validate(ref: str, checks: Sequence[str], file: Any, **options: Any) -> Shown:
    """Run checks on held-out data and record the outcome as evidence."""
    lines = [*checks, *(file.read().splitlines() if file else [])]
    return nb_mlops.validate(ref, lines, **options)


@main.command()
@REF
@click.argument("table", metavar="PATH")
@click.option("--time", metavar="COLUMN", help="A time column to cut windows by.")
@click.option("--every", metavar="SPAN", help="How long a window is: 7d, 1mo.")
@click.option("--by", metavar="COLUMN", help="A column to cut segments by.")
@click.option("--record", is_flag=True, help="Make it a look that counts; otherwise looking is free.")
@answers
def drift(ref: str, table: str, **options: Any) -> Shown:
    """Compare a table with the training data of REF; exit code 1 on an alarm."""
    return nb_mlops.drift(ref, table, **options)


@main.command()
@click.argument("notebook", type=click.Path())
@click.option(
    "-p", "--parameter", "parameters", type=(str, str), multiple=True, metavar="NAME VALUE", help="A parameter."
)
@click.option("-o", "--output", type=click.Path(), metavar="PATH", help="Where the executed notebook goes.")
@answers
def run(notebook: str, parameters: Sequence[tuple[str, str]], output: str | None) -> Shown:
    """Run a notebook unattended; exit code 1 with its reason when a gate or check stops it."""
    given = {name: value(text) for name, text in parameters}
    return nb_mlops.run(notebook, given, output=output, must_pass=False, progress=progress)


@main.command()
@click.argument("folder", type=click.Path(), default=".")
@click.option(
    "-o", "--output", type=click.Path(), default="executed", show_default=True, help="Where executed notebooks go."
)
@answers
def ci(folder: str, output: str) -> Shown:
    """Run every notebook of a folder unattended, in the order of their names."""
    from nb_mlops.actions.run import ci as run_folder

    found = run_folder(folder, output=output, progress=progress)
    for one in found:
        if not one.passed:
            click.echo(printable(one.to_text()), err=True)
    return found


@main.command()
@click.option(
    "-o", "--output", type=click.Path(), default="demo-output", show_default=True, help="Where everything goes."
)
@answers
def demo(output: str) -> Shown:
    """Run the example notebooks on a fresh registry: from training to drift and back."""
    from nb_mlops.actions.demo import demo as run_demo

    return run_demo(output, progress=progress)
