"""Mean and standard deviation, and what is done with them."""

from __future__ import annotations

import pytest
import torch

from torchwork.data.normalize import Normalizer, measure
from torchwork.data.store import Block, hold
from torchwork.errors import DataError


def test_pictures_are_measured_by_channel_on_a_scale_to_one() -> None:
    pixels = torch.randint(0, 256, (3000, 3, 5, 4), dtype=torch.uint8)
    pixels[:, 1] //= 2
    mean, std = measure(Block(pixels))
    channels = (pixels.double() / 255).transpose(0, 1).flatten(1)
    assert mean == pytest.approx(channels.mean(1).tolist(), rel=1e-5)
    assert std == pytest.approx(channels.std(1, correction=0).tolist(), rel=1e-5)


def test_pictures_of_several_sizes_are_measured_alike() -> None:
    mixed = [torch.randint(0, 256, (3, 4 + i, 6), dtype=torch.uint8) for i in range(5)]
    flat = torch.cat([item.flatten(1) for item in mixed], dim=1).double() / 255
    assert measure(hold(mixed))[0] == pytest.approx(flat.mean(1).tolist(), rel=1e-5)


def test_missing_values_are_passed_over_and_constants_keep_a_std_of_one() -> None:
    table = torch.tensor([[1.0, 5, float("nan")], [3.0, 5, 2], [5.0, 5, 4]])
    mean, std = measure(Block(table))
    assert mean == [3, 5, 3] and std == [pytest.approx(1.63299), 1, 1]


def test_a_picture_is_scaled_and_normalised() -> None:
    pixels = torch.tensor([[[[0, 255]], [[51, 102]]]], dtype=torch.uint8)
    made = Normalizer([0.5, 0.2], [0.5, 0.1])(pixels)
    assert made.dtype == torch.float32
    assert torch.allclose(made, torch.tensor([[[[-1.0, 1.0]], [[0.0, 2.0]]]]), atol=1e-6)


def test_without_mean_pictures_are_only_scaled_and_floats_are_left() -> None:
    assert Normalizer()(torch.tensor([[255]], dtype=torch.uint8)).tolist() == [[1.0]]
    floats = torch.tensor([[3.0, -2.0]])
    assert torch.equal(Normalizer()(floats), floats)


def test_a_float_batch_is_not_changed_in_place() -> None:
    floats = torch.ones(2, 3)
    Normalizer([1, 1, 1], [2, 2, 2])(floats)
    assert torch.equal(floats, torch.ones(2, 3))


def test_missing_values_become_the_mean() -> None:
    assert Normalizer([2.0], [4.0], fill=[2.0])(torch.tensor([[float("nan")], [6.0]])).tolist() == [[0.0], [1.0]]


def test_undo_gives_the_picture_back() -> None:
    pixels = torch.randint(0, 256, (2, 3, 8, 8), dtype=torch.uint8)
    normalize = Normalizer([0.4, 0.5, 0.6], [0.2, 0.3, 0.1])
    assert torch.equal(normalize.undo(normalize(pixels)), pixels)


def test_one_value_for_each_channel() -> None:
    with pytest.raises(DataError, match=r"expected 3 mean and std values, one for each channel, got 2"):
        Normalizer([0.5, 0.5], [1, 1])(torch.zeros(1, 3, 4, 4, dtype=torch.uint8))
