"""Writes `docs/reference.md` from the code: verbs, magics, check lines, commands, REST, settings (`make reference`).

A test compares, so the page can't tell anything else than the program does.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import click
from check_lines import check_lines

import nb_mlops
from nb_mlops.cli import main
from nb_mlops.notebook.arguments import Spec
from nb_mlops.notebook.vocabulary import SPECS
from nb_mlops.server.routes import PREFIX, ROUTES, Route

PAGE = Path(__file__).parent / "reference.md"
SOURCES = Path(nb_mlops.__file__).parent

# A setting that the code reads and this table does not tell fails the test.
SETTINGS = {
    "NB_MLOPS_REGISTRY": "the address of the registry, where the call names none",
    "NB_MLOPS_ACTOR": "who acts, where the registry takes the machine's word for it",
    "NB_MLOPS_KEY": "the file of the key that signs checkpoints; made on first use in the user data folder",
    "NB_MLOPS_OUTBOX": "the folder where a finished model waits when the registry could not take it",
    "NB_MLOPS_NOTEBOOK": "the path of the notebook that runs; `nb-mlops run` sets it for the kernel",
    "NB_MLOPS_PARAMETERS": "the parameters of the notebook that runs; `nb-mlops run` sets it for the kernel",
    "NB_MLOPS_UNATTENDED": "nobody is watching: `%rollback` then needs `--from`; `nb-mlops run` sets it for the kernel",
}


def reference() -> str:
    """The page."""
    parts = {
        "In Python": map(verb, nb_mlops.__all__),
        "Forms": (form(name) for name in nb_mlops.widgets.__all__),
        "Magics": map(magic, SPECS.values()),
        "Check lines": check_lines(),
        "Commands": (command(path, found) for path, found in commands(main)),
        "REST": map(address, ROUTES),
        "Settings": (f"- `{name}`: {SETTINGS[name]}" for name in settings()),
    }
    begin = "# Reference\n\nMade from the code by `make reference`; change the code, not this page.\n"
    return "\n".join(
        [begin, *(f"## {title}\n\n" + "\n".join(filter(None, rows)) + "\n" for title, rows in parts.items())]
    )


def verb(name: str) -> str:
    """A Python verb: how it is called, and the first line of its docstring."""
    found = getattr(nb_mlops, name)
    return called(f"nb_mlops.{name}", found) if inspect.isfunction(found) else ""


def form(name: str) -> str:
    """A function that opens a form."""
    return called(f"nb_mlops.widgets.{name}", getattr(nb_mlops.widgets, name))


def called(name: str, found: Callable[..., object]) -> str:
    """How a function is called, and the first line of its docstring."""
    signature = inspect.signature(found)
    bare = [given.replace(annotation=given.empty) for given in signature.parameters.values()]
    shown = signature.replace(parameters=bare, return_annotation=signature.empty)
    return f"### `{name}{shown}`\n\n{(inspect.getdoc(found) or '').partition(chr(10))[0]}\n"


def magic(spec: Spec) -> str:
    """A magic: what `%name?` shows."""
    return f"### `{spec.shown}`\n\n```text\n{spec.help_text()}\n```\n"


def commands(group: click.Group, path: str = "nb-mlops") -> Iterator[tuple[str, click.Command]]:
    """Every command below `group` with its path: `nb-mlops outbox push`."""
    for name, found in sorted(group.commands.items()):
        yield f"{path} {name}", found
        if isinstance(found, click.Group):
            yield from commands(found, f"{path} {name}")


def command(path: str, found: click.Command) -> str:
    """A command: what `--help` shows."""
    names = main.context_settings["help_option_names"]  # else: by who ran the command before
    context = click.Context(found, info_name=path, terminal_width=100, help_option_names=names)
    return f"### `{path}`\n\n```text\n{found.get_help(context)}\n```\n"


def address(route: Route) -> str:
    """A REST address: what it answers, and what may stand after `?`."""
    options = "".join(f"\n  - `{name}`: {text}" for name, text in route.query)
    return f"- `GET /{PREFIX}{route.path}`: {route.summary}{options}"


def settings() -> list[str]:
    """The environment variables of ours that the code reads or sets."""
    texts = (file.read_text(encoding="utf-8") for file in SOURCES.rglob("*.py"))
    return sorted({name for text in texts for name in re.findall(r"[\"'](NB_MLOPS_[A-Z_]+)[\"']", text)})


if __name__ == "__main__":
    PAGE.write_text(reference(), encoding="utf-8")
