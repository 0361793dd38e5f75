"""What a run's network says of a split of its data: batches and task joined with `inside.predict`."""

from __future__ import annotations

from torch import nn

from torchwork.data import Bundle
from torchwork.data.still import still
from torchwork.engine import Task
from torchwork.inside import Predictions, predict


def predicted(
    model: nn.Module, task: Task, bundle: Bundle, split: str = "valid", most: int | None = None
) -> Predictions:
    """What a model says of the samples of a split as validation sees them, of at most `most`, evenly spread.

    Raises:
        DataError: there is no such split, or it has no targets.
    """
    batches, indices = still(bundle, split, most)
    made = predict(
        model,
        batches.epoch(0),
        read=task.probabilities,
        call=task.predict,
        classes=bundle.spec.classes or (),
        ignored=getattr(task, "ignored", None),
        indices=indices,
    )
    total = bundle.spec.samples[split]
    if len(indices) < total:
        made.notes.append(f"{len(indices)} of {total} samples, evenly spread")
    return made
