"""Transforms of the document as objects of torchvision, and what they do to one input or to a batch."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor

from torchwork.catalog import catalog, vision
from torchwork.data.attached import Attached
from torchwork.data.pictures import from_pil
from torchwork.data.randomness import borrowed, drew, snapshot
from torchwork.errors import DataError, DocumentError, Problem
from torchwork.experiment.spec import Transform

Transforming = Callable[..., Any]
MIXES = ("MixUp", "CutMix")
HINTS = {
    "should be a float tensor": "use data.normalize, or put `ToDtype: {dtype: float32, scale: true}` before it",
    "load the image extension": "it needs operators that this torchvision lacks; install both from one index",
    "bounding boxes": "it is for objects with boxes and labels, which no task has yet",
    "tuple index out of range": "it has too few dimensions",
    "keypoints": "it is for objects with points, which no task has yet",
}
"""what to do, by words of torchvision's message"""


def make(part: Transform, path: str, **extra: Any) -> Transforming:
    """The transform that a part of the document names; DocumentError when the name or the arguments are not right."""
    entry = catalog().find("transform", part.name, path)
    made: Transforming = entry.construct(part.args | extra, part=_nested, path=f"{path}.{part.name}")
    return made


def _nested(kind: str, value: Any, path: str) -> Any:
    if kind in ("part:transform", "transform"):
        return make(Transform.model_validate(value), path)
    raise DocumentError(
        Problem(path, f"a transform in a document takes no {kind}, got {value!r}", "write it in Python")
    )


def is_mix(transform: Any) -> bool:
    """Whether the transform mixes the samples of a batch, itself or within."""
    inner = getattr(transform, "transforms", None)
    return name_of(transform) in MIXES or (isinstance(inner, list | tuple) and any(map(is_mix, inner)))


def name_of(transform: Transforming) -> str:
    """What the document calls it."""
    return type(getattr(transform, "inner", transform)).__name__


def apply(transform: Transforming, value: Tensor, place: str) -> Tensor:
    """The transform of one input or batch as a tensor again; DataError in one sentence when it cannot take it."""
    try:
        result = transform(value)
    except Exception as error:  # whatever a transform raises for a shape it cannot take
        text = str(error).partition("\n")[0] or type(error).__name__
        text = next((hint for words, hint in HINTS.items() if words in text), text)
        shape = f"{list(value.shape)} {str(value.dtype).removeprefix('torch.')}"
        raise DataError(f"{place}: {name_of(transform)} cannot take an input {shape}: {text}") from None
    if hasattr(result, "convert"):
        return from_pil(result, "L" if result.mode == "L" else "RGB")
    if not isinstance(result, Tensor):
        raise DataError(
            f"{place}: expected one tensor from {name_of(transform)}, got {type(result).__name__}; "
            f"transforms that give several pictures do not fit in a batch"
        )
    return result


def whole_batch(transform: Callable[[Tensor], Tensor], example: Tensor) -> bool:
    """Whether it gives for a batch what it gives one by one: tried on two pictures."""
    pair = torch.stack((example, example.flip(-1)))
    try:
        batch, single = transform(pair), [transform(item) for item in pair]
    except DataError:
        return False
    return batch.shape == (2, *single[0].shape) and all(map(torch.equal, batch, single))


def _made(part: Transform, attached: Attached | None, place: str) -> Transforming:
    transform = make(part, place)
    return attached.moving(transform, place) if attached and not is_mix(transform) else transform  # type: ignore[no-any-return]


class Prepare:
    """The transforms of every split, in order, for one input; pickles, so that workers can use it."""

    def __init__(self, parts: Sequence[Transform], attached: Attached | None = None) -> None:
        self.transforms = [_made(part, attached, f"data.prepare[{i}]") for i, part in enumerate(parts)]

    def __call__(self, value: Tensor) -> Tensor:
        for i, transform in enumerate(self.transforms):
            value = apply(transform, value, f"data.prepare[{i}]")
        return value

    def check(self, example: Tensor) -> None:
        """DataError when one of them draws random numbers: then it belongs to `augment`."""
        for i, transform in enumerate(self.transforms):
            if is_mix(transform):
                raise DataError(
                    f"data.prepare[{i}]: {name_of(transform)} mixes the samples of a batch; move it to data.augment"
                )
            with borrowed():
                before = snapshot()
                example = apply(transform, example, f"data.prepare[{i}]")
                random = drew(before)
            if random:
                raise DataError(
                    f"data.prepare[{i}]: expected a transform that does the same each time, got {name_of(transform)}, "
                    f"which is random; move it to data.augment"
                )


def fit(picture: Tensor, size: Sequence[int], resize: bool) -> Tensor:
    """A picture [c, h, w] brought to `size` (height, width) by its middle, resized where it is smaller or asked for.

    The whole size is covered and the aspect kept: the factor is the larger of the two ratios, the rest is cut off.
    """
    height, width = picture.shape[-2:]
    if (height, width) == tuple(size):
        return picture
    functional = vision().transforms.v2.functional
    if resize or height < size[0] or width < size[1]:
        try:
            picture = functional.resize(picture, covering(height, width, size), antialias=True)
        except RuntimeError:  # uint8 to a width of 1: an assertion inside torch
            raise DataError(f"data: a picture of {height}x{width} cannot be brought to {size[0]}x{size[1]}") from None
    middle: Tensor = functional.center_crop(picture, list(size))
    return middle


def covering(height: int, width: int, size: Sequence[int]) -> list[int]:
    """Height and width by one factor, the smallest that covers `size`."""
    factor = max(size[0] / height, size[1] / width)
    rounded = [math.floor(length * factor + 0.5) for length in (height, width)]
    return [max(wanted, length) for wanted, length in zip(size, rounded, strict=True)]


class FitTogether:
    """`fit` for a picture and what is attached to it, as a transform of the two."""

    def __init__(self, size: Sequence[int], resize: bool) -> None:
        self.size, self.resize = list(size), resize

    def __call__(self, picture: Tensor, attached: Tensor) -> tuple[Tensor, Tensor]:
        height, width = picture.shape[-2:]
        functional = vision().transforms.v2.functional
        scaled = [height, width]
        if [height, width] != self.size and (self.resize or height < self.size[0] or width < self.size[1]):
            scaled = covering(height, width, self.size)
        moved = [functional.resize(item, scaled, antialias=True) for item in (picture, attached)]
        picture, attached = (functional.center_crop(item, self.size) for item in moved)
        return picture, attached


class Fitted:
    """Preparation followed by `fit`: what pictures get that are only measured, when augmentation changes the size."""

    def __init__(
        self, prepare: Prepare, size: Sequence[int] | None, resize: bool, attached: Attached | None = None
    ) -> None:
        self.prepare, self.size, self.resize, self.together = prepare, size, resize, None
        if attached and size is not None:
            self.together = attached.moving(FitTogether(size, resize), "data")

    def __call__(self, value: Tensor) -> Tensor:
        value = self.prepare(value)
        if self.together is not None:
            return self.together(value)  # type: ignore[no-any-return]
        return value if self.size is None or value.ndim < 3 else fit(value, self.size, self.resize)
