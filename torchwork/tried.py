"""Short trials of a network with its data and its task, whose numbers the doctor judges."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from itertools import islice

from torch import Tensor, nn

from torchwork.data import Bundle
from torchwork.data.still import still
from torchwork.engine import Task
from torchwork.inside.trials import SECONDS, Batch, Loss, Trials, gap, trials
from torchwork.predicted import predicted

SAMPLES = 32
"""of the training split, evenly spread"""
NEW = 2000
"""validation samples that a trained network is asked of"""
COMPARED = 8
"""batches on which a trained network is compared with itself in evaluation"""


def tried(
    model: nn.Module, task: Task, bundle: Bundle, trained: nn.Module | None = None, seconds: float = SECONDS
) -> Trials:
    """What a network with its first weights does with samples as validation sees them; and what the `trained` one does.

    Raises:
        DataError: a sample cannot be read.
    """
    loss = _loss_of(task)
    found = trials(model, _together(bundle, SAMPLES)[0], loss, seconds=seconds)
    if trained is None:
        return found
    after = gap(trained, _together(bundle, COMPARED * bundle.train.batch_size, bundle.train.batch_size), loss)
    sure = _calibration(trained, task, bundle)
    return Trials({**found.found, **after.found, **sure}, {**found.skipped, **after.skipped})


def _calibration(model: nn.Module, task: Task, bundle: Bundle) -> dict[str, dict[str, float]]:
    """How sure a trained network is of its answers to new samples, and how often it is right; empty without classes."""
    if bundle.valid is None or bundle.valid.targets is None or bundle.spec.target != "class":
        return {}
    made = predicted(model, task, bundle, "valid", NEW)
    error, accuracy = made.calibration_error, made.accuracy
    if made.kind != "classes" or error is None or accuracy is None:
        return {}
    sure = float(made.confidences.mean())
    return {"calibration": {"error": error, "confidence": sure, "accuracy": accuracy, "samples": float(made.samples)}}


def _loss_of(task: Task) -> Loss:
    """The mean loss of a batch, without label smoothing: a few samples are to be learnt for certain."""
    task = copy.deepcopy(task)
    if getattr(getattr(task, "criterion", None), "label_smoothing", 0.0):
        task.criterion.label_smoothing = 0.0  # type: ignore[attr-defined]

    def loss(model: nn.Module, batch: Batch) -> Tensor:
        value = task.loss(model, batch, "")[0]
        return value / task.size(batch) if task.reduction == "sum" else value

    return loss


def _together(bundle: Bundle, samples: int, size: int | None = None) -> Sequence[Batch]:
    """Training samples that are evenly spread, in batches of `size`, or all in one."""
    batches, indices = still(bundle, "train", samples)
    batches.batch_size = min(size or samples, len(indices))
    return list(islice(batches.epoch(0), max(1, len(indices) // batches.batch_size)))
