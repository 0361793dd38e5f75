"""Samples of several inputs: held end to end in one row each, taken apart where the model gets them.

So everything between is as for one input: splits, orders, ways of loading.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch
from torch import Tensor

from torchwork.data.normalize import Normalizer, measure
from torchwork.data.store import Store

Inputs = Tensor | tuple[Tensor, ...]
"""What a model gets: one batch [b, ...], or one for each of its inputs."""


def joined(inputs: Sequence[Tensor]) -> Tensor:
    """Inputs [n, ...] end to end, float32 [n, numbers]."""
    return torch.cat([item.reshape(len(item), -1) for item in inputs], dim=1)


def apart(rows: Tensor, shapes: Sequence[Sequence[int]]) -> Inputs:
    """A batch as the inputs of these shapes; as it is where there is only one."""
    if len(shapes) == 1:
        return rows
    parts = torch.split(rows, [math.prod(shape) for shape in shapes], dim=1)
    return tuple(part.reshape(-1, *shape) for part, shape in zip(parts, shapes, strict=True))


class Part(Store):
    """One of the inputs that a store holds end to end: its numbers from `begin` on, in its shape."""

    def __init__(self, store: Store, begin: int, shape: Sequence[int]) -> None:
        self.store, self.shape, self.dtype = store, list(shape), store.dtype
        self.begin, self.end, self.each = begin, begin + math.prod(shape), tuple(shape)

    def __len__(self) -> int:
        return len(self.store)

    def gather(self, indices: Tensor, uniform: Tensor | None = None) -> Tensor:
        rows = self.store.gather(indices, uniform)
        assert isinstance(rows, Tensor)
        return rows[:, self.begin : self.end].reshape(-1, *self.each)


def measure_all(store: Store, shapes: Sequence[Sequence[int]]) -> tuple[list[float], list[float]]:
    """As `measure`, by the channels of each input in turn."""
    if len(shapes) == 1:
        return measure(store)
    sizes = [math.prod(shape) for shape in shapes]
    found = [measure(Part(store, sum(sizes[:place]), shape)) for place, shape in enumerate(shapes)]
    return [value for mean, _ in found for value in mean], [value for _, std in found for value in std]


def lengths(shapes: Sequence[Sequence[int]]) -> list[int]:
    """How many numbers of a row each channel of each input has."""
    return [math.prod(shape[1:]) for shape in shapes for _ in range(shape[0])]


def normalizer(
    mean: Sequence[float] | None,
    std: Sequence[float] | None,
    fill: Sequence[float] | None,
    shapes: Sequence[Sequence[int]],
) -> Normalizer:
    """What treats held samples: of several inputs each number of a row as its channel is treated."""
    if len(shapes) == 1 or mean is None or std is None:
        return Normalizer(mean, std, fill)
    counts = lengths(shapes)
    return Normalizer(_spread(mean, counts), _spread(std, counts), fill)


def _spread(values: Sequence[float], counts: Sequence[int]) -> list[float]:
    """A value for each number, of one for each channel or for all."""
    if len(values) == 1:
        return list(values)
    return [value for value, count in zip(values, counts, strict=True) for _ in range(count)]
