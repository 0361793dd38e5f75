"""References, order of calls, and Graph's own behaviour."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import nn

from torchwork.experiment import Definition
from torchwork.graph import TensorSpec
from torchwork.graph.value import Unknown
from torchwork.graph.wiring import Ref, wire

from .graph_models import resolved, told


def test_by_default_a_node_takes_from_the_one_before() -> None:
    wiring = wire(Definition.model_validate({"nodes": {"a": "ReLU", "b": "ReLU"}}), "model")
    assert wiring.steps["a"].sources == (Ref("input"),)
    assert wiring.steps["b"].sources == (Ref("a"),)
    assert wiring.outputs == (Ref("b"),) and wiring.single


def test_the_first_node_takes_all_inputs() -> None:
    wiring = wire(Definition.model_validate({"inputs": ["x", "y"], "nodes": {"a": "add"}}), "model")
    assert wiring.steps["a"].sources == (Ref("x"), Ref("y"))


def test_calls_follow_the_document_where_they_can() -> None:
    nodes = {
        "d": {"ReLU": {}, "from": "c"},
        "a": {"ReLU": {}, "from": "input"},
        "b": "ReLU",
        "c": "ReLU",
        "e": {"ReLU": {}, "from": "d"},
    }
    wiring = wire(Definition.model_validate({"nodes": nodes}), "model")
    assert wiring.order == ("a", "b", "c", "d", "e")


def test_a_long_chain_listed_backwards() -> None:
    count = 3000
    nodes = {f"n{place}": {"relu": {}, "from": f"n{place + 1}"} for place in range(count)} | {
        f"n{count}": {"relu": {}, "from": "input"}
    }
    found = resolved({"nodes": nodes, "outputs": "n0"}, (2, 3))
    assert told(found) == []
    assert found.rows[0].name == f"n{count}"


def test_nested_elements() -> None:
    wiring = wire(Definition.model_validate({"nodes": {"a": "GRU", "b": {"ReLU": {}, "from": "a[1][-2]"}}}), "model")
    assert wiring.steps["b"].sources == (Ref("a", (1, -2)),)
    assert str(wiring.steps["b"].sources[0]) == "a[1][-2]"


def test_what_is_not_connected_is_one_problem_and_grey_behind() -> None:
    nodes = {
        "a": "ReLU",
        "sum": {"add": {}, "from": ["a", ""]},
        "fc": {"Linear": {"out_features": 3}},
        "two": {"Bilinear": {"out_features": 3}, "from": []},
        "row": {"Linear": {"out_features": 3}, "from": "", "repeat": 2},
    }
    found = resolved({"nodes": nodes, "outputs": ["fc", ""]}, (2, 4))
    assert told(found) == [
        "model.nodes.sum.from[1]: input 2 of add is not connected (wire something to it)",
        "model.nodes.two.from: the input of Bilinear is not connected (wire something to it)",
        "model.nodes.row.from: the input of Linear is not connected (wire something to it)",
        "model.outputs[1]: the output is not connected (wire something to it)",
    ]
    assert {row.name: isinstance(row.output, Unknown) for row in found.rows if row.depth == 0} == {
        "a": False, "sum": True, "fc": True, "two": True, "row": True,
    }  # fmt: skip


@pytest.mark.parametrize("body", ["layers", "nodes"])
def test_a_level_without_nodes_is_a_problem_of_it(body: str) -> None:
    empty: Any = [] if body == "layers" else {}
    assert told(resolved({body: empty}, (2, 4))) == [f"model.{body}: the model has no layers yet (add one)"]
    model = {"modules": {"Block": {body: empty}}, "layers": ["Block", {"Linear": {"out_features": 3}}]}
    assert told(resolved(model, (2, 4))) == [f"model.modules.Block.{body}: Block has no layers yet (add one)"]


def test_a_bypassed_node_lets_its_first_input_through() -> None:
    nodes = {
        "a": "ReLU",
        "b": {"Linear": {"out_features": 9}, "bypass": True},
        "c": {"add": {}, "from": ["b", ""], "bypass": True},
        "d": {"add": {}, "from": ["c", "input"]},
        "e": {"Wrong": {}, "bypass": True},
    }
    wiring = wire(Definition.model_validate({"nodes": nodes}), "model")
    assert wiring.order == ("a", "d") == tuple(wiring.steps)
    assert wiring.steps["d"].sources == (Ref("a"), Ref("input")) and wiring.outputs == (Ref("d"),)
    found = resolved({"nodes": nodes}, (2, 4))
    assert told(found) == [] and [row.name for row in found.rows] == ["a", "d"]
    assert list(found.build().state_dict()) == []


def test_a_chain_with_a_bypassed_item_keeps_the_names_of_its_weights() -> None:
    layers = [
        {"Linear": {"out_features": 5}},
        {"Dropout": {}, "bypass": True},
        {"Linear": {"out_features": 3}},
        {"Softmax": {}, "bypass": True},
    ]
    found = resolved({"layers": layers}, (2, 4))
    built = found.build()
    assert type(built) is nn.Sequential
    assert list(built.state_dict()) == ["0.weight", "0.bias", "2.weight", "2.bias"]
    assert found.output == TensorSpec((2, 3))


def test_all_bypassed_is_the_input() -> None:
    found = resolved({"layers": [{"ReLU": {}, "bypass": True}]}, (2, 4))
    x = torch.rand(2, 4)
    assert told(found) == [] and found.build()(x) is x


def test_a_bypassed_node_keeps_the_module_that_others_call() -> None:
    nodes = {
        "fc": {"Linear": {"out_features": 4}, "bypass": True},
        "again": {"use": "fc"},
        "last": {"use": "again"},
    }
    found = resolved({"nodes": nodes}, (2, 4))
    assert told(found) == [] and [row.name for row in found.rows] == ["again", "last"]
    built = found.build()
    assert list(built.state_dict()) == ["fc.weight", "fc.bias"]
    x = torch.rand(2, 4)
    assert torch.equal(built(x), built.fc(built.fc(x)))


@pytest.mark.parametrize(
    ("nodes", "problem"),
    [
        (
            {"p": {"Parameter": {"size": [4]}, "bypass": True}, "a": {"add": {}, "from": ["input", "p"]}},
            "model.nodes.p.bypass: p is bypassed, but it takes no input that it could let through (remove `bypass:`)",
        ),
        (
            {"a": {"ReLU": {}, "from": "", "bypass": True}, "b": "ReLU"},
            "model.nodes.a.from: the input of ReLU is not connected (wire something to it)",
        ),
        (
            {
                "a": {"ReLU": {}, "from": "b", "bypass": True},
                "b": {"ReLU": {}, "from": "a", "bypass": True},
                "c": "ReLU",
            },
            "model.nodes.a.from: the nodes form a cycle: a -> b -> a (a node can only use what was computed before it)",
        ),
        (
            {"a": {"ReLU": {}, "from": "b", "bypass": True}, "b": {"ReLU": {}, "from": "a"}},
            "model.nodes.b.from: the nodes form a cycle: b -> b (a node can only use what was computed before it)",
        ),
    ],
)
def test_what_a_bypassed_node_cannot_do(nodes: dict[str, Any], problem: str) -> None:
    assert told(resolved({"nodes": nodes}, (2, 4))) == [problem]


def test_an_element_of_a_bypassed_node_is_one_of_its_input() -> None:
    nodes = {
        "a": {"LSTM": {"hidden_size": 3}},
        "b": {"Identity": {}, "bypass": True},
        "c": {"ReLU": {}, "from": "b[0]"},
    }
    wiring = wire(Definition.model_validate({"nodes": nodes}), "model")
    assert wiring.steps["c"].sources == (Ref("a", (0,)),)
