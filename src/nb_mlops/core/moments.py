"""A moment as people write it: `2026-11-01`, `2026-11-01 14:30`, with a zone where it is another than UTC."""

from __future__ import annotations

from datetime import UTC, date, datetime, time

from nb_mlops.core.errors import BadInput

When = str | date | datetime
_LAST = time(23, 59, 59, 999_999)


def first_moment(when: When) -> datetime:
    """The moment, or the first of a day, UTC; raises BadInput."""
    return _moment(when, time(0))


def last_moment(when: When) -> datetime:
    """The moment, or the last of a day, UTC; raises BadInput.

    >>> last_moment("2026-11-01").isoformat()
    '2026-11-01T23:59:59.999999+00:00'
    """
    return _moment(when, _LAST)


def _moment(when: When, of_day: time) -> datetime:
    read = _read(when) if isinstance(when, str) else when
    if not isinstance(read, datetime):
        if not isinstance(read, date):
            raise BadInput(f"{type(when).__name__} is no date.", _HINT)
        read = datetime.combine(read, of_day)
    try:
        return read.astimezone(UTC) if read.tzinfo else read.replace(tzinfo=UTC)
    except (OverflowError, ValueError):
        raise BadInput(f"{str(when)[:40]!r} is too far away.", _HINT) from None


def _read(text: str) -> date:
    """A day, or a day and a time."""
    for read in (date.fromisoformat, datetime.fromisoformat):
        try:
            return read(text.strip())
        except ValueError:
            continue
    raise BadInput(f"{text[:40]!r} is no date.", _HINT)


_HINT = "Write it like 2026-11-01 or 2026-11-01T14:30+01:00; without a zone it is UTC."
