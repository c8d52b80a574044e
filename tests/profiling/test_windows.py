"""Windows by the calendar of the rows' own zone, whatever their order; and segments."""

import datetime as dt
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import polars as pl
import pytest

from nb_mlops.core.drift import compare
from nb_mlops.core.errors import BadInput, NotFound
from nb_mlops.profiling import profile
from nb_mlops.profiling.windows import windows


def days(start="2026-01-01", count=100):
    return pd.DataFrame({"day": pd.date_range(start, periods=count, freq="D"), "x": np.arange(float(count))})


def test_months_are_calendar_months():
    found = windows(days(), time="day", every="1mo")
    assert [window.label for window in found] == ["2026-01", "2026-02", "2026-03", "2026-04"]
    assert [window.profile.rows for window in found] == [31, 28, 31, 10]
    assert found[1].start == dt.datetime(2026, 2, 1, tzinfo=dt.UTC)
    assert found[1].end == dt.datetime(2026, 3, 1, tzinfo=dt.UTC)


def test_weeks_start_on_mondays_and_do_not_depend_on_the_first_row():
    assert {window.start.weekday() for window in windows(days(), time="day", every="7d")} == {0}
    late = windows(days().iloc[3:], time="day", every="1w")
    assert late[0].start == windows(days(), time="day", every="7d")[0].start


def test_unsorted_rows_fall_in_the_same_windows():
    shuffled = days().sample(frac=1, random_state=1)
    assert windows(shuffled, time="day", every="7d") == windows(days(), time="day", every="7d")


@pytest.mark.parametrize(
    "held",
    [pl.from_pandas, lambda frame: frame.assign(day=frame.day.astype(str)), lambda f: f.assign(day=f.day.dt.date)],
)
def test_dates_are_read_however_they_are_kept(held):
    found = windows(held(days()), time="day", every="1mo")
    assert [window.profile.rows for window in found] == [31, 28, 31, 10]


@pytest.mark.parametrize("held", [lambda frame: frame, pl.from_pandas])
def test_months_follow_the_zone_of_the_rows(held):
    # 23:30 UTC on 31 January is February in Berlin
    stamps = pd.to_datetime(["2026-01-31 22:30", "2026-01-31 23:30"]).tz_localize("UTC").tz_convert("Europe/Berlin")
    found = windows(held(pd.DataFrame({"t": stamps, "x": [1.0, 2.0]})), time="t", every="1mo")
    assert [window.profile.rows for window in found] == [1, 1]
    assert found[1].start == dt.datetime(2026, 2, 1, tzinfo=ZoneInfo("Europe/Berlin"))


def test_days_across_a_change_of_clocks_have_23_hours():
    stamps = pd.date_range("2026-03-28", "2026-03-31", freq="h", tz="Europe/Berlin", inclusive="left")
    found = windows(pd.DataFrame({"t": stamps, "x": 1.0}), time="t", every="1d")
    assert [window.profile.rows for window in found] == [24, 23, 24]


def test_rows_without_a_time_make_a_window_of_their_own():
    frame = days(count=10)
    frame.loc[[2, 5], "day"] = pd.NaT
    found = windows(frame, time="day", every="1mo")
    assert [(window.label, window.profile.rows) for window in found] == [("2026-01", 8), ("no time", 2)]


def test_segments_divide_each_window():
    frame = days(count=40).assign(region=["north", "south", "south", None] * 10)
    found = windows(frame, time="day", every="1mo", by="region")
    assert [(window.label, window.profile.rows) for window in found] == [
        ("2026-01 · north", 8),
        ("2026-01 · south", 16),
        ("2026-01 · missing", 7),
        ("2026-02 · north", 2),
        ("2026-02 · south", 4),
        ("2026-02 · missing", 3),
    ]
    assert [window.label for window in windows(frame, by="region")] == ["north", "south", "missing"]


def test_the_columns_that_windows_are_cut_by_raise_no_alarm():
    frame = days(count=400).assign(region=["north", "south"] * 200, x=1.0)
    report = compare(profile(frame), windows(frame, time="day", every="1q", by="region"))
    assert not report.alarm
    assert report.columns["region"].sentence == "the windows were cut by it"


def test_windows_add_up_to_the_table():
    frame = pd.DataFrame({"day": days().day, "x": np.random.default_rng(0).normal(size=100), "w": ["a", "b"] * 50})
    first, *rest = [window.profile for window in windows(frame, time="day", every="1w")]
    total = sum(rest, first)
    whole = profile(frame, ignore=["day"])
    assert (total.rows, total.columns["w"]) == (whole.rows, whole.columns["w"])
    assert total.columns["x"].numbers.grid == whole.columns["x"].numbers.grid


def test_a_table_without_windows_is_one():
    (only,) = windows(days())
    assert (only.label, only.start, only.profile.rows) == ("all rows", None, 100)


@pytest.mark.parametrize("every", ["", "7", "0d", "-1d", "1 fortnight", "1e3d", "99999d", "d7", "7d; rm", None])
def test_a_length_that_is_none_is_refused(every):
    with pytest.raises(BadInput):
        windows(days(), time="day", every=every)


@pytest.mark.parametrize(
    "column",
    [np.arange(100.0), ["yesterday"] * 100, [pd.NaT] * 100, [[1]] * 100],
    ids=["numbers", "words", "no times", "lists"],
)
def test_a_column_that_holds_no_times_is_refused(column):
    with pytest.raises(BadInput):
        windows(days().assign(day=column), time="day", every="7d")


def test_more_windows_or_segments_than_people_can_read_are_refused():
    with pytest.raises(BadInput, match="windows"):
        windows(days(count=100_000 // 20), time="day", every="1min") and windows(
            days(count=6000), time="day", every="1d"
        )
    with pytest.raises(BadInput, match="segments"):
        windows(days(count=500), by="x")


def test_a_column_that_is_not_there_is_named_with_the_near_one():
    with pytest.raises(NotFound, match="Did you mean day"):
        windows(days(), time="dya", every="7d")
