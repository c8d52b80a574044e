"""A magic line is read the same everywhere: blanks, quotes, apostrophes, comments, options, errors of two lines."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nb_mlops.core.errors import BadInput, NbMlopsError
from nb_mlops.notebook.arguments import Spec, parse
from nb_mlops.notebook.vocabulary import PROMOTE, REGISTER, SPECS, VALIDATE, VERSIONS


def register(line: str, **names: object):
    return parse(REGISTER, line, names)


def test_a_comment_at_the_end_is_not_read():
    parsed = register("churn --tag team=risk  # the --best one, really")
    assert (parsed.name, parsed.tag, parsed.again) == ("churn", [("team", "risk")], False)


def test_a_hash_inside_a_word_or_quotes_is_text():
    parsed = register('churn --tag issue=#12 --purpose "fix # 3"')
    assert parsed.tag == [("issue", "#12")]
    assert parsed.purpose == "fix # 3"


@pytest.mark.parametrize("data", ["X,y", "X, y", "X ,y", "X , y", "(X, y)", "X,   y"])
def test_two_names_may_have_a_blank_between_them(data):
    parsed = register(f"churn --data {data} --again", X=1, y=2)
    assert parsed.resolve("data") == (1, 2)
    assert parsed.again


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ('"it\'s late"', "it's late"),
        ("'it's late'", "it's late"),
        ("don't", "don't"),
        ('"a \\"quoted\\" word"', 'a "quoted" word'),
        ('"C:\\data\\"', "C:\\data\\"),
        ("C:\\data\\x.csv", "C:\\data\\x.csv"),
        ('""', ""),
        ("$HOME", "$HOME"),
        ("{name}", "{name}"),
        ('"`rm -rf`; $(x) {0}"', "`rm -rf`; $(x) {0}"),
    ],
)
def test_free_text_is_taken_as_it_stands(typed, meant):
    assert parse(PROMOTE, f"churn@3 -m {typed}").reason == meant


def test_options_may_be_repeated_and_written_with_equals():
    parsed = register('churn --tag a=1 --tag=b=2 --tag note="two words" --stakes=high')
    assert parsed.tag == [("a", "1"), ("b", "2"), ("note", "two words")]
    assert parsed.stakes == "high"


def test_a_sort_key_may_begin_with_a_minus():
    assert parse(VERSIONS, "churn --sort -roc_auc --top 3").sort == "-roc_auc"


def test_names_may_be_quoted_where_they_hold_blanks():
    assert parse(VALIDATE, 'churn@3 --ignore "Home Region", age').ignore == ["Home Region", "age"]


def test_refs_expand_plain_names_and_attributes():
    version = type("V", (), {"ref": "churn@4", "number": np.int64(4)})()
    for line in ("{v.ref}", "{v}", "churn@{v.number}", "churn@{n}", "{ v.ref }"):
        assert parse(PROMOTE, line, {"v": version, "n": 4}).ref == "churn@4"


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("{missing}", "no variable 'missing'"),
        ("{v.nope}", "no attribute 'nope'"),
        ("{v.__class__}", "not for magics"),
        ("{v()}", "no plain name"),
        ("{1+1}", "no plain name"),
        ("{frame}", "holds a list"),
        ("{two_lines}", "more than one line"),
    ],
)
def test_what_cannot_stand_in_braces_is_an_error(line, says):
    names = {"v": "x", "frame": [1], "two_lines": "churn@1\nrollback"}
    with pytest.raises(BadInput, match=says):
        parse(PROMOTE, line, names)


@pytest.mark.parametrize(
    ("line", "says", "hint"),
    [
        ("churn@3 --too production", "%promote has no option --too.", "Did you mean --to?"),
        ("churn@3 --to", "%promote --to needs a value.", "--to ALIAS"),
        ("churn@3 --to --registry x", "%promote --to needs a value.", "--to ALIAS"),
        ("churn@3 --to a --to b", "%promote has --to twice.", "Give it once."),
        ("churn@3 -m two words", "%promote does not know what to do with 'words'.", 'quotes: -m "two words"'),
        ('churn@3 -m "open', "is never closed", 'Close it with "'),
    ],
)
def test_a_mistake_is_told_in_two_lines(line, says, hint):
    with pytest.raises(BadInput) as caught:
        parse(PROMOTE, line)
    first, second = caught.value._render_traceback_()
    assert says in first
    assert hint in second


def test_a_missing_name_and_a_wrong_choice_are_told():
    with pytest.raises(BadInput, match=r"%%register needs a model's name, such as churn\."):
        register("")
    with pytest.raises(BadInput, match="Did you mean medium"):
        register("churn --stakes meduim")
    with pytest.raises(BadInput, match="not key=value"):
        register("churn --tag team")
    with pytest.raises(BadInput, match="not a whole number"):
        parse(VERSIONS, "churn --top 1e3")
    with pytest.raises(BadInput, match="not a variable name"):
        register("churn --into 3v")


@pytest.mark.parametrize("text", ['models["rf"]', "models['rf']", "res.model", "rows[0]", "rows[-1]", "models[key]"])
def test_an_expression_is_looked_up(text):
    names = {"models": {"rf": "M"}, "res": type("R", (), {"model": "M"}), "rows": ["M"], "key": "rf"}
    assert register(f"churn --model {text} --again", **names).resolve("model") == "M"


@pytest.mark.parametrize(
    "text",
    ["f()", "a+b", "(lambda: 1)", "[x for x in y]", "[a,b]", "x[f()]", "9**9**9", "f'{a}'", "a:=1", "a,(b,c)"],
)
def test_what_would_need_evaluating_is_refused(text):
    with pytest.raises(BadInput, match="evaluated"):
        register(f"churn --model {text.replace(' ', '')}", a=1, b=2, c=3, f=1, x=1, y=1)


@pytest.mark.parametrize(
    "path", ["data/x.parquet", "x.parquet", "s3://bucket/x.csv", "./x", "C:\\d\\x.parquet", '"my x.csv"']
)
def test_a_path_may_stand_for_a_table(path):
    assert parse(VALIDATE, f"churn@3 --data {path}").resolve("data") == path.strip('"')


def test_a_missing_item_names_the_near_ones():
    with pytest.raises(BadInput, match="Did you mean forest"):
        register('churn --model models["forst"]', models={"forest": 1}).resolve("model")


@given(st.text(max_size=60))
def test_any_line_is_read_or_refused_in_our_words(line):
    for spec in (REGISTER, PROMOTE, VERSIONS):
        shown = _error_of(spec, line)
        assert len(shown) in (0, 2)
        assert all(line.isprintable() for line in shown)


def _error_of(spec: Spec, line: str) -> list[str]:
    try:
        parse(spec, line, {"X": 1})
    except NbMlopsError as error:
        return error._render_traceback_()
    return []


def test_every_magic_has_help_and_an_example_that_it_can_read():
    for spec in SPECS.values():
        assert all(option.help and option.names[0] in spec.help_text() for option in spec.options)
        assert any(option.names[0] == "--registry" for option in spec.options)
        assert parse(spec, spec.example.split(maxsplit=1)[1]).spec is spec
