"""What changed between two documents: values, nodes, wiring, order and definitions."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from torchwork.experiment import Experiment, ModelDocument, diff


def document(model: dict[str, Any], **sections: Any) -> Experiment:
    return Experiment.parse({"data": {"source": "Shapes"}, "loss": "MSELoss", "model": model, **sections})


def words(before: dict[str, Any], after: dict[str, Any]) -> list[str]:
    documents = (ModelDocument.parse({"model": model}) for model in (before, after))
    return [str(change) for change in diff(*documents)]


def chain(*layers: Any, **more: Any) -> dict[str, Any]:
    return {"layers": [*layers], **more}


def linear(size: int, **more: Any) -> dict[str, Any]:
    return {"Linear": {"out_features": size}, **more}


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ({"train": {"epochs": 10}}, {"train": {"epochs": 3}}, "train.epochs: 10 -> 3"),
        ({"optimizer": {"Adam": {"lr": 0.01}}}, {"optimizer": "Adam"}, "optimizer.Adam.lr: 0.01 -> the default"),
        ({"optimizer": {"Adam": {"lr": 0.01}}}, {"optimizer": {"SGD": {"lr": 0.1}}},
         "optimizer: Adam(lr=0.01) -> SGD(lr=0.1)"),
        ({}, {"schedule": {"StepLR": {"step_size": 2}}}, "schedule: the default -> StepLR(step_size=2)"),
        ({"data": {"source": "Shapes", "augment": ["A", "B"]}}, {"data": {"source": "Shapes", "augment": ["B"]}},
         "data.augment[0]: removed A"),
        ({"seed": 0}, {"seed": 1}, "seed: 0 -> 1"),
    ],
)  # fmt: skip
def test_settings(before: dict[str, Any], after: dict[str, Any], said: str) -> None:
    (change,) = diff(document(chain("ReLU"), **before), document(chain("ReLU"), **after))
    assert str(change) == said


def test_settings_stand_before_the_model_and_names_behind() -> None:
    found = diff(document(chain("ReLU"), name="a"), document(chain("GELU"), name="b", seed=3))
    assert [change.path for change in found] == ["seed", "model.layers[0]", "model.layers[0]", "name"]


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        (chain(linear(3), "ReLU"), chain(linear(4), "ReLU"), ["model.layers[0].Linear.out_features: 3 -> 4"]),
        (chain(linear(3), linear(2)), chain(linear(3), "ReLU", linear(2)), ["model.layers[1]: added ReLU(), on 0"]),
        (chain(linear(3), "ReLU"), chain(linear(3)), ["model.layers[1]: removed ReLU()"]),
        (chain(linear(3, name="a")), chain(linear(3, name="b")), ["model.layers[0]: renamed from a to b"]),
        (chain(linear(3, name="a"), linear(5, name="b")), chain(linear(5, name="b"), linear(3, name="a")),
         ["model.layers[0]: moved to the beginning"]),
        (chain(linear(3, name="a")), chain({"ReLU": {}, "name": "a"}),
         ["model.layers[0]: Linear(out_features=3) became ReLU()"]),
        (chain(linear(3), "ReLU"), chain(linear(3, repeat=2), "ReLU"), ["model.layers[0].repeat: 1 -> 2"]),
        (chain("ReLU"), chain("ReLU", outputs=["0", "input"]), ["model.outputs: the default -> [\"0\", \"input\"]"]),
        (chain("ReLU"), chain("ReLU", tie={"a": "b"}), ["model.tie: the default -> {\"a\": \"b\"}"]),
    ],
)  # fmt: skip
def test_chains(before: dict[str, Any], after: dict[str, Any], said: list[str]) -> None:
    assert words(before, after) == said


def test_graphs_are_rewired_and_a_new_name_is_no_new_wiring() -> None:
    nodes = {"a": "ReLU", "b": {"ReLU": {}, "from": "input"}, "out": {"add": {}, "from": ["a", "b"]}}
    other = {"a": "ReLU", "b": {"ReLU": {}, "from": "a"}, "out": {"add": {}, "from": ["a", "b"]}}
    assert words({"nodes": nodes}, {"nodes": other}) == ["model.nodes.b: takes a instead of input"]
    renamed = {"first": "ReLU", "b": nodes["b"], "out": {"add": {}, "from": ["first", "b"]}}
    assert words({"nodes": nodes}, {"nodes": renamed}) == ["model.nodes.first: renamed from a to first"]


def test_a_changed_definition_names_its_users() -> None:
    before = {"Block": {"arguments": {"n": 1}, "layers": [linear(3)]}}
    after = {"Block": {"arguments": {"n": 2}, "layers": [linear(4)]}}
    layers = [{"Block": {}, "name": "first"}, "Block"]
    assert words(chain(*layers, modules=before), chain(*layers, modules=after)) == [
        "model.modules.Block.arguments.n: 1 -> 2 (used by first and 1)",
        "model.modules.Block.layers[0].Linear.out_features: 3 -> 4 (used by first and 1)",
    ]
    assert words(chain("ReLU"), chain("ReLU", modules=before)) == [
        "model.modules.Block: added the definition Block (not used)"
    ]


def test_code_is_counted_in_lines() -> None:
    modules = [{"Own": {"code": f"class Own:\n    x = {value}\n"}} for value in (1, 2)]
    assert words(chain("Own", modules=modules[0]), chain("Own", modules=modules[1])) == [
        "model.modules.Own.code: the code changed: 1 lines added, 1 removed (used by 0)"
    ]


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow])
@given(st.data())
def test_documents_differ_exactly_when_something_is_said(documents: SearchStrategy[Any], data: st.DataObject) -> None:
    before, after = (Experiment.parse(data.draw(documents)) for _ in range(2))
    assert diff(before, before) == [] and diff(before, Experiment.loads(before.dumps())) == []
    if before != after:
        assert diff(before, after)
