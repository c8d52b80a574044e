"""Check lines: what they spell, how they are judged, and all that they refuse."""

from __future__ import annotations

import json
import math
import subprocess
import sys

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from nb_mlops.core.checks import MAX_LINES, Check, parse_lines
from nb_mlops.core.errors import BadInput
from nb_mlops.core.measures import Measure, Value


def judged(line: str, **numbers: float):
    """The result of a line when metrics have these numbers."""
    return Check.parse(line).judge(lambda measure: Value(numbers[measure.name]))


@pytest.mark.parametrize(
    ("typed", "normal"),
    [
        ("roc_auc>=0.850", "roc_auc >= 0.85"),
        ("  f1.by( region ).min >= .7", "f1.by(region).min >= 0.7"),
        ("f1.by('Home Region').gap < 0.1", 'f1.by("Home Region").gap < 0.1'),
        ("roc_auc >= production.roc_auc - 0.005", "roc_auc >= production.roc_auc - 0.005"),
        ("roc_auc >= alias('pre-prod').roc_auc", 'roc_auc >= alias("pre-prod").roc_auc'),
        ("staging.f1.by(region).mean > 0.1", "staging.f1.by(region).mean > 0.1"),
        ("latency_ms.p99 <= 5", "latency_ms.p99 <= 5"),
        ("drift.max<=5e-2", "drift.max <= 0.05"),
        ("0.2<=recall<=0.4", "0.2 <= recall <= 0.4"),
        ("size_mb <= 1_000", "size_mb <= 1000"),
        ("rmse <= (production.rmse + 1) * 2", "rmse <= (production.rmse + 1) * 2"),
        ("a - (b - 1) > -c", "a - (b - 1) > -c"),
        ("roc_auc.ci_low >= 0.8", "roc_auc.ci_low >= 0.8"),
    ],
)
def test_a_check_prints_itself_and_reads_what_it_printed(typed, normal):
    check = Check.parse(typed)
    assert str(check) == normal
    assert Check.parse(normal) == check


def test_a_check_says_what_it_needs():
    needs = Check.parse('f1.by("Home Region").min >= production.f1 - excess_overlap').needs()
    assert needs == {
        Measure("f1", by="Home Region", statistic="min"),
        Measure("f1", source="production"),
        Measure("excess_overlap"),
    }


def test_value_and_limit_are_the_measured_side_and_the_other():
    assert judged("roc_auc >= 0.85", roc_auc=0.9).value == 0.9
    turned = judged("0.85 <= roc_auc", roc_auc=0.9)
    assert (turned.value, turned.limit, turned.passed) == (0.9, 0.85, True)


@pytest.mark.parametrize(("value", "passed"), [(0.1, False), (0.2, True), (0.3, True), (0.5, False)])
def test_a_chain_holds_when_both_its_ends_do(value, passed):
    result = judged("0.2 <= recall <= 0.4", recall=value)
    assert (result.value, result.passed) == (value, passed)


def test_a_failed_check_says_what_was_wrong():
    result = judged("roc_auc >= 0.75", roc_auc=0.71)
    assert (result.status, result.detail) == ("failed", "roc_auc 0.71 is not >= 0.75")


def test_a_value_just_under_its_limit_is_shown_as_different():
    assert "0.849996" in judged("roc_auc >= 0.85", roc_auc=0.849996).detail


def test_rounding_alone_never_fails_a_check_and_never_passes_a_strict_one():
    assert judged("x <= 0.3", x=0.1 + 0.2).passed
    assert "within rounding" in judged("x <= 0.3", x=0.1 + 0.2).detail
    assert not judged("x > 0.3", x=0.1 + 0.2).passed


@pytest.mark.parametrize("sign", ["==", "!=", "<", "<=", ">", ">="])
def test_nan_fails_every_comparison(sign):
    assert not judged(f"x {sign} 1", x=math.nan).passed


def test_division_by_a_measured_zero_fails_and_does_not_raise():
    assert judged("x / y <= 2", x=1.0, y=0.0).status == "failed"


@pytest.mark.parametrize("value", [Value.not_applicable("nothing is in production"), Value.too_few("12 rows")])
def test_what_cannot_be_judged_passes_and_says_why(value):
    check = Check.parse("roc_auc >= production.roc_auc")
    result = check.judge(lambda measure: value if measure.source else Value(0.8))
    assert (result.passed, result.status, result.value) == (True, value.status, 0.8)
    assert value.detail in result.detail


def test_lines_may_be_blank_or_comments():
    checks = parse_lines("# limits\n\nroc_auc >= 0.8  # don't lower\nf1.by('a#b').min > 0")
    assert [str(check) for check in checks] == ["roc_auc >= 0.8", 'f1.by("a#b").min > 0']


def test_names_in_braces_become_values():
    names = {"least": 0.8, "metric": "f1", "col": "Home Region", "typed": "0.5"}
    (first, second) = parse_lines("{metric}.by({col}).min >= {least}\nf1 > { typed }", names)
    assert str(first) == 'f1.by("Home Region").min >= 0.8'
    assert str(second) == "f1 > 0.5"


def test_an_unknown_name_in_braces_lists_near_ones():
    with pytest.raises(BadInput, match=r"Line 2: \{min_acu\}") as caught:
        parse_lines("f1 > 0\nroc_auc >= {min_acu}", {"min_auc": 0.8, "min_aux": object()})
    assert caught.value.hint == "Did you mean min_auc?"


@pytest.mark.parametrize("value", [object(), None, True, math.nan, math.inf, 10**40, [1], "a'\"b", "x\x00", "a\\"])
def test_only_plain_numbers_and_words_come_out_of_braces(value):
    with pytest.raises(BadInput):
        parse_lines("roc_auc >= {v}", {"v": value})


@pytest.mark.parametrize("value", ["0 or True", "production.roc_auc", "eval(1)", "lambda: 0", "0.1 # ", "{other}"])
def test_a_parameter_that_is_code_stays_a_text(value):
    with pytest.raises(BadInput, match="is not a number"):
        parse_lines("roc_auc >= {v}", {"v": value, "other": 0.0})


def test_no_lines_at_all_is_an_error_since_it_would_always_pass():
    with pytest.raises(BadInput, match="nothing would be validated"):
        parse_lines("# only a comment\n\n")


REFUSED = [
    "", "roc_auc", "roc_auc = 0.8", "1 < 2", "roc_auc >= 'a'", "roc_auc >= True", "roc_auc >= None",
    "__import__('os').system('id') > 0", "eval('1') > 0", "roc_auc() > 0", "roc_auc.by(f(region)).min > 0",
    "a[0] > 0", "a[b] > 0", "{x} > 0", "import os", "lambda: 0", "(lambda: 0)() > 0", "[x for x in y] > 0",
    "f'{x}' > 0", "f\"x\" > 0", "b'x' > 0", "(x := 3) > 0", "x if y else z > 0", "x > 0; y > 0", "x and y > 0",
    "not x > 0", "x in y", "x is y", "*x > 0", "x, y > 0", "await x > 0", "x @ y > 0", "x % 2 > 0", "x // 2 > 0",
    "~x > 0", "x ** 2 > 0", "9**9**9 > x", "x > 9**9**9", "x > 1e999", "x > -1e999", "x > nan", "x > inf", "x > NaN",
    "x > 0x10", "x > 1j", "x > 0b1", "x > 007", "x > 1__0", "x > " + "9" * 31, "x > " + "9" * 5000,
    "x.__class__ > 0", "x.__class__.__mro__ > 0", "__x > 0", "_x > 0", "x.by(region).min.__class__ > 0",
    "\uff52oc_auc > 0", "r\u043e\u0441_auc > 0", "x\u200b > 0", "x\u202e > 0", "x > \uff11",
    "x\x00 > 0", "x\n> 0", "x \\\n > 0",
    "x > 0 \x1b[31m", "f1.by('a\x00b').min > 0", "f1.by('a\\x41').min > 0", "f1.by('').min > 0", "f1.by(é).min > 0",
    "f1.by(region) > 0", "f1.by().min > 0", "f1.by(a, b).min > 0", "f1.by(a=1).min > 0", "f1.by(region).ci_low > 0",
    "f1.min > 0", "f1.p99 > 0", "latency_ms > 0", "latency_ms.max > 0", "drift > 0", "size_mb.by(region).min > 0",
    "production.size_mb > 0", "production.drift.max > 0", "production > 0", "alias('pre-prod') > 0", "alias(x).f1 > 0",
    "alias('../etc').f1 > 0", "alias('latest').f1 > 0", "prod.f1 > 0", "production.staging.f1 > 0", "x > 1 / 0",
    "a < b < c < d", "(a < b) < c", "'" + "a" * 300 + "' > 0", "f1.by('" + "a" * 300 + "').min > 0",
    "(" * 900, "(" * 60 + "x" + ")" * 60 + " > 0", "-" * 900 + "x > 0", "x" + " + x" * 200 + " > 0",
    "x > 0" + " " * 10**6,
    "x" * 10**6, "\ud800 > 0", "f1.by('\ud800').min > 0",
]  # fmt: skip


@pytest.mark.parametrize("line", REFUSED, ids=lambda line: ascii(line[:30]))
def test_everything_else_is_refused_in_two_printable_lines(line):
    with pytest.raises(BadInput) as caught:
        Check.parse(line)
    assert caught.value.hint
    assert caught.value.message.isprintable()
    assert len(str(caught.value)) < 600


@pytest.mark.parametrize("text", ["x > 0\n" * 10_000, "x > 0\n" * (MAX_LINES + 1), "#" * 10**6, "\n" * 10**6, 7, None])
def test_too_much_is_refused_before_it_is_read(text):
    with pytest.raises(BadInput):
        parse_lines(text)


WORDS = st.sampled_from(
    "roc_auc f1 production staging alias by min max ci_low p99 drift size_mb . ( ) + - * / ** < > <= == = ! 'a b' "
    '"x" 0.5 1e999 007 9 , [ ] { } {m} # : lambda if for in not and or __class__ \uff46 é \x00 \n \\ _ nan'.split(" ")
)


@given(st.text() | st.lists(WORDS).map("".join) | st.lists(WORDS).map(" ".join))
@example("f1.by('{m}').min > 0")
@settings(max_examples=400, deadline=None)
def test_any_text_is_read_or_refused_as_bad_input(text):
    try:
        checks = parse_lines(text, {"m": 0.5})
    except BadInput:
        return
    assert [Check.parse(str(check)) for check in checks] == checks


def test_reading_check_lines_imports_nothing_but_the_standard_library():
    code = "import json, sys, nb_mlops.core.checks, nb_mlops.core.filters; print(json.dumps(sorted(sys.modules)))"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    heavy = {"numpy", "pandas", "sklearn", "scipy", "sqlalchemy", "narwhals", "IPython"}
    assert not heavy & set(json.loads(run.stdout))
