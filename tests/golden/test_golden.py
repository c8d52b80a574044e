"""Golden histories: events as they were once recorded verify for ever, mean the same rows, and are told.

`make.py` says how each story was made. What a newer program adds to a row is not compared: it was not there then.
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

import nb_mlops.core.rules
from nb_mlops.core.canonical import sha256
from nb_mlops.core.chain import Chain, Stored
from nb_mlops.core.event import START, Event
from nb_mlops.core.projection import _CHANGES
from nb_mlops.core.replayed import Replayed
from nb_mlops.core.rows import ModelRow
from nb_mlops.core.rules.ruling import _RULES
from nb_mlops.core.sentences import _SENTENCES, tell
from tests.golden.make import _plain

HERE = Path(__file__).parent
STORIES = sorted(path.stem for path in HERE.glob("*.events"))

# The hash of each story's last bytes: a golden file that was edited is none.
HASHES = {
    "evidence": "bb5a62066224db1230b2dd5a0c990aae7d3f8258d500ea1d44186012c56dc26c",
    "first_release": "0947a9a16162352865c5b4ae0c96c43d976056a4f8305056d6a508b4caf47298",
    "governance": "d124cadd978638c17ba62ea177835a474d9c5f7f797ac8d415ae337d65b9de93",
    "names": "774747fa2282c1620163c878cab485649eb7c9f6ad000c680f2505f1a23b1f43",
}

Line = tuple[Event, bytes]


def lines(story: str) -> list[Line]:
    found = (HERE / f"{story}.events").read_bytes().removesuffix(b"\n").split(b"\n")
    return [(Event.from_bytes(line), line) for line in found]


def replayed(story: str) -> dict[str, Replayed]:
    """Each history of a story, with the rows that its events make."""
    found: dict[str, Replayed] = defaultdict(Replayed)
    for event, _ in lines(story):
        found[event.history].add(event)
    return found


def test_every_story_has_its_hash_and_every_hash_its_story() -> None:
    assert {story: sha256((HERE / f"{story}.events").read_bytes()) for story in STORIES} == HASHES


@pytest.mark.parametrize("story", STORIES)
def test_golden_events_verify(story: str) -> None:
    heads: dict[str, tuple[int, str]] = {}
    chain = Chain()
    for position, (event, data) in enumerate(lines(story), 1):
        sequence, before = heads.get(event.history, (0, START))
        assert (event.sequence, event.previous, event.to_bytes()) == (sequence + 1, before, data)
        heads[event.history] = event.sequence, sha256(data)
        chain.follow([Stored(position, event.history, event.sequence, event.id, sha256(data), data)])
    assert len(heads) > 1
    assert chain.breaks == []
    assert {history: (head.sequence, head.hash) for history, head in chain.heads.items()} == heads


@pytest.mark.parametrize("story", STORIES)
def test_golden_events_mean_the_rows_that_they_meant(story: str) -> None:
    made: dict[str, dict[str, Any]] = defaultdict(dict)
    for replay in replayed(story).values():
        for table, rows in replay.rows.items():
            made[table] |= {"/".join(map(str, key)): _plain(asdict(row)) for key, row in rows.items()}
    for table, expected in json.loads((HERE / f"{story}.rows.json").read_text(encoding="utf-8")).items():
        kept = [{name: row[name] for name in old} for row, old in zip(_ordered(made[table]), expected, strict=True)]
        assert json.loads(json.dumps(kept)) == expected, table


def _ordered(rows: dict[str, Any]) -> list[Any]:
    """As a catalog lists them: by key."""
    return [row for _, row in sorted(rows.items(), key=lambda one: [_number(part) for part in one[0].split("/")])]


def _number(part: str) -> tuple[int, str]:
    return (int(part), "") if part.isdecimal() else (-1, part)


@pytest.mark.parametrize("story", STORIES)
def test_golden_events_are_told(story: str) -> None:
    told = (HERE / f"{story}.told.txt").read_text(encoding="utf-8").splitlines()
    names = {row.id: row.name for replay in replayed(story).values() for row in replay.find(ModelRow)}
    said = [
        f"{event.kind}: {tell(names.get(event.history, 'the registry'), event.kind, event.body)}"
        for event, _ in lines(story)
    ]
    assert said == told  # a better sentence is written into the file; what an event means stays


def recordable() -> set[str]:
    """Every kind that a rule can record: those of drafts, and those that stand in quotes where an entry is made."""
    rules = Path(nb_mlops.core.rules.__file__).parent
    source = "\n".join(path.read_text(encoding="utf-8") for path in rules.glob("*.py"))
    made = re.findall(r'(?:\bone\(model, |\bin_registry\(|\bEntry\([\w.]+, )"(\w+)"', source)
    return set(made) | set(_RULES)


def test_every_kind_that_a_rule_can_record_has_a_golden_event() -> None:
    golden = {event.kind for story in STORIES for event, _ in lines(story)}
    assert (recordable() | set(_CHANGES)) - golden == set()
    assert {"model_created", "glass_broken", "lowering_asked", "policy_proposed"} <= recordable()


def test_every_kind_that_a_rule_can_record_has_a_sentence() -> None:
    assert recordable() - set(_SENTENCES) == set()


def test_no_golden_event_was_written_by_a_body_version_that_nobody_reads() -> None:
    assert {event.body_version for story in STORIES for event, _ in lines(story)} == {1}
