"""From `log()` in a training process to the message at a page's socket, with four live runs."""

from __future__ import annotations

import itertools
import json
import math
import random
import statistics
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path

from websockets.sync.client import ClientConnection, connect

from benchmarks.measure import Options, Report
from torchwork.record import EventWriter
from torchwork.serve.server import serve

RUNS = 4
EVERY = 0.02
"""Seconds between two steps of a run; each has ten scalars."""
MEDIAN, SLOWEST = 100.0, 250.0
"""Milliseconds that the median and 99 % may take."""


def run(options: Options, report: Report) -> None:
    """Latencies of every point, in milliseconds."""
    seconds = options.size(30, 2)
    with tempfile.TemporaryDirectory() as folder, server(Path(folder)) as (address, _), logging(Path(folder)):
        found = [value * 1e3 for value in latencies(address, seconds)]
    cuts = statistics.quantiles(found, n=100)
    report.say(f"\n{RUNS} runs, a step of ten scalars each {EVERY * 1e3:g} ms, {len(found)} steps seen")
    report.check("median", cuts[49], MEDIAN, unit=" ms")
    report.check("99 % are faster than", cuts[98], SLOWEST, unit=" ms")


@contextmanager
def server(folder: Path) -> Iterator[tuple[str, int]]:
    """A server of `folder` in a process of its own: its address and the process's number."""
    ours, theirs = get_context("spawn").Pipe()
    process = get_context("spawn").Process(target=_serve, args=(folder, theirs), daemon=True)
    process.start()
    try:
        yield ours.recv(), process.pid or 0
    finally:
        process.terminate()
        process.join()


def _serve(folder: Path, said: Connection) -> None:
    def say(line: str) -> None:
        if "http://" in line:
            said.send(line[line.index("http://") :])

    serve(folder, port=7260, browser=False, say=say)


@contextmanager
def logging(folder: Path, runs: int = RUNS, tags: int = 10, every: float = EVERY, before: int = 0) -> Iterator[None]:
    """Training processes that log a step each `every` seconds; all have begun, with `before` steps at once."""
    processes = [
        get_context("spawn").Process(target=_log, args=(folder / f"run-{number}", tags, every, before), daemon=True)
        for number in range(runs)
    ]
    for process in processes:
        process.start()
    try:
        while len(list(folder.glob("*/*tfevents*"))) < runs:
            time.sleep(0.1)
        yield
    finally:
        for process in processes:
            process.terminate()
            process.join()


def _log(folder: Path, tags: int, every: float, before: int) -> None:
    noise = random.Random(str(folder))
    with EventWriter(folder) as writer:
        for step in itertools.count():
            fallen = math.exp(-step / 3000)
            writer.scalars(step, {f"step/metric-{n}": fallen * (1 + noise.random()) + n for n in range(tags)})
            time.sleep(0 if step < before else every)


def latencies(address: str, seconds: float) -> list[float]:
    """Seconds from the call to the message, for every step that a page is told for some time."""
    with connect(address.replace("http://", "ws://").replace("/?", "/api/live?"), max_size=None) as socket:
        watch = [{"run": f"run-{number}"} for number in range(RUNS)]
        socket.send(json.dumps({"type": "watch", "watch": watch, "runs": True}))
        time.sleep(0.5)
        return list(_seen(socket, time.time() + seconds))


def _seen(socket: ClientConnection, end: float) -> Iterator[float]:
    begun = time.time()
    while (now := time.time()) < end:
        news = json.loads(socket.recv())
        now = time.time()
        if news["type"] == "points" and "step/metric-9" in news["series"]:
            times = news["series"]["step/metric-9"]["times"]
            yield from (now - moment for moment in times if moment > begun)
