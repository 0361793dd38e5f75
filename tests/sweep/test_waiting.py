"""A loop of one's own records how long it waits for batches, and what the process holds in memory."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import torchwork
from torchwork.record import read_run


def slow(count: int) -> Iterator[list[int]]:
    for _ in range(count):
        time.sleep(0.02)
        yield [0] * 4


def test_waiting_and_memory_are_recorded_at_each_epoch(tmp_path: Path) -> None:
    for run in torchwork.runs(tmp_path, "slow", lr=1.0):
        for _ in run.epochs(2):
            for _batch in run.batches(slow(5)):
                run.log(loss=1.0)
        folder = run.path
    log = read_run(folder)
    waiting, memory = log["time/waiting"].values, log["system/process_memory"].values
    assert len(waiting) == len(memory) == 2
    assert (waiting > 0.5).all() and (waiting <= 1.0).all() and (memory > 10).all()
