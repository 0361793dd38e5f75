"""Where training stands, when the state is saved, and what the metrics of an epoch decide."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from torchwork.engine.schedule import Schedules, metric_of
from torchwork.engine.stop import Best, EarlyStopping, is_better
from torchwork.errors import TrainingError
from torchwork.experiment import Checkpoint, Train, parse_duration


@dataclass
class Position:
    """Epochs done, batches done of the next one, optimizer steps done in all."""

    epoch: int = 0
    batch: int = 0
    step: int = 0


class Saving:
    """When a checkpoint is due: every so many steps, epochs or minutes."""

    def __init__(self, settings: Checkpoint, steps_per_epoch: int) -> None:
        self.every = parse_duration(settings.every)
        by_epoch = self.every.unit == "epochs" and self.every.amount == int(self.every.amount)
        self.epochs = int(self.every.amount) if by_epoch else 0
        timed = self.every.unit == "minutes"
        self.seconds = self.every.amount * 60 if timed else float("inf")
        self.steps = 0 if by_epoch or timed else self.every.steps(steps_per_epoch)
        self.saved_at = time.monotonic()

    def saved(self) -> None:
        """A checkpoint was just written."""
        self.saved_at = time.monotonic()

    def after_step(self, position: Position) -> bool:
        """Whether one is due after a step inside an epoch."""
        return bool(self.steps and position.step % self.steps == 0) or time.monotonic() - self.saved_at >= self.seconds

    def after_epoch(self, position: Position) -> bool:
        """Whether one is due after an epoch; a step that ends one counts here, when all of the epoch is done."""
        return bool(self.epochs and position.epoch % self.epochs == 0) or self.after_step(position)


class Watched:
    """The metrics that decide: the best epoch, and early stopping. Checks the names that were given for them."""

    def __init__(
        self,
        settings: Train,
        maximize: frozenset[str],
        schedules: Sequence[Schedules],
        losses: Sequence[str],
        *,
        with_valid: bool,
    ) -> None:
        self.maximize, self.with_valid = maximize, with_valid
        self.monitor = settings.checkpoint.best
        if not with_valid and self.monitor.startswith("valid/"):
            self.monitor = "train/" + self.monitor.removeprefix("valid/")
        if self.monitor.endswith("/loss") and "loss" not in losses:
            self.monitor = self.monitor.removesuffix("loss") + losses[0]
        stop = settings.early_stop
        self.early = EarlyStopping(stop, stop is not None and self._upwards(stop.monitor))
        self.best: Best | None = None
        self.needed = [("train.checkpoint.best", self.monitor)]
        self.needed += [("train.early_stop.monitor", stop.monitor)] if stop else []
        self.needed += [("schedule.monitor", item.watches) for item in schedules if item.watches]

    def _upwards(self, tag: str) -> bool:
        return tag.split("/")[-1] in self.maximize

    def check(self, names: Sequence[str]) -> None:
        """Raises TrainingError for a metric that is not measured; `names` are those of one batch, without prefix."""
        prefixes = ("train", "valid") if self.with_valid else ("train",)
        known = {f"{prefix}/{name}": 0.0 for prefix in prefixes for name in names}
        for place, tag in self.needed:
            if tag.startswith("valid/") and not self.with_valid:
                raise TrainingError(
                    f"{place} is {tag}, but there is no validation data; set data.split.valid or watch train/loss"
                )
            metric_of(known, tag, place)

    def update(self, metrics: Mapping[str, float], position: Position) -> bool:
        """Takes the metrics of an epoch; whether it was the best one."""
        if self.early.settings:
            self.early.update(metric_of(metrics, self.early.settings.monitor, "train.early_stop.monitor"))
        value = metric_of(metrics, self.monitor, "train.checkpoint.best")
        if not is_better(value, self.best.value if self.best else None, self._upwards(self.monitor)):
            return False
        self.best = Best(self.monitor, value, position.epoch, position.step)
        return True

    def state_dict(self) -> dict[str, Any]:
        return {"early_stop": self.early.state_dict(), "best": asdict(self.best) if self.best else None}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        self.early.load_state_dict(state["early_stop"])
        self.best = Best(**state["best"]) if state["best"] else None
