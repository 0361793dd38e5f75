"""Modules that do something else in training: layers where a layer does the same, code that proves right otherwise."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from torchwork.capture import Captured, capture
from torchwork.capture.constructors import watched


class Dropped(nn.Module):
    """A function of dropout with the module's own setting."""

    def __init__(self, dimensions: int = 0) -> None:
        super().__init__()
        self.p, self.dimensions = 0.3, dimensions

    def forward(self, x: Tensor) -> Tensor:
        if self.dimensions == 2:
            return F.dropout2d(x, self.p, training=self.training)
        return F.dropout(x, self.p, self.training)


class Normed(nn.Module):
    """Batch norm by the function, with tensors of its own."""

    running_mean: Tensor
    running_var: Tensor

    def __init__(self, width: int = 4) -> None:
        super().__init__()
        self.weight, self.bias = nn.Parameter(torch.ones(width)), nn.Parameter(torch.zeros(width))
        self.register_buffer("running_mean", torch.zeros(width))
        self.register_buffer("running_var", torch.ones(width))

    def forward(self, x: Tensor) -> Tensor:
        return F.batch_norm(x, self.running_mean, self.running_var, self.weight, self.bias, self.training, 0.1, 1e-5)


class NormAct(nn.BatchNorm2d):
    """Batch norm with an activation behind it, as timm writes it."""

    def __init__(self, width: int = 4) -> None:
        super().__init__(width, eps=1e-3)
        self.drop, self.act = nn.Identity(), nn.ReLU(inplace=True)

    def forward(self, x: Tensor) -> Tensor:
        if self.training and self.track_running_stats:
            self.num_batches_tracked.add_(1)
        mean, var = self.running_mean, self.running_var
        x = F.batch_norm(x, mean, var, self.weight, self.bias, self.training, self.momentum or 0.0, self.eps)
        return self.act(self.drop(x))


class ByParent(nn.BatchNorm2d):
    """Calls what it inherits."""

    def forward(self, x: Tensor) -> Tensor:
        return torch.relu(super().forward(x))


class PaddedConv(nn.Conv2d):
    """A convolution with padding before it."""

    def forward(self, x: Tensor) -> Tensor:
        x = F.pad(x, (1, 1, 1, 1))
        return F.conv2d(x, self.weight, self.bias, self.stride, self.padding, self.dilation, self.groups)


class OtherMomentum(nn.BatchNorm2d):
    """Averages more slowly than its layer does."""

    def forward(self, x: Tensor) -> Tensor:
        return F.batch_norm(x, self.running_mean, self.running_var, self.weight, self.bias, self.training, 0.01)


class Net(nn.Module):
    """A convolution before a module, and a head behind it."""

    def __init__(self, inner: nn.Module) -> None:
        super().__init__()
        self.stem, self.inner, self.head = nn.Conv2d(3, 4, 3, padding=1), inner, nn.Linear(4, 5)

    def forward(self, x: Tensor) -> Tensor:
        return self.head(self.inner(self.stem(x)).mean((2, 3)))


def captured(kind: type[nn.Module], *args: int) -> Captured:
    torch.manual_seed(0)
    with watched() as made:
        net = Net(kind(*args))
    found = capture(net, [torch.rand(2, 3, 16, 16)], "net", made)
    assert found.report.proof.holds, found.report.proof
    assert (found.report.proof.outputs, found.report.proof.step) == (0.0, 0.0)
    return found


@pytest.mark.parametrize(("dimensions", "layer"), [(0, "Dropout"), (2, "Dropout2d")])
def test_dropout_by_its_function_is_its_layer(dimensions: int, layer: str) -> None:
    found = captured(Dropped, dimensions)
    assert {row.way for row in found.report.classes} == {"native"}
    assert found.model.modules["Dropped"].layers[0].name == layer


def test_a_function_that_trains_with_another_number_is_no_node() -> None:
    found = captured(Normed)
    assert {row.name: row.way for row in found.report.classes} == {"Net": "native", "Normed": "code"}


@pytest.mark.parametrize(
    ("kind", "args", "nodes"),
    [
        (NormAct, (), {"inner": "BatchNorm2d", "inner_drop": "Identity", "inner_act": "ReLU"}),
        (ByParent, (4,), {"inner": "BatchNorm2d", "inner_relu": "relu"}),
        (PaddedConv, (4, 4, 3), {"inner_pad": "pad", "inner": "Conv2d"}),
    ],
)
def test_a_class_around_a_layer_is_the_layer_and_what_else_it_calls(
    kind: type[nn.Module], args: tuple[int, ...], nodes: dict[str, str]
) -> None:
    found = captured(kind, *args)
    assert {row.name: row.way for row in found.report.classes} == {"Net": "native"}
    named = {node.label: node.name for node in found.model.layers or ()}
    assert {name: part for name, part in named.items() if name and name.startswith("inner")} == nodes


def test_a_class_that_does_not_do_what_its_layer_does_stays_code() -> None:
    found = captured(OtherMomentum, 4)
    assert {row.name: row.way for row in found.report.classes} == {"Net": "native", "OtherMomentum": "code"}
