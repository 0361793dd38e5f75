"""Randomness is a function of seed, epoch and purpose, and the model's generators are left alone."""

from __future__ import annotations

import hashlib
import random

import torch

from torchwork.data.randomness import borrowed, drew, order, seed_all, snapshot, table
from torchwork.experiment import stream_seed


def test_stream_seed_is_what_the_architecture_says() -> None:
    expected = int.from_bytes(hashlib.sha256(b"7/3/order").digest()[:8], "big")
    assert stream_seed(7, 3, "order") == expected


def test_streams_differ_by_seed_epoch_and_purpose() -> None:
    seeds = {stream_seed(s, e, p) for s in range(3) for e in range(3) for p in ("order", "augment")}
    assert len(seeds) == 18


def test_the_order_is_a_permutation_and_repeats() -> None:
    assert sorted(order(50, 1, 2).tolist()) == list(range(50))
    assert torch.equal(order(50, 1, 2), order(50, 1, 2))
    assert not torch.equal(order(50, 1, 2), order(50, 1, 3))


def test_the_table_is_uniform() -> None:
    drawn = table(20_000, 2, 0, 0)
    assert drawn.shape == (20_000, 2) and drawn.dtype == torch.float64
    assert drawn.min() >= 0 and drawn.max() < 1
    assert abs(drawn.mean() - 0.5) < 0.01


def test_borrowed_generators_come_back_as_they_were() -> None:
    torch.manual_seed(0)
    random.seed(0)
    expected = torch.rand(1), random.random()
    torch.manual_seed(0)
    random.seed(0)
    with borrowed():
        seed_all(5)
        torch.rand(100)
        random.random()
    assert (torch.rand(1), random.random()) == expected


def test_drawing_is_noticed() -> None:
    before = snapshot()
    assert not drew(before)
    torch.rand(1)
    assert drew(before)
