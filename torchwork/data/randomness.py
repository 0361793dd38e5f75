"""Randomness as a function: of the seed, the epoch, a purpose and the sample, never of what was drawn before."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import torch
from torch import Tensor

from torchwork.experiment import stream_seed


def generator(seed: int, epoch: int, purpose: str) -> torch.Generator:
    """A generator of torch on the CPU that stands at the beginning of this stream."""
    return torch.Generator().manual_seed(stream_seed(seed, epoch, purpose))


def order(samples: int, seed: int, epoch: int) -> Tensor:
    """The order of an epoch: a permutation, int64 [samples]."""
    return torch.randperm(samples, generator=generator(seed, epoch, "order"))


def table(samples: int, columns: int, seed: int, epoch: int) -> Tensor:
    """Uniform numbers for an epoch's augmentation, float64 [samples, columns]; row i belongs to sample i.

    float64, because in float32 `floor(u * 25)` can become 25, and a column can then serve as a seed of 53 bits.
    """
    return torch.rand(samples, columns, generator=generator(seed, epoch, "augment"), dtype=torch.float64)


def as_seed(uniform: float) -> int:
    """A number of the table as the seed of a generator."""
    return int(uniform * 2**53)


def seed_all(seed: int) -> None:
    """Seed what transforms and data sets draw from on the CPU. Not torch.manual_seed: that would seed every GPU too."""
    torch.default_generator.manual_seed(seed)
    random.seed(seed)
    np.random.seed(seed % 2**32)


@contextmanager
def borrowed() -> Iterator[None]:
    """Lend the global generators of torch, Python and numpy and give them back as they were: they are the model's."""
    states = torch.get_rng_state(), random.getstate(), np.random.get_state()
    try:
        yield
    finally:
        torch.set_rng_state(states[0])
        random.setstate(states[1])
        np.random.set_state(states[2])


def drew(before: tuple[Tensor, object]) -> bool:
    """Whether anything was drawn from the global generators since `snapshot()`."""
    now = snapshot()
    return not torch.equal(now[0], before[0]) or now[1] != before[1]


def snapshot() -> tuple[Tensor, object]:
    """The state of the global generators, for `drew`."""
    return torch.get_rng_state(), random.getstate()
