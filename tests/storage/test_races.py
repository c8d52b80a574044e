"""Approvals that race with new evidence, tickets and policies that race with each other: one order, no gap."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import TYPE_CHECKING, Any

import pytest

from nb_mlops.core.errors import GateClosed, NbMlopsError
from nb_mlops.core.event import Actor, Draft
from nb_mlops.core.policy import DEFAULT
from nb_mlops.core.policy.file import read_policy
from nb_mlops.core.rows import AliasRow, GlassRow, MoveRow, PolicyRow, ValidationRow, VoteRow
from nb_mlops.storage.catalog import Catalog

if TYPE_CHECKING:
    from conftest import DraftOf

ROUNDS = 8


def at_once(catalog: Catalog, *drafts: Draft) -> list[str]:
    """What came of drafts that several threads append at the same moment: kinds of events, or of errors."""
    gate = Barrier(len(drafts))

    def send(draft: Draft) -> str:
        gate.wait()
        try:
            return catalog.append(draft).kind
        except NbMlopsError as error:
            return type(error).__name__

    with ThreadPoolExecutor(len(drafts)) as threads:
        return list(threads.map(send, drafts))


def check(draft: DraftOf, number: int, data: int, **more: Any) -> Draft:
    results = [{"check": "roc_auc >= 0.6", "passed": True, "status": "passed", "detail": ""}]
    given = {"number": number, "data": f"{data:064x}", "rows": 9, "passed": True, "results": results, **more}
    return draft("validated", by=Actor("val@example.org"), **given)


def sign(draft: DraftOf, who: str, number: int, evidence: str) -> Draft:
    comment = {"comment": "looked at it"}
    return draft("approved", by=Actor(who), number=number, alias="production", evidence=evidence, texts=comment)


@pytest.fixture
def medium(catalog: Catalog, draft: DraftOf, registration: DraftOf) -> Catalog:
    """A model of medium stakes with as many versions as there are rounds."""
    about = {"owner": "Ann", "purpose": "to keep customers"}
    for number in range(1, ROUNDS + 1):
        catalog.append(registration(number, stakes="medium", texts=about))
    return catalog


def test_an_approval_that_races_with_new_evidence_never_counts_for_it(medium: Catalog, draft: DraftOf) -> None:
    for number in range(1, ROUNDS + 1):
        seen = medium.append(check(draft, number, 1)).id
        came = at_once(
            medium, sign(draft, "ben", number, seen), check(draft, number, 2), sign(draft, "cid", number, seen)
        )
        assert came[1] == "validated"
        newest = medium.find(ValidationRow, number=number)[-1]
        votes = medium.find(VoteRow, number=number)
        assert [vote.evidence for vote in votes] == [seen] * came.count("approved")
        assert all(vote.sequence < newest.sequence for vote in votes)
        assert came.count("Conflict") == 2 - len(votes)
        with pytest.raises(GateClosed, match="0 of 1"):
            medium.append(draft("promoted", number=number, alias="production"))
    assert medium.verify().whole


def test_a_promotion_that_races_with_a_failed_validation_is_before_it_or_refused(
    medium: Catalog, draft: DraftOf
) -> None:
    failed = [{"check": "roc_auc >= 0.6", "passed": False, "status": "failed", "detail": ""}]
    for number in range(1, ROUNDS + 1):
        seen = medium.append(check(draft, number, 1)).id
        medium.append(sign(draft, "ben", number, seen))
        bad = check(draft, number, 1, passed=False, results=failed)
        came = at_once(medium, draft("promoted", number=number, alias="production"), bad)
        moves = medium.find(MoveRow, number=number)
        assert came[0] == ("promoted" if moves else "GateClosed")
        assert all(move.sequence < medium.find(ValidationRow, number=number)[-1].sequence for move in moves)


def test_one_ticket_breaks_one_glass(medium: Catalog, draft: DraftOf) -> None:
    why = {"reason": "the old one burns"}
    drafts = [
        draft("promoted", by=Actor(f"p{n}"), number=n, alias="production", break_glass="INC-1", texts=why)
        for n in (5, 6, 7, 8)
    ]
    came = at_once(medium, *drafts)
    assert came.count("promoted") == 1
    assert len(medium.find(GlassRow)) == len(medium.find(MoveRow)) == 1


def test_two_policies_at_once_are_judged_one_after_the_other(medium: Catalog, draft: DraftOf) -> None:
    """Both ask more than the default; the second asks less than the first, at a level that decides."""
    seen = medium.append(check(draft, 1, 1)).id
    medium.append(sign(draft, "ben", 1, seen))
    medium.append(draft("promoted", number=1, alias="production"))
    texts = ["[medium.production]\napprovals = 2", "[high.production]\napprovals = 3"]
    drafts = [
        draft("policy_applied", None, by=Actor(f"p{n}"), policy=read_policy(text).to_dict())
        for n, text in enumerate(texts)  # two persons: one may take back what was their own
    ]
    came = at_once(medium, *drafts)
    assert came in (["policy_applied", "policy_proposed"], ["policy_applied"] * 2)
    approvals = [row.policy["levels"]["medium"]["aliases"]["production"]["approvals"] for row in medium.find(PolicyRow)]
    assert approvals in ([2], [1, 2])  # never down from two to one by one person
    assert medium.policy().digest != DEFAULT.digest


def test_promotions_that_race_leave_one_order(medium: Catalog, draft: DraftOf) -> None:
    for number in range(1, ROUNDS + 1):
        seen = medium.append(check(draft, number, 1)).id
        medium.append(sign(draft, "ben", number, seen))
    at_once(medium, *(draft("promoted", number=number, alias="production") for number in range(1, ROUNDS + 1)))
    moves = medium.find(MoveRow)
    assert [move.previous for move in moves] == [None, *(move.number for move in moves[:-1])]
    assert medium.find(AliasRow)[0].number == moves[-1].number == ROUNDS
