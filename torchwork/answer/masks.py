"""What a network says of each pixel, drawn over its picture as the truth is.

Shapes: b samples, C classes, h height, w width.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

from torchwork.answer.looking import gather, overlay
from torchwork.answer.opened import OpenedRun
from torchwork.answer.overlay import SAFE, colours, painted
from torchwork.data import Bundle
from torchwork.data.several import Inputs
from torchwork.data.still import still
from torchwork.inside import untouched

MOST_PAINTED = 256
"""classes that a mask has numbers for"""


def masks_of(opened: OpenedRun, bundle: Bundle, split: str, indices: Sequence[int]) -> list[dict[str, Any]]:
    """Of samples of a split, `truth` and `said`: the message `Over` of each, or None."""
    batches, _ = still(bundle, split)
    samples = gather(batches, indices)
    return [
        {"truth": overlay(batches, bundle.spec.classes, sample), "said": mask_said(opened, batches.given(sample[None]))}
        for sample in samples
    ]


def mask_said(opened: OpenedRun, inputs: Inputs) -> dict[str, Any] | None:
    """The message `Over` of what the network says of one input as it takes it; None where it says nothing of pixels."""
    with untouched(opened.model), torch.no_grad():
        found = opened.task.probabilities(opened.task.predict(opened.model, inputs))
    if found is None or found.dim() != 4 or found.shape[1] > MOST_PAINTED:
        return None
    return {"mask": painted(_classes(found), [paint for _, paint in legend(opened)])}


def _classes(probabilities: Tensor) -> Tensor:
    """The class of each pixel, uint8 [h, w]."""
    return probabilities[0].argmax(0).to(torch.uint8)


def legend(opened: OpenedRun) -> list[tuple[str, str]]:
    """Each class with its colour; a mask of zeros and ones has ground and the rest."""
    return colours(opened.run.spec.classes) or [("0", "transparent"), ("1", SAFE[0])]
