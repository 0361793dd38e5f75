"""A real server in a process of its own, and a real browser: Debian's Chromium, driven by Playwright."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

SWITCHES = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PATIENCE = int(os.environ.get("TORCHWORK_PATIENCE", "40000"))
"""Milliseconds after which what has not happened will not; a training loads torch first, on a busy machine too."""
expect.set_options(timeout=PATIENCE)
PAGE = Path(os.environ.get("TORCHWORK_PAGE") or Path(__file__).parents[2] / "torchwork" / "serve" / "static")
"""The built page: another folder than the package's where one wants to try a build beside it."""
BUILT = PAGE / "index.html"
START = """
import sys
from pathlib import Path
from torchwork.serve import app
app.STATIC = Path(sys.argv.pop(1))
from torchwork.cli import process
sys.exit(process())
"""
"""`python -m torchwork` with that page"""


@dataclass
class Served:
    """A running server: its folder, its address with the token, its process."""

    folder: Path
    address: str
    process: subprocess.Popen[str]

    def at(self, path: str) -> str:
        """The address of a place in the page, with the token."""
        base, token = self.address.split("/?token=")
        return f"{base}/{path}{'&' if '?' in path else '?'}token={token}"


DOCUMENT = """torchwork: 1
name: first
data:
  source: {Shapes: {size: 16, train: 320, valid: 64}}
  batch_size: 16
model:
  layers:
    - Conv2d: {out_channels: 4, kernel_size: 3}
    - ReLU
    - Flatten
    - Linear: {out_features: classes}
loss: CrossEntropyLoss
optimizer: {Adam: {lr: 0.01}}
train: {epochs: 3, memory_format: contiguous}
"""
"""A training of a moment."""


def start(folder: Path, port: int = 0) -> Served:
    """`torchwork open FOLDER` without a browser of its own."""
    command = [sys.executable, "-c", START, str(PAGE), "open", str(folder), "--no-browser", "--port", str(port)]
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment)
    assert process.stdout is not None
    for line in process.stdout:
        if found := re.search(r"http://\S+token=\S+", line):
            return Served(folder, found[0], process)
    raise AssertionError(f"the server ended with {process.wait()}")


def end(served: Served) -> None:
    """As Ctrl-C does."""
    with served.process as process:  # which closes its pipe too
        process.terminate()
        process.wait(20)


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """The browser, closed before other tests, for its loop of events stands in the way of theirs.

    Without one the tests are skipped, unless TORCHWORK_BROWSER says that it is required.
    """
    found = shutil.which("chromium")
    missing = "" if found and BUILT.is_file() else "the page is not built: make page" if found else "no chromium"
    if missing and os.environ.get("TORCHWORK_BROWSER") != "required":
        pytest.skip(missing)
    assert not missing, missing
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=SWITCHES)
        yield browser
        browser.close()


@pytest.fixture(scope="session", autouse=True)
def own_places(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Token, caches and measurements go to folders of these tests, not to the user's."""
    with pytest.MonkeyPatch.context() as patch:
        for name in ("XDG_STATE_HOME", "XDG_CACHE_HOME"):
            patch.setenv(name, str(tmp_path_factory.mktemp(name.lower())))
        yield


@pytest.fixture(scope="session")
def trained(tmp_path_factory: pytest.TempPathFactory, own_places: None) -> Path:
    """A folder with a document and two runs of it that differ in the learning rate."""
    folder = tmp_path_factory.mktemp("trained")
    (folder / "first.yaml").write_text(DOCUMENT, "utf-8")
    for lr in ("0.01", "0.001"):
        command = [sys.executable, "-m", "torchwork", "train", "first.yaml", "--set", f"optimizer.Adam.lr={lr}"]
        subprocess.run(command, cwd=folder, check=True, capture_output=True)
    return folder


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    """A server of an empty folder with one document, `first.yaml`."""
    (tmp_path / "first.yaml").write_text(DOCUMENT, "utf-8")
    running = start(tmp_path)
    yield running
    end(running)


@pytest.fixture
def library(trained: Path) -> Iterator[Served]:
    """A server of the folder with two runs."""
    running = start(trained)
    yield running
    end(running)


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    """An empty tab of an English browser, 1280x720; an error in the page fails the test."""
    context = chromium.new_context(viewport={"width": 1280, "height": 720}, locale="en-GB")
    context.set_default_timeout(PATIENCE)
    tab = context.new_page()
    errors: list[str] = []
    tab.on("pageerror", lambda error: errors.append(str(error)))
    yield tab
    context.close()
    assert not errors
