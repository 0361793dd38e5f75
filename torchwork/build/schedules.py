"""The schedule of the document to schedulers of torch, one for each optimizer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from torch.optim import Optimizer

from torchwork import experiment
from torchwork.build.parts import make

EACH_STEP = frozenset({"OneCycleLR", "CyclicLR"})
"""Schedulers whose documentation counts batches, not epochs."""


def schedule_scope(epochs: int, steps_per_epoch: int) -> dict[str, int]:
    """The names that the arguments of a schedule may use, as in `OneCycleLR: {max_lr: 0.1, total_steps: steps}`."""
    return {"epochs": epochs, "steps_per_epoch": steps_per_epoch, "steps": epochs * steps_per_epoch}


def make_schedules(
    schedule: experiment.Schedule | None, optimizers: list[Optimizer], scope: Mapping[str, int]
) -> list[Any]:
    """One scheduler for each optimizer, or none at all when the document has no schedule.

    Raises:
        DocumentError: a wrong name or argument, or a scheduler that refuses the optimizer.
    """
    if schedule is None or not schedule.name:
        return []
    return [make("scheduler", schedule, optimizer, path="schedule", scope=scope) for optimizer in optimizers]


def cadence(schedule: experiment.Schedule | None) -> Literal["step", "epoch"]:
    """When the schedule steps: as the document says, else each step for those that count batches, else each epoch."""
    if schedule is None:
        return "epoch"
    return schedule.every or ("step" if schedule.name in EACH_STEP else "epoch")
