"""The files of a dossier: each part by its name in the zip, then the page, the index and the sums over all of them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any

from nb_mlops.actions.dossier_record import DossierRecord
from nb_mlops.core import markdown
from nb_mlops.core.dossier import INDEX, PAGE, SUMS, DossierPage, sums
from nb_mlops.core.event import stamp
from nb_mlops.core.page import page
from nb_mlops.core.printable import printable
from nb_mlops.core.rows import Row

Files = dict[str, bytes]

HOW_TO_CHECK = """\
Each event of the model's history stands in `history/events.json` as the bytes that were hashed. Three facts
make a chain:

1. `hash` is the SHA-256 of `bytes` (UTF-8, nothing before or after it);
2. `previous`, which also stands in the bytes as `prev`, is the `hash` of the event before (64 zeros before the first);
3. the last `hash` is the head that this dossier names.

With standard tools, from the folder of the dossier:

    sha256sum -c SHA256SUMS
    jq -r '.events[] | .hash' history/events.json > stated
    jq -c '.events[]' history/events.json | while read -r e; do
      printf %s "$(jq -r .bytes <<< "$e")" | sha256sum | cut -d" " -f1; done > computed
    diff stated computed && echo "every hash is the hash of its bytes"
    jq -r '.events | .[1:][] | .previous' history/events.json > links
    head -n -1 stated | diff - links && echo "every event names the one before it"

A chain shows that nothing in it was changed alone. That it was not rewritten whole is shown by a checkpoint: a signed
list of heads that left the registry's machine earlier: where `history/checkpoint.json` is here, the head that it holds
for this model (`history` in the bytes of each event) must be the hash of that event; `nb-mlops verify --checkpoint`
checks its signature, `events.json` names its key. A checkpoint that was kept elsewhere proves more than this copy.

Names and texts are not in the chain (it holds salted digests), so that they can be erased; they are given here as the
registry has them.
"""


def files_of(record: DossierRecord) -> Files:
    """Every file of the dossier."""
    parts = {**_card(record), **_evidence(record), **_lineage(record), **_decisions(record), **_rest(record)}
    files = {name: data for name, (data, _) in parts.items()}
    about = [(name, what) for name, (_, what) in sorted(parts.items())]
    about += [(INDEX, "this list"), (PAGE, "all of it on one page that prints well"), (SUMS, "what sha256sum -c reads")]
    shown = _page(record, tuple(about))
    files[PAGE] = shown.to_html().encode()
    files[INDEX] = _index(record, about).encode()
    files[SUMS] = sums(files)
    return files


Parts = dict[str, tuple[bytes, str]]  # name -> (bytes, what it is)


def _card(record: DossierRecord) -> Parts:
    made = record.card
    return {
        "card/card.html": (page(f"model card of {made.ref}", made.to_html()).encode(), "the model card as a page"),
        "card/card.md": (made.to_markdown().encode(), "the model card as Markdown"),
        "card/card.json": (_json(made.to_dict()), "the model card for programs"),
    }


def _evidence(record: DossierRecord) -> Parts:
    parts: Parts = {}
    for one in record.evidence:
        name = f"evidence/{one.sequence:06}-{'passed' if one.report.passed else 'failed'}"
        at = stamp(one.report.measured_at) if one.report.measured_at else None
        whole = {"event": one.sequence, "by": one.by, "at": at, "recorded": one.event}
        parts[f"{name}.json"] = (_json(whole), f"the validation of event {one.sequence}, as recorded")
        parts[f"{name}.txt"] = (_text(f"{one.report.to_text()}\nby {one.by}, {at}"), "the same, to read")
    return parts


def _lineage(record: DossierRecord) -> Parts:
    version = record.known.version
    lineage = version.lineage
    parts: Parts = {
        "lineage/lineage.json": (_json(lineage.to_dict()), "what produced the version, as captured"),
        "lineage/lineage.txt": (_text(lineage.to_text()), "the same, to read"),
        "lineage/version.json": (_json(_version(record)), "the version: digests, parameters, reported metrics, tags"),
    }
    if lineage.slice is not None:
        parts["lineage/code.py"] = (_text(lineage.slice.source), "the cells it came from, secrets masked")
    if lineage.environment is not None:
        parts["lineage/requirements.txt"] = (_text(lineage.environment.lock), "the packages it was made with")
    if record.notebook is not None:
        name, data = record.notebook
        parts[f"notebook/{name}"] = (data, "the notebook, secrets masked; outputs may hold rows of data")
    return parts


def _decisions(record: DossierRecord) -> Parts:
    known = record.known
    whole = {
        "gates": [gate.to_dict() for gate in record.gates],
        "approvals": [_row(record, row) for row in known.votes],
        "moves": [_row(record, row) for row in known.moves],
        "emergencies": [_row(record, row) for row in known.glasses],
        "findings": [_row(record, row) for row in known.findings],
        "drift": [_row(record, row) for row in known.windows],
        "uses": [_row(record, row) for row in known.uses],
    }
    gates = "\n\n".join(gate.to_text() for gate in record.gates)
    return {
        "decisions/decisions.json": (_json(whole), "approvals, moves, emergencies, findings, drift, uses"),
        "decisions/gates.txt": (_text(gates), "what the policy asks, and what there was at the last event"),
    }


def _rest(record: DossierRecord) -> Parts:
    parts: Parts = {
        "history/history.txt": (_text(record.history.to_text()), "the history of the model, a line per event"),
        "history/events.json": (_json(record.proof.to_dict()), "each event as its hashed bytes, with the links"),
        "history/CHECK.md": (HOW_TO_CHECK.encode(), "how to check the links with standard tools"),
    }
    if record.checkpoint is not None:
        parts["history/checkpoint.json"] = (
            record.checkpoint,
            "the newest signed list of heads, this model's among them",
        )
    for place, (digest, when, text) in enumerate(record.policies):
        name = "policy/policy.toml" if not place else f"policy/policy-{digest[:12]}.toml"
        parts[name] = (_text(text), f"the policy {when}")
    return parts


def _page(record: DossierRecord, files: tuple[tuple[str, str], ...]) -> DossierPage:
    return DossierPage(
        card=record.card,
        evidence=record.evidence,
        gates=record.gates,
        lineage=record.known.version.lineage,
        history=record.history,
        policies=tuple((when, text) for _, when, text in record.policies),
        proof=record.proof,
        files=files,
        notes=record.notes,
    )


def _index(record: DossierRecord, about: list[tuple[str, str]]) -> str:
    ref = markdown.plain(record.card.ref)
    lines = [
        *(f"# Dossier of {ref}", "", f"Of {record.proof.state}.", ""),
        *("Open `dossier.html`; it prints to PDF. No file here fetches anything. The same state of the registry makes",
          "the same bytes; names and texts that were erased since are erased here, too.", ""),
        *(f"- {markdown.plain(note)}" for note in record.notes),
        *("", *markdown.table(("file", "what it is"), about), "", "## How to check", "", HOW_TO_CHECK),
    ]  # fmt: skip
    return "\n".join(lines)


def _version(record: DossierRecord) -> dict[str, Any]:
    """The version without the address it was read from."""
    told = record.known.version.to_dict()
    left_out = ("registry", "unchanged", "notes")
    files = dict(record.known.version.files)
    return {name: value for name, value in told.items() if name not in left_out} | {"files": files}


def _row(record: DossierRecord, row: Row) -> dict[str, Any]:
    """A row with names and texts in place of ids and digests."""
    known = record.known
    names = {"actor", "owner", "closed_by", "reviewed_by"}
    texts = {"reason", "comment", "review", "title", "answer", "path"}
    shown: dict[str, Any] = {}
    for name, value in asdict(row).items():
        if name in names:
            shown[name] = known.who(value)
        elif name in texts:
            shown[name] = known.said(value)
        elif name != "model":
            shown[name] = stamp(value) if isinstance(value, datetime) else value
    return shown


def _json(value: Mapping[str, Any]) -> bytes:
    return f"{json.dumps(value, indent=1, sort_keys=True)}\n".encode()


def _text(text: str) -> bytes:
    return f"{printable(text).rstrip()}\n".encode("utf-8", "backslashreplace")
