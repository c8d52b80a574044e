"""`demo`: the example notebooks, run against a fresh embedded registry, with a summary of what came to be."""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

from nb_mlops.actions.connect import open_registry
from nb_mlops.actions.run import Progress, inherited, run
from nb_mlops.core.errors import Unsupported
from nb_mlops.core.rows import ModelRow, WindowRow
from nb_mlops.core.run import Run
from nb_mlops.core.sentences import tell
from nb_mlops.core.shown import Json, Shown
from nb_mlops.storage.disk import reported

_MOVES = ("promoted", "rolled_back")


@dataclass(frozen=True, slots=True, repr=False)
class Demo(Shown):
    """What the demo did and where it lies."""

    kind: ClassVar[str] = "demo"
    runs: tuple[Run, ...]
    pages: tuple[str, ...]
    folder: str  # the executed notebooks, with the module that loads their data beside them
    registry: str
    models: tuple[str, ...]
    moves: tuple[str, ...]
    drift: tuple[str, ...]

    @property
    def passed(self) -> bool:
        """Whether every notebook ran to its end."""
        return all(run.passed for run in self.runs)

    @property
    def says_no(self) -> bool:
        """A notebook that stopped."""
        return not self.passed

    def to_text(self) -> str:
        """The summary."""
        parts = {
            "notebooks": [run.to_text() for run in self.runs],
            "models": self.models,
            "gate decisions": self.moves,
            "drift verdicts": self.drift,
            "pages to read in a browser": self.pages,
        }
        lines = [line for title, found in parts.items() for line in ("", title, *(f"  {one}" for one in found))]
        opening = f"  NB_MLOPS_REGISTRY={self.registry} jupyter lab {self.folder}"
        return "\n".join([*lines[1:], "", "open them in JupyterLab", opening])

    def to_dict(self) -> dict[str, Json]:
        """The summary as JSON."""
        return {
            "passed": self.passed,
            "runs": [run.to_dict() for run in self.runs],
            "pages": list(self.pages),
            "folder": self.folder,
            "registry": self.registry,
            "models": list(self.models),
            "moves": list(self.moves),
            "drift": list(self.drift),
        }


def demo(folder: str | os.PathLike[str] = "demo-output", *, progress: Progress | None = None) -> Demo:
    """Runs the example notebooks in a fresh registry below `folder`, in order; stops at the first that fails."""
    root = Path(folder).absolute()
    for part in ("registry", "notebooks", "pages"):
        shutil.rmtree(root / part, ignore_errors=True)
    with reported("making the demonstration", root):
        shutil.copytree(examples(), root / "notebooks", ignore=shutil.ignore_patterns("__pycache__", ".*"))
    registry = open_registry(root / "registry", "ann@example.org")
    runs: list[Run] = []
    with inherited({"NB_MLOPS_KEY": str(root / "checkpoint.key")}):  # one's own key is not for trying things out
        for notebook in sorted((root / "notebooks").glob("[0-9]*.ipynb")):
            runs.append(run(notebook, output=notebook, must_pass=False, progress=progress, registry=registry))
            if not runs[-1].passed:
                break
    pages = tuple(_page(Path(one.output), root / "pages") for one in runs)
    catalog = registry.catalog
    models = catalog.models()
    return Demo(
        runs=tuple(runs),
        pages=pages,
        folder=str(root / "notebooks"),
        registry=registry.address,
        models=tuple(f"{row.name}: newest @{row.latest}, {row.stakes} stakes" for row in models),
        moves=tuple(
            tell(row.name, event.kind, event.body)
            for row in models
            for event in catalog.events(row.id)
            if event.kind in _MOVES
        ),
        drift=tuple(_verdict(row, window) for row in models for window in catalog.find(WindowRow, model=row.id)),
    )


def examples() -> Path:
    """The folder of the example notebooks: in the installed package, or in a checkout beside it."""
    package = Path(__file__).resolve().parents[1]
    for place in (package / "example_notebooks", package.parents[1] / "example_notebooks"):
        if place.is_dir():
            return place
    raise Unsupported("The example notebooks are not installed.", "Install nb_mlops from its wheel.")


def _verdict(model: ModelRow, window: WindowRow) -> str:
    word = "ALARM" if window.alarm else "no drift"
    return f"{model.name}@{window.number}, look {window.look}: {word} on {window.rows:,} rows"


def _page(notebook: Path, folder: Path) -> str:
    """The executed notebook as one HTML page that needs no network."""
    try:
        from nbconvert import HTMLExporter
    except ImportError as error:
        raise Unsupported("Making pages needs nbconvert.", 'Install it: pip install "nb-mlops[demo]"') from error
    folder.mkdir(parents=True, exist_ok=True)
    exporter: Any = HTMLExporter  # nbconvert ships types for half of itself
    # Our pages have no formulas and no widgets: without these two addresses a page asks the network for nothing.
    quiet = {"mathjax_url": "", "require_js_url": "", "exclude_input_prompt": True, "exclude_output_prompt": True}
    body, _ = exporter(**quiet).from_filename(str(notebook))
    page = folder / f"{notebook.stem}.html"
    page.write_text(body, encoding="utf-8")
    return str(page)
