"""The drift view: small, readable without scripts, everything escaped, alarms told by shape and word as by colour."""

import datetime as dt
import json
import xml.etree.ElementTree as ET

import numpy as np
import pytest

from nb_mlops.core.drift import Window, compare
from nb_mlops.notebook.views import html_of
from nb_mlops.profiling import profile

HOSTILE = "<script>alert('x')</script> \" onload=\"y\x1b[31m\u202e"


def table(rows, month, seed=0):
    rng = np.random.default_rng(seed + month)
    made = {f"number {i}": rng.normal(size=rows) + (0.1 * month if i < 6 else 0) for i in range(16)}
    words = np.array([f"word {i}" for i in range(20)])
    return profile({**made, **{f"word {i}": words[rng.integers(0, 20, rows)] for i in range(4)}})


@pytest.fixture(scope="module")
def year():
    starts = [dt.datetime(2026, month, 1, tzinfo=dt.UTC) for month in range(1, 13)] + [
        dt.datetime(2027, 1, 1, tzinfo=dt.UTC)
    ]
    windows = [Window(starts[m], starts[m + 1], None, table(2000, m)) for m in range(12)]
    return compare(table(10_000, 0, seed=99), windows)


def drawings(html):
    """The drawings of a view, parsed: they must be well-formed."""
    start, found = 0, []
    while (start := html.find("<svg", start)) >= 0:
        end = html.index("</svg>", start) + 6
        found.append(ET.fromstring(html[start:end]))
        start = end
    return found


def test_twelve_windows_of_twenty_columns_take_at_most_60_kb_of_a_notebook(year):
    # all of it: HTML, text and JSON, as they are written into the file
    assert len(json.dumps(year._repr_mimebundle_()).encode()) <= 60_000


def test_nothing_in_it_runs_or_is_fetched(year):
    html = html_of(year)
    assert not any(part in html for part in ("<script", "javascript:", "src=", "url(", "@import", "onload", "<iframe"))


def test_every_drawing_is_well_formed_and_named(year):
    found = drawings(html_of(year))
    assert len(found) > 20
    told = [each for each in found if each.get("aria-hidden") != "true"]  # the bars stand beside their numbers
    assert len(told) == 5
    assert all(each.get("role") == "img" and each.get("aria-label") for each in told)


def test_an_alarm_has_a_shape_and_a_word_beside_its_colour(year):
    html = html_of(year)
    heat_map = drawings(html)[0]
    paths = [path.get("d") for path in heat_map.iter() if path.get("class") == "bad"]
    diamonds = sum(path.count("z") for path in paths if "l4 4" in path)
    alarms = sum(column.alarm for window in year.windows for column in window.columns.values())
    assert alarms > 10
    assert diamonds == alarms + 1  # and the one of the legend
    assert "✗ alarm" in html


def test_the_windows_stand_in_a_table_too(year):
    html = html_of(year)
    assert "windows as a table" in html
    assert all(window.label in html for window in year.windows)


def test_colours_come_from_the_page(year):
    html = html_of(year)
    assert "currentColor" in html
    assert not any(f'fill="{colour}"' in html for colour in ("white", "black", "#fff", "#000"))


def test_names_and_values_are_escaped():
    before = profile({HOSTILE: [HOSTILE, "a"] * 200})
    report = compare(before, [Window(None, None, HOSTILE, profile({HOSTILE: ["a", "<b>new</b>"] * 200}), HOSTILE)] * 2)
    html = html_of(report)
    assert report.alarm
    assert "<script>" not in html
    assert "<b>new" not in html
    assert "\x1b" not in html
    assert "\u202e" not in html
    assert 'onload="' not in html


@pytest.mark.parametrize(
    "values",
    [
        np.ones(50),
        np.full(50, np.nan),
        np.array([np.inf, 1.0]),
        ["a"],
        [[1]],
        np.array([1e308, -1e308]),
        [True, False],
        np.arange(12.0),
    ],
    ids=["constant", "null", "infinite", "one", "nested", "huge", "truth", "few"],
)
def test_odd_columns_are_drawn(values):
    report = compare(
        profile({"odd": values, "sound": np.arange(len(values))}),
        profile({"odd": values, "sound": np.arange(len(values))}),
    )
    html = html_of(report)
    assert "nan" not in html.lower().replace("not judged", "")
    assert drawings(html) is not None


def test_a_report_of_a_thousand_columns_and_windows_stays_readable():
    wide = profile({f"c{i}": [1.0, 2.0] for i in range(300)})
    html = html_of(compare(wide, [Window(None, None, None, wide, f"w{i}") for i in range(60)]))
    assert "280 columns that moved less and 7 earlier windows" in html
    assert len(html) < 400_000


def test_too_few_rows_are_marked_with_a_question():
    rng = np.random.default_rng(0)
    few = [Window(None, None, None, profile({"x": rng.normal(size=20)}), f"w{i}") for i in range(3)]
    html = html_of(compare(profile({"x": rng.normal(size=5000)}), few))
    assert html.count(">?</text>") == 3
    assert "too few rows" in html
