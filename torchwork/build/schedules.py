"""The schedule of the document to schedulers of torch, one for each optimizer."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, Literal

from torch.optim import Optimizer

from torchwork import experiment
from torchwork.build.parts import make
from torchwork.engine import Warmup
from torchwork.errors import DocumentError, Problem, TrainingError, nearest
from torchwork.experiment import parse_duration

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


WARMUPS: dict[str, tuple[str, ...]] = {
    "constant": ("length", "factor"),
    "linear": ("length",),
    "exponential": ("length",),
    "untuned_linear": (),
    "untuned_exponential": (),
}
"""Kinds of warm-up and their arguments."""


def make_warmup(
    schedule: experiment.Schedule | None, steps_per_epoch: int, optimizers: list[Optimizer]
) -> Warmup | None:
    """The warm-up in front of the schedule, if the document has one.

    Raises:
        DocumentError: an unknown kind or argument, a missing length, or an untuned one for an optimizer without betas.
    """
    if schedule is None or schedule.warmup is None:
        return None
    part, path = schedule.warmup, f"schedule.warmup.{schedule.warmup.name}"
    _check_names(part.name, WARMUPS, "schedule.warmup", "there is no warm-up")
    for name in part.args:
        _check_names(name, WARMUPS[part.name], f"{path}.{name}", f"{part.name} has no argument")
    if "length" in WARMUPS[part.name] and "length" not in part.args:
        raise DocumentError(Problem(path, f"{part.name} needs length: a time such as `500 steps` or `2 epochs`"))
    try:
        length = part.args.get("length")
        steps = parse_duration(str(length)).steps(steps_per_epoch) if "length" in WARMUPS[part.name] else None
        warmup = Warmup(part.name, steps, float(part.args.get("factor", 1 / 3)))  # type: ignore[arg-type]
        for group in (group for optimizer in optimizers for group in optimizer.param_groups):
            warmup.length_for(group)
    except (TypeError, ValueError, TrainingError) as error:
        raise DocumentError(Problem(path, str(error))) from None
    return warmup


def _check_names(name: str, known: Collection[str], path: str, complaint: str) -> None:
    if name not in known:
        raise DocumentError(
            Problem(path, f"{complaint} {name}", nearest(name, known) or f"there are {', '.join(known) or 'none'}")
        )
