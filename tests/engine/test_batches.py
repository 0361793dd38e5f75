"""One's own data as batches, whose order is a function of seed and epoch."""

from __future__ import annotations

import random
from typing import Any

import numpy as np
import pytest
import torch
from torch.utils.data import DataLoader, Dataset, IterableDataset, TensorDataset

from torchwork.engine import as_batches
from torchwork.errors import DataError
from torchwork.experiment import stream_seed

from .small import differences, points


def test_the_stream_seed_is_the_documented_one() -> None:
    assert stream_seed(1, 2, "order") == int.from_bytes(__import__("hashlib").sha256(b"1/2/order").digest()[:8], "big")


class Drawing(Dataset[Any]):
    def __len__(self) -> int:
        return 23

    def __getitem__(self, index: int) -> Any:
        return torch.tensor([index, torch.rand(()).item(), random.random(), np.random.rand()]), index


SOURCES: dict[str, Any] = {
    "tensors": lambda: as_batches(points(23), 5, seed=3),
    "in order": lambda: as_batches(points(23), 5, shuffle=False),
    "arrays": lambda: as_batches(tuple(part.numpy() for part in points(23)), 5),
    "nested": lambda: as_batches(({"a": points(23)[0], "b": [points(23)[0]]}, points(23)[1]), 5),
    "dataset": lambda: as_batches(Drawing(), 5, seed=3),
    "workers": lambda: as_batches(Drawing(), 5, seed=3, workers=2),
    "loader": lambda: as_batches(DataLoader(TensorDataset(*points(23)), 5, shuffle=True), seed=3),
    "loader with a generator": lambda: as_batches(
        DataLoader(TensorDataset(*points(23)), 5, shuffle=True, generator=torch.Generator())
    ),
}


@pytest.mark.parametrize("name", SOURCES)
def test_any_epoch_from_any_batch(name: str) -> None:
    batches = SOURCES[name]()
    assert len(batches) == 5 and batches.samples == 23
    first = [list(batches.epoch(epoch)) for epoch in range(2)]
    assert [len(targets) for _, targets in first[0]] == [5, 5, 5, 5, 3]
    torch.manual_seed(99)
    again = SOURCES[name]()
    for start in (0, 2, 5):
        assert differences(list(again.epoch(1, start)), first[1][start:]) == []
    assert (differences(first[0], first[1]) == []) == (name == "in order")


@pytest.mark.parametrize("name", SOURCES)
def test_drawing_batches_leaves_the_model_its_generator(name: str) -> None:
    before = (torch.get_rng_state(), random.getstate())
    list(SOURCES[name]().epoch(0))
    assert torch.equal(torch.get_rng_state(), before[0]) and random.getstate() == before[1]


def test_workers_make_no_difference() -> None:
    alone, helped = list(SOURCES["dataset"]().epoch(0)), list(SOURCES["workers"]().epoch(0))
    assert differences(alone, helped) == []


def test_every_sample_comes_once_and_the_rest_can_be_dropped() -> None:
    x = torch.arange(23)
    seen = torch.cat([targets for _, targets in as_batches((x, x), 5).epoch(0)])
    assert sorted(seen.tolist()) == list(range(23))
    dropped = as_batches((x, x), 5, drop_last=True)
    assert (len(dropped), dropped.samples) == (4, 20)
    assert [len(targets) for _, targets in dropped.epoch(0)] == [5] * 4
    left_out = {*range(23)} - {*torch.cat([targets for _, targets in dropped.epoch(0)]).tolist()}
    assert left_out != {*range(23)} - {*torch.cat([targets for _, targets in dropped.epoch(1)]).tolist()}


class Endless(IterableDataset[Any]):
    def __iter__(self) -> Any:
        return iter([])


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        ((torch.zeros(3, 2), torch.zeros(4)), r"same number of samples .* got \[3, 2\] float32 and \[4\] float32"),
        ((torch.zeros(0, 2), torch.zeros(0)), "at least one sample"),
        (3, "expected data as"),
        (DataLoader(Endless()), "a DataLoader with a length"),
    ],
)
def test_what_is_no_data_is_refused(data: Any, problem: str) -> None:
    with pytest.raises(DataError, match=problem):
        as_batches(data)


def test_samples_that_are_no_pairs_are_refused() -> None:
    with pytest.raises(DataError, match="each sample as"):
        next(iter(as_batches(TensorDataset(torch.zeros(3, 2)), 2).epoch(0)))
