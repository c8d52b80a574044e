"""The drift figure: drawn from bins, small, without a ground of its own, no markup from names."""

import numpy as np
import pytest

from nb_mlops.core.drift import Window, compare
from nb_mlops.core.errors import Unsupported
from nb_mlops.core.signature import Signature
from nb_mlops.profiling import profile

REPORT = compare(
    profile({"x": np.arange(5000.0), "<a href='x'>w</a>": ["a", "b"] * 2500}),
    [
        Window(None, None, None, profile({"x": np.arange(3000.0), "<a href='x'>w</a>": ["a"] * 3000}), f"w{i}")
        for i in range(3)
    ],
)


def test_the_figure_is_small_and_has_no_ground_of_its_own():
    figure = REPORT.figure()
    assert len(figure.to_json()) < 10_000
    assert figure.layout.paper_bgcolor == "rgba(0,0,0,0)"
    assert figure.layout.template.layout.to_plotly_json() == {}


def test_every_alarm_has_a_diamond():
    (alarms,) = [trace for trace in REPORT.figure().data if trace.name == "alarm"]
    assert len(alarms.x) == sum(column.alarm for window in REPORT.windows for column in window.columns.values()) == 6


def test_names_cannot_make_links():
    assert "<a href" not in REPORT.figure().to_json()


def test_one_window_has_bars_in_place_of_a_heat_map():
    figure = compare(profile({"x": np.arange(500.0)}), profile({"x": np.arange(300.0)})).figure()
    assert figure.data[0].type == "bar"


def test_a_value_without_a_figure_says_so():
    with pytest.raises(Unsupported, match="no interactive figure of a signature"):
        Signature.of(profile({"x": [1.0]})).figure()
