"""Pages open for an hour on a live run: the memory of the server at the end against that at the beginning."""

from __future__ import annotations

import asyncio
import itertools
import json
import re
import tempfile
import time
from multiprocessing import get_context
from pathlib import Path

from websockets.asyncio.client import connect

from benchmarks.live import server
from benchmarks.measure import Options, Report
from torchwork.record import EventWriter

TAGS = 10
EVERY = 0.05
"""Seconds between two steps of the run."""
WARM = 0.1
"""Of the time, until everything is loaded and every buffer has its size."""
GROWTH = 10.0
"""Megabytes that the server may hold more at the end, besides the points recorded meanwhile."""


def run(options: Options, report: Report) -> None:
    """All pages follow everything and read everything."""
    seconds, pages = options.size(int(options.minutes * 60), 60), options.size(options.pages, 20)
    with tempfile.TemporaryDirectory() as folder, server(Path(folder)) as (address, pid):
        process = get_context("spawn").Process(target=_log, args=(Path(folder) / "run",), daemon=True)
        process.start()
        try:
            begin, end, told = asyncio.run(_watched(address, pid, pages, seconds))
        finally:
            process.terminate()
            process.join()
    recorded = told // TAGS * (24 + 8 * TAGS)  # a step with its place and time, and a number for each tag
    report.say(f"\n{pages} pages for {seconds:g} s, {told:,} points told to each, {recorded / 1e6:.1f} MB of them kept")
    report.say(f"the server's memory: {begin / 1e6:.1f} MB at the beginning, {end / 1e6:.1f} MB at the end")
    report.check("more than at the beginning and recorded, MB", (end - begin - recorded) / 1e6, GROWTH, unit=" MB")


def _log(folder: Path) -> None:
    with EventWriter(folder) as writer:
        for step in itertools.count():
            writer.scalars(step, {f"step/metric-{number}": step * 0.5 for number in range(TAGS)})
            time.sleep(EVERY)


async def _watched(address: str, pid: int, pages: int, seconds: float) -> tuple[int, int, int]:
    """Bytes that the server holds at the beginning and at the end, and the fewest points that a page was told."""
    readers = [asyncio.create_task(_page(address, time.monotonic() + seconds)) for _ in range(pages)]
    await asyncio.sleep(seconds * WARM)
    begin = _memory(pid)
    await asyncio.sleep(seconds * (1 - WARM) - 1)
    end = _memory(pid)
    return begin, end, min(await asyncio.gather(*readers))


async def _page(address: str, until: float) -> int:
    """Points that a page is told; it goes away and comes back now and then, as pages do."""
    told, url = 0, address.replace("http://", "ws://").replace("/?", "/api/live?")
    cursor = ""
    while time.monotonic() < until:
        async with connect(url, max_size=None) as socket:
            watch = [{"run": "run", "cursor": cursor}]
            await socket.send(json.dumps({"type": "watch", "watch": watch, "runs": True}))
            leaves = min(until, time.monotonic() + 30)
            while time.monotonic() < leaves:
                news = json.loads(await socket.recv())
                if news["type"] == "points":
                    cursor = news["cursor"]
                    told += sum(len(points["steps"]) for points in news["series"].values())
    return told


def _memory(pid: int) -> int:
    """Bytes that a process holds now. Linux only."""
    found = re.search(r"VmRSS:\s*(\d+) kB", Path(f"/proc/{pid}/status").read_text("utf-8"))
    return int(found[1]) * 1024 if found else 0
