"""A real browser: Debian's Chromium, driven by Playwright, and servers with something to look at."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from .papers import EMPTY, SHAPES
from .serving import BUILT, DOCUMENT, PATIENCE, Served, end, start
from .sheet import Sheet

SWITCHES = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
Opener = Callable[..., Sheet]


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


@pytest.fixture(scope="session")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
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


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """One server for all: its worker loads torch once."""
    running = start(tmp_path_factory.mktemp("bench"))
    yield running
    end(running)


@pytest.fixture
def sheet(bench: Served, page: Page) -> Opener:
    """`sheet("name")`: a document of that name, opened for drawing."""
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])

    def opened(name: str, text: str = EMPTY, source: str = SHAPES, loss: str = "CrossEntropyLoss") -> Sheet:
        written = text.format(name=name, source=source, loss=loss)
        (bench.folder / f"{name}.yaml").write_text(written, "utf-8")
        return Sheet(page, bench, f"{name}.yaml").open()

    return opened
