"""A checkpoint is its bytes, whole or refused; held against a chain it names what differs first."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from nb_mlops.core.canonical import canonical
from nb_mlops.core.chain import Stored
from nb_mlops.core.checkpoint import Checkpoint, Proof, prove
from nb_mlops.core.errors import BadInput
from tests.core.test_chain import NOON, chain, followed

KEY, SIGNATURE = "ab" * 32, "cd" * 64


def made(stored: list[Stored]) -> Checkpoint:
    whole = followed(stored)
    return Checkpoint(
        time=NOON, position=whole.position, heads=whole.heads, trail=whole.trail, key=KEY, signature=SIGNATURE
    )


def held(checkpoint: Checkpoint, now: list[Stored]) -> Proof:
    chain = followed(now, marks={checkpoint.position: checkpoint.time})
    standing = {one.position: one for one in now}
    return prove(checkpoint, chain, standing.get)


def test_a_checkpoint_reads_back_as_written() -> None:
    one = made(chain(3))
    assert Checkpoint.from_bytes(one.to_bytes()) == one
    assert one.to_bytes() == canonical(json.loads(one.to_bytes()))


def test_names_sort_by_time_and_position() -> None:
    one = made(chain(3))
    assert one.name == "checkpoint-20260301T120000.000000Z-000000000003.json"


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"[]",
        b"{}",
        b"\xff",
        b"[" * 100_000,
        made(chain(3)).to_bytes() + b" ",
        made(chain(3)).to_bytes().replace(b'"position":3', b'"position":2'),
        made(chain(3)).to_bytes().replace(b"checkpoint 1", b"checkpoint 2"),
        made(chain(3)).to_bytes().replace(b"abab", b"ABAB"),
        made(chain(3)).to_bytes().replace(b'"sequence":3', b'"sequence":-3'),
        made(chain(3)).to_bytes().replace(b"2026-03-01T", b"2026-13-01T"),
    ],
)
def test_what_is_no_checkpoint_is_refused_in_two_lines(data: bytes) -> None:
    with pytest.raises(BadInput) as caught:
        Checkpoint.from_bytes(data, place="here.json")
    assert caught.value.hint


def test_what_grew_since_holds() -> None:
    stored = chain(5)
    assert held(made(stored[:3]), stored).holds


@pytest.mark.parametrize("left", range(5))
def test_a_cut_end_is_named_with_what_is_left(left: int) -> None:
    stored = chain(5)
    proof = held(made(stored), stored[:left])
    assert (proof.differs_at, proof.problem.partition(";")[0]) == (
        left + 1,
        f"is missing: 5 events were signed, {left} are left",
    )


def test_a_rewritten_history_is_named_where_it_begins() -> None:
    stored = [*chain(3), *chain(4, history="g", start=4)]
    proof = held(made(stored), [*stored[:3], *chain(4, history="g", start=4, other=1)])
    assert (proof.differs_at, proof.history) == (4, ", history g at 1")


def test_a_history_that_is_gone_is_named() -> None:
    stored = [*chain(1), *chain(2, history="g", start=2)]
    assert "gone: history g" in held(made(stored), stored[:1]).problem


def test_a_head_that_differs_is_found_even_where_the_trail_does_not_tell() -> None:
    """A trail holds some digits only: somebody with a lot of machines could make them equal."""
    stored = chain(3)
    one = made(stored)
    forged = Checkpoint(time=NOON, position=3, heads=made(chain(3, other=1)).heads, trail=one.trail)
    assert "history h does not end at 3 as it was signed" in held(forged, stored).problem


def test_an_event_dated_before_the_checkpoint_it_came_after_is_found() -> None:
    before, after = chain(2), chain(1, history="g", start=3, at=NOON + timedelta(hours=1))
    one = made(before)
    late = Checkpoint(time=NOON + timedelta(days=1), position=2, heads=one.heads, trail=one.trail)
    assert held(one, [*before, *after]).holds
    assert "a clock set back" in held(late, [*before, *after]).problem
