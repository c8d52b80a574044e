"""Gates and promotions on an embedded registry. MLflow has no gate, no approval and no history: its column stays empty.

Its alias, which anybody sets and nothing decides, is measured beside the promotion at low stakes.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from typing import Any

from benchmarks.measuring import percentile
from benchmarks.ours import version_body

RESULTS = [{"check": "roc_auc >= 0.7", "value": 0.8, "limit": 0.7, "passed": True, "detail": "", "status": "passed"}]
PEOPLE = [f"person-{number}" for number in range(30)]


def gate() -> dict[str, float]:
    """`gate` of a high-stakes version whose model has 1,000 events, all about this one version."""
    import nb_mlops

    place = nb_mlops.connect(tempfile.mkdtemp(), actor="ann")
    _lived(place)
    events = sum(1 for _ in place.catalog.events(place.catalog.models()[0].id))
    assert events >= 1_000
    return {"events": float(events), **_times(lambda: nb_mlops.gate("churn@1"), 200)}


def _lived(place: Any) -> None:
    """Registered, then a thousand times measured, approved, questioned and written about."""
    from dataclasses import replace

    from nb_mlops.core.card_text import SECTIONS
    from nb_mlops.core.event import Actor

    body = {**version_body(f"{1:064x}"), "trained_on": [f"{2:064x}"], "stakes": "high", "baseline": f"{3:064x}"}
    place.append("registered", "churn", body, texts={"owner": "Ann", "purpose": "keeps customers"})
    for turn in range(908):  # makes 1,000 events
        who = replace(place, actor=Actor(PEOPLE[turn % 30]))
        kind = turn % 10
        if kind < 5:
            data = f"{100 + turn % 47:064x}"
            measured = {"number": 1, "data": data, "rows": 1000, "passed": True, "results": RESULTS * 5}
            who.append("validated", "churn", measured)
        elif kind < 8:
            signed = {"number": 1, "alias": "production"}
            who.append("approved", "churn", signed, texts={"comment": "looked at it"})
        elif kind < 9:
            question = who.append(
                "finding_opened", "churn", {"number": 1, "severity": "major"}, texts={"title": "Why?"}
            )
            who.append("finding_closed", "churn", {"finding": question.sequence}, texts={"answer": "It was the data."})
        else:
            section = SECTIONS[turn // 10 % len(SECTIONS)]
            who.append("card_edited", "churn", {"number": 1, "section": section}, texts={"text": "What we know."})


def promote() -> dict[str, float]:
    """`promote` at low stakes, a new version each time, in a registry with 1,000 events of the model."""
    import nb_mlops

    place = nb_mlops.connect(tempfile.mkdtemp(), actor="ann")
    for number in range(1, 1_001):
        place.append("registered", "churn", version_body(f"{number:064x}"))
    numbers = iter(range(1, 1_001))
    return _times(lambda: nb_mlops.promote(f"churn@{next(numbers)}"), 200)


def append() -> dict[str, float]:
    """Events a second that one process appends: registrations of 100 models, every one decided and on disk."""
    import nb_mlops

    place = nb_mlops.connect(tempfile.mkdtemp(), actor="ann")
    place.append("registered", "model-0", version_body("f" * 64))
    begun = time.perf_counter()
    for number in range(2_000):
        place.append("registered", f"model-{number % 100}", version_body(f"{number:064x}"))
    return {"per_second": 2_000 / (time.perf_counter() - begun)}


def _times(act: Callable[[], Any], times: int) -> dict[str, float]:
    """Median and worst, after five that do not count."""
    taken = []
    for turn in range(times + 5):
        begun = time.perf_counter()
        act()
        if turn >= 5:
            taken.append(time.perf_counter() - begun)
    return {"p50": percentile(taken, 0.5), "worst": max(taken)}
