"""What public models do in their forwards that becomes nodes: masks, tables, made tensors, tuples, windows."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor, nn

from tests.capture.test_capture import ways
from torchwork.capture.capturing import capture
from torchwork.experiment import ModelDocument


class Causal(nn.Module):
    """Attention [batch, time, 8] that looks back only, with a mask from a table or made for the length."""

    def __init__(self, made: bool) -> None:
        super().__init__()
        self.query, self.made = nn.Linear(8, 8), made
        self.register_buffer("seen", torch.tril(torch.ones(9, 9)))

    def forward(self, x: Tensor) -> Tensor:
        time = x.size(1)
        scores = self.query(x) @ x.transpose(1, 2)
        if self.made:
            scores = scores + torch.full((time, time), float("-inf")).triu(1)
        else:
            scores = scores.masked_fill(self.seen[:time, :time] == 0, float("-inf"))
        return scores.softmax(-1) @ x


class Places(nn.Module):
    """Adds the first rows of a table to [batch, time, 4], and keeps the last one."""

    def __init__(self) -> None:
        super().__init__()
        self.table = nn.Parameter(torch.rand(1, 12, 4))

    def forward(self, x: Tensor) -> Tensor:
        return (x + self.table[:, : x.size(1)])[:, [-1], :]


class Recurrent(nn.Module):
    """An LSTM whose beginning is made of two tensors."""

    def __init__(self) -> None:
        super().__init__()
        self.lstm = nn.LSTM(4, 6, batch_first=True)

    def forward(self, x: Tensor) -> Tensor:
        begin = torch.zeros(1, x.size(0), 6)
        return self.lstm(x, (begin, begin + 1))[0]


class Made(nn.Module):
    """Tensors that are always the same: of numpy, of an attribute, of a function."""

    def __init__(self) -> None:
        super().__init__()
        self.scale = torch.tensor([1.0, 2.0, 3.0])

    def forward(self, x: Tensor) -> Tensor:
        begin = torch.tensor([0.5, 0.25, 0.125]).view(1, 3).repeat(x.size(0), 1)
        return x * self.scale @ torch.eye(3) + begin


class Windows(nn.Module):
    """Patches of a picture by the method `unfold`."""

    def forward(self, x: Tensor) -> Tensor:
        return x.unfold(2, 4, 4).unfold(3, 4, 4).mT.flatten(1, 3)


class Pooled(nn.Module):
    """Pooling over the whole picture, whose size is read off it."""

    def forward(self, x: Tensor) -> Tensor:
        return nn.functional.max_pool2d(x, x.shape[2:]) + nn.functional.avg_pool2d(x, x.size(2))


class Powers(nn.Module):
    """Numbers to the power of a tensor."""

    def forward(self, x: Tensor) -> Tensor:
        return torch.pow(2.0, x) + 3**x + x**2


class Tied(nn.Module):
    """A class that stays code, with one weight under two names."""

    def __init__(self) -> None:
        super().__init__()
        self.a, self.b = nn.Linear(4, 4), nn.Linear(4, 4)
        self.b.weight = self.a.weight

    def forward(self, x: Tensor) -> Tensor:
        return self.b(self.a(x)) / torch.tensor(x.detach().numpy().max())


class HasTied(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.fc, self.tied = nn.Linear(4, 4), Tied()

    def forward(self, x: Tensor) -> Tensor:
        return self.tied(self.fc(x))


@pytest.mark.parametrize(
    ("net", "shape"),
    [
        (Causal(True), (2, 7, 8)),
        (Causal(False), (2, 7, 8)),
        (Places(), (2, 7, 4)),
        (Recurrent(), (2, 7, 4)),
        (Made(), (2, 3)),
        (Windows(), (2, 3, 64, 64)),
        (Pooled(), (2, 3, 32, 32)),
        (Powers(), (2, 3)),
    ],
)
def test_it_becomes_nodes(net: nn.Module, shape: tuple[int, ...]) -> None:
    found = capture(net, [torch.rand(shape)], "net")
    assert found.report.proof.holds, found.report
    assert "code" not in ways(found).values(), found.report
    document = ModelDocument.parse({"torchwork": 1, "name": "net", "model": found.model.as_dict()})
    assert ModelDocument.loads(document.dumps()) == document  # no infinity in it


@pytest.mark.parametrize("net", [Causal(True), Causal(False), Places(), Recurrent()])
def test_no_length_is_frozen(net: nn.Module) -> None:
    width = 8 if isinstance(net, Causal) else 4
    found = capture(net, [torch.rand(2, 7, width)], "net")
    assert not any("size" in note for note in found.report.notes), found.report.notes


def test_code_ties_its_own_weights() -> None:
    found = capture(HasTied(), [torch.rand(2, 4)], "net")
    assert found.report.proof.holds, found.report.proof
    assert ways(found) == {"HasTied": "native", "Tied": "code"}
    assert not found.model.tie


class Spare(nn.Module):
    """Layers that its forward never calls: alone, in a list with others, with layers of their own."""

    def __init__(self) -> None:
        super().__init__()
        self.fc, self.spare = nn.Linear(4, 4), nn.Linear(9, 5)
        self.heads = nn.ModuleList([nn.Linear(4, 2), nn.Linear(7, 2)])
        self.more = nn.Sequential(nn.Conv2d(3, 4, 3), nn.ReLU(), nn.BatchNorm2d(4))

    def forward(self, x: Tensor) -> Tensor:
        return self.heads[0](self.fc(x))


def test_layers_that_nothing_calls_keep_their_weights() -> None:
    net = Spare()
    found = capture(net, [torch.rand(2, 4)], "net")
    assert found.report.proof.holds, found.report.proof
    assert "code" not in ways(found).values()
    [row] = [item for item in found.report.classes if item.name == "UnusedConv2d"]
    assert row.frozen == ("nothing uses it: its weights are kept, so that files of weights fit",)
    assert found.report.proof.step == 0


class DropPath(nn.Module):
    """Whole samples dropped, as many repositories write it; `torch_way`: drawn as torch's dropout draws."""

    def __init__(self, drop_prob: float, torch_way: bool) -> None:
        super().__init__()
        self.drop_prob, self.torch_way = drop_prob, torch_way

    def forward(self, x: Tensor) -> Tensor:
        if self.drop_prob == 0 or not self.training:
            return x
        shape = (x.shape[0],) + (1,) * (x.ndim - 1)
        if self.torch_way:
            return x * x.new_empty(shape).bernoulli_(1 - self.drop_prob).div_(1 - self.drop_prob)
        return x.div(1 - self.drop_prob) * (torch.rand(shape) + 1 - self.drop_prob).floor()


class Branch(nn.Module):
    def __init__(self, torch_way: bool) -> None:
        super().__init__()
        self.fc, self.drop = nn.Linear(4, 4), DropPath(0.2, torch_way)

    def forward(self, x: Tensor) -> Tensor:
        return x + self.drop(self.fc(x))


@pytest.mark.parametrize("torch_way", [True, False])
def test_samples_dropped_in_training(torch_way: bool) -> None:
    found = capture(Branch(torch_way), [torch.rand(8, 4)], "net")
    assert found.report.proof.holds, found.report
    assert "code" not in ways(found).values()
    assert "p: 0.2" in str(found.model.as_dict()).replace("'", "")
    [row] = [item for item in found.report.classes if item.name == "DropPath"]
    assert bool(row.frozen) is not torch_way
    assert found.report.proof.step == 0
    assert bool(found.report.proof.apart) is not torch_way
