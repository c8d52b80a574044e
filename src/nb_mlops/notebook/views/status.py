"""Where we are, what `doctor` and `verify` found, and help: names and what they are."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from nb_mlops.notebook.html import Html, badge, cut, facts, heading, join, line, muted, notes, table, tag, view

if TYPE_CHECKING:
    from nb_mlops.core.checkpoint import Checkpoint
    from nb_mlops.core.diagnosis import Diagnosis
    from nb_mlops.core.status import Status
    from nb_mlops.core.verification import Verification
    from nb_mlops.notebook.about import Help


def status(now: Status) -> Html:
    """The registry, the person, and how far governance can be trusted."""
    waiting = join([f"{now.parcels} waiting; ", tag("code", "%mlops outbox push"), " sends them"])
    watching = "cells and fits of this notebook" if now.watching else "nothing: %load_ext nb_mlops starts it"
    rows = [
        ("registry", join([now.registry, muted(f"  chosen by {now.chosen_by}")])),
        ("you are", join([now.actor, muted(f"  by {now.actor_source}")])),
        ("governance", now.governance),
        ("models", f"{now.models:,}"),
        ("outbox", waiting if now.parcels else "empty"),
        ("registered last", now.last or "nothing in this session"),
        ("watching", watching),
    ]
    return view(heading("nb_mlops"), facts(rows), notes(now.hints), label="status of nb_mlops")


def diagnosis(found: Diagnosis) -> Html:
    """Whether a version still answers as it did."""
    if found.differences is None:
        verdict, told = badge("loads"), "No example rows were kept, so its answers cannot be compared."
    elif found.healthy:
        verdict, told = badge("healthy", "good"), "It loads and gives the answers it gave when it was registered."
    else:
        verdict, told = badge("answers differently", "bad"), found.advice
    return view(
        heading(found.ref, verdict),
        line(told),
        tag("ul", *(tag("li", cut(one, 300)) for one in (found.differences or ())[:20])) if found.differences else None,
        _packages(found.packages),
        label=f"health of {found.ref}",
    )


def verification(found: Verification) -> Html:
    """What replaying the histories gave."""
    verdict = badge("everything agrees", "good") if found.whole else badge("not whole", "bad")
    counted = f"{found.events:,} events in {found.histories:,} histories, {found.rows:,} rows"
    rows = [[one.where, one.problem] for one in found.findings]
    listed = table(["where", "problem"], rows) if rows else None
    proven = tag("ul", *(tag("li", proof.to_text()) for proof in found.proofs if proof.holds))
    return view(
        heading("verification", verdict),
        line(muted(counted)),
        listed,
        proven if any(proof.holds for proof in found.proofs) else None,
        notes(found.notes),
        line(muted(found.limit)),
        label="verification",
    )


def checkpoint(made: Checkpoint) -> Html:
    """A checkpoint: where it is, what it holds, and whose key signed it."""
    rows = [
        ("written to", made.place),
        ("holds", made.holding),
        ("time", f"{made.time:%Y-%m-%d %H:%M} UTC"),
        ("public key", tag("code", made.key)),
    ]
    return view(heading("checkpoint", badge("signed", "good")), facts(rows), notes(made.notes), label="checkpoint")


def help_(found: Help) -> Html:
    """A list of names and what they do."""
    title, _, more = found.title.partition("\n")
    rows = [[tag("code", name), does] for name, does in found.rows]
    return view(
        heading(title), line(more) if more else None, table(["", ""], rows, named=False) if rows else None, label=title
    )


def _packages(packages: Mapping[str, tuple[str, str]]) -> Html | None:
    rows = [[name, was, now] for name, (was, now) in packages.items()]
    return table(["package", "was", "is"], rows) if rows else None
