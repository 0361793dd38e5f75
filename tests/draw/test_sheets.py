"""The levels of a document as they are drawn, whatever stands in it."""

from __future__ import annotations

import random
from copy import deepcopy
from typing import Any

import pytest

from torchwork.draw import levels
from torchwork.experiment import Model, files
from torchwork.graph.wiring import wire

from .documents import ALL, LSTM, RESIDUAL, SHARED, TWO_INPUTS, document

GARBAGE: list[Any] = [None, 5, -1.5, True, "", "x", "a[0]", [], {}, [[]], {"a": 1, "b": 2}, {1: 2}, [None], {"": ""}]


def test_a_level_with_all_its_links() -> None:
    model, block = levels(document(RESIDUAL))
    assert (model.name, model.place, model.inputs, model.outputs) == ("", "model", ("input",), ("fc",))
    assert (block.name, block.place, block.arguments) == ("Block", "model.modules.Block", {"channels": 16})
    third = model.nodes[3]
    assert (third.name, third.place, third.part, third.sources, third.repeat) == (
        "layer3", "model.nodes.layer3", "Block", ("layer2",), 3
    )  # fmt: skip
    assert block.nodes[5].sources == ("bn2", "input") and block.nodes[5].place == "model.modules.Block.nodes.add"


def test_inputs_outputs_elements_calls() -> None:
    assert levels(document(TWO_INPUTS))[0].outputs == ("head", "fc")
    assert levels(document(LSTM))[0].nodes[2].sources == ("lstm[1][0]",)
    assert levels(document(SHARED))[0].nodes[2].use == "first" and levels(document(SHARED))[0].nodes[2].part == ""


def test_a_chain_with_all_that_a_node_can_say() -> None:
    text = """
layers:
  - ReLU
  - {Linear: {out_features: 2}, name: fc, bypass: true, note: hm, at: [1, 2]}
  - {add: {}, from: [fc, ""]}
  - {Parameter: {size: [1]}}
"""
    (sheet,) = levels(document(text))
    assert sheet.chain and [node.name for node in sheet.nodes] == ["0", "fc", "2", "3"]
    fc = sheet.nodes[1]
    assert (fc.bypass, fc.note, fc.at, fc.place) == (True, "hm", (1, 2), "model.layers[1]")
    assert sheet.nodes[2].sources == ("fc", "") and sheet.nodes[3].sources == () and sheet.outputs == ("2",)


def test_what_is_no_node_is_unknown_and_what_is_no_level_is_left_out() -> None:
    model = {"nodes": {"a": 5, "b": {"from": "a"}}, "modules": {"A": 3, "B": {"code": "class B: ..."}}}
    sheet, code = levels({"model": model})
    assert [node.part for node in sheet.nodes] == ["unknown", "unknown"] and code.code == "class B: ..."
    assert levels({}) == levels({"model": 3}) == levels([]) == []


def test_a_name_that_is_there_already_is_drawn_too() -> None:
    (sheet,) = levels({"model": {"layers": [{"ReLU": {}, "name": "a"}, {"Tanh": {}, "name": "a"}]}})
    assert len({node.name for node in sheet.nodes}) == 2


def test_any_garbage_is_drawn() -> None:
    draw = random.Random(1)
    for _ in range(1500):
        broken = deepcopy(document(draw.choice(list(ALL.values()))))
        for _ in range(draw.randint(1, 4)):
            _break(broken, draw)
        assert all(isinstance(node.name, str) for sheet in levels(broken) for node in sheet.nodes), files.write(broken)


def _break(value: Any, draw: random.Random) -> None:
    """Put garbage in one place of a document."""
    while True:
        keys = list(value) if isinstance(value, dict) else list(range(len(value)))
        if not keys:
            return
        key = draw.choice(keys)
        if isinstance(value[key], dict | list) and value[key] and draw.random() < 0.8:
            value = value[key]
            continue
        value[key] = deepcopy(draw.choice(GARBAGE))
        if isinstance(value, dict) and draw.random() < 0.3:
            value[draw.choice(["from", "use", "repeat", "at", "name", "layers", "nodes", "outputs"])] = draw.choice(
                GARBAGE
            )
        return


@pytest.mark.parametrize("name", ALL)
def test_links_are_those_that_the_graph_calls(name: str) -> None:
    plain = document(ALL[name])
    model = Model.model_validate(plain["model"])
    for sheet in levels(plain):
        wiring = wire(model.modules[sheet.name] if sheet.name else model, sheet.place)
        assert [node.name for node in sheet.nodes] == list(wiring.steps)
        assert sheet.outputs == tuple(map(str, wiring.outputs)) and sheet.inputs == wiring.inputs
        for node in sheet.nodes:
            step = wiring.steps[node.name]
            assert node.sources == tuple(map(str, step.sources)) and node.place == step.path
