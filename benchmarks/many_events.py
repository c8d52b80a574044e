"""A registry with many events of the usual kinds, filled without asking the rules: as a life of years leaves it."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from nb_mlops.core.chain import Stored
from nb_mlops.core.event import REGISTRY, START, record, salted
from nb_mlops.core.identity import Person, folded
from nb_mlops.core.replayed import Replayed
from nb_mlops.core.rows import VersionRow
from nb_mlops.storage.catalog_sql import SqlCatalog
from nb_mlops.storage.recording import Text
from nb_mlops.storage.sql import facets, queries, rows
from nb_mlops.storage.sql.session import Session

Body = dict[str, Any]
PER_VERSION = 16


def fill(path: Path, events: int) -> SqlCatalog:
    """A catalog in a file with about so many events, in models of a hundred versions; every row and text is there."""
    catalog = SqlCatalog.sqlite(path)
    draw = random.Random(1)
    with catalog._store.writing() as session:
        writer = _Writer(session, draw)
        while writer.position < events:
            model = writer.new_model()
            for number in range(1, 101):
                for kind, body, text in _life(number, draw):
                    writer.add(model, kind, body, text)
                if writer.position >= events:
                    break
    return catalog


def _life(number: int, draw: random.Random) -> Iterator[tuple[str, Body, str]]:
    """What happens to one version: made, measured, approved, promoted, watched and talked about."""
    digest, data = _hex(draw), _hex(draw)
    metrics = {"roc_auc": draw.random(), "f1": draw.random()}
    yield "registered", _registration(number, digest, metrics, draw), ""
    results = [
        {"check": f"{name} >= 0.1", "metric": name, "value": value, "passed": True} for name, value in metrics.items()
    ]
    measured = {"number": number, "digest": digest, "passed": True, "data": data, "rows": 1000, "attempt": 1}
    yield "validated", measured | {"results": results, "metrics": metrics}, ""
    vote = {"number": number, "alias": "production", "digest": digest, "evidence": None, "requirements": _hex(draw)}
    yield "requested", vote, ""
    yield "approved", vote, "looks fine"
    move = {"number": number, "alias": "production", "digest": digest, "previous": number - 1 or None}
    yield "promoted", move | {"requirements": vote["requirements"], "stakes": "medium"}, "beats the last one"
    for look in range(1, 7):
        report = {"columns": {"age": draw.random(), "balance": draw.random()}}
        seen = {"number": number, "look": look, "data": _hex(draw), "rows": 1000, "alarm": False, "report": report}
        yield "observed", seen, ""
    for _ in range(5):
        yield "noted", {"number": number}, "somebody said something"


def _registration(number: int, digest: str, metrics: dict[str, float], draw: random.Random) -> Body:
    return {
        "number": number,
        "digest": digest,
        "identity": digest,
        "record": _hex(draw),
        "format": "skops",
        "size_bytes": 3_000,
        "files": {"model.skops": {"sha256": digest, "size": 3_000}},
        "trained_on": [_hex(draw)],
        "metrics": metrics,
        "params": {"C": 1.0, "max_iter": 100},
        "tags": {"team": "risk"},
    }


class _Writer:
    """Chains events, and stores them with the rows they make."""

    def __init__(self, session: Session, draw: random.Random) -> None:
        self.position = 0
        self._session = session
        self._draw = draw
        self._heads: dict[str, tuple[int, str]] = {}
        self._made: dict[str, Replayed] = {}
        self._time = datetime(2026, 1, 1, tzinfo=UTC)
        self._actors = [self._id(), self._id()]
        for actor, name in zip(self._actors, ("ann", "ben"), strict=True):
            queries.add_person(session, Person(actor, name, "given", folded(name)))

    def new_model(self) -> str:
        model, name = self._id(), f"model-{self.position}"
        self.add(REGISTRY, "model_created", {"model": model, "name": name})
        self.add(model, "created", {"name": name, "stakes": "medium"})
        return model

    def add(self, history: str, kind: str, body: Body, text: str = "") -> None:
        sequence, previous = self._heads.get(history, (0, START))
        salt = self._draw.randbytes(16)
        texts = {"comment": salted(text, salt)} if text else {}
        self._time += timedelta(minutes=5)
        event, data = record(
            kind,
            history=history,
            sequence=sequence + 1,
            id=self._id(),
            time=self._time,
            client_time=self._time,
            actor=self._draw.choice(self._actors),
            body=body,
            texts=texts,
            previous=previous,
        )
        self.position += 1
        self._heads[history] = (event.sequence, event.hash)
        stored = Stored(self.position, history, event.sequence, event.id, event.hash, data)
        queries.add_event(self._session, stored, "0" * 64)
        for digest in texts.values():
            queries.add_text(self._session, Text(digest, salt, text))
        made = self._made.setdefault(history, Replayed())
        for row in made.add(event):
            more = {"position": self.position} if isinstance(row, VersionRow) else {}
            rows.put(self._session, row, more)
            if isinstance(row, VersionRow):
                facets.replace_facets(self._session, self.position, row, is_new=True)

    def _id(self) -> str:
        return str(UUID(int=self._draw.getrandbits(128)))


def _hex(draw: random.Random) -> str:
    return draw.randbytes(32).hex()
