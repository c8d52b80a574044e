"""One JupyterLab and one Chromium for all browser tests; every test gets a context and a folder of its own.

`screenshot` keeps pictures in NB_MLOPS_ARTIFACTS (else in pytest's own folder), for people to look at.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

TOKEN = "token-of-the-browser-tests"
CHROMIUMS = ("chromium", "chromium-browser", "google-chrome")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@dataclass(frozen=True)
class Lab:
    """A running JupyterLab: where it listens, and the folder it shows."""

    url: str
    root: Path
    registry: Path


@pytest.fixture(scope="session")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """JupyterLab as a person starts it, with settings, kernels and registry of its own."""
    place = tmp_path_factory.mktemp("lab")
    root = place / "work"
    root.mkdir()
    _ask_nothing(place / "settings")
    port = _free_port()
    with (place / "log").open("wb") as log:
        server = subprocess.Popen(_command(port, root), stdout=log, stderr=log, env=_environment(place), cwd=root)
        try:
            _wait_for(f"http://127.0.0.1:{port}/api?token={TOKEN}", server, place / "log")
            yield Lab(f"http://127.0.0.1:{port}", root, place / "registry")
        finally:
            server.terminate()
            try:
                server.wait(20)
            except subprocess.TimeoutExpired:  # a kernel that does not end must not outlive the tests
                server.kill()
                server.wait()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """The machine's own Chromium, driven by Playwright.

    It ends with its module: Playwright keeps an event loop running, which the server's tests would then close.
    """
    found = next(filter(None, map(shutil.which, CHROMIUMS)), None)
    assert found, f"none of {', '.join(CHROMIUMS)} is installed; `make test` says how"
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=found, args=FLAGS)
        yield opened
        opened.close()


@pytest.fixture
def complaints() -> Iterator[list[str]]:
    """What the page's console calls an error; whatever the test leaves in it fails the test."""
    heard: list[str] = []
    yield heard
    assert heard == []


@pytest.fixture
def open_lab(lab: Lab, browser: Browser, complaints: list[str]) -> Iterator[Callable[[str], Page]]:
    """Opens a file of the lab's folder (or none) and waits until JupyterLab is there."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})

    def opened(path: str = "") -> Page:
        page = context.new_page()
        page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto(f"{lab.url}/lab{'/tree/' + path if path else ''}?token={TOKEN}&reset")
        # First the promise, then the splash: waiting for the splash alone returns before it is there.
        page.wait_for_function("() => window.jupyterapp && window.jupyterapp.restored.then(() => true)", timeout=60_000)
        page.wait_for_selector("#jupyterlab-splash", state="detached", timeout=30_000)
        return page

    yield opened
    context.close()


@pytest.fixture
def screenshot(tmp_path: Path, request: pytest.FixtureRequest) -> Callable[[Page, str], Path]:
    """Keeps a picture of the page, named for the test and what it shows."""
    folder = Path(os.environ.get("NB_MLOPS_ARTIFACTS") or tmp_path / "artifacts")
    folder.mkdir(parents=True, exist_ok=True)

    def kept(page: Page, what: str) -> Path:
        file = folder / f"{request.node.name}-{what}.png"
        page.screenshot(path=file)
        return file

    return kept


def run_command(page: Page, command: str, **args: object) -> None:
    """Executes a JupyterLab command, as a menu or a shortcut would."""
    page.evaluate("([command, args]) => window.jupyterapp.commands.execute(command, args)", [command, args])


def use_theme(page: Page, theme: str) -> None:
    """Changes the theme and waits until it is applied."""
    run_command(page, "apputils:change-theme", theme=theme)
    page.wait_for_selector(f"body[data-jp-theme-name='{theme}']", state="attached", timeout=15_000)


def _command(port: int, root: Path) -> list[str]:
    options = {
        "ServerApp.port": port,
        "ServerApp.port_retries": 0,
        "ServerApp.root_dir": root,
        "IdentityProvider.token": TOKEN,
        "LabApp.expose_app_in_browser": True,
        "LabApp.news_url": None,
        "LabApp.check_for_updates_class": "jupyterlab.NeverCheckForUpdate",
    }
    given = [f"--{name}={value}" for name, value in options.items()]
    return [sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root", *given]


def _environment(place: Path) -> dict[str, str]:
    """This process's, without what would let the user's own settings, registry or name in."""
    own = {
        "JUPYTER_CONFIG_DIR": place / "config",
        "JUPYTER_DATA_DIR": place / "data",
        "JUPYTER_RUNTIME_DIR": place / "runtime",
        "JUPYTERLAB_SETTINGS_DIR": place / "settings",
        "JUPYTERLAB_WORKSPACES_DIR": place / "workspaces",
        "IPYTHONDIR": place / "ipython",
        "NB_MLOPS_REGISTRY": place / "registry",
        "NB_MLOPS_OUTBOX": place / "outbox",
        "NB_MLOPS_ACTOR": "ada@example.org",
    }
    inherited = {name: value for name, value in os.environ.items() if name != "CI"}  # here, somebody is watching
    return inherited | {name: str(value) for name, value in own.items()}


def _ask_nothing(settings: Path) -> None:
    """No question about news lies over the screenshots."""
    folder = settings / "@jupyterlab" / "apputils-extension"
    folder.mkdir(parents=True)
    (folder / "notification.jupyterlab-settings").write_text('{"fetchNews": "false"}')


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_for(url: str, server: subprocess.Popen[bytes], log: Path) -> None:
    until = time.monotonic() + 60
    while time.monotonic() < until:
        assert server.poll() is None, log.read_text()
        try:
            urllib.request.urlopen(url, timeout=2).close()
        except OSError:  # not listening yet
            time.sleep(0.1)
        else:
            return
    raise AssertionError(log.read_text())
