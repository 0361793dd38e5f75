"""Whole networks: captured, rebuilt from their documents, and compared with the originals."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional

from torchwork.capture import Captured, capture
from torchwork.capture.constructors import watched
from torchwork.catalog import vision
from torchwork.errors import DocumentError
from torchwork.experiment import ModelDocument
from torchwork.graph import TensorSpec, resolve

from .nets import GPT, NETS, words


def captured(net: nn.Module, *inputs: Tensor) -> Captured:
    found = capture(net, inputs, "net")
    assert found.report.proof.holds, found.report.proof
    return found


def ways(found: Captured) -> dict[str, str]:
    return {row.name: row.way for row in found.report.classes}


def modules(found: Captured) -> dict[str, dict[str, object]]:
    return found.model.as_dict().get("modules", {})


@pytest.mark.parametrize("name", NETS)
def test_networks_as_people_write_them(name: str) -> None:
    torch.manual_seed(0)
    net = NETS[name].make()
    found = captured(net, *NETS[name].inputs())
    assert found.report.proof.step is not None
    assert found.report.proof.step <= 1e-6
    assert "code" not in ways(found).values()


def test_a_document_holds_all_that_rebuilds_it() -> None:
    net = GPT().eval()
    found = captured(net, words(2, 12))
    document = ModelDocument.loads(ModelDocument(name="gpt", model=found.model.as_dict()).dumps())
    twin = resolve(document.model, [TensorSpec((3, 7), "int64")]).build().eval()
    twin.load_state_dict(net.state_dict(), strict=True)
    assert torch.equal(twin(words(3, 7)), net(words(3, 7)))


def test_equal_blocks_in_a_row_are_repeated_and_tied_weights_stay_tied() -> None:
    found = captured(GPT(layers=3), words(2, 12))
    transformer = modules(found)["Transformer2"]["nodes"]  # Transformer is a layer of torch
    assert transformer["h"]["repeat"] == 3
    assert found.model.tie == {"lm_head.weight": "transformer.wte.weight"}


def test_resnet_is_one_definition_for_each_kind_of_block() -> None:
    found = captured(vision().models.resnet18(), torch.rand(1, 3, 64, 64))
    layers = found.model.as_dict()["layers"]
    assert layers[4] == {"BasicBlock": {}, "name": "layer1", "repeat": 2}
    assert layers[7] == {"Layer2": {"out_channels": 512}, "name": "layer4"}
    assert modules(found)["Downsample"]["arguments"] == {"out_channels": 128}
    assert ways(found) == {"ResNet": "native", "BasicBlock": "native"}


class Shared(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.fc, self.act = nn.Linear(4, 4), nn.ReLU()

    def forward(self, x: Tensor) -> Tensor:
        return self.fc(self.act(self.fc(x)))


def test_a_module_called_twice_is_one_node_used_again() -> None:
    found = captured(Shared(), torch.rand(2, 4))
    assert found.model.as_dict()["nodes"]["fc_1"]["use"] == "fc"


class ByTraining(nn.Module):
    """Further layers in training, whose weights are there in evaluation too."""

    def __init__(self) -> None:
        super().__init__()
        self.body, self.head, self.aux = nn.Linear(4, 4), nn.Linear(4, 2), nn.Linear(4, 2)

    def forward(self, x: Tensor) -> Tensor | tuple[Tensor, Tensor]:
        x = functional.dropout(self.body(x), 0.5, self.training)
        return (self.head(x), self.aux(x)) if self.training else self.head(x)


def test_what_only_training_calls_keeps_its_weights() -> None:
    net = ByTraining()
    found = captured(net, torch.rand(2, 4))
    nodes = found.model.as_dict()["nodes"]
    assert "aux" in nodes
    assert nodes["dropout"] == "Dropout"
    assert found.model.outputs == "head"


class Enlarged(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, 2, 3, stride=4, padding=1)

    def forward(self, x: Tensor) -> dict[str, Tensor]:
        return {"out": functional.interpolate(self.conv(x), size=x.shape[-2:], mode="bilinear")}


def test_a_size_that_follows_the_input_becomes_a_factor_and_is_told() -> None:
    found = captured(Enlarged(), torch.rand(1, 3, 64, 64))
    assert found.model.as_dict()["layers"][1]["interpolate"]["scale_factor"] == 4.0
    assert ways(found) == {"Enlarged": "recorded"}
    assert "4 times" in found.report.classes[0].frozen[0]


class ZeroState(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.gru = nn.GRU(4, 5, num_layers=2, batch_first=True)

    def forward(self, x: Tensor) -> Tensor:
        h0 = torch.zeros(2, x.size(0), 5)
        out, hidden = self.gru(x, h0)
        return torch.cat([out[:, -1], hidden[-1]], dim=1)


def test_new_tensors_have_the_sizes_of_the_input() -> None:
    net = ZeroState().eval()
    found = captured(net, torch.rand(2, 6, 4))
    twin = resolve(found.model, [TensorSpec((7, 3, 4))]).build().eval()
    twin.load_state_dict(net.state_dict())
    given = torch.rand(7, 3, 4)
    assert torch.equal(twin(given), net(given))


class Scaled(nn.Module):
    def __init__(self, width: int) -> None:
        super().__init__()
        self.scale = nn.Parameter(torch.rand(width))
        self.offset = torch.arange(99 * width)  # no buffer, so that nothing but its code says what it is

    def forward(self, x: Tensor) -> Tensor:
        return x * self.scale + self.offset.view(99, -1).sum(0)


class HasScaled(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.fc, self.scaled = nn.Linear(4, 6), Scaled(6)

    def forward(self, x: Tensor) -> Tensor:
        return self.scaled(self.fc(x))


def test_a_tensor_that_nobody_registered_leaves_only_its_class_code() -> None:
    with watched() as made:
        net = HasScaled()
    found = capture(net, [torch.rand(2, 4)], "net", made)
    assert found.report.proof.holds, found.report.proof
    assert ways(found) == {"HasScaled": "native", "Scaled": "code"}
    assert modules(found)["Scaled"]["arguments"] == {"width": 6}
    assert "self.scale = nn.Parameter" in str(modules(found)["Scaled"]["code"])


def test_a_root_that_stays_code_keeps_its_weights_under_one_name() -> None:
    with watched() as made:
        net = Scaled(4)
    found = capture(net, [torch.rand(2, 4)], "net", made)
    assert found.report.proof.holds, found.report.proof
    assert "`net.`" in found.report.notes[0]


def test_the_module_is_left_as_it_was() -> None:
    net = nn.Sequential(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4), nn.Dropout())
    net[1].eval()
    before = {name: tensor.clone() for name, tensor in net.state_dict().items()}
    given = torch.rand(2, 3, 8, 8)
    state = torch.get_rng_state()
    captured(net, given)
    assert all(torch.equal(before[name], tensor) for name, tensor in net.state_dict().items())
    assert torch.equal(state, torch.get_rng_state())
    assert (net.training, net[1].training, net[2].training) == (True, False, True)
    assert all(parameter.grad is None for parameter in net.parameters())


def test_a_module_that_does_not_run_is_refused_in_one_sentence() -> None:
    with pytest.raises(DocumentError, match=r"Sequential cannot run on an input of 2x5.*--input"):
        capture(nn.Sequential(nn.Linear(4, 4)), [torch.rand(2, 5)], "net")
