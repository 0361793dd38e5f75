"""What each layer costs: counts as by hand, times that are there, and a model that is left as it was."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import Tensor, nn

from torchwork.catalog.vision import vision
from torchwork.errors import TorchworkError
from torchwork.inside import overview
from torchwork.inside.timing import measure


@pytest.mark.parametrize(
    ("name", "macs", "parameters"), [("alexnet", 714_188_480, 61_100_840), ("resnet18", 1_814_073_344, 11_689_512)]
)
def test_known_networks_cost_what_is_known_of_them(name: str, macs: int, parameters: int) -> None:
    found = overview(getattr(vision().models, name)(), torch.randn(1, 3, 224, 224), timed=False)
    assert sum(layer.macs or 0 for layer in found.layers) == macs
    assert sum(layer.parameters for layer in found.layers) == parameters
    assert not found.notes


def test_an_encoder_and_a_recurrent_layer_are_counted_by_hand() -> None:
    n, length, width, wide = 2, 7, 8, 32
    encoder = nn.TransformerEncoder(nn.TransformerEncoderLayer(width, 2, wide, batch_first=True), 2)
    found = overview(encoder, torch.randn(n, length, width), timed=False)
    attention = 4 * length * width * width + 2 * length * length * width
    assert sum(layer.macs or 0 for layer in found.layers) == 2 * (attention + 2 * length * width * wide)
    lstm = overview(nn.LSTM(5, 6, batch_first=True), torch.randn(n, length, 5), timed=False)
    assert [layer.macs for layer in lstm.layers] == [length * 4 * 6 * (5 + 6)]


class Two(nn.Module):
    """Two inputs, and a layer that is called twice."""

    def __init__(self) -> None:
        super().__init__()
        self.first, self.second, self.norm = nn.Linear(3, 4), nn.Linear(5, 4), nn.BatchNorm1d(4)
        self.relu, self.unused = nn.ReLU(inplace=True), nn.Linear(9, 9)

    def forward(self, inputs: Any, other: Tensor | None = None) -> Tensor:
        a, b = inputs if other is None else (inputs, other)
        return self.relu(self.norm(self.relu(self.first(a)) + self.second(b)))  # type: ignore[no-any-return]


def test_layers_come_in_the_order_of_calls_and_what_is_not_called_is_left_out() -> None:
    found = overview(Two(), (torch.randn(4, 3), torch.randn(4, 5)))
    assert [layer.name for layer in found.layers] == ["first", "relu", "second", "norm"]
    assert [layer.output for layer in found.layers] == ["4"] * 4
    assert all(layer.milliseconds is not None and layer.milliseconds > 0 for layer in found.layers)
    assert found.layers[0].memory == 16
    assert [layer.name for layer in found.chosen("[fs]*")] == ["first", "second"]
    with pytest.raises(TorchworkError, match="no layer is called fist; did you mean first"):
        found.chosen("fist")


@pytest.mark.parametrize("wants", ["two arguments", "one tuple", "any number"])
def test_several_inputs_are_given_as_the_network_takes_them(wants: str) -> None:
    class TwoArguments(Two):
        def forward(self, first: Tensor, second: Tensor) -> Tensor:  # type: ignore[override]
            return super().forward(first, second)

    class OneTuple(Two):
        def forward(self, both: Any) -> Tensor:  # type: ignore[override]
            return super().forward(both)

    class AnyNumber(Two):
        def forward(self, *each: Tensor) -> Tensor:  # type: ignore[override]
            return super().forward(*each)

    kind = {"two arguments": TwoArguments, "one tuple": OneTuple, "any number": AnyNumber}[wants]
    found = overview(kind(), (torch.randn(4, 3), torch.randn(4, 5)))
    assert [layer.name for layer in found.layers] == ["first", "relu", "second", "norm"]
    assert all(layer.milliseconds for layer in found.layers)


def test_times_of_backward_passes_are_there_next_to_operations_in_place() -> None:
    model = nn.Sequential(nn.Conv2d(3, 4, 3), nn.ReLU(inplace=True), nn.Embedding(4, 2).requires_grad_(False))
    costs = measure(model[:2], lambda network: network(torch.randn(2, 3, 8, 8)))
    assert costs.keys() == {"0", "1"}
    assert all(cost.forward > 0 and cost.backward > 0 for cost in costs.values())
    assert costs["0"].memory == 2 * 4 * 36 * 4 and costs["1"].memory == 0
    frozen = measure(model[2:], lambda network: network(torch.ones(2, dtype=torch.int64)))
    assert frozen["2"].forward > 0 and frozen["2"].backward == 0


def test_one_sample_is_enough_for_batch_norm_and_the_model_is_left_as_it_was() -> None:
    model = nn.Sequential(nn.Linear(3, 4), nn.BatchNorm1d(4), nn.Dropout(), nn.Linear(4, 2))
    model(torch.randn(4, 3)).sum().backward()
    model[2].eval()
    kept = {name: item.clone() for name, item in model.state_dict().items()}
    gradients = [item.grad.clone() for item in model.parameters() if item.grad is not None]
    x = torch.randn(1, 3)
    state, modes = torch.get_rng_state(), [module.training for module in model.modules()]
    found = overview(model, x)
    assert not found.notes
    assert all(torch.equal(item, kept[name]) for name, item in model.state_dict().items())
    for parameter, gradient in zip(model.parameters(), gradients, strict=True):
        assert parameter.grad is not None and torch.equal(parameter.grad, gradient)
    assert torch.equal(torch.get_rng_state(), state)
    assert [module.training for module in model.modules()] == modes
    assert not any(module._forward_hooks or module._forward_pre_hooks for module in model.modules())


def test_inputs_that_do_not_fit_are_a_sentence() -> None:
    with pytest.raises(TorchworkError, match="the network cannot run on these inputs: mat1 and mat2"):
        overview(nn.Linear(3, 4), torch.randn(2, 5))
