"""How the golden histories were made, each once and never again: `python tests/golden/make.py STORY FOLDER`.

    first_release   by the first release's own code (PYTHONPATH=a checkout of 6d2bbba): every kind it could record,
                    as events, and the registry's file as it left it
    governance      by the code that brought policies, findings, cards, emergencies, uses and named data
    evidence        by the code that brought checkpoints, and notes and counts of attempts in validations
    names           by the code that binds names: of who acts, of who is spoken of, of all at a checkpoint

A story gives STORY.events (canonical bytes, one event a line, in commit order), STORY.rows.json (what they project to)
and STORY.told.txt (what the audit says). An event that changes its shape is a new body version and a new story here.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from nb_mlops.core.event import Actor, Draft, Event, stamp
from nb_mlops.core.rows import ROWS, ModelRow
from nb_mlops.storage.catalog_sql import SqlCatalog

START = datetime(2026, 11, 2, 9, tzinfo=UTC)


class Teller:
    """Somebody does something, an hour later the next."""

    def __init__(self, path: Path) -> None:
        self.now = START
        self.catalog = SqlCatalog.sqlite(path, clock=self._tick)

    def _tick(self) -> datetime:
        self.now += timedelta(hours=1)
        return self.now

    def __call__(self, who: str, kind: str, words: str = "", *, model: str | None = "churn", **body: Any) -> Event:
        people = {"people": body.pop("people")} if "people" in body else {}
        texts = body.pop("texts", None) or ({_WORD.get(kind, "reason"): words} if words else {})
        draft = Draft(kind, model, Actor(f"{who}@example.org"), self.now, body, texts, **people)
        return self.catalog.append(draft)

    def registers(self, who: str, content: int, model: str = "churn", **more: Any) -> Event:
        key = f"{content:064x}"
        body = {"digest": key, "identity": key, "record": key, "format": "skops", "size_bytes": 14_000}
        body |= {"files": {"model.skops": {"sha256": key, "size": 14_000}}, "baseline": key, "examples": key}
        body |= {"trained_on": [f"{content + 1000:064x}"], "runs_code": False, "parent": None}
        return self(who, "registered", model=model, **{**body, **more})

    def validates(self, who: str, number: int, data: int, passed: bool = True, **more: Any) -> Event:
        status = "passed" if passed else "failed"
        line = {
            "check": "roc_auc >= 0.8",
            "value": 0.81,
            "limit": 0.8,
            "passed": passed,
            "detail": "",
            "status": status,
        }
        nan = {"check": "f1 >= production.f1", "value": "nan", "limit": None, "passed": True, "detail": "nothing there"}
        results = [line, {**nan, "status": "not applicable"}]
        more = {"rows": 1000, "metrics": {"roc_auc": 0.81, "n": 1e21}, "results": results, "passed": passed, **more}
        return self(who, "validated", number=number, data=f"{data:064x}", **more)


_WORD = {
    "noted": "note",
    "approved": "comment",
    "rejected": "comment",
    "requested": "comment",
    "card_edited": "text",
    "finding_opened": "title",
    "finding_closed": "answer",
    "reviewed": "review",
    "loaded": "path",
    "data_named": "about",
}


def first_release(does: Teller) -> None:
    """A model of medium stakes that goes live, is replaced and comes back; another one that asks for nothing."""
    about = {"owner": "Ann Lee", "purpose": "keeps customers"}
    does.registers("ann", 1, metrics={"auc": 0.9, "cv": {"mean": 0.5, "sd": 0.0, "folds": [0.5]}}, params={"C": 1.0})
    does("ann", "described", stakes="medium", texts=about)
    does.registers("ann", 2, tags={"team": "risk"}, params={"depth": 3, "wide": "𝄞", "nan": float("nan")})
    does("ann", "tagged", number=2, tags={"team": None, "season": "winter"})
    does("ann", "trusted", number=2, digest=f"{2:064x}")
    does.validates("ann", 1, 77, passed=False)
    does.validates("ann", 1, 77)
    does("ann", "requested", "please look", number=1, alias="production")
    does("ben", "rejected", "not yet", number=1, alias="production")
    does("ben", "approved", "now it is", number=1, alias="production")
    does("ann", "promoted", "first model", number=1, alias="production")
    does("ann", "alias_added", model=None, name="canary")
    does("ben", "promoted", number=2, alias="canary")
    does.validates("ben", 2, 78, data_name="holdout")
    does("ben", "approved", number=2, alias="production")
    does("ben", "promoted", number=2, alias="production")
    does("ann", "observed", number=2, data=f"{79:064x}", rows=500, alarm=True, report={"columns": ["age"]})
    does("ann", "rolled_back", "drifts", alias="production", expect=2)
    does("ben", "noted", "the <b>winter</b> data is odd ’𝄞\x00", number=2)
    does.registers("cid", 3)
    does("cid", "discarded", number=3)
    does.registers("dan", 4, "risk/toy", stakes="low", tags={"\x00": "'; --"})
    does("dan", "promoted", model="risk/toy", number=1, alias="production")
    does.registers("dan", 5, "risk/toy")
    does("dan", "promoted", model="risk/toy", number=2, alias="production")


def governance(does: Teller) -> None:
    """High stakes: a policy, a card, evidence, two approvals, an emergency and its review, findings, uses, the end."""
    from nb_mlops.core.card_text import PERSON_SECTIONS
    from nb_mlops.core.policy.file import read_policy

    about = {"owner": "Ann Lee", "purpose": "keeps customers"}
    does.registers("ann", 1, texts=about, people={"author": "dev@example.org"})
    does("ann", "assessed", answers={"affects": "people", "decisions": "few", "reversible": "yes", "regulated": "no"})
    does("ann", "described", stakes="high", texts={"purpose": "keeps customers who would leave"})
    does("val", "data_named", "the last quarter", model=None, name="q3", data=f"{77:064x}", rows=1000)

    def applies(who: str, text: str) -> None:
        policy = read_policy(text)
        people = {str(place): name for place, name in enumerate(policy.identities())}
        told = policy.renamed({name: number for number, name in people.items()}).to_dict()
        does(who, "policy_applied", "as agreed", model=None, policy=told, people=people)

    applies("ann", '[people]\n"Bob" = ["bob@example.org", "robert@example.org"]\n[high.production]\ndata = "q3"')
    for section in PERSON_SECTIONS:
        does("ann", "card_edited", f"About {section}, as we know it.", number=1, section=section)
    does("ann", "card_edited", "todo", number=1, section="factors")
    does.validates(
        "val", 1, 77, data_name="q3", code=f"{5:064x}", claimed_ci={"provider": "x"}, importance={"age": 0.1}
    )
    does("ann", "requested", number=1, alias="production")
    does("bob", "approved", "looked at it", number=1, alias="production")
    does("cid", "approved", "I too", number=1, alias="production")
    does("ann", "promoted", "goes live", number=1, alias="production")
    does("eve", "loaded", "/home/eve/x.ipynb", number=1, place="notebook:0123456789abcdef")
    does.now += timedelta(days=2)
    does("eve", "loaded", "/home/eve/y.ipynb", number=1, place="notebook:0123456789abcdef")
    does.registers("ann", 2)
    does("eve", "promoted", "the old one burns", number=2, alias="production", break_glass="INC-4711")
    does("bob", "reviewed", "It was right to do so.", number=2)
    due = stamp(datetime(2026, 12, 31, tzinfo=UTC))
    owner = {"owner": "ann@example.org"}
    does("cid", "finding_opened", "Is it fair?", number=2, severity="critical", due=due, people=owner)
    does("ann", "rolled_back", alias="production", expect=2)
    finding = does("cid", "finding_opened", "Which months?", number=1, severity="minor")
    does("bob", "finding_closed", "January to March.", finding=finding.sequence)
    does("ann", "described", stakes="medium")
    applies("eve", '[people]\n"Bob" = ["bob@example.org", "robert@example.org"]')
    for who in ("bob", "cid"):
        applies(who, '[people]\n"Bob" = ["bob@example.org", "robert@example.org"]')
    does("ann", "retired", number=2)
    does("ann", "retired", "replaced by another")
    does.now += timedelta(days=4_000)
    does("ann", "erased", number=2)


def evidence(does: Teller) -> None:
    """What a validation holds since it counts all attempts and keeps notes; a checkpoint."""
    does.registers("ann", 1)
    does.validates("val", 1, 77, passed=False)
    claim = {"provider": "GitHub Actions", "run": "https://github.com/x/y/actions/runs/1"}
    does.validates("val", 1, 78, notes=["age alone predicts the target"], claimed_ci=claim, importance={"age": 0.25})
    does("ann", "checkpointed", model=None, position=5, digest=f"{8:064x}", key=f"{9:064x}")


def names(does: Teller) -> None:
    """Names bound by the first event of each person, however they are spelt later."""
    does.registers("ann", 1, people={"author": "dev@example.org"})
    does(" ANN", "noted", "the same", number=1)
    owner = {"owner": "Eve@Example.org"}
    does("ben", "finding_opened", "Is it fair?", number=1, severity="major", people=owner)
    does("eve", "noted", "I am asked", number=1)
    does("ann", "checkpointed", model=None, position=5, digest=f"{8:064x}", key=f"{9:064x}")


def write(story: str, folder: Path) -> None:
    """Tells a story into a file beside the others."""
    path = folder / "registry" / "catalog.sqlite"
    does = Teller(path)
    stories = (first_release, governance, evidence, names)
    told_by: Callable[[Teller], None] = next(one for one in stories if one.__name__ == story)
    told_by(does)
    assert does.catalog.verify().whole
    with does.catalog._store.reading() as session:
        lines = [bytes(row[0]) for row in session.run("SELECT data FROM events ORDER BY position")]
        session.run("PRAGMA wal_checkpoint(TRUNCATE)")
    (folder / f"{story}.events").write_bytes(b"\n".join(lines) + b"\n")
    rows = {kind.TABLE: [_plain(asdict(row)) for row in does.catalog.find(kind)] for kind in ROWS}
    (folder / f"{story}.rows.json").write_text(json.dumps(rows, indent=1, sort_keys=True) + "\n")
    models = {row.id: row.name for row in does.catalog.find(ModelRow)}
    (folder / f"{story}.told.txt").write_text("".join(f"{_told(line, models)}\n" for line in lines))
    does.catalog.close()


def _told(line: bytes, names: dict[str, str]) -> str:
    try:
        from nb_mlops.core.sentences import tell
    except ImportError:
        from nb_mlops.core.history import tell  # where the first release had it
    event = Event.from_bytes(line)
    return f"{event.kind}: {tell(names.get(event.history, 'the registry'), event.kind, event.body)}"


def _plain(value: Any) -> Any:
    """A row as JSON: times as they are stored."""
    if isinstance(value, datetime):
        return stamp(value)
    return {key: _plain(item) for key, item in value.items()} if isinstance(value, dict) else value


if __name__ == "__main__":
    write(sys.argv[1], Path(sys.argv[2]))
