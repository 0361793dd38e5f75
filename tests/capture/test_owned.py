"""Classes with parameters and buffers of their own: nodes in the document, under the same names."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from torchwork.capture import Captured, capture
from torchwork.capture.constructors import watched
from torchwork.catalog import vision
from torchwork.code import print_network
from torchwork.graph import TensorSpec, resolve

NORMALIZE = {"value": [0.1, 0.2, 0.3], "size": [3, 1, 1], "persistent": False}


def captured(make: Callable[[], nn.Module], *inputs: Tensor) -> tuple[nn.Module, Captured]:
    torch.manual_seed(0)
    with watched() as made:
        net = make()
    found = capture(net, inputs, "net", made)
    assert found.report.proof.holds, found.report.proof
    resolved = resolve(found.model, [TensorSpec(tuple(item.shape)) for item in inputs], trust=True)
    print_network(found.model, resolved, "Net")
    assert resolved.build().state_dict().keys() == net.state_dict().keys()
    return net, found


def code(found: Captured) -> list[str]:
    return [row.name for row in found.report.classes if row.way == "code"]


def nodes(found: Captured, name: str = "") -> dict[str, Any]:
    model = found.model.as_dict()
    return dict((model["modules"][name] if name else model)["nodes"])


class Normalized(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("mean", torch.tensor([0.1, 0.2, 0.3]).reshape(3, 1, 1), persistent=False)
        self.register_buffer("calls", torch.zeros(()))
        self.gamma = nn.Parameter(torch.full((3, 1, 1), 1e-6))
        self.frozen = nn.Parameter(torch.rand(100), requires_grad=False)

    def forward(self, x: Tensor) -> Tensor:
        return (x - self.mean) * self.gamma * self.frozen.mean()


def test_how_they_begin() -> None:
    found = captured(Normalized, torch.rand(2, 3, 8, 8))[1]
    owned = nodes(found)
    assert owned["mean"]["Buffer"] == NORMALIZE
    assert owned["gamma"]["Parameter"] == {"size": [3, 1, 1], "fill": 1e-6}
    assert owned["frozen"]["Parameter"] == {"size": [100], "requires_grad": False}
    assert owned["calls"]["Buffer"] == {"size": []}
    row = found.report.classes[0]
    assert row.way == "recorded"
    assert row.frozen == ("frozen begins at zeros: its values come with the weights",)


class Large(nn.Module):
    def __init__(self, width: int = 70) -> None:
        super().__init__()
        self.fc = nn.Linear(width, width)
        self.register_buffer("steps", torch.arange(float(width)), persistent=False)

    def forward(self, x: Tensor) -> Tensor:
        return self.fc(x) + self.steps


class Counting(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.fc = nn.Linear(4, 4)
        self.register_buffer("calls", torch.zeros(()))

    def forward(self, x: Tensor) -> Tensor:
        self.calls += 1
        return self.fc(x) + self.calls


@pytest.mark.parametrize(
    ("make", "width", "reason"),
    [(Large, 70, "steps is not saved with the weights"), (Counting, 4, "calls in place")],
)
def test_what_no_node_can_say_stays_code(make: Callable[[], nn.Module], width: int, reason: str) -> None:
    with watched() as made:
        net = make()
    found = capture(net, [torch.rand(2, width)], "net", made)
    assert reason in found.report.classes[0].reason


class Looked(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.table = nn.Parameter(torch.rand(5, 3))
        self.register_buffer("index", torch.randint(5, (4, 4)))

    def forward(self, x: Tensor) -> Tensor:
        return x + self.table[self.index].sum(2) + self.table[self.index.reshape(-1)].sum()


def test_rows_of_a_table_by_an_index() -> None:
    found = captured(Looked, torch.rand(2, 4, 4))[1]
    assert code(found) == []
    assert nodes(found)["index"]["Buffer"]["dtype"] == "int64"


def models() -> Any:
    return vision().models


@pytest.mark.parametrize(
    "make",
    [
        lambda: models().VisionTransformer(
            image_size=32, patch_size=16, num_layers=2, num_heads=2, hidden_dim=8, mlp_dim=16, num_classes=5
        ),
        lambda: models().ConvNeXt(
            [models().convnext.CNBlockConfig(8, 16, 2), models().convnext.CNBlockConfig(16, None, 1)], num_classes=5
        ),
        lambda: models().MaxVit(
            input_size=(32, 32), stem_channels=8, partition_size=2, block_channels=[8], block_layers=[1], head_dim=4,
            stochastic_depth_prob=0.1, num_classes=5,
        ),
        lambda: models().regnet_y_400mf(),
    ],
    ids=["vit", "convnext", "maxvit", "regnet"],
)  # fmt: skip
def test_nets_of_torchvision_without_code(make: Callable[[], nn.Module]) -> None:
    assert code(captured(make, torch.rand(1, 3, 32, 32))[1]) == []


@pytest.mark.parametrize("version", ["", "V2"])
def test_only_the_mask_of_shifted_windows_stays_code(version: str) -> None:
    swin = vision().models.swin_transformer
    block = getattr(swin, f"SwinTransformerBlock{version}")
    merging = getattr(swin, f"PatchMerging{version}")
    found = captured(
        lambda: swin.SwinTransformer([4, 4], 8, [2], [2], [4, 4], num_classes=5, block=block, downsample_layer=merging),
        torch.rand(1, 3, 64, 64),
    )[1]
    assert code(found) == [f"ShiftedWindowAttention{version}"]
