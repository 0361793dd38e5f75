"""Frames of the page: 24 charts of five runs while points arrive, and a network of 300 nodes dragged and panned."""

from __future__ import annotations

import shutil
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from benchmarks.drawing import NODES, chain
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
RATE = 50.0
"""Frames a second while a network is dragged and panned."""
OPENED = 2.0
"""Seconds until ResNet-50 is on the canvas, its data opened too."""
UNDONE = 100
"""Steps."""
FRAMES = """() => {
  const own = window.frames = [];
  let before = performance.now();
  const next = (now) => {
    own.push(now - before);
    before = now;
    if (window.frames === own) requestAnimationFrame(next);
  };
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
        _canvas(browser, options, report)
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
        found = frames(page, lambda: page.wait_for_timeout(seconds * 1000))
    page.close()
    report.say(f"\n{CHARTS} charts of {RUNS} live runs, {len(found)} frames in {seconds:g} s")
    report.check("99 % of the frames take at most", found[int(0.99 * len(found))], LONGEST, unit=" ms")
    report.say(f"   median {found[len(found) // 2]:.1f} ms, the longest {found[-1]:.1f} ms")


def _canvas(browser: Browser, options: Options, report: Report) -> None:
    page = browser.new_page(viewport={"width": 1400, "height": 900})
    with tempfile.TemporaryDirectory() as name, server(Path(name)) as (address, _):
        (Path(name) / "chain.yaml").write_text(chain(NODES), "utf-8")
        (Path(name) / "resnet50.yaml").write_text((Path(__file__).parent / "resnet50.yaml").read_text("utf-8"), "utf-8")
        at = address.replace("/?", "/edit?file={}.yaml&")
        page.goto(address)
        report.say()
        _opened(page, at.format("chain"))  # torch is loaded, as behind a page that is open
        page.wait_for_load_state("networkidle")  # and the list of layers has come
        report.check("ResNet-50 on the canvas of an open page", _shown(page, "resnet50"), OPENED, unit=" s")
        _opened(page, at.format("chain"))
        for what, hold in (("dragging", ".react-flow__node-layer"), ("panning", ".react-flow__pane")):
            found = _moved(page, hold, options.size(100, 10))
            report.check(f"{NODES} nodes, {what}", 1000 * len(found) / sum(found), RATE, least=True, unit=" a second")
            report.say(f"   n {len(found)}, 99 % within {found[int(0.99 * len(found))]:.0f} ms")
        _undone(page, options.size(UNDONE, 5), report)
    page.close()


def _opened(page: Page, address: str) -> float:
    """Seconds until a document is drawn."""
    begun = time.perf_counter()
    page.goto(address)
    page.locator(".react-flow__node-layer").first.wait_for()
    return time.perf_counter() - begun


def _shown(page: Page, name: str) -> float:
    """Seconds until another document is drawn, as after a click in the list of documents."""
    begun = time.perf_counter()
    there = f"/edit?file={name}.yaml"
    page.evaluate("(to) => { history.pushState(null, '', to); dispatchEvent(new PopStateEvent('popstate')); }", there)
    page.locator('.react-flow__node-layer[data-id="conv1"]').wait_for()
    return time.perf_counter() - begun


def _moved(page: Page, hold: str, steps: int) -> list[float]:
    """Milliseconds of the frames while a hand moves something to and fro."""
    box = page.locator(hold).first.bounding_box()
    assert box is not None
    x, y = (box["x"] + 20, box["y"] + 12) if box["width"] < 600 else (box["x"] + 40, box["y"] + 300)
    page.mouse.move(x, y)
    page.mouse.down()

    def move() -> None:
        for step in range(steps):
            page.mouse.move(x + 4 * (step % 30), y + 3 * (step % 40), steps=2)

    found = frames(page, move)
    page.mouse.up()
    page.wait_for_timeout(1000)
    return found


def _undone(page: Page, steps: int, report: Report) -> None:
    page.locator(".react-flow__node-layer").first.click()
    for _ in range(steps):
        page.keyboard.press("b")  # bypass: a step of its own each time
    page.locator(".draw-busy, .draw-waiting").first.wait_for(state="detached", timeout=120_000)
    found = []
    for _ in range(steps):
        begun = time.perf_counter()
        page.keyboard.press("Control+z")
        page.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
        found.append(1000 * (time.perf_counter() - begun))
    report.check(f"{steps} steps undone, each to the next frame", sorted(found)[len(found) // 2], 100.0, unit=" ms")


def frames(page: Page, during: Callable[[], object]) -> list[float]:
    """Milliseconds of the frames while something happens, the shortest first."""
    page.evaluate(FRAMES)
    during()
    return sorted(page.evaluate("window.frames"))
