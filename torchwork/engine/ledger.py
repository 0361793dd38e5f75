"""What every step measured, collected without waiting for the device, and handed out a window at a time."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from torchwork.engine.advance import Values
from torchwork.engine.batches import Batch
from torchwork.engine.meter import Meter, Totals
from torchwork.engine.task import Task

READ_EVERY = 0.1
"""Seconds between readings, so that a page that watches sees the steps as they come."""
WINDOW = 256


@dataclass(frozen=True)
class Rows:
    """Steps `first_step`, `first_step + 1`, ... with the numbers `names` each."""

    first_step: int
    names: list[str]
    rows: list[list[float]]
    wall_times: list[float]
    first_bad: int | None
    """the first step whose loss is not finite"""


class Ledger:
    """Rows of an epoch's steps: loss and metrics from the device, learning rates and times from the host."""

    def __init__(self, task: Task, device: torch.device, losses: Sequence[str], accumulate: int) -> None:
        self.task, self.losses = task, list(losses)
        means = frozenset(losses) if task.reduction == "mean" else frozenset()
        self.meter = Meter(device, means, max(WINDOW, accumulate))
        self.accumulate = accumulate
        self._rates: list[list[Any]] = []
        self._times: list[float] = []
        self._next = 0.0

    def add(self, step: int, sizes: Sequence[int], values: Sequence[Values], rates: list[Any]) -> None:
        """Takes what one step measured: a row for each of its batches."""
        for size, row in zip(sizes, values, strict=True):
            self.meter.add(step, size, row)
        self._rates.append(rates)
        self._times.append(time.time())

    def due(self) -> bool:
        """Whether the buffer must be read: it is full, or it is time."""
        return self.meter.full(self.accumulate) or time.monotonic() >= self._next

    def read(self, totals: Totals) -> Rows | None:
        """The steps since the last reading, added to `totals`; None when there are none."""
        window, columns = self.meter.read(), self.meter.columns
        self._next = time.monotonic() + READ_EVERY
        if window is None or columns is None:
            return None
        totals.add(window, columns)
        steps, samples, sums = window.by_step()
        found = self.task.summarize(columns.split(sums), samples)
        found = {name: value for name, value in found.items() if np.ndim(value) == 1}
        bad = ~np.isfinite(np.stack([found[name] for name in self.losses])).all(0)
        table = np.column_stack([*found.values(), np.array([[float(rate) for rate in rates] for rates in self._rates])])
        names = [f"step/{name}" for name in found] + _rate_names(len(self._rates[0]))
        rows = Rows(int(steps[0]), names, table.tolist(), self._times, int(steps[bad.argmax()]) if bad.any() else None)
        self._rates, self._times = [], []
        return rows


def _rate_names(count: int) -> list[str]:
    return [f"step/lr/{index}" if index else "step/lr" for index in range(count)]


class Clock:
    """The time an epoch takes, and the samples a second its training handles."""

    def __init__(self) -> None:
        self.begun = self.trained = time.perf_counter()
        self.samples, self.waited = 0, 0.0

    def watched(self, batches: Iterator[Batch]) -> Iterator[Batch]:
        """The batches, and how long each was waited for."""
        asked = time.perf_counter()
        for batch in batches:
            self.waited += time.perf_counter() - asked
            yield batch
            asked = time.perf_counter()

    def training_done(self) -> None:
        """The epoch's training is over, validation begins."""
        self.trained = time.perf_counter()

    @property
    def seconds(self) -> float:
        return time.perf_counter() - self.begun

    @property
    def rate(self) -> float:
        """Samples a second, NaN before any was seen."""
        seconds = self.trained - self.begun
        return self.samples / seconds if seconds > 0 else math.nan

    @property
    def waiting(self) -> float:
        """The share of training that went by waiting for batches, 0 to 1; NaN before any was trained on."""
        seconds = self.trained - self.begun
        return self.waited / seconds if seconds > 0 else math.nan
