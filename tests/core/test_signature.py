"""A signature checks a table: what is missing, renamed, of another kind, out of range, unseen or null."""

import numpy as np
import pandas as pd
import pytest

from nb_mlops.core.errors import BadInput
from nb_mlops.core.signature import Output, Signature
from nb_mlops.profiling import profile

TRAINED = pd.DataFrame({"distance": [10.0, 90.0, 50.0], "carrier": ["AA", "UA", "AA"], "hour": [5, 6, 7]})


@pytest.fixture
def signature():
    return Signature.of(profile(TRAINED), output=Output("classes", ("no", "yes"), "yes"))


def problems(signature, table):
    return {violation.column: violation.problem for violation in signature.check(profile(table))}


def test_the_training_table_breaks_nothing(signature):
    assert signature.check(profile(TRAINED)) == []


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        (TRAINED.drop(columns="hour"), {"hour": "missing"}),
        (TRAINED.assign(gate=1), {"gate": "extra"}),
        (TRAINED.rename(columns={"carrier": "Carrier_"}), {"carrier": "renamed"}),
        (TRAINED.assign(distance=["a", "b", "c"]), {"distance": "kind"}),
        (TRAINED.assign(distance=[10.0, 90.5, 50.0]), {"distance": "range"}),
        (TRAINED.assign(carrier=["AA", "B6", "AA"]), {"carrier": "categories"}),
        (TRAINED.assign(hour=[5, None, 7]), {"hour": "nulls"}),
        (TRAINED[["hour", "carrier", "distance"]], {}),
        (TRAINED.assign(hour=[None] * 3), {"hour": "nulls"}),
        (TRAINED.astype({"hour": "int8", "distance": "float32"}), {}),
    ],
)
def test_each_difference_is_named(signature, changed, expected):
    assert problems(signature, changed) == expected


def test_unseen_categories_are_told_by_name(signature):
    (violation,) = signature.check(profile(TRAINED.assign(carrier=["AA", "<b>", "AA"])))
    assert str(violation) == "carrier: values not seen in training: '<b>'"


def test_the_worst_comes_first(signature):
    found = signature.check(profile(TRAINED.assign(distance=1000.0).drop(columns="hour")))
    assert [violation.problem for violation in found] == ["missing", "range"]


def test_a_signature_comes_back_from_json(signature):
    assert Signature.from_dict(signature.to_dict()) == signature


def test_dates_may_move_on():
    days = pd.date_range("2026-01-01", periods=5)
    assert Signature.of(profile({"day": days})).check(profile({"day": days + pd.Timedelta("300D")})) == []


def test_the_target_is_no_input():
    made = Signature.of(profile(TRAINED, target="hour"))
    assert [column.name for column in made.columns] == ["distance", "carrier"]


def test_private_values_are_not_in_it():
    made = Signature.of(profile({"who": [f"person {i}" for i in range(100)]}))
    assert "person" not in str(made.to_dict())


def test_it_reads_as_text(signature):
    text = signature.to_text()
    assert "3 columns → classes no, yes (positive: yes)" in text
    assert "AA, UA" in text


def test_two_signatures_can_be_compared(signature):
    assert signature.check(Signature.of(profile({"hour": np.arange(3) + 5}))) != []


@pytest.mark.parametrize("bad", [None, {}, {"columns": 3}, {"columns": [{"name": "a", "kind": "x"}], "output": {}}])
def test_what_is_no_signature_is_refused(bad):
    with pytest.raises(BadInput):
        Signature.from_dict(bad)
