"""What people and data put into a registry is only ever text where it is shown: HTML, terminal, JSON, DataFrame."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Callable, Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from click.testing import CliRunner
from sklearn.linear_model import LogisticRegression

import nb_mlops
from nb_mlops.actions import connect, session
from nb_mlops.actions.registry import Registry
from nb_mlops.cli import main
from nb_mlops.core.errors import BadInput, NbMlopsError
from nb_mlops.core.shown import Shown
from tests.actions.conftest import table
from tests.attacks.conftest import as_ben, command

WORDS = (
    "<script>alert(1)</script>\"'><img src=x onerror=alert(1)></style></table><svg onload=alert(1)>"
    " javascript:alert(1) $x^2$ ${7*7} {{7*7}} =cmd|'/c calc'!A1"
)
# What a name may not hold, and free text may
FAKED = "9  2026-11-23 12:00  ben  churn@2 approved for production"
TRICKS = f"\x1b]0;owned\x07\x1b[2J\x1b[31m\u202e\u200b\x00\r\x08\n   {FAKED}"
TERMINAL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2066-\u2069]")

LOOKS: dict[str, Callable[[], Shown]] = {
    "models": nb_mlops.models,
    "versions": lambda: nb_mlops.versions("churn"),
    "get": lambda: nb_mlops.get("churn@1"),
    "compare": lambda: nb_mlops.compare("churn@1", "churn@2"),
    "lineage": lambda: nb_mlops.lineage("churn@1"),
    "audit": lambda: nb_mlops.audit("churn"),
    "as_of": lambda: nb_mlops.as_of("churn@production", "2999-01-01"),
    "card": lambda: nb_mlops.card("churn@1"),
    "gate": lambda: nb_mlops.gate("churn@2"),
    "doctor": lambda: nb_mlops.doctor("churn@1"),
    "status": nb_mlops.status,
    "pending": lambda: nb_mlops.pending(registry=connect.open_registry(None, "eve@example.org")),
    "drift": lambda: nb_mlops.drift("churn@1", _hostile(3)[0]),
    "drift by": lambda: nb_mlops.drift("churn@1", _hostile(3)[0], by=WORDS),
    "validate": lambda: nb_mlops.validate(
        "churn@1", ["accuracy >= 0"], data=_hostile(4), by=[WORDS], on=WORDS + TRICKS, draft=True
    ),
    "signature": lambda: nb_mlops.get("churn@1").signature,
    "profile": lambda: nb_mlops.profile(_hostile(5)[0]),
    "verify": nb_mlops.verify,
    "note": lambda: nb_mlops.note("churn@2", WORDS + TRICKS),
    "approve": lambda: nb_mlops.approve("churn@2", comment=WORDS + TRICKS, registry=as_ben(connect.current())),
    "promote": lambda: nb_mlops.promote("churn@2", reason=WORDS + TRICKS),
    "findings": lambda: nb_mlops.findings("churn"),
    "finding": lambda: nb_mlops.open_finding("churn@1", WORDS + TRICKS, owner=WORDS),
    "named data": nb_mlops.named_data,
    "policy": nb_mlops.policy,
    "assess": lambda: nb_mlops.assess("churn"),
    "retire": lambda: nb_mlops.retire("churn@1"),
}  # fmt: skip
SHOW_NO_TEXT = {"assess", "retire", "gate", "doctor", "status", "verify", "promote", "profile"}
COMMANDS = {
    "models": ["models"],
    "versions": ["versions", "churn"],
    "compare": ["compare", "churn@1", "churn@2"],
    "lineage": ["lineage", "churn@1"],
    "audit": ["audit", "churn"],
    "card": ["card", "churn@1"],
    "gate": ["gate", "churn@2"],
    "status": ["status"],
    "pending": ["pending"],
    "findings": ["finding", "list", "churn"],
    "named data": ["data", "list"],
    "policy": ["policy", "show"],
}


def _hostile(seed: int) -> tuple[pd.DataFrame, pd.Series]:
    """Data whose columns and values are hostile, as in MLflow's CVE-2024-27132: names out of a data set."""
    X, y = table(60, seed=seed)
    X = X.rename(columns={"noise": WORDS})
    X[WORDS] = [WORDS + TRICKS if value > 0 else "plain" for value in X[WORDS]]
    X["\x1b[31m\u202ecolumn\n"] = 1.0
    return X, y


class _Model(LogisticRegression):
    """Takes hostile columns: it looks at the numbers only."""

    def fit(self, X: Any, y: Any) -> Any:
        return super().fit(X.select_dtypes("number").to_numpy(), y)

    def predict(self, X: Any) -> Any:
        return super().predict(X.select_dtypes("number").to_numpy())


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A registry with hostile text in all that people and data may fill."""
    folder = tmp_path_factory.mktemp("shown") / "registry"
    session.stop()
    place = connect.open_registry(folder, WORDS)
    options: dict[str, Any] = {
        "tags": {WORDS: WORDS + TRICKS},
        "metrics": {WORDS: 0.5},
        "params": {WORDS: WORDS + TRICKS},
    }
    said = {"owner": WORDS + TRICKS, "purpose": WORDS + TRICKS, "data_source": WORDS + TRICKS}
    for seed in range(2):
        X, y = _hostile(seed)
        model = _Model().fit(X, y)
        nb_mlops.register(model, "churn", data=(X, y), **options, **said, registry=place, format="joblib")
        options["metrics"] = {WORDS: 0.75}
    nb_mlops.note("churn@1", WORDS + TRICKS, registry=place)
    nb_mlops.request("churn@2", comment=WORDS + TRICKS, registry=place)
    nb_mlops.promote("churn@1", reason=WORDS + TRICKS, registry=place)
    nb_mlops.open_finding("churn@2", WORDS + TRICKS, owner=WORDS, registry=place)
    nb_mlops.name_data("holdout", _hostile(6), about=WORDS + TRICKS, registry=place)
    file = folder.parent / "policy.toml"
    file.write_text(f"[roles]\napprovers = [{json.dumps(WORDS)}, 'ben@example.org']\n", encoding="utf-8")
    nb_mlops.apply_policy(file, reason=WORDS + TRICKS, registry=place)
    connect.forget()
    return folder


@pytest.fixture
def looked(filled: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Registry]:
    monkeypatch.setenv("NB_MLOPS_REGISTRY", str(filled))
    yield connect.current()
    connect.forget()


@pytest.mark.parametrize("look", LOOKS)
def test_html_holds_no_markup_of_theirs(look: str, looked: Registry) -> None:
    """MLflow's CVE-2024-27132: there, a data set's column names ran as script in the notebook."""
    bundle = LOOKS[look]()._repr_mimebundle_()
    found = _Tags()
    found.feed(bundle.get("text/html") or "")
    assert found.bad == []
    assert "&lt;script" in bundle.get("text/html", "") or look in SHOW_NO_TEXT
    assert not TERMINAL.search(bundle.get("text/html") or "")


class _Tags(HTMLParser):
    """Collects what must not be: scripts, handlers, links that are code, frames, a second way out of the style."""

    def __init__(self) -> None:
        super().__init__()
        self.bad: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in ("script", "img", "iframe", "object", "embed", "link", "base", "form", "meta"):
            self.bad.append(tag)
        for name, value in attrs:
            if name.startswith("on") or (name in ("href", "src", "xlink:href") and "javascript:" in (value or "")):
                self.bad.append(f"{tag} {name}")


@pytest.mark.parametrize("look", LOOKS)
def test_text_moves_no_cursor_and_fakes_no_line(look: str, looked: Registry) -> None:
    value = LOOKS[look]()
    for shown in (repr(value), value._repr_mimebundle_()["text/plain"], str(value)):
        assert not TERMINAL.search(shown)
        assert not [line for line in shown.splitlines() if line.strip().startswith(FAKED)]


@pytest.mark.parametrize("look", COMMANDS)
def test_a_command_prints_what_a_terminal_may_show(look: str, looked: Registry) -> None:
    done = CliRunner().invoke(main, COMMANDS[look], color=True)  # colour: click would strip escapes otherwise
    assert not TERMINAL.search(done.output)
    assert not [line for line in done.output.splitlines() if line.strip().startswith(FAKED)]
    as_json = CliRunner().invoke(main, [*COMMANDS[look], "--json"], color=True).output
    assert as_json.isascii()
    assert json.loads(as_json)


@pytest.mark.parametrize("look", LOOKS)
def test_json_says_what_was_typed_and_nothing_else(look: str, looked: Registry) -> None:
    bundle = LOOKS[look]()._repr_mimebundle_()
    (given,) = (value for kind, value in bundle.items() if kind.endswith("+json"))
    assert json.loads(json.dumps(given, allow_nan=False)) == json.loads(json.dumps(given))
    assert not TERMINAL.search(json.dumps(given))


def test_a_table_of_results_survives_a_csv_file(looked: Registry) -> None:
    """Text stays what was typed, a DataFrame is data: but none makes a row, and no name of ours begins a formula."""
    frame = nb_mlops.versions("churn").to_pandas()
    again = pd.read_csv(io.StringIO(frame.to_csv(index=False)))
    assert list(again.columns) == list(frame.columns)
    assert list(again["ref"]) == ["churn@2", "churn@1"]
    assert again[f"tags.{WORDS}"].str.startswith("<script>").all()
    assert not [name for name in frame.columns if name.startswith(("=", "+", "-", "@", "\t"))]


@pytest.mark.parametrize(
    "text", [WORDS, TRICKS, WORDS + TRICKS, "x" * 1_000_000], ids=["words", "tricks", "both", "long"]
)
def test_an_error_repeats_no_trick(text: str, looked: Registry, run: Callable[[str], object], capsys: Any) -> None:
    acts: list[Callable[[], object]] = [
        lambda: nb_mlops.get(text),
        lambda: nb_mlops.gate("churn@1", to=text),
        lambda: nb_mlops.versions("churn", where=text),
        lambda: nb_mlops.versions("churn", sort=text),
        lambda: nb_mlops.validate("churn@1", [text], data=_hostile(1)),
        lambda: nb_mlops.describe("churn", stakes=text),
        lambda: nb_mlops.register(LogisticRegression(), "churn", format=text),
        lambda: nb_mlops.drift("churn@1", text),
    ]
    for act in acts:
        with pytest.raises(NbMlopsError) as caught:
            act()
        assert not TERMINAL.search(str(caught.value))
        assert len(str(caught.value)) < 2_000
        assert not [line for line in caught.value._render_traceback_() if TERMINAL.search(line)]
    assert not TERMINAL.search(command("gate", "--", text).text)
    assert not TERMINAL.search(command("versions", "churn", "--where", text).text)


@pytest.mark.parametrize("text", ["x" * 20_001, "x" * 1_000_000], ids=["a little", "by far"])
def test_a_description_that_never_ends_is_refused(text: str, looked: Registry) -> None:
    position = looked.catalog.position()
    for act in (
        lambda: nb_mlops.note("churn@1", text),
        lambda: nb_mlops.describe("churn", purpose=text),
        lambda: nb_mlops.promote("churn@2", reason=text),
        lambda: nb_mlops.tag("churn@1", {"a": text}),
        lambda: nb_mlops.tag("churn@1", {text: "a"}),
        lambda: nb_mlops.request("churn@2", comment=text),
    ):
        with pytest.raises(BadInput):
            act()
    assert command("note", "churn@1", "-m", text).exit_code == 2
    assert looked.catalog.position() == position


@pytest.mark.parametrize("name", [TRICKS, "a\nb", "\x1b[31m", "\u202ex", "", "\ud800"])
def test_the_name_of_a_tag_metric_or_actor_is_printable(name: str, looked: Registry) -> None:
    position = looked.catalog.position()
    for act in (
        lambda: nb_mlops.tag("churn@1", {name: "x"}),
        lambda: nb_mlops.register(LogisticRegression(), "churn", metrics={name: 1}),
        lambda: nb_mlops.register(LogisticRegression(), "churn", tags={name: 1}),
        lambda: connect.open_registry(looked.address, name or " "),
    ):
        with pytest.raises(BadInput) as caught:
            act()
        assert all(line.isprintable() for line in caught.value._render_traceback_())
    assert looked.catalog.position() == position
