"""Parameters and buffers as nodes: document -> text -> module; the same keys, draws and outputs, bit for bit."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
from torch import nn

from torchwork.catalog import catalog
from torchwork.code.reading import read_script
from torchwork.experiment import Experiment, Model
from torchwork.graph import TensorSpec, resolve
from torchwork.graph.wiring import TENSORS

from .flow import CLASSES, FEATURES, document
from .models import Around
from .printed import repeated
from .test_initializers import ARGUMENTS
from .test_layer_code import assert_same

INITIALIZERS = [name for name in catalog().entries("initializer") if name != "dirac_"]
CASES: list[tuple[str, dict[str, Any], str]] = [
    ("Parameter", {"size": [FEATURES]}, "self.own = nn.Parameter(torch.zeros("),
    ("Parameter", {"size": [FEATURES], "fill": 1}, "nn.Parameter(torch.ones("),
    ("Parameter", {"size": [1, FEATURES], "fill": 1e-6}, "torch.full((1, "),
    ("Parameter", {"size": [], "fill": 3}, "torch.full((), 3, dtype=torch.float32)"),
    ("Parameter", {"size": [FEATURES], "requires_grad": False}, "requires_grad=False"),
    ("Parameter", {"size": ["features"], "dtype": "float64"}, "dtype=torch.float64"),
    ("Parameter", {"size": ["features"], "init": {"normal_": {"std": 0.02}}}, "nn.init.normal_(nn.Parameter("),
    ("Buffer", {"size": [FEATURES]}, 'self.register_buffer("own", torch.zeros('),
    ("Buffer", {"size": [1], "dtype": "int64", "fill": 2}, "dtype=torch.int64"),
    ("Buffer", {"size": [1], "value": [3]}, "torch.tensor([3], dtype=torch.float32)"),
    ("Buffer", {"size": [2, 1], "value": [0.1, True], "persistent": False}, ".reshape(2, 1)"),
    ("Buffer", {"size": [1], "value": [True], "dtype": "bool"}, "torch.tensor([True], dtype=torch.bool)"),
]


def around(name: str, args: dict[str, Any], use: str = "sum") -> Around:
    """A model that adds the sum of the tensor to what a layer gives."""
    nodes = {
        "before": {"Linear": {"out_features": 3}},
        "own": {name: args},
        "after": {"Linear": {"out_features": 3}},
        "total": {use: {}, "from": "own"},
        "out": {"add": {}, "from": ["after", "total"]},
    }
    return Around({"nodes": nodes}, ())


def test_they_are_all() -> None:
    assert set(catalog().entries("tensor")) == TENSORS


@pytest.mark.parametrize(("name", "args", "expected"), CASES)
def test_tensor(name: str, args: dict[str, Any], expected: str, monkeypatch: pytest.MonkeyPatch) -> None:
    args = {**args, "size": [FEATURES if size == "features" else size for size in args["size"]]}
    assert expected in assert_same(around(name, args), monkeypatch)


@pytest.mark.parametrize("name", INITIALIZERS)
def test_initializer(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    args = {"size": [4, 3], "init": {name: ARGUMENTS.get(name, {})}}
    assert f"nn.init.{name}(nn.Parameter(" in assert_same(around("Parameter", args), monkeypatch)


def test_sizes_of_definitions(monkeypatch: pytest.MonkeyPatch) -> None:
    scale = {
        "arguments": {"width": 4, "start": 1.0},
        "nodes": {
            "gamma-1": {"Parameter": {"size": [1, "width"], "fill": "start"}},
            "shift": {"Parameter": {"size": ["width"], "init": {"uniform_": {"b": "start"}}}},
            "scaled": {"mul": {}, "from": ["input", "gamma-1"]},
            "added": {"add": {}, "from": ["scaled", "shift"]},
        },
    }
    layers = [{"Linear": {"out_features": 4}}, {"Scale": {"start": 0.5}}, {"Linear": {"out_features": 6}},
              {"Scale": {"width": 6}, "repeat": 2}]  # fmt: skip
    text = assert_same(Around({"layers": layers, "modules": {"Scale": scale}}, ()), monkeypatch)
    assert '"gamma-1"' in text and "self.register_parameter(" in text


def test_a_whole_experiment(base: Path) -> None:
    nodes = {
        "hidden": {"Linear": {"out_features": 4}},
        "gain-1": {"Parameter": {"size": [4], "init": {"normal_": {"std": 0.5}}}},
        "shift": {"Buffer": {"size": [4], "fill": 0.25}},
        "scaled": {"mul": {}, "from": ["hidden", "gain-1"]},
        "moved": {"add": {}, "from": ["scaled", "shift"]},
        "out": {"Linear": {"out_features": 3}},
    }
    rules = [{"match": "gain-1", "set": {"weight_decay": 0.0}}]
    written = document(data=CLASSES, loss="CrossEntropyLoss", model={"nodes": nodes}, parameters=rules)
    text = repeated(written, base)
    assert read_script(text, base=base).document == Experiment.parse(written)


def test_keys_and_ties() -> None:
    nodes = {"a": {"Parameter": {"size": [5]}}, "b": {"Parameter": {"size": [5]}}, "again": {"use": "a"},
             "sum": {"add": {}, "from": ["input", "b"]}, "out": {"add": {}, "from": ["sum", "again"]}}  # fmt: skip
    model = Model.model_validate({"nodes": nodes, "tie": {"b": "a"}})
    resolved = resolve(model, [TensorSpec((2, 5))])
    assert resolved.problems == () and resolved.totals.parameters == 5
    built = resolved.build()
    assert list(built.state_dict()) == ["a", "b"]
    assert isinstance(built.a, nn.Parameter) and built.a is built.b
    with torch.no_grad():
        built.a.fill_(2)
    assert built(torch.zeros(2, 5)).eq(4).all()
