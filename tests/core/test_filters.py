"""`--where` and `--sort`: what they keep, in what order, and all that they refuse."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nb_mlops.core.errors import BadInput
from nb_mlops.core.filters import And, Compare, Field, Filter, Or, Sort

ROW = {
    "metrics": {"roc_auc": 0.9, "broken": float("nan")},
    "params": {"depth": 5, "booster": "dart", "early": True},
    "tags": {"team": "risk", "git-commit": "abc", "round": "3"},
    "created_at": datetime(2026, 11, 3, 12, tzinfo=UTC),
    "number": 7,
}


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("metrics.roc_auc > 0.8", True),
        ("0.8 < metrics.roc_auc", True),
        ("0.8 < metrics.roc_auc < 0.85", False),
        ("metrics.roc_auc > 0.95 or tags.team == 'risk'", True),
        ("metrics.roc_auc > 0.95 and tags.team == 'risk' or number == 7", True),
        ("metrics.roc_auc > 0.95 and (tags.team == 'risk' or number == 7)", False),
        ("params.depth >= 5 and params.booster != 'gbtree'", True),
        ("params.depth == 'five'", False),
        ("params.depth != 'five'", True),
        ("params.early == True", True),
        ("tags.round == 3", True),
        ('tags("git-commit") == "abc"', True),
        ("metrics.absent != 1", False),
        ("metrics.broken != 1", False),
        ("metrics.roc_auc > -1", True),
    ],
)
def test_a_filter_keeps_what_it_says(text, kept):
    assert Filter.parse(text).matches(ROW) is kept


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("created_at == '2026-11-03'", True),
        ("created_at != '2026-11-03'", False),
        ("created_at <= '2026-11-03'", True),
        ("created_at > '2026-11-03'", False),
        ("created_at > '2026-11-03T11:00'", True),
        ("created_at > '2026-11-03T11:00+05:00'", True),
        ("created_at < '2026-11-03T13:00-05:00'", True),
    ],
)
def test_a_date_is_its_whole_day_and_a_time_is_utc_unless_it_says_otherwise(text, kept):
    assert Filter.parse(text).matches(ROW) is kept
    assert Filter.parse(text).matches({**ROW, "created_at": "2026-11-03T12:00:00+00:00"}) is kept


def test_the_tree_is_plain():
    tree = Filter.parse("metrics.f1 > 0.5 and (number < 3 or tags.team == 'risk')").tree
    assert tree == And(
        (
            Compare(Field("metrics", "f1"), ">", 0.5),
            Or((Compare(Field("number"), "<", 3), Compare(Field("tags", "team"), "==", "risk"))),
        )
    )


@pytest.mark.parametrize(
    "text", ["metrics.f1 > 0.5 and (number < 3 or tags('a b') == \"it's\")", "created_at == '2026-11-03'"]
)
def test_a_filter_prints_itself(text):
    assert Filter.parse(str(Filter.parse(text))) == Filter.parse(text)


REFUSED = [
    "", "metrics.f1", "f1 > 0", "metric.f1 > 0", "metrics > 0", "metrics.f1 > 'a'", "metrics.f1 > metrics.f2", "1 < 2",
    "metrics.f1 = 1", "not metrics.f1 > 0", "metrics.f1 in (1, 2)", "metrics['f1'] > 0", "metrics.f1.x > 0",
    "metrics.__class__ > 0", "metrics.f1() > 0", "metrics(f1) > 0", "metrics('a', 'b') > 0", "metrics('') > 0",
    "metrics.f1 > 1e999", "metrics.f1 > 9**9", "metrics.f1 > 1 + 1", "metrics.f1 > " + "9" * 25, "number > True",
    "tags.a > 3", "tags.a == True", "tags.a == -'b'", "created_at > 3", "created_at > 'soon'", "params.x == None",
    "created_at <= '9999-12-31'", "created_at > '0001-01-01T00:00+10:00'", "tags.a == 'x'; DROP TABLE versions",
    "tags.a == 'x' -- ", "tags.a == '\x00'", "tags.\u0430 == 'x'", "\uff4detrics.f1 > 0",
    "lambda: 0", "f'{x}' == tags.a",
    "(" * 900, "metrics.f1 > 0" + " and metrics.f1 > 0" * 100, "tags.a == '" + "x" * 10**6 + "'", "a < number < 3 < 4",
]  # fmt: skip


@pytest.mark.parametrize("text", REFUSED, ids=lambda text: ascii(text[:30]))
def test_everything_else_is_refused(text):
    with pytest.raises(BadInput) as caught:
        Filter.parse(text)
    assert caught.value.hint
    assert caught.value.message.isprintable()


def test_sql_in_a_value_is_only_a_value():
    tree = Filter.parse("tags.team == 'x\" OR 1=1 --'").tree
    assert tree == Compare(Field("tags", "team"), "==", 'x" OR 1=1 --')


@pytest.mark.parametrize(
    ("text", "field", "descending"),
    [
        ("-roc_auc", Field("metrics", "roc_auc"), True),
        ("params.depth", Field("params", "depth"), False),
        ("-created_at", Field("created_at"), True),
        ("tags('git-commit')", Field("tags", "git-commit"), False),
    ],
)
def test_an_order_is_read(text, field, descending):
    assert Sort.parse(text) == Sort(field, descending)
    assert Sort.parse(str(Sort.parse(text))) == Sort.parse(text)


@pytest.mark.parametrize(
    "text", ["", "-", "--x", "a, b", "x; drop", "metrics", "a.b", "1", "_" * 300, "__class__", None]
)
def test_a_bad_order_is_refused(text):
    with pytest.raises(BadInput):
        Sort.parse(text)


@pytest.mark.parametrize(("text", "order"), [("auc", [1, 3, 2, 4]), ("-auc", [2, 3, 1, 4])])
def test_what_lacks_the_field_comes_last_either_way(text, order):
    rows = [{"number": at, "metrics": {"auc": auc}} for at, auc in [(1, 0.1), (2, 0.9), (3, 0.5)]]
    rows.insert(1, {"number": 4, "metrics": {}})
    assert [row["number"] for row in Sort.parse(text).ordered(rows)] == order


WORDS = st.sampled_from(
    "metrics params tags created_at number . ( ) and or not == != < > = 'a' \"2026-01-01\" '2026' 1 -1 True 1e999 "
    "roc_auc x [ ] ; -- ' ** lambda é".split(" ")
)


@given(st.text() | st.lists(WORDS).map("".join) | st.lists(WORDS).map(" ".join))
@settings(max_examples=400, deadline=None)
def test_any_text_is_read_or_refused_as_bad_input(text):
    for kind in (Filter, Sort):
        try:
            found = kind.parse(text)
        except BadInput:
            continue
        assert kind.parse(str(found)) == found
