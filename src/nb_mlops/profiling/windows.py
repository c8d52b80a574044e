"""A table cut into windows of time and segments, each as its profile."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from typing import TYPE_CHECKING, Any

import numpy as np

from nb_mlops.core.errors import BadInput, NotFound, near
from nb_mlops.core.window import Window
from nb_mlops.profiling.memory import profile
from nb_mlops.profiling.table import Coded, Column, Table, as_table

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from numpy.typing import NDArray

    from nb_mlops.core.profile import Profile

MOST_WINDOWS = 5_000
MOST_SEGMENTS = 200
_EVERY = re.compile(r"(\d{0,4})\s*(min|h|d|w|mo|q|y)")
_NO_TIME = np.iinfo(np.int64).min
_SECONDS = {"min": 60, "h": 3600, "d": 86400, "w": 7 * 86400}
_MONTHS = {"mo": 1, "q": 3, "y": 12}
_MONDAY = datetime(1970, 1, 5)  # noqa: DTZ001 - wall-clock time of whatever zone the column has


@dataclass(frozen=True, slots=True)
class Every:
    """The length of a window: so many seconds, or so many calendar months."""

    seconds: int = 0
    months: int = 0

    @classmethod
    def parse(cls, text: str) -> Every:
        """'7d', '12h', '1mo', '3mo', 'w', 'q', 'y', '30min'; raises BadInput for anything else."""
        found = _EVERY.fullmatch(text.strip().lower()) if isinstance(text, str) else None
        times = int(found[1] or 1) if found else 0
        if found is None or times < 1:
            raise BadInput(
                f"{str(text)[:40]!r} is no length of a window.", "Write 1d, 7d, 12h, 30min, 1w, 1mo, 1q or 1y."
            )
        if found[2] in _MONTHS:
            return cls(months=times * _MONTHS[found[2]])
        return cls(seconds=times * _SECONDS[found[2]])

    def places(self, local: NDArray[np.datetime64]) -> NDArray[np.int64]:
        """The number of the window that each local time (datetime64[s]) lies in.

        Windows start at fixed points (midnight of Monday, 5 January 1970, and multiples from there; months at January
        of year 0), never at the first row: the same rows fall in the same window whatever else the table holds.
        """
        if self.months:
            return np.asarray(local.astype("M8[M]").astype(np.int64) // self.months)
        return np.asarray((local - np.datetime64(_MONDAY, "s")).astype(np.int64) // self.seconds)

    def start(self, place: int) -> datetime:
        """The local time at which a window starts; raises BadInput where the calendar ends."""
        try:
            if self.months:
                month = place * self.months + 1970 * 12
                return datetime(month // 12, month % 12 + 1, 1)  # noqa: DTZ001 - wall-clock time
            return _MONDAY + timedelta(seconds=place * self.seconds)
        except (ValueError, OverflowError) as error:
            raise BadInput("A time stamp lies outside the years 1 to 9999.", "Mend or leave out such rows.") from error


def windows(
    table: object,
    *,
    time: str | None = None,
    every: str | None = None,
    by: str | None = None,
    like: Profile | None = None,
    ignore: Iterable[str] = (),
    target: str | None = None,
    threads: int = 2,
) -> list[Window]:
    """The table's windows in order of time, each with its profile: `(start, end, segment, profile)`.

    time: the column of time stamps (dates, date-times in any zone, or text that reads as such; need not be sorted);
    windows follow its own zone's calendar, and start and end are aware date-times. every: '7d', '1mo', … (`Every`).
    by: a column whose values are segments. Without `time`, one window per segment. Rows without a time stamp make a
    window of their own, named 'no time'. `like`, `ignore`, `target`, `threads` as in `profile`; the columns of time and
    segment are not profiled.
    Raises NotFound for a column that is not there, BadInput for times that cannot be read, for more than 5,000 windows
    or 200 segments.
    """
    given = as_table(table)
    if (time is None) != (every is None):
        raise BadInput("Windows need a time column and a length together.", "Write --time COLUMN --every 7d.")
    left_out = {ignore} if isinstance(ignore, str) else set(ignore)
    names = [name for name in (time, by) if name is not None]
    columns = {name: _column(given, name) for name in names}
    places, bounds = (
        _places(columns[time], Every.parse(every)) if time is not None and every is not None else _one(given)
    )
    segments, segment_names = _segments(columns[by]) if by is not None else (np.zeros(given.rows, np.int64), (None,))
    kept = Table(given.rows, tuple(column for column in given.columns if column.name not in {time, by, *left_out}))
    found = []
    for place, segment, rows in _groups(places, segments):
        start, end = bounds(place)
        made = profile(_taken(kept, rows), like=like, target=target, threads=threads)
        name = "no time" if place == _NO_TIME else ""
        found.append(Window(start, end, segment_names[segment], made, name, tuple(names)))
    return found


def _column(table: Table, name: str) -> Column:
    column = table.column(name)
    if column is None:
        known = [each.name for each in table.columns]
        raise NotFound(f"The table has no column {name!r}.", near(name, known) or f"It has {', '.join(known[:10])}.")
    return column


def _one(table: Table) -> tuple[NDArray[np.int64], Callable[[int], tuple[None, None]]]:
    return np.zeros(table.rows, np.int64), lambda place: (None, None)


def _places(
    column: Column, every: Every
) -> tuple[NDArray[np.int64], Callable[[int], tuple[datetime | None, datetime | None]]]:
    local, zone = _local_times(column)
    places = every.places(local)
    places[np.isnat(local)] = _NO_TIME

    def bounds(place: int) -> tuple[datetime | None, datetime | None]:
        if place == _NO_TIME:
            return None, None
        return every.start(place).replace(tzinfo=zone), every.start(place + 1).replace(tzinfo=zone)

    if not len(places) or (places == _NO_TIME).all():
        raise BadInput(f"The column {column.name!r} has no time stamps.", "Name the column that says when rows were.")
    if len(np.unique(places)) > MOST_WINDOWS:
        raise BadInput(f"That makes more than {MOST_WINDOWS:,} windows.", "Take longer ones: --every 1mo.")
    return places, bounds


def _local_times(column: Column) -> tuple[NDArray[np.datetime64], tzinfo]:
    """Wall-clock times of the column's own zone, in seconds, and that zone (UTC where it has none)."""
    import pandas as pd

    values = column.read()
    if isinstance(values, Coded):
        values = np.array([*values.categories, None], object)[np.asarray(values.codes, np.intp)]
    if not isinstance(values, np.ndarray):
        values = values.to_pandas()
    if isinstance(values, np.ndarray) and values.dtype.kind in "iuf":
        raise BadInput(
            f"The column {column.name!r} holds numbers, not times.",
            "Make it dates first: pandas.to_datetime(x, unit=…).",
        )
    try:
        stamps = pd.to_datetime(pd.Series(values), format=None if _is_time(values) else "ISO8601")
    except (ValueError, TypeError, OverflowError) as error:
        raise BadInput(
            f"The column {column.name!r} cannot be read as times: {ascii(str(error))[1:101]}",
            "Make it dates first: pandas.to_datetime(…).",
        ) from error
    zone = _zone_of(column, stamps)
    if stamps.dt.tz is not None:
        stamps = stamps.dt.tz_convert(zone).dt.tz_localize(None)
    elif _is_utc_instant(column):
        stamps = stamps.dt.tz_localize("UTC").dt.tz_convert(zone).dt.tz_localize(None)
    return stamps.to_numpy().astype("M8[s]"), zone


def _is_time(values: Any) -> bool:
    dtype = getattr(values, "dtype", None)
    return getattr(dtype, "kind", "O") in "M"


def _is_utc_instant(column: Column) -> bool:
    """Whether naive values stand for instants: the zoned columns of pandas, which are read as UTC."""
    return _zone_name(column) != ""


def _zone_name(column: Column) -> str:
    """The zone in a type's name, as pandas, polars and Arrow write it."""
    found = re.search(r"(?:datetime64\[\w+, |tz=|time_zone=')([A-Za-z0-9_+:/-]+)", column.dtype)
    return found[1] if found and found[1] not in ("None", "null") else ""


def _zone_of(column: Column, stamps: Any) -> tzinfo:
    from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

    name = _zone_name(column)
    try:
        if name and name != "UTC":
            return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):  # a fixed offset such as +02:00, which pandas reads itself
        import pandas as pd

        zone = pd.Timestamp(0, tz=name.replace("UTC", "") or "UTC").tzinfo
        return zone if zone is not None else UTC
    zone = getattr(stamps.dt, "tz", None)
    return zone if isinstance(zone, tzinfo) else UTC


def _segments(column: Column) -> tuple[NDArray[np.int64], tuple[str | None, ...]]:
    import pandas as pd

    values = column.read()
    if isinstance(values, Coded):
        codes, names = np.asarray(values.codes, np.int64), list(values.categories)
    else:
        plain = values if isinstance(values, np.ndarray) else values.to_pandas()
        codes, found = pd.factorize(plain, sort=False)
        names = list(found)
    if len(names) > MOST_SEGMENTS:
        raise BadInput(
            f"{column.name!r} has {len(names):,} values: too many segments (at most {MOST_SEGMENTS}).",
            "Choose a column with few values, or group them.",
        )
    texts = [str(name) for name in names]
    order = np.argsort(np.array(texts, object), kind="stable") if texts else np.empty(0, np.intp)
    rank = np.empty(len(texts) + 1, np.int64)
    rank[order] = np.arange(len(texts))
    rank[-1] = len(texts)  # the code -1: rows without a segment
    return rank[codes], (*(texts[place] for place in order), "missing")


def _groups(
    places: NDArray[np.int64], segments: NDArray[np.int64]
) -> Iterator[tuple[int, int, NDArray[np.intp] | None]]:
    """The rows of each window and segment, in order, rows without a time last; None for all rows."""
    if not len(places):
        yield 0, 0, None
        return
    order = np.lexsort((segments, places, places == _NO_TIME))
    sorted_places, sorted_segments = places[order], segments[order]
    is_first = (np.diff(sorted_places) != 0) | (np.diff(sorted_segments) != 0)
    firsts = np.concatenate(([0], np.flatnonzero(is_first) + 1))
    for start, end in zip(firsts, [*firsts[1:], len(order)], strict=True):
        rows = None if end - start == len(order) else order[start:end]
        yield int(sorted_places[start]), int(sorted_segments[start]), rows


def _taken(table: Table, rows: NDArray[np.intp] | None) -> Table:
    """Some of the rows; each column is read only once a window takes it."""
    if rows is None:
        return table

    def part(column: Column) -> Column:
        return Column(column.name, column.dtype, lambda: _rows_of(column.read(), rows), column.notes)

    return Table(len(rows), tuple(part(column) for column in table.columns))


def _rows_of(values: Any, rows: NDArray[np.intp]) -> Any:
    if isinstance(values, Coded):
        return Coded(values.codes[rows], values.categories)
    return values[rows] if isinstance(values, np.ndarray) else values.take(rows)
