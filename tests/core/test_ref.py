"""How people name things, and every spelling that must not pass."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nb_mlops.core.errors import BadInput
from nb_mlops.core.ref import RESERVED, Ref, alias_name, model_name

BAD_NAMES = [
    "",
    ".",
    "..",
    "../../etc/passwd",
    "..%2f",
    "%2e%2e%2f",
    "/etc/passwd",
    "C:\\x",
    "\\\\host\\share",
    "a\x00b",
    "a\nb",
    "churn\n",
    "a" * 101,
    "-rf",
    "--help",
    "Churn",
    "CHURN",
    "chürn",
    "\u0441hurn",  # a Cyrillic first letter
    "churn\u202e",
    "chu\u200brn",
    "\uff43\uff48\uff55\uff52\uff4e",  # full-width,
    "file:///x",
    "http://x",
    "a/b/c",
    "a//b",
    "/a",
    "a/",
    "3churn",
    "a b",
    "a..b",
    "a/../b",
    "churn;rm",
    "churn$(x)",
    "{name}",
    "<script>",
]


@pytest.mark.parametrize("name", BAD_NAMES)
def test_a_bad_name_is_refused_and_a_good_one_is_shown(name: str) -> None:
    with pytest.raises(BadInput) as error:
        model_name(name)
    offered = error.value.hint.split("Try ")[1].strip(".'")
    assert model_name(offered) == offered


@pytest.mark.parametrize(
    "selector", ["0", "-1", "1e3", "03", str(2**63), "\u0663", "\uff13", "", " 3", "3 ", "Production", "../x"]
)
def test_a_bad_selector_is_refused(selector: str) -> None:
    with pytest.raises(BadInput):
        Ref.parse(f"churn@{selector}")


@pytest.mark.parametrize("text", ["churn", "churn@3", "risk/churn@production", "churn@latest", "a.b-c_d@pre-prod"])
def test_a_ref_prints_as_it_was_typed(text: str) -> None:
    assert str(Ref.parse(text)) == text


def test_a_command_cannot_be_a_model() -> None:
    for word in sorted(RESERVED):
        with pytest.raises(BadInput, match="is a command"):
            model_name(word)


def test_latest_is_not_an_alias() -> None:
    with pytest.raises(BadInput, match="reserved"):
        alias_name("latest")


@given(st.text())
def test_any_text_is_a_ref_or_refused_by_us(text: str) -> None:
    try:
        shown = str(Ref.parse(text))
    except BadInput as error:
        shown = error.message
    assert shown == text or shown.isprintable()
