"""The inputs with which a module is tried beside those that a person gave: other batches, other sizes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import torch
from torch import Tensor, nn

STEP = 32
"""Sides of pictures that are multiples of it suit nearly every module: it is what most of them divide by."""
SMALL = 16
ODD = 13
"""By so many pixels a picture becomes one of an inconvenient size."""
Inputs = Sequence[Tensor]


def repeated(inputs: Inputs, times: int) -> list[Tensor]:
    """Each sample so many times."""
    return [torch.cat([item] * times) if item.dim() else item for item in inputs]


def others(inputs: Inputs) -> Iterator[tuple[Inputs | None, tuple[str, ...]]]:
    """Further inputs, the most telling first, each with what is frozen when only that one is taken."""
    larger = repeated(inputs, 3)
    yield [_resized(item) for item in larger], ()
    yield [_grown(item) for item in larger], ()
    yield larger, ("every size of the input but the batch is frozen",) if any(item.dim() > 2 for item in inputs) else ()
    if all(item.dim() > 1 and item.shape[1] == inputs[0].shape[1] for item in inputs):
        wider = [torch.cat([item] * 3, 1) for item in inputs]
        times = inputs[0].shape[0]
        yield [item[:-1].contiguous() if len(item) == times > 2 else item for item in wider], ()
        yield wider, ("every size of the input but the batch, in its second place, is frozen",)
    yield None, ("every size of the input is frozen, the batch too",)


def inconvenient(inputs: Inputs) -> Inputs | None:
    """Pictures whose sides leave remainders; None where there are none, or only small ones."""
    if not any(_is_picture(item) and min(item.shape[2:]) >= STEP for item in inputs):
        return None
    found = _resized if any(_is_picture(item) and min(item.shape[2:]) >= 4 * STEP for item in inputs) else _grown
    return [found(item)[:, :, :-ODD, :-ODD] if _is_picture(item) else item for item in inputs]


def _is_picture(item: Tensor) -> bool:
    return item.dim() == 4


def _resized(item: Tensor) -> Tensor:
    """A picture of another size (a large one smaller, for speed), or a shorter sequence [batch, time, ...]."""
    if _is_picture(item) and min(item.shape[2:]) >= 4 * STEP:
        height, width = (STEP * (side // (2 * STEP)) for side in item.shape[2:])
        return item[:, :, :height, :width].contiguous()
    if _is_picture(item):
        return _grown(item)
    sequence = item.dim() == 3 or (item.dim() == 2 and not item.is_floating_point())
    return item[:, :-1].contiguous() if sequence and item.shape[1] > 2 else item


def _grown(item: Tensor) -> Tensor:
    """A larger picture, with black at two sides; other tensors as they are."""
    if not _is_picture(item):
        return item
    height, width = (_next(side) - side for side in item.shape[2:])
    return nn.functional.pad(item, (0, width, 0, height))


def _next(side: int) -> int:
    """The next multiple of 32; maps of a few pixels double."""
    return 2 * side if side < SMALL else STEP * (side // STEP + 1)
