"""An update: the optimizers that lower one loss, and the schedules that drive them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from torch.optim import Optimizer
from torch.optim.lr_scheduler import LRScheduler, OneCycleLR, ReduceLROnPlateau

from torchwork.engine.warmup import Dampening, Warmup
from torchwork.errors import TrainingError, nearest


@dataclass
class Update:
    """One step of learning on each window of batches; adversarial pairs have two updates, each with its name.

    `schedules` stand beside `optimizers`, None where one has none. `monitor` is what ReduceLROnPlateau watches.
    """

    optimizers: Sequence[Optimizer]
    schedules: Sequence[LRScheduler | None] = ()
    every: Literal["step", "epoch"] = "epoch"
    monitor: str = "valid/loss"
    warmup: Warmup | None = None
    name: str = "model"

    def __post_init__(self) -> None:
        if self.schedules and len(self.schedules) != len(self.optimizers):
            raise TrainingError(
                f"expected a schedule or None for each of {len(self.optimizers)} optimizers, got {len(self.schedules)}"
            )


class Schedules:
    """Drives the schedulers and the warm-up of one update."""

    def __init__(self, update: Update) -> None:
        self.update = update
        self.schedulers = [scheduler for scheduler in update.schedules if scheduler is not None]
        self.every_step = update.every == "step"
        self.dampening = Dampening(update.warmup, update.optimizers)
        if self.every_step and any(isinstance(scheduler, ReduceLROnPlateau) for scheduler in self.schedulers):
            raise TrainingError(
                "ReduceLROnPlateau watches a metric of the epoch and cannot step every step; set every: epoch"
            )

    @property
    def watches(self) -> str | None:
        """The metric that a scheduler of this update needs, or None."""
        return self.update.monitor if any(isinstance(item, ReduceLROnPlateau) for item in self.schedulers) else None

    def rates(self) -> list[float]:
        """The learning rate of every parameter group, as the optimizers have it now."""
        return [group["lr"] for optimizer in self.update.optimizers for group in optimizer.param_groups]

    def before_step(self) -> None:
        self.dampening.apply()

    def after_step(self) -> None:
        self.dampening.release()
        if self.every_step:
            for scheduler in self.schedulers:
                _advance(scheduler)

    def after_epoch(self, metrics: Mapping[str, float]) -> None:
        """Steps the schedulers that step by epoch, with the metric that ReduceLROnPlateau watches."""
        for scheduler in () if self.every_step else self.schedulers:
            if isinstance(scheduler, ReduceLROnPlateau):
                _advance(scheduler, metric_of(metrics, self.update.monitor, "schedule.monitor"))
            else:
                _advance(scheduler)

    def check_length(self, epochs: int, steps_per_epoch: int) -> None:
        """Raises TrainingError for a schedule that knows its end (OneCycleLR) and ends before training does."""
        count, unit = (epochs * steps_per_epoch, "steps") if self.every_step else (epochs, "epochs")
        for scheduler in self.schedulers:
            if isinstance(scheduler, OneCycleLR) and scheduler.total_steps < count:
                raise TrainingError(
                    f"the schedule OneCycleLR ends too early: its total_steps is {scheduler.total_steps}, and training "
                    f"makes {count} {unit}; train fewer epochs, or begin a new run with total_steps: {unit}"
                )

    def state_dict(self) -> dict[str, Any]:
        return {
            "schedulers": [{"kind": type(item).__name__, "state": item.state_dict()} for item in self.schedulers],
            "warmup": self.dampening.state_dict(),
        }

    def load_state_dict(self, state: dict[str, Any]) -> None:
        for scheduler, saved in zip(self.schedulers, state["schedulers"], strict=True):
            scheduler.load_state_dict(saved["state"])
        self.dampening.load_state_dict(state["warmup"])


def _advance(scheduler: Any, *metric: float) -> None:
    """Steps one scheduler. What it cannot compute is a fault of its settings, and nothing else is."""
    try:
        scheduler.step(*metric)
    except (ArithmeticError, LookupError, TypeError, ValueError) as error:
        raise TrainingError(
            f"the schedule {type(scheduler).__name__} cannot make its step {scheduler.last_epoch}: {error}; "
            "change its settings"
        ) from error


def metric_of(metrics: Mapping[str, float], tag: str, place: str) -> float:
    """The metric `tag`.

    Raises:
        TrainingError: there is none of that name; `place` says where the name was given.
    """
    if tag not in metrics:
        guess = nearest(tag, metrics) or "check the name"
        raise TrainingError(f"{place} is {tag}, but each epoch measures {', '.join(metrics)}; {guess}")
    return metrics[tag]
