"""Whole models: they equal what the same classes written by hand would be."""

from __future__ import annotations

import copy
import pickle
from typing import Any

import pytest
import torch
from torch import nn
from torch.nn import functional as F

from torchwork.catalog import vision
from torchwork.graph import TensorSpec

from .graph_models import ALEXNET, RESNET18, chain, resolved, told


@pytest.fixture(scope="module")
def torchvision_models() -> Any:
    return vision().models


def test_resnet18_is_torchvisions(torchvision_models: Any) -> None:
    found = resolved(RESNET18, (1, 3, 224, 224), classes=1000)
    assert told(found) == []
    assert found.totals.parameters == 11_689_512
    assert found.totals.mac == pytest.approx(1.814e9, rel=1e-3)
    theirs = torchvision_models.resnet18()
    mine = found.build()
    assert list(mine.state_dict()) == list(theirs.state_dict())
    mine.load_state_dict(theirs.state_dict())
    images = torch.rand(2, 3, 64, 64)
    assert torch.equal(mine.eval()(images), theirs.eval()(images))


def test_alexnet_is_torchvisions(torchvision_models: Any) -> None:
    found = resolved(ALEXNET, (2, 3, 224, 224))
    assert told(found) == []
    assert found.totals.parameters == found.totals.trainable == 61_100_840
    with torch.device("meta"):
        theirs = torchvision_models.alexnet()
    weights = {f"{row.name}.{part}" for row in found.rows if row.parameters for part in ("weight", "bias")}
    assert weights == set(theirs.state_dict())


def test_a_seed_gives_the_weights_of_the_same_code() -> None:
    class Hand(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.late = nn.Linear(5, 3)
            self.early = nn.Linear(4, 5)

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return self.late(torch.relu(self.early(x)))

    # Listed against the order of calls: modules are made in the order of the document.
    document = {
        "nodes": {
            "late": {"Linear": {"out_features": 3}, "from": "act"},
            "early": {"Linear": {"out_features": 5}, "from": "input"},
            "act": {"relu": {}},
        },
        "outputs": "late",
    }
    found = resolved(document, (2, 4))
    torch.manual_seed(7)
    mine = found.build()
    torch.manual_seed(7)
    hand = Hand()
    assert all(torch.equal(a, b) for a, b in zip(mine.state_dict().values(), hand.state_dict().values(), strict=True))
    x = torch.rand(2, 4)
    assert torch.equal(mine(x), hand(x))


def test_an_unnamed_chain_is_a_sequential() -> None:
    built = resolved(chain({"Linear": {"out_features": 3}}, "ReLU"), (2, 4)).build()
    assert type(built) is nn.Sequential
    assert list(built.state_dict()) == ["0.weight", "0.bias"]


def test_u_net_with_skip() -> None:
    document = {
        "nodes": {
            "down1": {"Conv2d": {"out_channels": 4, "kernel_size": 3, "padding": 1}},
            "pool": {"MaxPool2d": {"kernel_size": 2}},
            "bottom": {"Conv2d": {"out_channels": 8, "kernel_size": 3, "padding": 1}},
            "up": {"ConvTranspose2d": {"out_channels": 4, "kernel_size": 2, "stride": 2}},
            "skip": {"cat": {"dim": 1}, "from": ["down1", "up"]},
            "head": {"Conv2d": {"out_channels": "classes", "kernel_size": 1}},
        }
    }
    found = resolved(document, (2, 3, 16, 16), classes=5)
    assert told(found) == []
    assert {row.name: row.output for row in found.rows}["skip"] == TensorSpec((2, 8, 16, 16))
    built = found.build()
    x = torch.rand(2, 3, 16, 16)
    down = built.down1(x)
    up = built.up(built.bottom(F.max_pool2d(down, 2)))
    assert torch.equal(built(x), built.head(torch.cat([down, up], 1)))


def test_two_inputs_two_outputs() -> None:
    document = {
        "inputs": ["image", "table"],
        "nodes": {
            "flat": {"Flatten": {}, "from": "image"},
            "both": {"cat": {"dim": 1}, "from": ["flat", "table"]},
            "label": {"Linear": {"out_features": 3}},
            "box": {"Linear": {"out_features": 4}, "from": "both"},
        },
        "outputs": ["label", "box"],
    }
    found = resolved(document, (2, 1, 3, 3), (2, 5))
    assert found.output == (TensorSpec((2, 3)), TensorSpec((2, 4)))
    label, box = found.build()(torch.rand(2, 1, 3, 3), torch.rand(2, 5))
    assert (label.shape, box.shape) == ((2, 3), (2, 4))


def test_elements_of_nested_tuples() -> None:
    document = {
        "nodes": {
            "lstm": {"LSTM": {"hidden_size": 6, "batch_first": True}},
            "last": {"flatten": {}, "from": "lstm[1][0]"},
            "each": {"Linear": {"out_features": 2}, "from": "lstm[0]"},
        },
        "outputs": ["each", "lstm[1][-1]"],
    }
    found = resolved(document, (3, 7, 5))
    assert told(found) == []
    each, cell = found.build()(torch.rand(3, 7, 5))
    assert (each.shape, cell.shape) == ((3, 7, 2), (1, 3, 6))
    assert found.output == (TensorSpec((3, 7, 2)), TensorSpec((1, 3, 6)))


def test_use_shares_weights() -> None:
    layers = chain({"Linear": {"out_features": 4}, "name": "mix"}, "ReLU", {"use": "mix", "name": "again"})
    found = resolved(layers, (2, 4))
    assert found.totals.parameters == 20
    assert [row.shared for row in found.rows] == ["", "", "mix"]
    built = found.build()
    assert list(built.state_dict()) == ["mix.weight", "mix.bias"]
    x = torch.rand(2, 4)
    assert torch.equal(built(x), built.mix(torch.relu(built.mix(x))))


def test_use_of_a_definition() -> None:
    document = {
        "modules": {"Twin": {"layers": [{"Linear": {"out_features": 3}}, "Tanh"]}},
        "inputs": ["left", "right"],
        "nodes": {
            "tower": {"Twin": {}, "from": "left"},
            "other": {"use": "tower", "from": "right"},
            "distance": {"sub": {}, "from": ["tower", "other"]},
        },
    }
    found = resolved(document, (2, 4), (2, 4))
    assert told(found) == []
    assert found.totals.parameters == 15
    x = torch.rand(2, 4)
    assert torch.equal(found.build()(x, x), torch.zeros(2, 3))


def test_repeat_makes_instances_that_infer_for_themselves() -> None:
    found = resolved(chain({"Linear": {"out_features": 6}, "repeat": 3}), (2, 4))
    assert [row.name for row in found.rows] == ["0", "0.0", "0.1", "0.2"]
    assert [row.args.get("in_features") for row in found.rows] == [None, 4, 6, 6]
    built = found.build()
    assert [tuple(weight.shape) for name, weight in built.named_parameters() if "weight" in name] == [
        (6, 4),
        (6, 6),
        (6, 6),
    ]


def test_repeat_hands_further_inputs_to_each() -> None:
    document = {
        "inputs": ["target", "memory"],
        "nodes": {
            "decoder": {
                "TransformerDecoderLayer": {"nhead": 2, "dim_feedforward": 16, "batch_first": True},
                "from": ["target", "memory"],
                "repeat": 2,
            }
        },
    }
    found = resolved(document, (2, 3, 8), (2, 5, 8))
    assert told(found) == []
    built = found.build().eval()
    target, memory = torch.rand(2, 3, 8), torch.rand(2, 5, 8)
    first, second = built.decoder.children()
    torch.testing.assert_close(built(target, memory), second(first(target, memory), memory))


def test_ties_are_one_parameter() -> None:
    document = {
        "nodes": {
            "embed": {"Embedding": {"num_embeddings": 11, "embedding_dim": 4}},
            "head": {"Linear": {"out_features": 11, "bias": False}},
        },
        "tie": {"head.weight": "embed.weight"},
    }
    found = resolved(document, TensorSpec((2, 3), "int64"))
    assert told(found) == []
    assert found.totals.parameters == 44
    built = found.build()
    assert built.head.weight is built.embed.weight
    assert sum(weight.numel() for weight in built.parameters()) == 44


def test_definitions_within_definitions_and_expressions() -> None:
    document = {
        "modules": {
            "Outer": {
                "arguments": {"width": 4, "hidden": "2*width"},
                "layers": [{"Inner": {"size": "hidden + 1"}}, {"Linear": {"out_features": "width"}}],
            },
            "Inner": {"arguments": {"size": None}, "layers": [{"Linear": {"out_features": "size"}}]},
        },
        "layers": [{"Outer": {"width": "classes"}}, "Outer"],
    }
    found = resolved(document, (2, 3), classes=5)
    assert told(found) == []
    shapes = [tuple(weight.shape) for name, weight in found.build().named_parameters() if "weight" in name]
    assert shapes == [(11, 3), (5, 11), (9, 5), (4, 9)]
    assert found.rows[0].args == {"width": 5, "hidden": 10}


def test_arguments_of_a_definition_are_not_seen_by_definitions_inside() -> None:
    document = {
        "modules": {
            "Outer": {"arguments": {"width": 4}, "layers": ["Inner"]},
            "Inner": {"layers": [{"Linear": {"out_features": "width"}}]},
        },
        "layers": ["Outer"],
    }
    assert "unknown name `width`" in told(resolved(document, (2, 3)))[0]


def test_a_layer_in_an_argument_is_inferred_too() -> None:
    layer = {"TransformerEncoderLayer": {"nhead": 2, "dim_feedforward": "4*width", "batch_first": True}}
    found = resolved(
        chain({"TransformerEncoder": {"encoder_layer": layer, "num_layers": 2, "norm": "LayerNorm"}}),
        (2, 3, 8),
        width=8,
    )
    assert told(found) == []
    assert found.rows[0].inferred == ("encoder_layer.d_model", "norm.normalized_shape")
    assert found.build()(torch.rand(2, 3, 8)).shape == (2, 3, 8)


def test_built_graphs_copy_pickle_compile_and_export() -> None:
    built = resolved(RESNET18, (2, 3, 32, 32), classes=4).build().eval()
    x = torch.rand(2, 3, 32, 32)
    expected = built(x)
    assert torch.equal(copy.deepcopy(built)(x), expected)
    assert torch.equal(pickle.loads(pickle.dumps(built))(x), expected)
    compiled = torch.compile(built, backend="eager", fullgraph=True)
    torch.testing.assert_close(compiled(x), expected)
    torch.testing.assert_close(torch.export.export(built, (x,)).module()(x), expected)


def test_intermediates_are_released() -> None:
    layers = [
        {"Linear": {"out_features": 4}, "name": f"l{n}", "from": "input" if n == 0 else f"l{n - 1}"} for n in range(4)
    ]
    built = resolved({**chain(*layers), "outputs": ["l3"]}, (2, 4)).build()
    assert sorted(slot for call in built._plan for slot in call.drop) == [0, 1, 2, 3]


def test_the_wrong_number_of_inputs_is_a_sentence() -> None:
    built = resolved({"nodes": {"a": "ReLU"}}, (2, 4)).build()
    with pytest.raises(TypeError, match=r"takes 1 inputs? \(input\), got 2"):
        built(torch.rand(2), torch.rand(2))
