"""The drawing of a text beside its code: lines of nodes, states, ports, counts of what modules hold."""

from __future__ import annotations

from typing import Any

import pytest

from torchwork.answer.drawing import draw

RESIDUAL = """name: net
model:
  example: [2x3x8x8]
  modules:
    Block:
      nodes:
        conv1: {Conv2d: {out_channels: 8, kernel_size: 3, padding: 1}, from: input}
        relu1: ReLU
        conv2: {Conv2d: {out_channels: 8, kernel_size: 3, padding: 1}}
        short: {Conv2d: {out_channels: 8, kernel_size: 1}, from: input}
        sum: {add: {}, from: [conv2, short]}
        again: {use: relu1}
  nodes:
    first: {Block: {}, from: input}
    flat: Flatten
    token: {Parameter: {size: [8, 512]}}
    mix: {matmul: {}, from: [flat, scale]}
    scale: {transpose: {dim0: 0, dim1: 1}, from: token}
  outputs: mix
"""
SEQUENCE = """model:
  example: [2x7x5]
  nodes:
    rnn: {LSTM: {hidden_size: 6, batch_first: true}, from: input}
    last: {select: {dim: 1, index: -1}, from: "rnn[0]"}
"""
CODE = """model:
  example: [2x3]
  modules: {Own: {code: "from torch import nn\\nclass Own(nn.Module):\\n  def forward(self, x):\\n    return x\\n"}}
  layers: [{Linear: {out_features: 4}}, Own, ReLU]
"""


def levels(text: str) -> dict[str, dict[str, Any]]:
    return {level["name"]: level for level in draw(text, "x.yaml", {})["levels"]}


def nodes(level: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {node["name"]: node for node in level["nodes"]}


@pytest.mark.parametrize(
    ("level", "node", "made", "call"),
    [
        ("Block", "conv1", "self.conv1 = nn.Conv2d", "self.conv1(x)"),
        ("Block", "short", "self.short = nn.Conv2d", "self.short("),
        ("Block", "sum", None, " + "),
        ("Block", "again", None, "return self.relu1("),
        ("", "first", "self.first = Block(", "self.first(x)"),
        ("", "flat", "self.flat = nn.Flatten", "self.flat("),
        ("", "token", "self.token = nn.Parameter", None),
        ("", "mix", None, "@"),
    ],
)
def test_a_node_knows_its_lines(level: str, node: str, made: str | None, call: str | None) -> None:
    found = draw(RESIDUAL, "x.yaml", {})
    assert found["faults"] == []
    drawn = nodes(next(item for item in found["levels"] if item["name"] == level))[node]
    lines = found["code"].split("\n")
    assert made in lines[drawn["made"] - 1] if made else drawn["made"] is None
    if call:
        first, last = drawn["lines"]
        assert call in "\n".join(lines[first - 1 : last]) and first == last


def test_a_module_counts_all_that_it_holds() -> None:
    found = levels(RESIDUAL)
    inner = [node["parameters"] for node in found["Block"]["nodes"]]
    assert nodes(found[""])["first"]["parameters"] == sum(inner) == 3 * 8 * 9 + 8 + 8 * 8 * 9 + 8 + 3 * 8 + 8
    assert nodes(found[""])["first"]["macs"] == sum(node["macs"] for node in found["Block"]["nodes"])
    assert nodes(found["Block"])["again"]["type"] == "ReLU" and nodes(found["Block"])["again"]["kind"] == "use"


def test_a_tuple_has_several_outputs_and_its_elements_are_sources() -> None:
    drawn = nodes(levels(SEQUENCE)[""])
    assert drawn["rnn"]["outputs"] == ["B×7×6", "(1×B×6, 1×B×6)"]
    assert drawn["last"]["inputs"][0] == {"name": "input", "source": "rnn[0]", "shape": "B×7×6", "needed": True}
    assert [(port["name"], port["needed"]) for port in drawn["rnn"]["inputs"]] == [("input", True), ("hx", False)]


def test_code_is_unknown_and_so_is_what_follows() -> None:
    found = draw(CODE, "x.yaml", {})
    [outer, inner] = found["levels"]
    assert [node["state"] for node in outer["nodes"]] == ["right", "unknown", "unknown"]
    assert [node["kind"] for node in outer["nodes"]] == ["layer", "code", "layer"]
    assert "class Own" in inner["code"] and not found["can_train"]


def test_an_input_that_takes_nothing_has_a_port_without_a_source() -> None:
    text = "model: {example: [2x3], nodes: {a: {Linear: {out_features: 3}, from: input}, s: {add: {}, from: [a, '']}}}"
    found = draw(text, "x.yaml", {})
    ports = nodes(found["levels"][0])["s"]["inputs"]
    assert [(port["name"], port["source"], port["shape"]) for port in ports] == [
        ("input", "a", "B×3"),
        ("other", "", ""),
    ]
    assert (found["faults"][0]["node"], found["faults"][0]["input"]) == ("s", 1)


def test_a_model_whose_inputs_nobody_knows_is_drawn_without_code() -> None:
    found = draw("model: {layers: [{Linear: {out_features: 4}}, ReLU]}", "bare.yaml", {})
    assert [node["type"] for node in found["levels"][0]["nodes"]] == ["Linear", "ReLU"]
    assert found["code"] == ""


def test_a_tensor_of_the_module_has_no_batch() -> None:
    found = draw(
        "model:\n  example: [64x8x64]\n  nodes:\n    places: {Parameter: {size: [1, 64, 64]}}\n"
        "    add: {add: {}, from: [input, places]}\n",
        "x.yaml",
        {},
    )
    [places, add] = found["levels"][0]["nodes"]
    assert places["outputs"] == ["1×64×64"] and [port["shape"] for port in add["inputs"]] == ["B×8×64", "1×64×64"]
