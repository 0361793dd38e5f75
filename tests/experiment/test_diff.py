"""What changed between two documents: values, nodes, wiring, order and definitions."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from torchwork.experiment import Experiment, ModelDocument, diff, told


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
    assert [change.path for change in found] == ["seed", "model.layers[0]", "name"]


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        (chain(linear(3), "ReLU"), chain(linear(4), "ReLU"), ["`0` Linear out_features 3 -> 4"]),
        (chain(linear(3), linear(2)), chain(linear(3), "ReLU", linear(2)), ["added ReLU `1` after Linear `0`"]),
        (chain(linear(3, name="conv1"), "ReLU"), chain(linear(3, name="conv1"), {"GELU": {}, "name": "n"}, "ReLU"),
         ["added GELU `n` after `conv1`"]),
        (chain("ReLU"), chain(linear(3), "ReLU"), ["added Linear(out_features=3) `0` at the beginning"]),
        (chain(linear(3)), chain(linear(3), linear(3)), ["added Linear(out_features=3) `1` after Linear `0`"]),
        (chain(linear(3), "ReLU"), chain(linear(3)), ["removed ReLU `1`"]),
        (chain(linear(3), "ReLU", linear(2)), chain(linear(3), "GELU", linear(2)), ["`1` ReLU became GELU"]),
        (chain(linear(3, name="a")), chain(linear(3, name="b")), ["`b` Linear was called `a`"]),
        (chain(linear(3)), chain(linear(3, name="b")), ["`b` Linear was without a name (`0`)"]),
        (chain(linear(3, name="a"), linear(5, name="b")), chain(linear(5, name="b"), linear(3, name="a")),
         ["`a` Linear moved after `b`"]),
        (chain("ReLU", "Tanh", linear(3), "Dropout"), chain("ReLU", linear(3), "Dropout", "Tanh"),
         ["`3` Tanh moved after Dropout `2`"]),
        (chain("ReLU", linear(3), "Dropout"), chain("Dropout", "ReLU", linear(3)),
         ["`0` Dropout moved to the beginning"]),
        (chain(linear(3, name="a")), chain({"ReLU": {}, "name": "a"}), ["`a` Linear became ReLU"]),
        (chain(linear(3), "ReLU"), chain(linear(3, repeat=2), "ReLU"), ["`0` Linear repeat 1 -> 2"]),
        (chain("ReLU"), chain("ReLU", outputs=["0", "input"]), ["returns `0` and `input` instead of its last node"]),
        (chain("ReLU", outputs=["0"]), chain("Tanh", "ReLU", outputs=["1"]), ["added Tanh `0` at the beginning"]),
        (chain("ReLU", {"use": "0"}), chain("Tanh", "ReLU", {"use": "1"}), ["added Tanh `0` at the beginning"]),
        (chain("ReLU", "Tanh", {"use": "0"}), chain("ReLU", "Tanh", {"use": "1"}),
         ["`2` (again `1`) is another call of `1` instead of `0`"]),
        (chain("ReLU"), chain("ReLU", {"use": "0"}), ["added another call of `0` as `1` after ReLU `0`"]),
        (chain("ReLU", inputs=["x"]), chain("ReLU", inputs=["y"]), ["inputs x -> y"]),
        (chain("ReLU"), chain("ReLU", tie={"a": "b"}), ["tied `a` to `b`"]),
        (chain("ReLU", tie={"a": "b"}), chain("ReLU", tie={"a": "c"}), ["tied `a` to `c` instead of `b`"]),
        (chain("ReLU", tie={"a": "b"}), chain("ReLU"), ["`a` is not tied to `b` any more"]),
        (chain("ReLU"), chain("ReLU", weights="net.pt"), ["weights none -> net.pt"]),
    ],
)  # fmt: skip
def test_chains(before: dict[str, Any], after: dict[str, Any], said: list[str]) -> None:
    assert words(before, after) == [f"model: {text}" for text in said]


def test_graphs_are_rewired_and_a_new_name_is_no_new_wiring() -> None:
    nodes = {"a": "ReLU", "b": {"ReLU": {}, "from": "input"}, "out": {"add": {}, "from": ["a", "b"]}}
    other = {"a": "ReLU", "b": {"ReLU": {}, "from": "a"}, "out": {"add": {}, "from": ["a", "b"]}}
    assert words({"nodes": nodes}, {"nodes": other}) == ["model: `b` ReLU takes `a` instead of `input`"]
    renamed = {"first": "ReLU", "b": nodes["b"], "out": {"add": {}, "from": ["first", "b"]}}
    assert words({"nodes": nodes}, {"nodes": renamed}) == ["model: `first` ReLU was called `a`"]
    branch = {"a": "ReLU", "b": nodes["b"], "c": {"Tanh": {}, "from": "input"}, "out": nodes["out"]}
    assert words({"nodes": nodes}, {"nodes": branch}) == ["model: added Tanh `c` on `input`"]


def test_a_changed_definition_names_its_users() -> None:
    before = {"Block": {"arguments": {"n": 1}, "layers": [linear(3)]}}
    after = {"Block": {"arguments": {"n": 2}, "layers": [linear(4)]}}
    layers = [{"Block": {}, "name": "first"}, "Block"]
    assert words(chain(*layers, modules=before), chain(*layers, modules=after)) == [
        "Block (used by first and 1): arguments: n 1 -> 2",
        "Block (used by first and 1): `0` Linear out_features 3 -> 4",
    ]
    assert words(chain("ReLU"), chain("ReLU", modules=before)) == [
        "model: added the definition Block (not used): Linear"
    ]


def test_a_definition_that_is_used_once_is_called_by_its_place() -> None:
    inner = [
        {"Inner": {"layers": [linear(size)]}, "Block": {"layers": [{"Inner": {}, "name": "fc"}]}} for size in (3, 4)
    ]
    models = [chain({"Block": {}, "name": "head"}, modules=modules) for modules in inner]
    assert words(*models) == ["head.fc: `0` Linear out_features 3 -> 4"]


def test_a_renamed_definition_is_told_with_what_changed_in_it() -> None:
    body = [linear(3), "ReLU", linear(4), "Tanh"]
    before = chain({"Stage": {}, "name": "head"}, modules={"Stage": {"layers": body}})
    same = chain({"Block": {}, "name": "head"}, modules={"Block": {"layers": body}})
    assert words(before, same) == ["head: the definition Stage is now called Block"]
    nearly = chain({"Block": {}, "name": "head"}, modules={"Block": {"layers": [*body[:3], "GELU"]}})
    assert words(before, nearly) == ["head: the definition Stage is now called Block", "head: `3` Tanh became GELU"]
    other = chain({"Block": {}, "name": "head"}, modules={"Block": {"layers": ["Flatten", linear(7)]}})
    assert words(before, other) == [
        "model: `head` Stage became Block",
        "model: added the definition Block (used by head): Flatten and Linear",
        "model: removed the definition Stage (used by head)",
    ]


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ({}, {"n": None}, "n added, which must be given"),
        ({}, {"n": 2}, "n = 2 added"),
        ({"n": None}, {}, "n removed"),
        ({"n": None}, {"n": 2}, "n no default -> 2"),
    ],
)
def test_arguments_of_a_definition(before: dict[str, Any], after: dict[str, Any], said: str) -> None:
    models = [
        chain({"B": {}, "name": "b"}, modules={"B": {"arguments": args, "layers": ["ReLU"]}})
        for args in (before, after)
    ]
    assert words(*models) == [f"b: arguments: {said}"]


def test_the_default_of_a_definition_written_out_is_no_change() -> None:
    modules = {"B": {"arguments": {"n": 2}, "layers": [linear(3)]}}
    assert words(chain("B", modules=modules), chain({"B": {"n": 2}}, modules=modules)) == []
    assert words(chain("B", modules=modules), chain({"B": {"n": 3}}, modules=modules)) == ["model: `0` B n 2 -> 3"]


def test_code_is_counted_in_lines() -> None:
    modules = [{"Own": {"code": f"class Own:\n    x = {value}\n"}} for value in (1, 2)]
    assert words(chain("Own", modules=modules[0]), chain("Own", modules=modules[1])) == [
        "Own (used by 0): the code changed: 1 line added, 1 removed"
    ]


def test_a_reader_is_told_in_few_lines() -> None:
    def lines(before: dict[str, Any], after: dict[str, Any]) -> list[str]:
        documents = (ModelDocument.parse({"model": model}) for model in (before, after))
        return list(map(str, told(diff(*documents))))

    plain = [linear(3), "ReLU", linear(4), "ReLU", linear(5), "ReLU"]
    normed = [layer for layer in plain for layer in ([layer, "Dropout"] if layer != "ReLU" else [layer])]
    assert lines(chain(*plain), chain(*normed)) == ["model: added Dropout after Linear, 3 times: `1`, `4` and `7`"]
    assert lines(chain(*normed), chain(*plain)) == ["model: removed Dropout, 3 times: `1`, `4` and `7`"]
    changed = [{"Dropout": {"p": 0.2, "inplace": True}} if layer == "Dropout" else layer for layer in normed]
    assert lines(chain(*normed), chain(*changed)) == [
        "model: `1`, `4` and `7` Dropout p default -> 0.2, inplace default -> true"
    ]
    blocks = [{"Block": {"layers": [linear(size), activation]}} for size, activation in ((3, "ReLU"), (4, "Tanh"))]
    twice = [{"Block": {}, "name": "a"}, {"Block": {}, "name": "b"}]
    assert lines(chain(*twice, modules=blocks[0]), chain(*twice, modules=blocks[1])) == [
        "Block (used by a and b): `0` Linear out_features 3 -> 4",
        "Block: `1` ReLU became Tanh",
    ]


def test_a_parameter_of_a_module_stands_in_nobodys_way() -> None:
    nodes = {"fc": linear(3), "act": "ReLU"}
    more = {"fc": linear(3), "scale": {"Parameter": {"size": [3]}}, "act": "ReLU"}
    assert words({"nodes": nodes}, {"nodes": more}) == ["model: added Parameter(size=[3]) `scale` after `fc`"]


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow])
@given(st.data())
def test_documents_differ_exactly_when_something_is_said(documents: SearchStrategy[Any], data: st.DataObject) -> None:
    before, after = (Experiment.parse(data.draw(documents)) for _ in range(2))
    assert diff(before, before) == [] and diff(before, Experiment.loads(before.dumps())) == []
    if before != after:
        assert diff(before, after)


def test_what_is_of_the_sheet_is_told_shortly() -> None:
    before = chain(linear(3, at=[0, 0]), linear(4), "ReLU")
    after = chain(linear(3, at=[40, 0]), linear(4, at=[40, 90.5], note="wide"), {"ReLU": {}, "bypass": True})
    assert words(before, after) == [
        "model: `1` Linear has another note",
        "model: `2` ReLU is bypassed",
        "model: 2 nodes placed elsewhere on the sheet",
    ]
    assert words(after, before)[1] == "model: `2` ReLU is not bypassed any more"


def test_inputs_that_are_not_connected() -> None:
    add = {"add": {}, "from": ["0", "1"]}
    assert words(chain("ReLU", "ReLU", add), chain("ReLU", "ReLU", {**add, "from": ["0", ""]})) == [
        "model: `2` add takes ReLU `0` and nothing instead of ReLU `0` and ReLU `1`"
    ]
    assert words(chain("ReLU", "ReLU"), chain("ReLU", {"ReLU": {}, "from": []})) == [
        "model: `1` ReLU takes nothing instead of ReLU `0`"
    ]
    assert words(chain("ReLU"), chain("ReLU", {"GELU": {}, "from": [""]})) == ["model: added GELU `1` on nothing"]
    assert words(chain(), chain("ReLU")) == ["model: added ReLU `0` at the beginning"]
