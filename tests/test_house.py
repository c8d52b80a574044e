"""The guards that keep the house in order: light at the door, layers, everything public documented, one release."""

from __future__ import annotations

import ast
import inspect
import json
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

import nb_mlops
from nb_mlops.release import VERSION

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "src" / "nb_mlops"
HEAVY = ("pandas", "sklearn", "sqlalchemy", "plotly", "scipy", "skops", "pyarrow", "narwhals", "polars", "papermill")
# numpy is not in the list: core may use it; it is not at the door either, as the next table says.
DOORS = {
    "import": "import nb_mlops",
    "server": "import nb_mlops.server.handler",
    "cli": "import nb_mlops.cli",
    "load_ext": "from IPython.core.interactiveshell import InteractiveShell as S\n"
    "S.instance().run_line_magic('load_ext', 'nb_mlops')",
}


@pytest.mark.parametrize("door", DOORS)
def test_nothing_heavy_is_imported_at_the_door(door: str) -> None:
    asks = f"import sys\n{DOORS[door]}\nprint(sorted(set({HEAVY}) & set(sys.modules)))"

    answer = subprocess.run([sys.executable, "-c", asks], capture_output=True, text=True, check=True)

    assert answer.stdout.strip() == "[]"


def test_importing_the_package_does_not_even_load_numpy() -> None:
    asks = "import sys, nb_mlops; print('numpy' in sys.modules, 'IPython' in sys.modules)"

    answer = subprocess.run([sys.executable, "-c", asks], capture_output=True, text=True, check=True)

    assert answer.stdout.split() == ["False", "False"]


def test_every_public_name_is_there_and_says_what_one_gets() -> None:
    silent = [name for name in nb_mlops.__all__ if not inspect.getdoc(getattr(nb_mlops, name))]

    assert silent == []


def test_every_file_opens_with_what_it_is_for() -> None:
    silent = [file for file in sources() if ast.get_docstring(ast.parse(file.read_text())) is None]

    assert silent == []


def test_imports_go_only_along_the_arrows_of_the_map() -> None:
    checked = subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--no-cache"], cwd=ROOT, capture_output=True, text=True
    )

    assert checked.returncode == 0, checked.stdout


def test_no_room_goes_back_out_through_the_front_door() -> None:
    rooms = [file for file in sources() if file.parent not in (PACKAGE, PACKAGE / "cli")]

    assert [file.name for file in rooms if "nb_mlops" in modules(file)] == []


def test_all_halves_are_of_one_release() -> None:
    sidebar = json.loads((ROOT / "labextension" / "package.json").read_text())["version"]
    page = re.search(r"VERSION = '(.+)'", (ROOT / "labextension" / "src" / "version.ts").read_text())

    assert page is not None
    assert {nb_mlops.__version__, sidebar, page[1]} == {VERSION}


def test_the_changelog_tells_of_this_release() -> None:
    assert f"## {VERSION}" in (ROOT / "CHANGELOG.md").read_text()


@pytest.mark.parametrize("word", ["TODO", "FIXME", "XXX", "HACK", "raise NotImplementedError"])
def test_nothing_unfinished_is_left_lying(word: str) -> None:
    lying = [f"{file.name}:{number}" for file, number, line in lines() if re.search(rf"\b{word}\b", line)]

    # These two hold methods that each child brings itself.
    assert [place for place in lying if not place.startswith(("shown.py", "boosters.py"))] == []


@pytest.mark.parametrize("word", ["utils", "helpers", "common", "base", "manager", "misc"])
def test_no_file_hides_behind_a_name_that_says_nothing(word: str) -> None:
    assert [file for file in sources() if word in file.stem.split("_")] == []


def test_no_secret_place_or_registry_stands_in_what_is_shipped() -> None:
    tracked = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True)
    files = [ROOT / name for name in tracked.stdout.split("\0") if name and name != "tests/test_house.py"]
    hosts = re.compile(rb"registry\.(npmjs|yarnpkg)\.|files\.pythonhosted|pypi\.org/simple|\"resolved\":")

    assert [file.name for file in files if file.is_file() and hosts.search(file.read_bytes())] == []


def test_the_reference_tells_of_every_verb_magic_command_address_and_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(ROOT / "docs"))
    import make_reference

    assert make_reference.PAGE.read_text() == make_reference.reference(), "make reference"
    assert set(make_reference.settings()) <= set(make_reference.SETTINGS)


def test_the_reference_tells_of_everything_that_a_check_can_ask(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(ROOT / "docs"))
    from check_lines import check_lines

    from nb_mlops.core import measures

    told = "\n".join(check_lines())
    asked = [*measures.SEGMENT_STATISTICS, *measures.INTERVAL_ENDS, *measures.PERCENTILES, *measures.BARE_ALIASES]
    assert [word for word in (*asked, *measures.SPECIAL) if word not in told] == []


def test_each_word_of_the_glossary_has_one_meaning() -> None:
    words = re.findall(r"^\| (\*\*.+?) \|", (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert len(words) > 40
    assert [word for word in words if words.count(word) > 1] == []


def test_the_example_workflow_uses_commands_that_there_are() -> None:
    from nb_mlops.cli import main

    text = (ROOT / "example_workflows" / "train-and-gate.yml").read_text()
    used = set(re.findall(r"run: nb-mlops (\w+)", text))

    assert used == {"run", "ci", "verify"}
    assert used <= set(main.commands)


def test_the_core_dependencies_are_those_that_are_imported() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    declared = {re.split(r"[><=\[; ]", line)[0].replace("-", "_") for line in project["dependencies"]}
    names = {"scikit_learn": "sklearn", "ipython": "IPython"}

    unused = {name for name in declared if not any(names.get(name, name) in imports(file) for file in sources())}

    assert unused == {"ipywidgets"}  # by `import_module`, when a form opens


def test_every_hint_can_be_said_in_a_terminal() -> None:
    from nb_mlops.cli import main
    from nb_mlops.core.spelling import on_a_shell
    from nb_mlops.notebook.vocabulary import SPECS

    magic = re.compile(rf"(?<![\w%])%%?({'|'.join(SPECS)})\b")
    faces = ("notebook", "capture")  # a notebook speaks of magics; capture reads them
    inner = [file for file in sources() if file.parent.name not in faces and "notebook" not in file.parts]
    said = [on_a_shell(text) for file in inner for text in texts(file) if magic.search(text)]

    assert len(said) > 40
    assert [text for text in said if magic.search(text)] == []
    assert {name for text in said for name in re.findall(r"nb-mlops ([a-z][a-z-]+)", text)} <= set(main.commands)


def test_what_a_terminal_is_told_to_run_is_a_command_of_its_own() -> None:
    import click

    from nb_mlops.cli import main
    from nb_mlops.core.spelling import COMMANDS

    names = [name.removeprefix("mlops ") for name in COMMANDS]
    groups = {name for name in names if isinstance(main.commands.get(name), click.Group)}
    assert [name for name in names if name not in main.commands] == []
    assert groups == {"alias", "data", "finding", "outbox", "policy"}


def sources() -> list[Path]:
    return [file for file in PACKAGE.rglob("*.py") if "_labextension" not in file.parts]


def lines() -> list[tuple[Path, int, str]]:
    return [(file, number, line) for file in sources() for number, line in enumerate(file.read_text().split("\n"), 1)]


def modules(file: Path) -> set[str]:
    """The modules that a file imports, anywhere in it."""
    nodes = list(ast.walk(ast.parse(file.read_text())))
    plain = {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    return plain | {node.module for node in nodes if isinstance(node, ast.ImportFrom) and node.module}


def imports(file: Path) -> set[str]:
    """The top-level names that a file imports, anywhere in it."""
    return {name.split(".")[0] for name in modules(file)}


def texts(file: Path) -> list[str]:
    """The texts that a file holds, docstrings left out; what is put into them at run time reads as 'x@1'."""
    tree = ast.parse(file.read_text())
    inside = {id(part) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for part in ast.walk(node)}
    docs = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            found.append("".join(str(p.value) if isinstance(p, ast.Constant) else "x@1" for p in node.values))
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and not {id(node)} & (inside | docs):
            found.append(node.value)
    return found
