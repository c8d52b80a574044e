"""The canonical bytes are RFC 8785's, as an independent implementation of it writes them."""

import json
import math
import struct

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from nb_mlops.core.canonical import canonical, digest, number
from nb_mlops.core.errors import BadInput

scalars = (
    st.none()
    | st.booleans()
    | st.integers(min_value=-(2**53) + 1, max_value=2**53 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"]))
)
values = st.recursive(
    scalars, lambda inner: st.lists(inner) | st.dictionaries(st.text(st.characters(exclude_categories=["Cs"])), inner)
)


@given(values)
def test_bytes_are_those_of_an_independent_implementation(value: object) -> None:
    assert canonical(value) == rfc8785.dumps(value)


@given(st.binary(min_size=8, max_size=8))
def test_every_finite_double_comes_back_exactly(data: bytes) -> None:
    (value,) = struct.unpack("<d", data)
    if math.isfinite(value):
        assert float(json.loads(number(value))) == value


def test_what_json_lacks_is_written_as_text() -> None:
    assert canonical([math.nan, math.inf, -math.inf]) == b'["NaN","Infinity","-Infinity"]'


def test_keys_are_sorted_by_utf_16_units() -> None:
    assert canonical({"\U0001f600": 1, "\ufb33": 2}) == '{"\U0001f600":1,"\ufb33":2}'.encode()


@pytest.mark.parametrize("value", [2**53, {1: 2}, {"a": object()}, "\ud800", b"bytes", {"a": {1, 2}}])
def test_what_cannot_be_stored_is_refused(value: object) -> None:
    with pytest.raises(BadInput):
        canonical(value)


def test_deep_nesting_is_refused_before_the_stack_is() -> None:
    deep: list[object] = []
    for _ in range(10_000):
        deep = [deep]
    with pytest.raises(BadInput, match="nested deeper"):
        canonical(deep)


def test_order_of_keys_does_not_change_a_digest() -> None:
    assert digest({"a": 1, "b": 2.0}) == digest({"b": 2, "a": 1.0})
