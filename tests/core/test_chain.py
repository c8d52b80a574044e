"""Following stored events: what holds passes, what was touched is named; patterns let nothing by."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nb_mlops.core.canonical import sha256
from nb_mlops.core.canonical_forms import CanonicalForms, plain
from nb_mlops.core.chain import Chain, Head, Stored
from nb_mlops.core.errors import Damaged
from nb_mlops.core.event import START, record

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def chain(length: int, *, history: str = "h", start: int = 1, at: datetime = NOON, **body: Any) -> list[Stored]:
    stored: list[Stored] = []
    for sequence in range(1, length + 1):
        event, data = record(
            "noted",
            history=history,
            sequence=sequence,
            id=f"{start + sequence:08d}-0000-4000-8000-000000000000",
            time=at,
            client_time=at,
            actor="a",
            body={"number": sequence, **body},
            texts={},
            previous=stored[-1].hash if stored else START,
        )
        stored.append(Stored(start + sequence - 1, history, sequence, event.id, event.hash, data))
    return stored


def followed(*pages: list[Stored], **options: Any) -> Chain:
    chain = Chain(**options)
    for page in pages:
        chain.follow(page)
    return chain


def problems(stored: list[Stored]) -> list[tuple[int, str]]:
    return [(one.position, one.problem) for one in followed(stored).breaks]


def test_a_whole_chain_has_heads_and_no_break() -> None:
    stored = [*chain(3), *chain(2, history="g", start=4)]
    made = followed(stored[:2], stored[2:])
    assert made.breaks == []
    assert made.heads == {"h": Head(3, stored[2].hash), "g": Head(2, stored[4].hash)}
    assert made.trail == "".join(one.hash[:12] for one in stored)


@pytest.mark.parametrize("value", [0.1, 1e20, 1e-9, "é", "a\\b", 'say "no"', [1, None, True], {"x": {}}, 2**53 - 1])
def test_what_was_written_canonically_holds_whatever_it_holds(value: object) -> None:
    assert problems(chain(4, value=value)) == []


@pytest.mark.parametrize(
    ("was", "becomes"),
    [
        (b'"number":3', b'"number": 3'),
        (b'"share":0.5', b'"share":0.50'),
        (b'"share":0.5', b'"share":5e-1'),
        (b'"share":0.5', b'"share":0.500000000000000001'),
        (b'"actor":"a",', b'"actor":"a","actor":"a",'),
        (b'"number":3,"share":0.5', b'"share":0.5,"number":3'),
        (b'"actor":"a"', b'"actor":"\\u0061"'),
        (b'"v":1', b'"v":2'),
        (b'"bv":1', b'"bv":1.0'),
    ],
)
def test_other_bytes_for_the_same_event_are_found_with_the_best_of_hashes(was: bytes, becomes: bytes) -> None:
    stored = chain(3, share=0.5)
    data = stored[2].data.replace(was, becomes)
    assert data != stored[2].data
    assert problems([*stored[:2], stored[2]._replace(data=data, hash=sha256(data))]) == [
        (3, "event 3 is not in canonical form")
    ]


@pytest.mark.parametrize("bad", [b"", b"{}", b"\x00", b'{"a\n":1}', b"\xff" * 9])
def test_bytes_that_are_no_event_are_named(bad: bytes) -> None:
    stored = chain(3)
    stored[1] = stored[1]._replace(data=bad)
    assert problems(stored)[0] == (2, "The event at position 2 cannot be read")


@pytest.mark.parametrize("column", ["history", "sequence", "id", "hash"])
def test_a_column_that_is_not_what_the_bytes_say_is_named(column: str) -> None:
    stored = chain(3)
    stored[2] = stored[2]._replace(**{column: 9 if column == "sequence" else "f" * 64})
    assert (3, "its columns are not what its bytes say") in problems(stored)


def test_a_missing_position_ends_the_trail() -> None:
    stored = chain(4)
    made = followed([stored[0], *stored[2:]])
    assert (made.first_gap, made.events, made.position) == (2, 3, 4)
    assert [one.problem for one in made.breaks] == ["expected event 2, found 3"]


def test_heads_are_kept_where_a_checkpoint_stands_also_within_a_page() -> None:
    stored = chain(5)
    made = followed(stored[:1], stored[1:], marks={2: NOON, 5: NOON})
    assert made.heads_at == {2: {"h": Head(2, stored[1].hash)}, 5: {"h": Head(5, stored[4].hash)}}


def test_a_clock_that_was_set_back_is_noticed_and_one_that_differs_a_little_is_not() -> None:
    early, late = NOON - timedelta(days=1), NOON + timedelta(minutes=5)
    pages = [chain(1, history=str(n), start=n, at=at) for n, at in enumerate([late, NOON, early], 1)]
    assert [one.position for one in followed(*pages).set_back] == [3]


def test_a_form_that_was_seen_before_is_not_parsed_again(monkeypatch: pytest.MonkeyPatch) -> None:
    forms, stored = CanonicalForms(), chain(3)
    forms.link(stored[0].data, stored[0].data.decode())
    monkeypatch.setattr(CanonicalForms, "_long_way", None)
    assert forms.link(stored[2].data, stored[2].data.decode()) == ("h", stored[2].id, stored[1].hash, "3")


scalars = (
    st.none()
    | st.booleans()
    | st.integers(-(2**60), 2**60)
    | st.floats(allow_nan=False)
    | st.text('ab"\\é', max_size=3)
)
bodies = st.dictionaries(st.sampled_from("abc"), scalars | st.lists(scalars, max_size=2), max_size=3)


@given(st.lists(bodies, min_size=2, max_size=4), st.booleans())
def test_a_pattern_says_what_the_long_way_says(many: list[dict[str, Any]], sort: bool) -> None:
    """Bodies as any JSON writer might spell them, canonical or not."""
    forms = CanonicalForms()
    envelope = json.loads(chain(1)[0].data)
    for body in many:
        data = json.dumps(
            {**envelope, "body": body}, sort_keys=sort, separators=(",", ":"), ensure_ascii=False
        ).encode()
        assert forms.link(data, data.decode() if plain(data) else None) == CanonicalForms().link(data, None)


def test_reading_raises_for_what_is_no_event_on_both_ways() -> None:
    for text in (None, "{}"):
        with pytest.raises(Damaged):
            CanonicalForms().link(b"{}", text)
