"""An event is exactly the bytes that were hashed, and each names the one before it."""

from datetime import UTC, datetime

import pytest

from nb_mlops.core.errors import BadInput, Damaged
from nb_mlops.core.event import START, Actor, Draft, Event, is_linked, moment, record, salted, stamp

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def chain(length: int) -> list[tuple[Event, bytes]]:
    events: list[tuple[Event, bytes]] = []
    for sequence in range(1, length + 1):
        previous = events[-1][0].hash if events else START
        events.append(
            record(
                "noted",
                history="h",
                sequence=sequence,
                id=f"{sequence:08d}-0000-4000-8000-000000000000",
                time=NOON,
                client_time=NOON,
                actor="a",
                body={"number": sequence},
                texts={},
                previous=previous,
            )
        )
    return events


def test_an_event_reads_back_as_written() -> None:
    event, data = chain(1)[0]
    assert Event.from_bytes(data) == event
    assert event.to_bytes() == data


def test_a_whole_history_is_linked() -> None:
    assert is_linked(event for event, _ in chain(5))


@pytest.mark.parametrize("tampered", ["changed", "deleted", "swapped"])
def test_a_tampered_history_is_not(tampered: str) -> None:
    events = [event for event, _ in chain(5)]
    if tampered == "changed":
        events[2] = Event.from_bytes(events[2].to_bytes().replace(b'"number":3', b'"number":9'))
    elif tampered == "deleted":
        del events[2]
    else:
        events[2], events[3] = events[3], events[2]
    assert not is_linked(events)


def test_too_large_a_body_is_not_an_event() -> None:
    with pytest.raises(BadInput, match="too large"):
        record(
            "noted",
            history="h",
            sequence=1,
            id="00000001-0000-4000-8000-000000000000",
            time=NOON,
            client_time=NOON,
            actor="a",
            body={"text": "x" * 300_000},
            texts={},
            previous=START,
        )


@pytest.mark.parametrize("data", [b"", b"{}", b"[]", b"\xff", b'{"v":1', b"[" * 100_000])
def test_bytes_that_are_no_event_are_damage(data: bytes) -> None:
    with pytest.raises(Damaged):
        Event.from_bytes(data)


def test_the_same_text_leaves_other_digests_under_other_salts() -> None:
    assert salted("ann@example.org", b"1") != salted("ann@example.org", b"2")


def test_moments_keep_their_microseconds() -> None:
    precise = NOON.replace(microsecond=123456)
    assert moment(stamp(precise)) == precise


@pytest.mark.parametrize("name", ["", "   ", "a\nb", "x" * 201, "\x1b[31m"])
def test_an_actor_needs_a_printable_name(name: str) -> None:
    with pytest.raises(BadInput):
        Actor(name)


def test_a_draft_id_is_a_uuid() -> None:
    with pytest.raises(BadInput):
        Draft("noted", None, Actor("ann"), NOON, id="1; drop table events")
