"""What people write into a card, and what goes into a dossier, is only ever text: in pages, Markdown, files, names."""

from __future__ import annotations

import json
import re
import zipfile
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import mistune
import pytest
from click.testing import CliRunner

import nb_mlops
from nb_mlops.actions import connect, session
from nb_mlops.actions.registry import Registry
from nb_mlops.cli import main
from nb_mlops.core.card_text import SECTIONS
from nb_mlops.core.shown import Shown
from tests.attacks.conftest import as_ben
from tests.attacks.test_shown import TERMINAL, TRICKS, WORDS, _hostile, _Model

TEXT = (
    f"{WORDS}{TRICKS}\n\n# Model details\n\n[a](javascript:alert(1)) [b][r] ![c](http://evil/t.png) <javascript:x>\n\n"
    "[r]: data:text/html,<script>alert(1)</script>\n\n```\n</pre><script>alert(1)</script>\n```\n\n"
    "$\\href{javascript:alert(1)}{x}$ {% raw %} `</code><b>` <a href=javascript:alert(1)>d</a>\n\n"
    "| <i> |\n|---|\n| <b> |\n"
)
PLACES = ("http://", "https://", "mailto:", "#")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A registry whose every text is hostile, and a dossier of it, unpacked."""
    home = tmp_path_factory.mktemp("card")
    session.stop()
    place = connect.open_registry(home / "registry", WORDS)
    X, y = _hostile(1)
    (home / "it's <b>$(x) {{7}}.ipynb").write_text(json.dumps({"cells": [], "metadata": {"x": WORDS}}))
    options: dict[str, Any] = {"tags": {WORDS: WORDS + TRICKS}, "metrics": {WORDS: 0.5}, "params": {WORDS: WORDS}}
    said = {"owner": WORDS + TRICKS, "purpose": TEXT, "data_source": WORDS + TRICKS}
    files = {"a.ipynb": home / "it's <b>$(x) {{7}}.ipynb"}
    nb_mlops.register(
        _Model().fit(X, y), "churn", data=(X, y), **options, **said, files=files, registry=place, format="joblib"
    )
    nb_mlops.validate(
        "churn@1", ["accuracy >= 0"], data=_hostile(4), by=[WORDS], trust=True, registry=place, on=WORDS[:90]
    )
    nb_mlops.note("churn@1", TEXT, registry=place)
    nb_mlops.open_finding("churn@1", TEXT, owner=WORDS, registry=place)
    nb_mlops.approve("churn@1", comment=TEXT, registry=as_ben(place))
    nb_mlops.promote("churn@1", reason=TEXT, registry=place)
    nb_mlops.edit_card("churn@1", dict.fromkeys(SECTIONS, TEXT), registry=place)
    made = nb_mlops.dossier("churn@1", home, registry=place)
    with zipfile.ZipFile(made.path) as archive:
        archive.extractall(home / "out")
    connect.forget()
    return home


@pytest.fixture
def place(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Registry]:
    monkeypatch.setenv("NB_MLOPS_REGISTRY", str(folder / "registry"))
    yield connect.current()
    connect.forget()


class Markup(HTMLParser):
    """Collects what must not be in a page of ours."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.bad: list[str] = []
        self.formulas = 0
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag in ("script", "img", "iframe", "object", "embed", "link", "base", "form", "svg", "math", "input"):
            self.bad.append(tag)
        self.bad += [f"{tag} {name}" for name in given if name.startswith("on") or name in ("src", "style", "srcdoc")]
        if "href" in given and not given["href"].startswith(PLACES):
            self.bad.append(f"{tag} {given['href']}")
        if tag == "meta" and "refresh" in given.get("http-equiv", "").lower():
            self.bad.append("refresh")


@pytest.mark.parametrize("name", ["dossier.html", "card/card.html"])
def test_a_page_holds_no_markup_of_theirs(name: str, folder: Path) -> None:
    page = (folder / "out" / name).read_text(encoding="utf-8")
    assert Markup(page).bad == []
    assert not TERMINAL.search(page)
    assert "&lt;script&gt;alert(1)" in page
    assert page.count("<style>") == page.count("</style>")
    assert "default-src &#x27;none&#x27;" in page or "default-src 'none'" in page


def test_a_view_of_the_card_holds_no_markup_of_theirs_and_no_formula(place: Registry) -> None:
    html = nb_mlops.card("churn@1").to_html()
    assert Markup(html).bad == []
    root = re.search(r'<div class="([^"]*)"', html)
    assert root is not None
    assert {"tex2jax_ignore", "mathjax_ignore"} <= set(root[1].split())


def test_markdown_opens_nothing_wherever_it_is_rendered(folder: Path) -> None:
    for name in ("card/card.md", "README.md"):
        text = (folder / "out" / name).read_text(encoding="utf-8")
        rendered = str(mistune.create_markdown(escape=False, plugins=["table"])(text))
        assert Markup(rendered).bad == []
        assert not TERMINAL.search(text)


def test_markdown_means_nothing_to_templates_and_formulas(folder: Path) -> None:
    text = (folder / "out" / "card" / "card.md").read_text(encoding="utf-8")
    assert not re.search(r"\{\{|\{%|\$\{|(?<!\\)\$", text)


def test_a_person_cannot_write_a_section_of_ours(folder: Path) -> None:
    text = (folder / "out" / "card" / "card.md").read_text(encoding="utf-8")
    assert re.findall(r"^#+ (?:Model details)$", text, re.MULTILINE) == ["## Model details"]
    shown = str(nb_mlops.card("churn@1", registry=str(folder / "registry")))
    assert [line for line in shown.splitlines() if line.strip() == "Model details"] == ["Model details"]


def test_no_file_of_a_dossier_moves_a_cursor(folder: Path) -> None:
    for path in (folder / "out").rglob("*"):
        if path.is_file() and path.suffix in (".txt", ".toml", ".py", ".md", ".html"):
            assert not TERMINAL.search(path.read_text(encoding="utf-8")), path
        if path.suffix in (".json", ".ipynb"):
            assert json.loads(path.read_text(encoding="utf-8")) is not None


def test_names_in_a_dossier_are_plain(folder: Path) -> None:
    names = [path.relative_to(folder / "out").as_posix() for path in (folder / "out").rglob("*")]
    assert all(re.fullmatch(r"[A-Za-z0-9._/-]+", name) for name in names)
    assert "notebook/a.ipynb" in names


@pytest.mark.parametrize("shape", [[], ["--markdown"], ["--html"], ["--template"]])
def test_a_command_prints_what_a_terminal_may_show(shape: list[str], place: Registry) -> None:
    done = CliRunner().invoke(main, ["card", "churn@1", *shape], color=True)
    assert done.exit_code == 0
    assert not TERMINAL.search(done.output)


def test_results_show_themselves_without_tricks(place: Registry, tmp_path: Path) -> None:
    shown: list[Shown] = [nb_mlops.card("churn@1"), nb_mlops.dossier("churn@1", tmp_path)]
    for value in shown:
        assert not TERMINAL.search(repr(value))
        assert not TERMINAL.search(json.dumps(value.to_dict()))
