"""Nodes become a definition, and a definition becomes nodes: shapes and parameters stay what they are."""

from __future__ import annotations

import random
from typing import Any

import pytest

from torchwork.draw import apply, levels
from torchwork.draw.edit import Add, Connect, Disconnect, Group, Move, Rename, Share, Unpack
from torchwork.experiment import Model
from torchwork.graph import TensorSpec, resolve
from torchwork.graph.value import text

from .documents import ALL, CHAIN, LSTM, RESIDUAL, SHARED, TWO_INPUTS, UNET, applied, document, links, said


def meaning(model: dict[str, Any]) -> tuple[str, list[int]]:
    """What a model gives, and the sizes of its parameters, whatever they are called."""
    specs = []
    for written in model["example"]:
        shape, _, dtype = written.partition(" ")
        specs.append(TensorSpec(tuple(map(int, shape.split("x"))), dtype or "float32"))
    found = resolve(Model.model_validate(model), specs)
    assert not found.problems, found.problems
    return text(found.output), sorted(row.parameters for row in found.rows if row.parameters)


@pytest.mark.parametrize("name", ALL)
def test_any_group_means_the_same_and_unpacks_to_the_same(name: str) -> None:
    draw = random.Random(name)
    start = document(ALL[name])
    (sheet, *_) = levels(start)
    keys = [node.name for node in sheet.nodes]
    tried = 0
    for _ in range(40):
        nodes = draw.sample(keys, draw.randint(1, len(keys)))
        try:
            grouped = apply(start, [Group(nodes=nodes, name="Part")])
        except Exception as error:  # which ones cannot be grouped is tested below
            assert "lies between" in str(error) or "only one of them" in str(error)
            continue
        tried += 1
        assert meaning(grouped.document["model"]) == meaning(start["model"])
        back = apply(grouped.document, [Unpack(node=grouped.selected[0])]).document["model"]
        assert meaning(back) == meaning(start["model"])
        assert links(back) == links(start["model"]) or name == "chain"
        assert back.get("modules") == start["model"].get("modules") and back.get("tie") == start["model"].get("tie")
    assert tried > 4


def test_a_chain_stays_a_chain_and_comes_back_as_it_was() -> None:
    grouped = apply(document(CHAIN), [Group(nodes=["1", "2"])])
    assert grouped.document["model"]["layers"][1] == "Block" and grouped.selected == ["1"]
    assert grouped.document["model"]["modules"] == {"Block": {"layers": ["ReLU", {"MaxPool2d": {"kernel_size": 2}}]}}
    assert apply(grouped.document, [Unpack(node="1")]).document == document(CHAIN)


def test_arguments_of_the_level_around_are_handed_on() -> None:
    model = applied(RESIDUAL, Group(level="Block", nodes=["conv2", "bn2", "add"], name="Tail"))
    assert model["modules"]["Block"]["nodes"]["tail"] == {"Tail": {"channels": "channels"}, "from": ["relu1", "input"]}
    assert model["modules"]["Tail"]["arguments"] == {"channels": 16}
    assert model["modules"]["Tail"]["inputs"] == ["relu1", "input"]
    assert meaning(model) == meaning(document(RESIDUAL)["model"])


def test_several_results_are_elements() -> None:
    model = applied(LSTM, Group(nodes=["embed", "lstm"]))
    assert model["modules"]["Block"]["outputs"] == ["lstm[1][0]", "lstm[0]"]
    assert links(model)["last"] == ("block[0]",) and links(model)["all"] == ("block[1]",)


def test_what_a_level_returns_of_a_group() -> None:
    model = applied(TWO_INPUTS, Group(nodes=["fc", "cat", "head"]))
    assert model["outputs"] == ["block[1]", "block[0]"]
    assert model["modules"]["Block"]["inputs"] == ["facts", "flatten"] or model["modules"]["Block"]["inputs"]


def test_names_of_parameters_follow_into_the_group_and_out() -> None:
    start = document(RESIDUAL)
    start["model"]["tie"] = {"layer1.conv1.weight": "layer2.conv1.weight"}
    start["parameters"] = [{"match": "stem.*"}, {"match": "layer3.0.bn1.weight"}]
    grouped = apply(start, [Group(nodes=["stem", "layer1", "layer2"], name="Front")]).document
    assert grouped["model"]["tie"] == {"front.layer1.conv1.weight": "front.layer2.conv1.weight"}
    assert grouped["parameters"] == [{"match": "front.stem.*"}, {"match": "layer3.0.bn1.weight"}]
    assert apply(grouped, [Unpack(node="front")]).document["model"]["tie"] == start["model"]["tie"]
    unpacked = apply(start, [Unpack(node="layer1")]).document
    assert unpacked["model"]["tie"] == {"conv1.weight": "layer2.conv1.weight"}


@pytest.mark.parametrize(
    ("text", "edit", "sentence"),
    [
        (UNET, Group(nodes=["act1", "cat"]), "pool lies between these nodes"),
        (SHARED, Group(nodes=["first", "act"]), "again calls the module of first"),
        (UNET, Group(nodes=["out"], name="a b"), "expected a name of letters"),
        (RESIDUAL, Group(nodes=["fc"], name="Block"), "there is a definition called Block already (call it Block2)"),
        (UNET, Group(nodes=["out"], name="Parameter"), "has a meaning of its own"),
        (UNET, Group(nodes=[]), "got none"),
        (UNET, Unpack(node="out"), "out is Conv2d, no definition of `modules:`"),
        (SHARED, Unpack(node="again"), "again is a call of first, no definition"),
    ],
)
def test_what_cannot_be_grouped_or_unpacked(text: str, edit: Group, sentence: str) -> None:
    assert sentence in said(text, edit)


def test_unpacking_keeps_the_definition_while_others_use_it() -> None:
    once = apply(document(RESIDUAL), [Unpack(node="layer1")])
    assert once.selected == ["conv1", "bn1", "relu1", "conv2", "bn2", "add", "relu2"]
    assert "Block" in once.document["model"]["modules"]
    everything = apply(once.document, [Unpack(node="layer2"), Unpack(node="layer3")]).document["model"]
    assert "modules" not in everything and "layer2_conv1" in everything["nodes"]
    assert "layer3_2_relu2" in everything["nodes"]
    assert meaning(everything) == meaning(document(RESIDUAL)["model"])


def test_arguments_are_put_into_expressions() -> None:
    start = document(RESIDUAL)
    start["model"]["modules"]["Block"]["nodes"]["conv2"]["Conv2d"]["out_channels"] = "2*channels"
    start["model"]["modules"]["Stage"] = {
        "arguments": {"width": 8, "wide": "width*2"},
        "nodes": {"a": {"Block": {"channels": "width+wide"}}, "b": {"Block": {"channels": "wide"}}},
    }
    model = applied(start, Unpack(level="Stage", node="a"), Unpack(level="Stage", node="b"))
    nodes = model["modules"]["Stage"]["nodes"]
    assert nodes["conv1"]["Conv2d"]["out_channels"] == "width+wide"
    assert nodes["conv2"]["Conv2d"]["out_channels"] == "2*(width+wide)"
    assert nodes["b_conv2"]["Conv2d"]["out_channels"] == "2*wide"
    model = applied(start, Unpack(node="layer2"))
    assert model["nodes"]["conv2"]["Conv2d"]["out_channels"] == 32


def test_shared_and_long_repeated_modules_are_not_unpacked() -> None:
    assert "layer2 calls the module of layer1 again" in said(
        RESIDUAL, Share(node="layer2", of="layer1"), Unpack(node="layer1")
    )
    start = document(RESIDUAL)
    start["model"]["nodes"]["layer3"]["repeat"] = 51
    assert "at most 50 are written out" in said(start, Unpack(node="layer3"))
    start["model"]["modules"]["Block"] = {"code": "class Block: ..."}
    assert "Block is Python code" in said(start, Unpack(node="layer1"))


def test_places_stay_and_move_with_the_group() -> None:
    grouped = apply(document(UNET), [Group(nodes=["down1", "act1"])]).document
    assert grouped["model"]["nodes"]["block"]["at"] == [0, 0]
    assert apply(grouped, [Unpack(node="block")]).document == document(UNET)
    moved = apply(grouped, [Move(places={"block": (10, 20)}), Unpack(node="block")]).document["model"]["nodes"]
    assert moved["down1"]["at"] == [10, 20] and moved["act1"]["at"] == [10, 120]


def test_the_tuple_of_a_module_can_be_what_a_level_returns() -> None:
    start = {
        "model": {
            "layers": ["Two"],
            "modules": {"Two": {"nodes": {"a": "ReLU", "b": "Tanh"}, "outputs": ["a", "b"]}},
        }
    }
    assert applied(start, Unpack(node="0"))["outputs"] == ["a", "b"]
    assert "take one of its values, such as `0[0]`" in said(start, Add(part="ReLU", sources=["0"]), Unpack(node="0"))


def test_names_and_forms_do_not_change_what_a_model_is() -> None:
    for name in ALL:
        start = document(ALL[name])
        nodes = [node.name for node in levels(start)[0].nodes]
        renames = [Rename(node=node, name=f"n{number}") for number, node in enumerate(nodes)]
        assert meaning(apply(start, renames).document["model"]) == meaning(start["model"])
    chain = applied(CHAIN, Disconnect(node="3"), Connect(source="pool", node="flatten"))
    assert "nodes" in chain and meaning(chain) == meaning(document(CHAIN)["model"])
