"""An update: the optimizers that lower one loss, and the schedules that drive them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from torch.optim import Optimizer
from torch.optim.lr_scheduler import LRScheduler, ReduceLROnPlateau

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
                scheduler.step()

    def after_epoch(self, metrics: Mapping[str, float]) -> None:
        """Steps the schedulers that step by epoch, with the metric that ReduceLROnPlateau watches."""
        for scheduler in () if self.every_step else self.schedulers:
            if isinstance(scheduler, ReduceLROnPlateau):
                scheduler.step(metric_of(metrics, self.update.monitor, "schedule.monitor"))
            else:
                scheduler.step()

    def state_dict(self) -> dict[str, Any]:
        return {
            "schedulers": [{"kind": type(item).__name__, "state": item.state_dict()} for item in self.schedulers],
            "warmup": self.dampening.state_dict(),
        }

    def load_state_dict(self, state: dict[str, Any]) -> None:
        for scheduler, saved in zip(self.schedulers, state["schedulers"], strict=True):
            scheduler.load_state_dict(saved["state"])
        self.dampening.load_state_dict(state["warmup"])


def metric_of(metrics: Mapping[str, float], tag: str, place: str) -> float:
    """The metric `tag`.

    Raises:
        TrainingError: there is none of that name; `place` says where the name was given.
    """
    if tag not in metrics:
        guess = nearest(tag, metrics) or "check the name"
        raise TrainingError(f"{place} is {tag}, but each epoch measures {', '.join(metrics)}; {guess}")
    return metrics[tag]
