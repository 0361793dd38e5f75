"""Histograms of weights and gradients."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import nn

from torchwork.inside import histogram, parameter_histograms


def test_it_counts_every_element_and_keeps_the_moments() -> None:
    values = torch.linspace(-2, 3, 1001)
    found = histogram(values)
    assert found.counts.sum() == 1001
    assert found.edges[0] == -2
    assert found.edges[-1] == 3
    assert found.total == pytest.approx(float(values.double().sum()))
    assert found.squares == pytest.approx(float(values.double().square().sum()))


@pytest.mark.parametrize("value", [0.0, 5.0, -1e-8, 1e30])
def test_a_constant_has_one_full_bin(value: float) -> None:
    found = histogram(torch.full((7,), value))
    assert found.counts.sum() == 7
    assert (found.counts > 0).sum() == 1
    assert found.edges[0] < value < found.edges[-1]


def test_values_that_are_not_finite_are_left_out_and_counted() -> None:
    found = histogram(torch.tensor([1.0, float("nan"), 2.0, float("inf")]))
    assert found.counts.sum() == 2
    assert found.left_out == 2
    assert histogram(torch.tensor([float("nan")])).counts.sum() == 0


def test_an_empty_tensor_is_an_empty_histogram() -> None:
    assert histogram(torch.empty(0)).counts.sum() == 0


def test_every_parameter_has_weights_and_only_trained_ones_have_gradients() -> None:
    model = nn.Sequential(nn.Embedding(10, 4, sparse=True), nn.Linear(4, 2))
    model[1].bias.requires_grad_(False)
    model(torch.tensor([1, 2])).sum().backward()
    found = dict(parameter_histograms(model))
    assert set(found) == {
        "weights/0.weight", "weights/1.weight", "weights/1.bias", "gradients/0.weight", "gradients/1.weight"
    }  # fmt: skip
    assert np.isclose(found["weights/1.bias"].total, float(model[1].bias.sum()))
