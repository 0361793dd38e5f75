"""Vectorised steps for pictures that carry a mask or a box in their last channel."""

from __future__ import annotations

from functools import partial
from typing import Any

import torch
from torch import Tensor

from torchwork.catalog import vision
from torchwork.data.attached import Attached, OnPicture, with_mask
from torchwork.data.vectorised import Crop, ResizedCrop, Sometimes, Step, functional

FLIPS = ("horizontal_flip", "vertical_flip")


class PixelStep(OnPicture, Step):
    """A step that changes pixels only, so that what is attached to the pictures stays as it is."""

    def __init__(self, step: Step) -> None:
        super().__init__(step)
        self.columns, self.exact = step.columns, step.exact


class ResizedCropWithMask(ResizedCrop):
    """RandomResizedCrop of pictures with their masks; the masks by nearest neighbour."""

    def __call__(self, batch: Tensor, rows: Tensor) -> Tensor:
        cut, size = functional().resized_crop, list(self.transform.size)
        masks = [vision().tv_tensors.Mask(mask) for mask in batch[:, -1:]]
        places = self.windows(rows, *batch.shape[-2:]).tolist()
        moved = [cut(mask, *place, size) for mask, place in zip(masks, places, strict=True)]
        return with_mask(super().__call__(batch[:, :-1], rows), torch.stack(moved))


def step_together(step: Step, attached: Attached) -> Step | None:
    """The step for pictures that carry something; None where they go one by one, which for boxes is what moves them."""
    geometric = isinstance(step, Crop | ResizedCrop) or is_flip(step)
    if not geometric:
        return PixelStep(step)
    if attached.kind == "box" or (isinstance(step, Crop) and _fills(step.transform, attached.fill)):
        return None
    return ResizedCropWithMask(step.transform) if isinstance(step, ResizedCrop) else step


def is_flip(step: Step) -> bool:
    """Whether it turns pictures over, which moves a mask in their last channel as it moves them."""
    function = step.function if isinstance(step, Sometimes) else None
    return isinstance(function, partial) and bool(function.args) and function.args[0] in FLIPS


def _fills(transform: Any, fill: int) -> bool:
    """Whether a crop pads pictures with another number than their masks get."""
    pads = (transform.padding or transform.pad_if_needed) and transform.padding_mode == "constant"
    filled = any(transform.fill) if isinstance(transform.fill, list | tuple) else transform.fill
    return bool(pads and (filled or fill))
