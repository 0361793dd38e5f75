"""How long a run will take: some real steps and some of its validation, timed."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

from torchwork.build import Built, Checked, build
from torchwork.engine import Batch, Batches, Trainer

SECONDS = 2.0
"""The time after which no further step begins."""
VALIDATION = 1.0
"""The same for validation."""
FIRST = 2
"""Batches that do not count: workers start, memory is taken."""


class _Timed:
    """The batches of a split for some seconds only; `times` says when each was asked for."""

    def __init__(self, batches: Batches, seconds: float) -> None:
        self.batches, self.seconds, self.times = batches, seconds, list[float]()

    def __len__(self) -> int:
        return len(self.batches)

    @property
    def samples(self) -> int:
        return self.batches.samples

    def epoch(self, epoch: int, start: int = 0) -> Iterator[Batch]:
        end = time.perf_counter() + self.seconds
        for batch in self.batches.epoch(epoch, start):
            self.times.append(time.perf_counter())
            if len(self.times) > FIRST + 1 and self.times[-1] > end:
                return
            yield batch
        self.times.append(time.perf_counter())

    @property
    def one(self) -> float:
        """Seconds of a batch: fetched, and worked through."""
        counted = self.times[min(FIRST, len(self.times) - 2) :]
        return (counted[-1] - counted[0]) / (len(counted) - 1)


def expectation(looked: Checked) -> dict[str, Any]:
    """Seconds of the whole run by a trial of a few of its steps, and in words what they rest on.

    Raises:
        TorchworkError: the document is not right, or a step fails.
    """
    built = build(looked.experiment, opened=looked)
    train = _Timed(built.train, SECONDS)
    valid = _Timed(built.valid, VALIDATION) if built.valid is not None else None
    _try(built, train, valid)
    seconds = len(train) * train.one + (len(valid) * valid.one if valid else 0.0)
    tried = min(len(train.times) - 1, len(train))
    return {"seconds": seconds * built.settings.epochs, "basis": f"a trial of {tried} batches just now"}


def _try(built: Built, train: _Timed, valid: _Timed | None) -> None:
    """One short epoch of what training will do; nothing is recorded or kept."""
    plain: dict[str, Any] = {"epochs": 1, "early_stop": None}
    if built.settings.memory_format == "auto":
        plain["memory_format"] = "contiguous"
    settings = built.settings.model_copy(update=plain)
    Trainer(built.model, built.task, built.updates, train, valid, settings=settings, seed=built.seed).fit()
