"""Alarms: rare without drift, sure with it, and a named answer for every odd column."""

import datetime as dt
import json

import numpy as np
import pandas as pd
import pytest

from nb_mlops.core.drift import Window, alpha_of_look, compare
from nb_mlops.core.errors import BadInput
from nb_mlops.core.profile import Profile
from nb_mlops.profiling import profile

WORDS = np.array([f"word {i}" for i in range(20)])


def table(rng, rows, *, shift=0.0, points=0.0, columns=16, words=4):
    """Numbers with tails, ties and nulls, and words of twenty values; the first of each kind may drift."""
    made = {}
    for i in range(columns):
        values = rng.standard_t(2, rows) if i % 4 == 3 else rng.normal(size=rows)
        values = np.round(values, 1) if i % 4 == 2 else values
        made[f"number {i}"] = np.where(rng.random(rows) < 0.01, np.nan, values + (shift if i == 0 else 0))
    for i in range(words):
        share = np.full(20, 0.05)
        if i == 0:
            share = np.where(np.arange(20) == 3, 0.05 + points, 0.05 - points / 19)
        made[f"word {i}"] = WORDS[rng.choice(20, rows, p=share)]
    return profile(made, threads=1)


def drift_of(before, now, **options):
    """The column `x` of two arrays, compared."""
    return compare(profile({"x": before}), profile({"x": now}), **options).columns["x"]


@pytest.mark.parametrize(("rows", "repeats"), [(30, 60), (200, 60), (1_000, 40), (10_000, 6)])
def test_without_drift_there_is_no_alarm(rows, repeats):
    # the promise is at most 1 % of looks; three alarms in 60 looks have a chance of 2 % then, two in 6 of 0.2 %
    rng = np.random.default_rng(rows)
    alarms = sum(compare(table(rng, rows), table(rng, rows)).alarm for _ in range(repeats))
    assert alarms <= 1


@pytest.mark.parametrize(
    ("rows", "repeats", "change", "column"),
    [
        (10_000, 12, {"shift": 0.2}, "number 0"),
        (100_000, 2, {"shift": 0.1}, "number 0"),
        (10_000, 12, {"points": 0.05}, "word 0"),
    ],
)
def test_drift_is_seen_even_by_the_last_daily_look_of_a_year(rows, repeats, change, column):
    rng = np.random.default_rng(7)
    seen = 0
    for _ in range(repeats):
        report = compare(table(rng, rows), table(rng, rows, **change), budget=alpha_of_look(365))
        assert [name for name, each in report.columns.items() if each.alarm] in ([column], [])
        seen += report.columns[column].alarm
    assert seen >= repeats - 1  # two misses of 12 have a chance of 0.6 % where the power is 0.99


def test_a_million_rows_do_not_alarm_on_a_trifle():
    rng = np.random.default_rng(0)
    found = drift_of(rng.normal(size=1_000_000), rng.normal(size=1_000_000) + 0.03)
    assert not found.alarm
    assert found.effect == pytest.approx(0.012, abs=0.002)


def test_a_small_window_says_too_few_rows_rather_than_quiet():
    rng = np.random.default_rng(0)
    report = compare(profile({"x": rng.normal(size=5000)}), profile({"x": rng.normal(size=30) + 0.3}))
    assert report.verdict == "too few rows"
    assert "Too few rows to tell" in report.to_text()


def test_a_small_window_that_moved_as_a_whole_still_alarms():
    rng = np.random.default_rng(0)
    assert drift_of(rng.normal(size=5000), rng.normal(size=60) + 5).alarm


def test_the_effect_is_told_in_words():
    rng = np.random.default_rng(0)
    found = drift_of(rng.normal(size=20_000), rng.normal(size=20_000) + 0.5)
    assert found.shift_sd == pytest.approx(0.5, abs=0.05)
    assert found.effect == pytest.approx(0.197, abs=0.02)
    assert "rows moved, mean +0.5" in found.sentence


def test_missing_values_are_a_drift_of_their_own():
    rng = np.random.default_rng(0)
    now = np.where(rng.random(5000) < 0.2, np.nan, rng.normal(size=5000))
    found = drift_of(rng.normal(size=5000), now)
    assert (found.alarm, found.what) == (True, "missing")
    assert "missing values went from 0.0% to" in found.sentence


def test_a_column_that_went_all_null_alarms():
    found = drift_of(np.arange(500.0), np.full(500, np.nan))
    assert (found.alarm, found.what, found.missing) == (True, "missing", 1.0)


def test_unseen_categories_are_named():
    found = drift_of(["a", "b"] * 2000, ["a", "b", "new one"] * 700)
    assert (found.alarm, found.what) == (True, "unseen")
    assert "new one" in found.sentence


def test_infinities_that_appear_are_drift():
    assert drift_of(np.arange(5000.0), np.where(np.arange(5000) % 5 == 0, np.inf, np.arange(5000.0))).alarm


def test_a_missing_column_alarms_and_a_new_one_does_not():
    report = compare(profile({"a": [1, 2], "b": [1, 2]}), profile({"a": [1, 2], "c": [1, 2]}))
    assert {name: each.what for name, each in report.columns.items()} == {"a": "distribution", "b": "gone", "c": "new"}
    assert [name for name, each in report.columns.items() if each.alarm] == ["b"]


def test_a_target_that_is_not_there_yet_is_no_alarm():
    baseline = profile({"x": np.arange(300), "late": np.arange(300) % 2}, target="late")
    report = compare(baseline, profile({"x": np.arange(300)}))
    assert not report.alarm
    assert "not there yet" in report.columns["late"].sentence


def test_a_column_that_changed_kind_alarms():
    found = drift_of(np.arange(50.0), [str(i % 3) for i in range(50)])
    assert (found.alarm, found.what) == (True, "kind")
    assert "was numeric" in found.sentence


def test_dates_that_move_on_are_no_drift():
    days = pd.date_range("2026-01-01", periods=2000, freq="h")
    assert not drift_of(days, days + pd.Timedelta("300D")).alarm


@pytest.mark.parametrize(
    "odd",
    [
        np.full(400, np.nan),
        np.ones(400),
        np.array([np.inf, -np.inf] * 200),
        np.array([1, "a", None, 2.5] * 100, object),
        np.array([[1], {"a": 2}] * 200, object),
        [f"user-{i}@example.org" for i in range(400)],
        np.array([1e308, -1e308] * 200),
    ],
    ids=["all null", "constant", "infinite", "mixed", "nested", "identifiers", "huge"],
)
def test_an_odd_column_against_itself_is_quiet_and_against_another_is_told(odd):
    odd = np.asarray(odd)
    assert not drift_of(odd, odd).alarm
    other = compare(profile({"x": np.arange(400.0) % 7}), profile({"x": odd}))
    assert other.columns["x"].sentence


def test_a_window_without_rows_is_told_and_not_judged():
    report = compare(profile({"x": np.arange(400.0)}), profile({"x": np.array([], float)}))
    assert not report.alarm
    assert report.columns["x"].sentence == "the window has no rows"


def test_high_cardinality_is_compared_by_cells():
    rng = np.random.default_rng(0)
    before = rng.integers(0, 3000, 60_000).astype(str)
    assert not drift_of(before, rng.integers(0, 3000, 20_000).astype(str)).alarm
    assert drift_of(before, rng.integers(0, 500, 20_000).astype(str)).alarm


def test_a_stored_baseline_gives_the_same_verdict():
    rng = np.random.default_rng(0)
    before = {
        "x": rng.normal(size=3000),
        "who": [f"id {i}" for i in range(3000)],
        "c": WORDS[rng.integers(0, 20, 3000)],
    }
    now = profile(
        {"x": rng.normal(size=900), "who": [f"id {i}" for i in range(900)], "c": WORDS[rng.integers(0, 5, 900)]}
    )
    fresh = profile(before)
    stored = Profile.from_bytes(fresh.to_bytes())
    assert compare(stored, now).to_dict() == compare(fresh, now).to_dict()
    assert compare(stored, now).columns["c"].alarm


def test_columns_are_ranked_by_alarm_then_effect_and_importance():
    rng = np.random.default_rng(0)
    before = {name: rng.normal(size=4000) for name in "abc"}
    now = {"a": rng.normal(size=4000), "b": rng.normal(size=4000) + 0.5, "c": rng.normal(size=4000) + 0.4}
    both = profile(before), profile(now)
    assert [*compare(*both).columns] == ["b", "c", "a"]
    assert [*compare(*both, importance={"c": 5.0}).columns][:2] == ["c", "b"]


def test_a_report_over_windows_tells_which_of_them_drifted():
    rng = np.random.default_rng(0)
    days = [dt.datetime(2026, 1, day, tzinfo=dt.UTC) for day in range(1, 6)]
    shifts = [0.0, 0.0, 1.0, 0.0]
    windows = [
        Window(start, end, None, profile({"x": rng.normal(size=2000) + shift}))
        for start, end, shift in zip(days, days[1:], shifts, strict=False)
    ]
    report = compare(profile({"x": rng.normal(size=9000)}), windows)
    assert [window.alarm for window in report.windows] == [False, False, True, False]
    assert "··■·" in report.to_text()
    assert report.largest_effect == report.windows[2].effect


def test_a_report_is_small_json():
    rng = np.random.default_rng(0)
    parts = [Window(None, None, None, table(rng, 300), f"part {i}") for i in range(12)]
    written = json.dumps(compare(table(rng, 3000), parts).to_dict(), allow_nan=False)
    assert len(written) < 20_000


def test_control_characters_in_names_do_not_reach_the_terminal():
    text = compare(profile({"x\x1b[31m": [1.0, 2.0]}), profile({"x\x1b[31m": [1.0, 2.0]})).to_text()
    assert "\x1b" not in text


@pytest.mark.parametrize(
    ("baseline", "windows", "options"),
    [
        ([1.0], [], {}),
        ([], None, {}),
        ([1.0], None, {"floor": 1.0}),
        ([1.0], None, {"floor": -0.1}),
        ([1.0], None, {"budget": 0.0}),
        ([1.0], None, {"budget": 1.0}),
    ],
)
def test_what_cannot_be_compared_is_refused(baseline, windows, options):
    with pytest.raises(BadInput):
        compare(profile({"x": baseline}), profile({"x": [1.0]}) if windows is None else windows, **options)
