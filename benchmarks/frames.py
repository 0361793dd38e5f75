"""Frames of the page: 24 charts of five runs each, while points arrive."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from benchmarks.live import logging, server
from benchmarks.measure import Options, Report, SkippedError
from benchmarks.page import STATIC

RUNS, CHARTS = 5, 24
BEFORE = 4000
"""Steps that each run has when the page opens."""
EVERY = 0.05
"""Seconds between two steps."""
LONGEST = 33.0
"""Milliseconds of a frame."""
FRAMES = """() => {
  window.frames = [];
  let before = performance.now();
  const next = (now) => { window.frames.push(now - before); before = now; requestAnimationFrame(next); };
  requestAnimationFrame(next);
}"""


def run(options: Options, report: Report) -> None:
    """Milliseconds between frames, as the browser gives them out."""
    chromium = shutil.which("chromium")
    if not chromium or not (STATIC / "index.html").is_file():
        raise SkippedError("it needs Debian's chromium and the built page (make page)")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        _charts(browser, options.size(15, 2), report)
        browser.close()


def _charts(browser: Browser, seconds: float, report: Report) -> None:
    page = browser.new_page(viewport={"width": 1920, "height": 1080})
    with (
        tempfile.TemporaryDirectory() as name,
        server(Path(name)) as (address, _),
        logging(Path(name), RUNS, CHARTS, EVERY, BEFORE),
    ):
        page.goto(address)
        page.evaluate("localStorage.setItem('torchwork.charts.columns', '4')")
        page.goto(address.replace("/?", "/runs?sel=*&"))
        page.get_by_role("article").nth(CHARTS - 1).wait_for()
        page.wait_for_timeout(5000)
        found = frames(page, seconds)
    page.close()
    report.say(f"\n{CHARTS} charts of {RUNS} live runs, {len(found)} frames in {seconds:g} s")
    report.check("99 % of the frames take at most", found[int(0.99 * len(found))], LONGEST, unit=" ms")
    report.say(f"   median {found[len(found) // 2]:.1f} ms, the longest {found[-1]:.1f} ms")


def frames(page: Page, seconds: float) -> list[float]:
    """Milliseconds of the frames in some seconds, the shortest first."""
    page.evaluate(FRAMES)
    page.wait_for_timeout(seconds * 1000)
    return sorted(page.evaluate("window.frames"))
