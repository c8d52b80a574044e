"""Whatever a client sends: an error of ours and nothing written, or an event that verifies; no error of a database."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nb_mlops.core.errors import NbMlopsError
from nb_mlops.core.rules.ruling import _RULES
from nb_mlops.storage.catalog_sql import SqlCatalog
from tests.core.rules.conftest import NOON, House, digest

GOOD: dict[str, Any] = {
    "number": 1,
    "alias": "production",
    "data": digest(7),
    "digest": digest(1),
    "identity": digest(1),
    "record": digest(1),
    "format": "skops",
    "size_bytes": 3,
    "files": {"m": {"sha256": digest(1), "size": 3}},
    "passed": True,
    "results": [{"check": "f1 >= 0.5", "passed": True}],
    "alarm": False,
    "rows": 9,
    "finding": 1,
    "severity": "minor",
    "section": "limits",
    "place": "notebook",
    "name": "holdout",
    "tags": {"team": "risk"},
}
OF_A_KIND = {  # the kinds that say much; the others are tried with all of it
    "registered": "digest identity record format size_bytes files baseline examples trained_on metrics params tags "
    "parent runs_code again stakes author",
    "validated": "number data digest data_name passed results metrics rows code claimed_ci importance notes attempt",
    "observed": "number data rows alarm report look",
}
ALL = "evidence break_glass expect due answers policy position key live name severity section place finding alias tags"
LEAVES = st.one_of(
    st.none(),
    st.booleans(),
    st.sampled_from([-1, 0, 1, 2**53, 2**63, 2**70, "", "low", "1", digest(1), "\ud800", "a\x00b", 10**400]),
    st.floats(),
    st.text(max_size=5),
)
VALUES = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["m", "sha256", "check"]), inner),
    max_leaves=5,
)
WORDS = dict.fromkeys(("title", "answer", "text", "note", "comment", "reason", "review"), "What we know of it.")


@pytest.fixture(scope="module")
def asked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    path: Path = tmp_path_factory.mktemp("any") / "catalog.sqlite"
    house = House(SqlCatalog.sqlite(path, clock=lambda: NOON))
    house.registers("ann", 1, stakes="medium")
    yield house
    assert house.catalog.verify().whole
    house.catalog.close()


@settings(max_examples=600, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(kind=st.sampled_from([*OF_A_KIND] * 8 + sorted(_RULES)), drawn=st.data())
def test_any_body_is_refused_in_two_lines_or_recorded(asked: House, kind: str, drawn: st.DataObject) -> None:
    names = OF_A_KIND.get(kind, f"{OF_A_KIND['validated']} {ALL}").split()
    changes = drawn.draw(st.dictionaries(st.sampled_from(names), VALUES, min_size=1, max_size=2))
    before = asked.catalog.position()
    name = "other" if kind == "retired" else "churn"  # the model stays
    said = ""
    try:
        asked.does("bob", kind, WORDS, model=name, **GOOD | changes)
    except NbMlopsError as error:
        said = str(error)
    assert not said or (said.count("\n"), asked.catalog.position()) == (1, before)
