"""The commands that keep house: doctor, verify, checkpoint, gc, tag, note, discard, alias, outbox, trust-project."""

from __future__ import annotations

from collections.abc import Sequence

import click

import nb_mlops
from nb_mlops.cli.program import REASON, REF, ListsFirst, answers, main, pairs
from nb_mlops.core.shown import Shown


@main.command()
@REF
@click.option("--trust", is_flag=True, help="Run the code that the version brings.")
@answers
def doctor(ref: str, trust: bool) -> Shown:
    """Whether a version still gives the answers it gave at registration."""
    return nb_mlops.doctor(ref, trust=trust)


@main.command()
@click.option("--checkpoint", multiple=True, metavar="PLACE", help="A checkpoint, or a folder of them; repeatable.")
@click.option("--key", metavar="KEY", help="The public key that must have signed it: 64 hex digits or a .pub file.")
@answers
def verify(checkpoint: Sequence[str], key: str | None) -> Shown:
    """Replay all histories, compare them with what queries read, and re-hash every stored file."""
    return nb_mlops.verify(checkpoint=checkpoint, key=key)


@main.command()
@click.option("--to", metavar="PLACE", help="A folder, a .json file, s3://…; default: the registry's own folder.")
@answers
def checkpoint(to: str | None) -> Shown:
    """Sign all heads of the registry; with the signed file any later rewriting of what is there now shows."""
    return nb_mlops.checkpoint(to)


@main.command()
@click.option("--grace-hours", type=float, default=24.0, show_default=True, help="What is younger stays.")
@click.option("--retired", is_flag=True, help="Also the bytes of versions that ended and are no longer kept.")
@click.option("--dry-run", is_flag=True, help="Only say what there is.")
@answers
def gc(grace_hours: float, retired: bool, dry_run: bool) -> Shown:
    """Remove what registrations that were cut off left behind; of what a version names only what is no longer kept."""
    from nb_mlops.actions.gc import gc as sweep

    return sweep(grace_hours=grace_hours, retired=retired, dry_run=dry_run)


@main.command()
@REF
@click.argument("tags", nargs=-1, required=True, metavar="KEY=VALUE...")
@answers
def tag(ref: str, tags: Sequence[str]) -> Shown:
    """Tag a version; KEY= takes a tag away."""
    return nb_mlops.tag(ref, {key: value or None for key, value in pairs(tags).items()})


@main.command()
@REF
@click.option("-m", "--text", required=True, metavar="TEXT", help="The note.")
@answers
def note(ref: str, text: str) -> Shown:
    """Put a note on a version's record."""
    return nb_mlops.note(ref, text)


@main.command()
@REF
@REASON
@answers
def discard(ref: str, reason: str) -> Shown:
    """Take back your own version that nobody used."""
    return nb_mlops.discard(ref, reason=reason)


@main.group(cls=ListsFirst)
def alias() -> None:
    """The aliases that versions can have."""


@alias.command("list")
def alias_list() -> None:
    """The aliases there are."""
    from nb_mlops.actions.connect import current
    from nb_mlops.actions.find import known_aliases

    click.echo(", ".join(known_aliases(current(None))))


@alias.command("add")
@click.argument("name")
def alias_add(name: str) -> None:
    """Add an alias for all models."""
    from nb_mlops.actions.describe import add_alias

    click.echo(", ".join(add_alias(name)))


@main.group(cls=ListsFirst)
def outbox() -> None:
    """Registrations that their registry could not take."""


@outbox.command("list")
@answers
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


@main.command("trust-project")
@click.argument("folder", type=click.Path(), required=False)
@answers
def trust_project(folder: str | None) -> Shown:
    """Let nb_mlops.toml of this project choose the registry from now on."""
    from nb_mlops.actions.project import trust_project as trust

    trust(*([folder] if folder else []))
    return nb_mlops.status()
