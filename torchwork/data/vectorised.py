"""Random transforms on a whole batch at once, each sample with its own numbers.

A step takes a batch [b, c, h, w] and rows [b, columns] of uniform numbers, and leaves what it was given alone. It draws
from the distribution of the torchvision transform of the same name, and does with what it drew what torchvision does.
Where a step does not cover a transform's settings, `step_for` answers None and the transform runs sample by sample.
"""

from __future__ import annotations

import itertools
import math
from abc import ABC, abstractmethod
from collections.abc import Callable
from functools import partial
from typing import Any

import torch
from torch import Tensor

from torchwork.catalog import vision
from torchwork.errors import DataError

PERMUTATIONS = torch.tensor(list(itertools.permutations(range(4))))
TRIES = 10
"""how often torchvision draws a rectangle before it gives up"""


class Step(ABC):
    """One transform of a batch; `columns` is how many uniform numbers it needs for each sample.

    `exact`: a sample comes out the same bit for bit, whatever else is in the batch.
    """

    columns: int = 0
    exact: bool = False

    @abstractmethod
    def __call__(self, batch: Tensor, rows: Tensor) -> Tensor: ...


def functional() -> Any:
    """torchvision's transforms as functions."""
    return vision().transforms.v2.functional


def below(uniform: Tensor, limit: Tensor | int) -> Tensor:
    """Whole numbers from 0 to `limit` - 1, evenly, int64."""
    return (uniform * limit).floor().long()


def between(uniform: Tensor, low: float, high: float) -> Tensor:
    """Numbers from `low` to `high`, evenly."""
    return low + uniform * (high - low)


class Sometimes(Step):
    """A function of a batch for the samples that a coin of probability p picks."""

    columns = 1

    def __init__(self, p: float, function: Callable[[Tensor], Tensor], *, exact: bool = False) -> None:
        self.p, self.function, self.exact = p, function, exact

    def __call__(self, batch: Tensor, rows: Tensor) -> Tensor:
        chosen = (rows[:, 0] < self.p).nonzero()[:, 0].to(batch.device)
        return replaced(batch, chosen, self.function(batch.index_select(0, chosen))) if len(chosen) else batch


def replaced(batch: Tensor, indices: Tensor, values: Tensor) -> Tensor:
    """A copy of the batch with these samples replaced; by whole samples, a quarter of the time of an assignment."""
    place = torch.arange(len(batch), device=batch.device)
    place[indices] = torch.arange(len(batch), len(batch) + len(indices), device=batch.device)
    return torch.cat((batch, values)).index_select(0, place)


class Crop(Step):
    """RandomCrop: padding, then a window whose corner is drawn evenly."""

    columns = 2
    exact = True

    def __init__(self, transform: Any) -> None:
        self.size, self.transform = tuple(transform.size), transform

    def __call__(self, batch: Tensor, rows: Tensor) -> Tensor:
        batch = self._padded(batch)
        free = [length - wanted for length, wanted in zip(batch.shape[-2:], self.size, strict=True)]
        if min(free) < 0:
            raise DataError(
                f"RandomCrop: expected pictures of at least {list(self.size)} after padding, got "
                f"{list(batch.shape[-2:])}; "
                f"give padding or pad_if_needed, or put Resize into prepare"
            )
        top, left = (below(rows[:, i], free[i] + 1).to(batch.device) for i in (0, 1))
        return windows(batch, top, left, *self.size)

    def _padded(self, batch: Tensor) -> Tensor:
        transform = self.transform
        left, right, top, bottom = transform.padding or (0, 0, 0, 0)
        if transform.pad_if_needed:
            height = max(0, self.size[0] - batch.shape[-2] - top - bottom)
            width = max(0, self.size[1] - batch.shape[-1] - left - right)
            left, right, top, bottom = left + width, right + width, top + height, bottom + height
        if not any((left, right, top, bottom)):
            return batch
        padding = [left, top, right, bottom]
        how = {"fill": transform.fill, "padding_mode": transform.padding_mode}
        return _do("pad", batch, padding=padding, **how)


def windows(batch: Tensor, top: Tensor, left: Tensor, height: int, width: int) -> Tensor:
    """A window [c, height, width] of each picture, with its corner at top, left, int64 [b].

    Rows of windows lie whole in memory, so they are copied as rows, out of a view that begins a row at every value. A
    fancy index copies value by value, in four times the time.
    """
    samples, channels, rows, columns = batch.shape
    flat = batch.contiguous().view(-1)
    every = flat.as_strided((max(0, flat.numel() - width + 1), width), (1, 1))
    picture = torch.arange(samples * channels, device=batch.device) * (rows * columns)
    row = (top[:, None] + torch.arange(height, device=batch.device)) * columns
    begin = picture.view(samples, channels, 1) + (row + left[:, None])[:, None]
    return every.index_select(0, begin.flatten()).view(samples, channels, height, width)


def rectangles(
    rows: Tensor, area: int, scale: tuple[float, float], ratio: tuple[float, float]
) -> tuple[Tensor, Tensor]:
    """Ten tries for each sample of sqrt(share * aspect) and sqrt(share / aspect); the aspect is log-uniform."""
    share = area * between(rows[:, :TRIES], *scale)
    aspect = between(rows[:, TRIES : 2 * TRIES], *map(math.log, ratio)).exp()
    return (share * aspect).sqrt().round().long(), (share / aspect).sqrt().round().long()


def first_fitting(fits: Tensor, *values: Tensor) -> tuple[Tensor, ...]:
    """Of ten tries [b, 10] whether any fits [b], and the values of the first that does, [b]."""
    first = fits.int().argmax(dim=1, keepdim=True)
    return fits.any(dim=1), *(value.gather(1, first)[:, 0] for value in values)


class Erasing(Step):
    """RandomErasing with a fixed value."""

    columns = 2 * TRIES + 3
    exact = True

    def __init__(self, transform: Any) -> None:
        self.p, self.scale, self.ratio = transform.p, tuple(transform.scale), tuple(transform.ratio)
        self.value = torch.tensor(transform.value)[None, :, None, None]

    def __call__(self, batch: Tensor, rows: Tensor) -> Tensor:
        height, width = batch.shape[-2:]
        tall, wide = rectangles(rows, height * width, self.scale, self.ratio)
        found, tall, wide = first_fitting((tall < height) & (wide < width), tall, wide)
        top = below(rows[:, -3], height - tall + 1)
        left = below(rows[:, -2], width - wide + 1)
        chosen = (found & (rows[:, -1] < self.p))[:, None, None]
        erased = inside(top, tall, height)[:, :, None] & inside(left, wide, width)[:, None, :]
        erased = (erased & chosen)[:, None]
        erased = erased.to(batch.device, batch.dtype)  # multiplied, which is faster than to choose
        result: Tensor = batch * (1 - erased) + self.value.to(batch.device, batch.dtype) * erased
        return result


def inside(begin: Tensor, length: Tensor, size: int) -> Tensor:
    """Which of `size` positions lie in each sample's stretch, bool [b, size]."""
    place = torch.arange(size)
    return (place >= begin[:, None]) & (place < (begin + length)[:, None])


class ResizedCrop(Step):
    """RandomResizedCrop: the windows are drawn at once; each is resized by torch's own kernel, for sizes differ."""

    columns = 2 * TRIES + 2

    def __init__(self, transform: Any) -> None:
        self.transform = transform

    def __call__(self, batch: Tensor, rows: Tensor) -> Tensor:
        windows = self.windows(rows, *batch.shape[-2:])
        how = {"interpolation": self.transform.interpolation, "antialias": self.transform.antialias}
        crop, size = functional().resized_crop, list(self.transform.size)
        pairs = zip(batch, windows.tolist(), strict=True)
        cropped = [crop(picture, *window, size, **how) for picture, window in pairs]
        return torch.stack(cropped)

    def windows(self, rows: Tensor, height: int, width: int) -> Tensor:
        """top, left, height and width of each sample's window, int64 [b, 4]."""
        wide, tall = rectangles(rows, height * width, self.transform.scale, self.transform.ratio)
        fits = (tall > 0) & (tall <= height) & (wide > 0) & (wide <= width)
        found, tall, wide = first_fitting(fits, tall, wide)
        middle_tall, middle_wide = self._middle(height, width)
        tall = torch.where(found, tall, middle_tall)
        wide = torch.where(found, wide, middle_wide)
        top = torch.where(found, below(rows[:, -2], height - tall + 1), (height - tall) // 2)
        left = torch.where(found, below(rows[:, -1], width - wide + 1), (width - wide) // 2)
        return torch.stack((top, left, tall, wide), dim=1)

    def _middle(self, height: int, width: int) -> tuple[int, int]:
        """The largest window with an aspect that is allowed, for samples where no try fitted."""
        low, high = min(self.transform.ratio), max(self.transform.ratio)
        if width / height < low:
            return round(width / low), width
        return (height, round(height * high)) if width / height > high else (height, width)


class Jitter(Step):
    """ColorJitter: brightness, contrast, saturation and hue, each by its factor, in an order drawn for each sample."""

    columns = 5

    def __init__(self, transform: Any) -> None:
        ranges = (transform.brightness, transform.contrast, transform.saturation, transform.hue)
        self.ranges = [(place, limits) for place, limits in enumerate(ranges) if limits is not None]

    def __call__(self, batch: Tensor, rows: Tensor) -> Tensor:
        if batch.shape[1] not in (1, 3):
            raise DataError(f"ColorJitter: expected pictures with 1 or 3 channels, got {batch.shape[1]}")
        turns = PERMUTATIONS[below(rows[:, 4], len(PERMUTATIONS))]
        for turn in range(4):
            for place, limits in self.ranges:
                chosen = (turns[:, turn] == place).nonzero()[:, 0]
                factors = between(rows[chosen, place], *limits).float()[:, None, None, None]
                chosen = chosen.to(batch.device)
                changed = ADJUST[place](batch.index_select(0, chosen), factors.to(batch.device))
                batch = replaced(batch, chosen, changed)
        return batch


def blend(batch: Tensor, other: Tensor | float, factor: Tensor) -> Tensor:
    """factor * batch + (1 - factor) * other, held within the range of the batch's type."""
    top = 1.0 if batch.is_floating_point() else 255.0
    return (batch * factor + other * (1 - factor)).clamp_(0, top).to(batch.dtype)


def luma(batch: Tensor) -> Tensor:
    """Brightness of each pixel [b, 1, h, w] by the weights of ITU-R BT.601, in whole numbers for uint8."""
    if batch.shape[1] == 1:
        return batch.float()
    weights = torch.tensor([0.2989, 0.587, 0.114], device=batch.device)[:, None, None]
    grey = (batch * weights).sum(dim=1, keepdim=True)
    return grey if batch.is_floating_point() else grey.floor_()


def contrast(batch: Tensor, factor: Tensor) -> Tensor:
    """Away from or towards the picture's mean brightness."""
    # In double, so that it is the same for every batch and number of threads.
    mean = luma(batch).double().mean(dim=(1, 2, 3), keepdim=True)
    return blend(batch, mean.float(), factor)


def saturation(batch: Tensor, factor: Tensor) -> Tensor:
    """Away from or towards grey."""
    return batch if batch.shape[1] == 1 else blend(batch, luma(batch), factor)


def hue(batch: Tensor, shift: Tensor) -> Tensor:
    """The hue turned by `shift` of a circle, through HSV (Smith 1978) and back by v - v s max(0, min(k, 4 - k, 1))."""
    if batch.shape[1] == 1 or not len(batch):
        return batch
    rgb = batch / 255 if batch.dtype == torch.uint8 else batch
    low, high = rgb.aminmax(dim=1, keepdim=True)
    chroma = high - low
    red, green, blue = torch.split(rgb / torch.where(chroma == 0, 1, chroma), 1, dim=1)
    sector = torch.where(rgb[:, 1:2] == high, 2 + blue - red, 4 + red - green)
    sector = torch.where(rgb[:, 0:1] == high, green - blue, sector) * (chroma != 0)
    turns = torch.tensor([5.0, 3.0, 1.0], device=batch.device)[:, None, None]
    k = (turns + sector + 6 * shift).remainder(6)
    result = high - chroma * torch.minimum(k, 4 - k).clamp(0, 1)
    return (result * 255.999).to(torch.uint8) if batch.dtype == torch.uint8 else result


ADJUST: tuple[Callable[[Tensor, Tensor], Tensor], ...] = (
    lambda batch, factor: blend(batch, 0.0, factor),
    contrast,
    saturation,
    hue,
)


def step_for(transform: Any) -> Step | None:
    """The transform as a step on whole batches, None when it (or its settings) must run sample by sample."""
    build = STEPS.get(type(transform).__name__)
    return build(transform) if build else None


def _crop(transform: Any) -> Step | None:
    return None if isinstance(transform.fill, dict) else Crop(transform)


def _erasing(transform: Any) -> Step | None:
    return None if transform.value is None else Erasing(transform)


def _do(name: str, batch: Tensor, **settings: Any) -> Tensor:
    """A function of torchvision by name; named rather than held, so that steps pickle on their way to workers."""
    made: Tensor = getattr(functional(), name)(batch, **settings)
    return made


def _grey(batch: Tensor) -> Tensor:
    return _do("rgb_to_grayscale", batch, num_output_channels=batch.shape[1])


STEPS: dict[str, Callable[[Any], Step | None]] = {
    "RandomCrop": _crop,
    "RandomResizedCrop": ResizedCrop,
    "RandomErasing": _erasing,
    "ColorJitter": Jitter,
    "RandomHorizontalFlip": lambda t: Sometimes(t.p, partial(_do, "horizontal_flip"), exact=True),
    "RandomVerticalFlip": lambda t: Sometimes(t.p, partial(_do, "vertical_flip"), exact=True),
    "RandomGrayscale": lambda t: Sometimes(t.p, _grey),
    "RandomInvert": lambda t: Sometimes(t.p, partial(_do, "invert")),
    "RandomSolarize": lambda t: Sometimes(t.p, partial(_do, "solarize", threshold=t.threshold)),
    "RandomPosterize": lambda t: Sometimes(t.p, partial(_do, "posterize", bits=t.bits)),
    "RandomAutocontrast": lambda t: Sometimes(t.p, partial(_do, "autocontrast")),
    "RandomAdjustSharpness": lambda t: Sometimes(
        t.p, partial(_do, "adjust_sharpness", sharpness_factor=t.sharpness_factor)
    ),
}
"""by the name of torchvision's class"""
