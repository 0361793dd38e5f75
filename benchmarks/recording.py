"""Ten scalars recorded in every step of one's own loop, and a million of them read back."""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import torch
from torch import nn

from benchmarks import bare
from benchmarks.measure import Options, Report, Spread
from benchmarks.process import fresh
from torchwork.record import EventWriter, read_run

SCALARS = 10
COST = 10.0
"""Microseconds of the loop's time that ten scalars may cost."""
READING = 1.0
"""Seconds in which a million scalars are read."""
BLOCK = 50
"""Steps in a row with, then without recording."""
Record = Callable[[int, dict[str, float]], None]


def run(options: Options, report: Report) -> None:
    """What recording costs a loop, what the call alone takes, and how fast it is read."""
    report.say(COUNTED)
    pairs = options.size(200, 2)
    report.table("ten scalars a step, microseconds", {"the call alone": fresh(call_cost, options.size(20_000, 100))})
    busy = fresh(busy_cost, options.size(100, 2), options.size(1000, 10))
    report.check("processor time of both threads", Spread.of(busy), COST)
    cost = fresh(loop_cost, pairs)
    report.check(f"the loop's time, {pairs} pairs of {BLOCK} steps", Spread.of(cost), COST)
    quartiles = statistics.quantiles(cost, n=4)
    report.say(f"    half of the pairs lie between {quartiles[0]:.3g} and {quartiles[2]:.3g}")
    writer = fresh(summary_writer_cost, options.size(2_000, 100))
    if writer:
        report.table("for comparison, microseconds", {"ten calls of torch.utils.tensorboard.SummaryWriter": writer})
    for steps, width in ((100_000, 10), (1_000_000, 1)):
        steps = options.size(steps, 100)
        seconds = Spread.of(fresh(reading, steps, width, options.rounds))
        report.check(f"seconds to read {steps:,} steps of {width}", seconds, READING)


COUNTED = """
The loop: forward, backward and Adam's step of the network at batch 100 in one thread, with and without recording in
turns; the difference of neighbours is the cost, with the wait until everything is written. The processor time is that
of the call and of the thread that encodes and writes: what the loop would lose if it had to do all of it itself."""


def values(step: int) -> dict[str, float]:
    """Ten numbers under names such as people use."""
    return {f"step/metric-{number}": step * 0.5 + number for number in range(SCALARS)}


def busy_cost(rounds: int, count: int) -> list[float]:
    """Microseconds of processor time of each step in `rounds` of `count` steps, until they are written."""
    found = []
    with tempfile.TemporaryDirectory() as folder, EventWriter(folder) as writer:
        for _ in range(rounds):
            rows = [values(number) for number in range(count)]
            begun = time.process_time()
            for number, row in enumerate(rows):
                writer.scalars(number, row)
            writer.flush()
            found.append((time.process_time() - begun) / count * 1e6)
    return found


def loop_cost(pairs: int) -> list[float]:
    """Microseconds a step that recording adds, for each pair of blocks."""
    # One thread: with two, what other programs take of a core is a hundred times what is to be measured.
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        return _paired(pairs, training_step())
    finally:
        torch.set_num_threads(threads)  # tests call this in their own process, whose later sums must stay as they are


def _paired(pairs: int, step: Callable[[], None]) -> list[float]:
    with tempfile.TemporaryDirectory() as folder, EventWriter(folder) as writer:

        def recorded() -> float:
            return timed(step, BLOCK, writer.scalars, writer.flush)

        def alone() -> float:
            return timed(step, BLOCK, lambda number, row: None, lambda: None)

        alone()
        found = []
        for number in range(pairs):
            order = (recorded, alone) if number % 2 == 0 else (alone, recorded)
            times = {side: side() for side in order}
            found.append((times[recorded] - times[alone]) / BLOCK * 1e6)
    return found


def training_step() -> Callable[[], None]:
    """One step of the network at batch 100, in a process that keeps its memory."""
    bare.keep_memory()
    model, criterion = bare.lenet(), nn.CrossEntropyLoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
    inputs, targets = torch.randn(100, 1, 28, 28), torch.randint(10, (100,))

    def step() -> None:
        optimizer.zero_grad()
        criterion(model(inputs), targets).backward()
        optimizer.step()

    return step


def timed(step: Callable[[], None], count: int, record: Record, end: Callable[[], None]) -> float:
    """Seconds of `count` steps, each recorded by `record`, and of what has to be done at the end."""
    rows = [values(number) for number in range(count)]
    begun = time.perf_counter()
    for number, row in enumerate(rows):
        step()
        record(number, row)
    end()
    return time.perf_counter() - begun


def call_cost(count: int) -> list[float]:
    """Microseconds of each call, in a loop that does nothing else for a moment between calls."""
    found = []
    with tempfile.TemporaryDirectory() as folder, EventWriter(folder) as writer:
        for number in range(count):
            row = values(number)
            begun = time.perf_counter()
            writer.scalars(number, row)
            found.append((time.perf_counter() - begun) * 1e6)
            time.sleep(1e-5)
    return found


def summary_writer_cost(count: int) -> list[float]:
    """Microseconds of ten `add_scalar` calls; empty where tensorboard is not installed."""
    try:
        from torch.utils.tensorboard import SummaryWriter
    except ImportError:
        return []
    found = []
    with tempfile.TemporaryDirectory() as folder, SummaryWriter(folder) as writer:
        for number in range(count):
            row = values(number)
            begun = time.perf_counter()
            for tag, value in row.items():
                writer.add_scalar(tag, value, number)
            found.append((time.perf_counter() - begun) * 1e6)
    return found


def reading(steps: int, width: int, rounds: int) -> list[float]:
    """Seconds to read a folder of `steps` steps with `width` scalars each, up to all curves as arrays."""
    with tempfile.TemporaryDirectory() as folder:
        with EventWriter(folder) as writer:
            for step in range(steps):
                writer.scalars(step, {f"step/metric-{number}": step * 0.5 for number in range(width)}, wall_time=step)
        return [read(Path(folder), steps, width) for _ in range(rounds)]


def read(folder: Path, steps: int, width: int) -> float:
    """Seconds of one reading."""
    begun = time.perf_counter()
    log = read_run(folder)
    count = sum(len(log[tag]) for tag in log.tags)
    seconds = time.perf_counter() - begun
    if count != steps * width:
        raise RuntimeError(f"{steps * width} scalars were recorded, {count} were read")
    return seconds
