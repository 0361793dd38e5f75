"""Nodes that are tensors of the module itself, and names of nodes with a hyphen."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import nn

from torchwork.experiment import Model
from torchwork.graph import Resolved, TensorSpec, resolve

LINEAR = {"Linear": {"out_features": 5}}


def resolved(nodes: dict[str, Any], **more: Any) -> Resolved:
    return resolve(Model.model_validate({"nodes": nodes, **more}), [TensorSpec((2, 5))], {"classes": 5})


def test_they_are_attributes_and_nobodys_default_input() -> None:
    nodes = {
        "scale": {"Parameter": {"size": ["classes"], "fill": 2}},
        "fc-1": LINEAR,
        "shift": {"Buffer": {"size": [1, 5], "dtype": "int64", "fill": 1}},
        "relu": "relu",
        "scaled": {"mul": {}, "from": ["relu", "scale"]},
        "out": {"add": {}, "from": ["scaled", "shift"]},
        "unused": {"Buffer": {"size": [1], "persistent": False}},
    }
    found = resolved(nodes)
    assert found.problems == ()
    assert {row.name: row.parameters for row in found.rows if row.parameters} == {"scale": 5, "fc-1": 30}
    module = found.build()
    assert list(module.state_dict()) == ["scale", "shift", "fc-1.weight", "fc-1.bias"]
    given = torch.rand(2, 5)
    assert torch.equal(module(given), module.get_submodule("fc-1")(given).relu() * 2 + 1)
    module(given).sum().backward()
    assert isinstance(module.scale, nn.Parameter) and module.scale.grad is not None


def test_a_module_reads_its_tensors_at_each_call() -> None:
    module = resolved({"p": {"Parameter": {"size": [5]}}, "out": {"add": {}, "from": ["input", "p"]}}).build()
    given = torch.rand(2, 5)
    assert torch.equal(torch.func.functional_call(module, {"p": torch.ones(5)}, (given,)), given + 1)
    assert module.double().p.dtype == torch.float64


def test_a_chain_may_hold_one() -> None:
    layers = [{"Parameter": {"size": [5], "fill": 3}, "name": "p"}, LINEAR, {"add": {}, "from": ["1", "p"]}]
    module = resolve(Model.model_validate({"layers": layers}), [TensorSpec((2, 5))]).build()
    given = torch.rand(2, 5)
    assert torch.equal(module(given), module.get_submodule("1")(given) + 3)


P = {"size": [5]}


@pytest.mark.parametrize(
    ("node", "sentence"),
    [
        ({"Parameter": P, "from": "input"}, "takes no input, got `input`"),
        ({"Parameter": P, "repeat": 2}, "a parameter is not called"),
        ("Parameter", "Parameter needs size"),
        ({"Parameter": {"size": ["clases"]}}, "unknown name `clases`"),
        ({"Parameter": {"size": [5], "init": "xavier_uniform_"}}, "fewer than 2 dimensions"),
        ({"Parameter": {"size": [5], "init": "normal"}}, "expected the name of an initializer, got 'normal'"),
        ({"Parameter": {"size": [5], "dtype": "int64"}}, "only Tensors of floating point"),
        ({"Buffer": {"size": [5], "value": [1, 2]}}, "value has 2 numbers, but size [5] holds 5"),
        ({"Buffer": {"size": [5], "init": "normal_"}}, "Buffer has no argument 'init'"),
    ],
)
def test_what_is_wrong_is_said_in_one_sentence(node: Any, sentence: str) -> None:
    (problem,) = resolved({"own": node, "out": LINEAR}).problems
    assert sentence in problem.message
    assert problem.path.startswith("model.nodes.own")


def test_no_definition_is_called_so() -> None:
    (problem,) = resolved({"out": LINEAR}, modules={"Buffer": {"layers": ["ReLU"]}}).problems
    assert "a module cannot be called Buffer" in problem.message


def test_a_hyphen_is_part_of_a_name() -> None:
    nodes = {"a-1": LINEAR, "b": LINEAR, "out": {"cat": {"dim": 1}, "from": ["a-1", "a-2"]}}
    (problem,) = resolved(nodes).problems
    assert problem.message == "there is no node or input called a-2"
    assert problem.fix == "did you mean a-1?"
