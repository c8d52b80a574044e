"""A version as a card: what it is, what was reported, what it was made from, what to know."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from nb_mlops.core.errors import NbMlopsError
from nb_mlops.core.version import short
from nb_mlops.notebook.html import Html, alerts, badge, cut, facts, heading, join, line, muted, table, tag, view
from nb_mlops.notebook.views.words import size_text, time_text

if TYPE_CHECKING:
    from nb_mlops.core.lineage import Lineage
    from nb_mlops.core.rehearsal import Rehearsal
    from nb_mlops.core.version import Version

_MOST = 12  # metrics, parameters, tags or columns named


def version_card(version: Version) -> Html:
    """The card; a part that cannot be read now is left out, the row's own facts always show."""
    return view(
        heading(version.ref, *_badges(version)),
        alerts(version.alerts),
        facts(_facts(version)),
        join(line(muted("· "), cut(note, 400)) for note in version.notes[:20]),
        label=f"version {version.ref}",
    )


def rehearsal(shown: Rehearsal) -> Html:
    """What a registration would store, and where."""
    rows = [[name, size_text(size)] for name, size in list(shown.stored.items())[:30]]
    head = "is there already, unchanged" if shown.unchanged else "would be made"
    return view(
        heading(f"{shown.ref} {head}", badge("dry run: nothing was stored")),
        facts(
            [
                ("model", join([shown.estimator, muted(f"  {shown.format}, {size_text(shown.size_bytes)}")])),
                ("reported", pairs(shown.metrics)),
                ("trained on", _named(list(shown.columns))),
                ("parameters", pairs(shown.params)),
                ("tags", pairs(shown.tags)),
                ("code", f"{shown.cells} cells"),
                ("would go to", shown.registry),
            ]
        ),
        table(["would be stored", "size"], rows, numeric=(1,)),
        join(line(muted("· "), cut(note, 400)) for note in shown.notes[:20]),
        label=f"dry run of {shown.ref}",
    )


def _badges(version: Version) -> Iterator[Html]:
    if version.unchanged:
        yield badge("unchanged: it was registered before")
    for alias in version.aliases:
        yield badge(alias, "good")
    yield badge(f"{version.stakes} stakes")
    if version.state != "live":
        yield badge(version.state, "warn")


def _facts(version: Version) -> Iterator[tuple[str, object]]:
    record = _record(version)
    yield "model", _model(version, record)
    yield "reported", pairs(version.metrics)
    yield "trained on", _columns(record.get("signature"))
    yield "answers", _answers(record.get("signature"))
    yield "parameters", pairs(version.params)
    yield "tags", pairs(version.tags)
    yield "made by", _origin(version)
    yield "parent", version.parent
    yield "registered", f"{time_text(version.created_at)} by {version.actor}"
    yield "kept in", join([version.registry, " ", muted(tag("code", version.digest[:12]))])


def _model(version: Version, record: Mapping[str, Any]) -> Html:
    name, fitted = record.get("estimator") or version.format, record.get("fitted")
    of = f" of {fitted}" if fitted and fitted != name else ""
    return join([f"{name}{of}", muted(f"  {version.format}, {size_text(version.size_bytes)}")])


def pairs(values: Mapping[str, Any]) -> Html | None:
    """`name value` pairs on one line, the first dozen."""
    if not values:
        return None
    shown = [join([muted(cut(key, 40)), " ", short(value)]) for key, value in list(values.items())[:_MOST]]
    more = [muted(f"and {len(values) - _MOST} more")] if len(values) > _MOST else []
    return join([*shown, *more], " · ")


def _columns(signature: object) -> Html | None:
    columns = signature.get("columns") if isinstance(signature, Mapping) else None
    if not isinstance(columns, list) or not columns:
        return None
    return _named([column.get("name", "?") if isinstance(column, Mapping) else column for column in columns])


def _answers(signature: object) -> str | None:
    from nb_mlops.core.signature import Output
    from nb_mlops.notebook.views.signature import answers

    if not isinstance(signature, Mapping) or "output" not in signature:
        return None
    try:
        output = Output.from_dict(signature["output"])
    except NbMlopsError:  # of a later release: the rest of the card still shows
        return None
    return None if output.kind == "unknown" else answers(output)


def _named(columns: list[object]) -> Html | None:
    if not columns:
        return None
    names = [cut(column, 30) for column in columns]
    more = f", and {len(names) - _MOST} more" if len(names) > _MOST else ""
    return join([f"{len(names)} columns", muted(f"  {', '.join(names[:_MOST])}{more}")])


def _origin(version: Version) -> Html | None:
    try:
        lineage = version.lineage
    except (NbMlopsError, KeyError, ValueError):  # an unreadable record: %mlops doctor is the place to say so
        return None
    said = [part for part in (_notebook(lineage), _cells(lineage), _git(lineage)) if part]
    return join(said, ", ") if said else None


def _notebook(lineage: Lineage) -> str | None:
    return cut(lineage.notebook.path.rpartition("/")[2], 60) if lineage.notebook and lineage.notebook.path else None


def _cells(lineage: Lineage) -> str | None:
    if lineage.cell is None:
        return None
    earlier = len(lineage.slice.cells) - 1 if lineage.slice else 0
    return lineage.cell.name + (f" and {earlier} earlier cell{'s' if earlier > 1 else ''}" if earlier > 0 else "")


def _git(lineage: Lineage) -> str | None:
    if lineage.git is None or not lineage.git.commit:
        return None
    return f"commit {lineage.git.commit[:8]}" + (" with uncommitted changes" if lineage.git.dirty else "")


def _record(version: Version) -> Mapping[str, Any]:
    try:
        return version.record
    except (NbMlopsError, ValueError):  # the blob is gone or damaged: `verify` says so, a card still shows its row
        return {}
