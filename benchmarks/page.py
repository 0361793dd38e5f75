"""The page in a browser: from the command to a page that can be used, and from `log()` to the painted point."""

from __future__ import annotations

import gzip
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from playwright.sync_api import Browser, sync_playwright

import torchwork.serve
from benchmarks.live import MEDIAN, RUNS, SLOWEST, logging
from benchmarks.measure import Options, Report, SkippedError

STATIC = Path(torchwork.serve.__file__).parent / "static"
USABLE = 1.5
"""Seconds from the command to a page that can be used."""
LARGEST = 350.0
"""Kilobytes that the first page loads, gzipped; the editor's parts come when somebody edits."""
WATCHER = """
window.benchmarkLatencies = [];
const Before = WebSocket;
window.WebSocket = class extends Before {
  constructor(...given) {
    super(...given);
    this.addEventListener("message", (event) => {
      const news = JSON.parse(event.data);
      if (news.type !== "points") return;
      const moments = Object.values(news.series)[0]?.times ?? [];  // every step: all tags of one come together
      // Drawn in the next frame, which is on the screen when the one after it begins.
      requestAnimationFrame(() => requestAnimationFrame(() => {
        for (const moment of moments) window.benchmarkLatencies.push(Date.now() - moment * 1000);
      }));
    });
  }
};
"""


def run(options: Options, report: Report) -> None:
    """Seconds until the page can be used, milliseconds until a point is painted, and the page's bytes."""
    chromium = shutil.which("chromium")
    if not chromium or not (STATIC / "index.html").is_file():
        raise SkippedError("it needs Debian's chromium and the built page (make page)")
    whole = sum(map(_gzipped, STATIC.rglob("*")))
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        report.check("what the first page loads, gzipped", _loaded(browser), LARGEST, unit=" kB")
        report.say(f"   with the editor's parts, which come later, {whole:.0f} kB")
        begun = [_usable(browser) for _ in range(options.rounds)]
        report.check("from the command to a usable page", statistics.median(begun), USABLE, unit=" s")
        report.say(f"   n {len(begun)}, {min(begun):.2f} to {max(begun):.2f} s")
        _painted(browser, options.size(30, 3), report)
        browser.close()


def _gzipped(file: Path) -> float:
    """Kilobytes."""
    return len(gzip.compress(file.read_bytes())) / 1000 if file.is_file() else 0.0


def _loaded(browser: Browser) -> float:
    """Kilobytes of the built files that are loaded until the page can be used."""
    page, found = browser.new_page(), set[Path]()
    page.on("response", lambda answer: found.add(STATIC / (urlsplit(answer.url).path.lstrip("/") or "index.html")))
    with tempfile.TemporaryDirectory() as folder, _opened(Path(folder)) as address:
        page.goto(address)
        page.get_by_role("button", name="Train", exact=True).first.wait_for()
        page.wait_for_load_state("networkidle")
    page.close()
    return sum(map(_gzipped, found))


def _usable(browser: Browser) -> float:
    """Seconds from starting the command until a button of the page is there to be pressed."""
    page = browser.new_page()
    with tempfile.TemporaryDirectory() as folder:
        begun = time.perf_counter()
        with _opened(Path(folder)) as address:
            page.goto(address)
            page.get_by_role("button", name="Train", exact=True).first.wait_for()
            seconds = time.perf_counter() - begun
        page.close()
    return seconds


def _painted(browser: Browser, seconds: float, report: Report) -> None:
    page = browser.new_page(viewport={"width": 1280, "height": 720})
    page.add_init_script(WATCHER)
    with tempfile.TemporaryDirectory() as folder, _opened(Path(folder)) as address, logging(Path(folder)):
        page.goto(address.replace("/?", "/runs?sel=*&"))
        page.get_by_role("article").first.wait_for()
        page.wait_for_timeout(3000)
        page.evaluate("window.benchmarkLatencies.length = 0")
        page.wait_for_timeout(seconds * 1000)
        found = page.evaluate("window.benchmarkLatencies")
        page.close()
    cuts = statistics.quantiles(found, n=100)
    report.say(f"\n{RUNS} live runs in the charts, {len(found)} steps painted")
    report.check("log() to the painted point, median", cuts[49], MEDIAN, unit=" ms")
    report.check("99 % are faster than", cuts[98], SLOWEST, unit=" ms")


@contextmanager
def _opened(folder: Path) -> Iterator[str]:
    """The address of `torchwork open FOLDER`, as a person starts it."""
    command = [sys.executable, "-m", "torchwork", "open", str(folder), "--no-browser", "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        yield next(found[0] for line in server.stdout if (found := re.search(r"http://\S+token=\S+", line)))
        server.terminate()
