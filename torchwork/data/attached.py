"""A mask or a box that belongs to a picture, and moves where the picture moves.

Both are held as one more channel of the picture, the last: a mask as it is, a box as the bytes of its four numbers at
the beginning of that channel. So what holds, caches, orders or ships samples knows nothing of them; only transforms and
batches take them apart. Shapes: ... samples or nothing, c channels, h height, w width.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

import torch
from torch import Tensor

from torchwork.catalog import vision
from torchwork.errors import DataError

IGNORED = 255
"""the number of a pixel that belongs to no class"""
NOT_COUNTED = -100
"""what losses of torch pass over, by default"""
BOX_BYTES = 16


def with_mask(pictures: Tensor, masks: Tensor) -> Tensor:
    """Pictures [..., c, h, w] with masks [..., 1, h, w] of whole numbers from 0 to 255 as their last channel."""
    return torch.cat((pictures, masks.to(pictures.dtype)), dim=-3)


def with_box(pictures: Tensor, boxes: Tensor) -> Tensor:
    """Pictures [..., c, h, w] with the numbers of boxes [..., 4] in one more channel, the last."""
    channel = torch.zeros_like(pictures[..., 0, :, :]).flatten(-2)
    numbers = boxes.float() if pictures.is_floating_point() else boxes.float().contiguous().view(torch.uint8)
    if channel.shape[-1] < numbers.shape[-1]:
        raise ValueError(f"a picture needs at least {numbers.shape[-1]} pixels to carry its box")
    channel[..., : numbers.shape[-1]] = numbers
    return torch.cat((pictures, channel.view_as(pictures[..., :1, :, :])), dim=-3)


def boxes_of(samples: Tensor) -> Tensor:
    """The boxes float32 [..., 4] of pictures that carry one: x1, y1, x2, y2 in pixels."""
    channel = samples[..., -1, :, :].flatten(-2)
    if samples.is_floating_point():
        return channel[..., :4].float()
    return channel[..., :BOX_BYTES].contiguous().view(torch.float32)


def masks_of(samples: Tensor) -> Tensor:
    """The masks float32 [..., 1, h, w] of pictures that carry one."""
    return samples[..., -1:, :, :].float()


def labels_of(samples: Tensor) -> Tensor:
    """The class of each pixel, int64 [..., h, w], of pictures that carry them; -100 where a pixel has none."""
    labels = samples[..., -1, :, :].long()
    return labels.masked_fill_(labels == IGNORED, NOT_COUNTED)


class WithMask:
    """A transform of pictures together with their masks: by nearest neighbour, `fill` where nothing was."""

    def __init__(self, transform: Any, fill: int = 0) -> None:
        self.inner, self.fill = transform, fill
        for each in inner_transforms(transform):
            if isinstance(getattr(each, "_fill", None), dict):  # what fills the picture would fill the mask, too
                each._fill = {**each._fill, vision().tv_tensors.Mask: 0}

    def __call__(self, samples: Tensor) -> Tensor:
        mask = vision().tv_tensors.Mask(samples[..., -1:, :, :] - self.fill)  # so that 0 is what fills it
        picture, mask = self.inner(samples[..., :-1, :, :], mask)
        return with_mask(picture, mask.as_subclass(torch.Tensor) + self.fill)


class WithBox:
    """A transform of pictures together with their boxes: what encloses the moved box, within the picture."""

    def __init__(self, transform: Any) -> None:
        self.inner = transform

    def __call__(self, samples: Tensor) -> Tensor:
        boxes, picture = boxes_of(samples), samples[..., :-1, :, :]
        size = tuple(picture.shape[-2:])
        given = vision().tv_tensors.BoundingBoxes(boxes.view(-1, 4), format="XYXY", canvas_size=size)
        picture, given = self.inner(picture, given)
        moved = given.as_subclass(torch.Tensor).view_as(boxes)
        height, width = picture.shape[-2:]
        return with_box(picture, moved.clamp(min=0).minimum(moved.new_tensor([width, height, width, height])))


class OnPicture:
    """A transform that changes pixels only, so that what is attached to a picture stays as it is."""

    def __init__(self, transform: Any) -> None:
        self.inner = transform

    def __call__(self, samples: Tensor, *rows: Tensor) -> Tensor:
        return torch.cat((self.inner(samples[..., :-1, :, :], *rows), samples[..., -1:, :, :]), dim=-3)


def inner_transforms(transform: Any) -> Iterator[Any]:
    """A transform and all that it is made of."""
    yield transform
    for each in getattr(transform, "transforms", None) or ():
        yield from inner_transforms(each)


Kind = Literal["mask", "labels", "box"]
REFUSED = {
    "AutoAugment": "use RandomAffine and ColorJitter",
    "RandAugment": "use RandomAffine and ColorJitter",
    "TrivialAugmentWide": "use RandomAffine and ColorJitter",
    "AugMix": "use RandomAffine and ColorJitter",
    "ToPILImage": "take it out, for pictures are read already",
}
"""transforms that take nothing but a picture, and what to do"""
BENDING = ("ElasticTransform",)
"""transforms after which a box is no longer known"""
PIXELS_ONLY = ("RandomErasing",)
"""of which torchvision warns that they leave a mask alone, as they should"""


@dataclass(frozen=True)
class Attached:
    """What is attached to each picture of a source.

    `mask`: 0 or 1 for each pixel, as values; `labels`: its class; `box`: x1, y1, x2, y2 in pixels. `fill` is the number
    that a mask gets where a transform brings in what was outside.
    """

    kind: Kind
    fill: int = 0

    @property
    def word(self) -> str:
        """What a person calls it."""
        return "box" if self.kind == "box" else "mask"

    def moving(self, transform: Any, place: str) -> Any:
        """The transform, so that what is attached moves along; DataError for one that cannot do it exactly."""
        for name in (type(each).__name__ for each in inner_transforms(transform)):
            if name in REFUSED:
                raise DataError(f"{place}: {name} cannot move a {self.word} with its picture; {REFUSED[name]}")
            if self.kind == "box" and name in BENDING:
                raise DataError(
                    f"{place}: {name} bends the picture, and no box follows it exactly; "
                    f"use RandomAffine or RandomPerspective"
                )
        if type(transform).__name__ in PIXELS_ONLY:
            return OnPicture(transform)
        return WithBox(transform) if self.kind == "box" else WithMask(transform, self.fill)

    def targets(self, samples: Tensor) -> Tensor:
        """What is to be learnt of samples [b, c + 1, h, w]."""
        return {"mask": masks_of, "labels": labels_of, "box": boxes_of}[self.kind](samples)

    def target_shape(self, shape: list[int]) -> list[int]:
        """The shape of one target, for held samples of the shape [c + 1, h, w]."""
        return {"mask": [1, *shape[1:]], "labels": shape[1:], "box": [4]}[self.kind]


def pictures(samples: Tensor, attached: Attached | None) -> Tensor:
    """Samples [..., c, h, w] without what is attached to them."""
    return samples if attached is None else samples[..., :-1, :, :]
