"""How views write sizes and times."""

from __future__ import annotations

from datetime import datetime


def size_text(size_bytes: int) -> str:
    """A size in the unit that fits: `12.3 kB`.

    >>> size_text(493_000_000)
    '493.0 MB'
    """
    size = float(size_bytes)
    for unit in ("B", "kB", "MB", "GB"):
        if size < 1000:
            return f"{size:.0f} {unit}" if unit == "B" else f"{size:.1f} {unit}"
        size /= 1000
    return f"{size:.1f} TB"


def time_text(at: datetime) -> str:
    """A time to the minute, with its zone said."""
    return f"{at:%Y-%m-%d %H:%M} UTC"
