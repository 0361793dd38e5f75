"""The optimizers of the document with their schedules and warm-up as one update, and a rehearsal of them."""

from __future__ import annotations

import warnings

import torch
from torch import nn

from torchwork.build.parameters import make_optimizers
from torchwork.build.schedules import cadence, make_schedules, make_warmup, schedule_scope
from torchwork.engine import Schedules, Update
from torchwork.errors import DocumentError, Problem, TrainingError
from torchwork.experiment import Experiment

REHEARSED = 1000
"""Steps of a schedule that a rehearsal makes at most; a wrong setting shows itself in the first few."""
LARGEST_RATE = torch.finfo(torch.float32).max


def steps_of(document: Experiment, batches: int) -> int:
    """Steps in an epoch of so many batches."""
    return -(-batches // document.train.accumulate)


def make_update(document: Experiment, model: nn.Module, batches: int) -> Update:
    """The optimizers of the document with their schedules and warm-up, for an epoch of so many `batches`."""
    steps, schedule = steps_of(document, batches), document.schedule
    optimizers = make_optimizers(model, document.optimizer, document.parameters)
    return Update(
        optimizers=optimizers,
        schedules=make_schedules(schedule, optimizers, schedule_scope(document.train.epochs, steps)),
        every=cadence(schedule),
        monitor=schedule.monitor if schedule else "valid/loss",
        warmup=make_warmup(schedule, steps, optimizers),
    )


def rehearse(document: Experiment, model: nn.Module, batches: int) -> None:
    """Makes an update for `model` and steps its schedules as training will, to find what they cannot do.

    Raises:
        DocumentError: a schedule that ends before training does, cannot be computed, or makes a rate negative.
    """
    update, epochs, steps = make_update(document, model, batches), document.train.epochs, steps_of(document, batches)
    if document.train.precision == "fp16" and any(type(item).__name__ == "LBFGS" for item in update.optimizers):
        message = "fp16 scales the loss, which LBFGS evaluates several times a step"
        raise DocumentError(Problem("train.precision", message, "write bf16 or float32"))
    try:
        schedules = Schedules(update)
        schedules.check_length(epochs, steps)
        # No optimizer has stepped, which torch would warn of.
        with warnings.catch_warnings(action="ignore"):
            for step in range(min(REHEARSED, epochs * steps if schedules.every_step else epochs)):
                schedules.before_step()
                _check_rates(schedules, step)
                schedules.after_step()
                schedules.after_epoch({update.monitor: 1.0})
    except TrainingError as error:
        raise DocumentError(Problem("schedule", str(error))) from None


def _check_rates(schedules: Schedules, step: int) -> None:
    for rate in map(float, schedules.rates()):
        if not -1e-9 < rate < LARGEST_RATE:  # rounding may end a little below 0
            raise TrainingError(
                f"the learning rate becomes {rate:.4g} at {'step' if schedules.every_step else 'epoch'} {step + 1}; "
                "change lr or the schedule so that it stays a small positive number"
            )
