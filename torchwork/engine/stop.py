"""What the metric of an epoch decides: whether it was the best so far, and whether to stop early."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from torchwork.experiment import EarlyStop


@dataclass(frozen=True)
class Best:
    """The best epoch so far by one metric; `epoch` counts from 1, `step` is the step it ended with."""

    monitor: str
    value: float
    epoch: int
    step: int


def is_better(value: float, best: float | None, maximize: bool, delta: float = 0.0) -> bool:
    """Whether `value` beats `best` by more than `delta`; what is not finite never does."""
    if not math.isfinite(value):
        return False
    if best is None:
        return True
    return value > best + delta if maximize else value < best - delta


class EarlyStopping:
    """Counts the epochs in which a metric did not become better."""

    def __init__(self, settings: EarlyStop | None, maximize: bool) -> None:
        self.settings, self.maximize = settings, maximize
        self.best: float | None = None
        self.waited = 0

    @property
    def stopped(self) -> bool:
        return self.settings is not None and self.waited >= self.settings.patience

    def update(self, value: float) -> None:
        """Takes the metric of an epoch."""
        if self.settings is None:
            return
        if is_better(value, self.best, self.maximize, self.settings.min_delta):
            self.best, self.waited = value, 0
        else:
            self.waited += 1

    def state_dict(self) -> dict[str, Any]:
        return {"best": self.best, "waited": self.waited}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        self.best, self.waited = state["best"], state["waited"]
