"""Nodes as text, and back."""

from __future__ import annotations

import pytest

from torchwork.draw import apply, copied
from torchwork.draw.edit import Move, NameModule, Paste, SetArguments
from torchwork.experiment import files

from .documents import CHAIN, RESIDUAL, SHARED, UNET, applied, document, links, said


def test_the_text_says_what_it_is_and_what_it_needs() -> None:
    text = copied(document(RESIDUAL), "", ["layer1", "pool"])
    assert text.startswith("torchwork-nodes: 1\n")
    clip = files.read(text)[0]
    assert clip["nodes"]["pool"] == {"AdaptiveAvgPool2d": {"output_size": 1}, "from": "layer3"}
    assert clip["modules"] == document(RESIDUAL)["model"]["modules"]
    assert "modules" not in files.read(copied(document(UNET), "", ["cat"]))[0]


def test_links_among_the_nodes_come_along_and_those_from_outside_on_demand() -> None:
    text = copied(document(UNET), "", ["up", "cat"])
    found = apply(document(UNET), [Paste(text=text)])
    assert found.selected == ["up2", "cat2"]
    assert links(found.document["model"])["cat2"] == ("up2", "")
    assert links(found.document["model"])["out"] == ("cat",)
    model = applied(UNET, Paste(text=text, sources=True))
    assert links(model)["cat2"] == ("up2", "act1") and links(model)["up2"] == ("act2",)


def test_pasting_into_an_empty_document_brings_the_definitions() -> None:
    text = copied(document(RESIDUAL), "", ["layer1", "layer2"])
    model = apply({}, [Paste(text=text)]).document["model"]
    assert list(model["nodes"]) == ["layer1", "layer2"] and model["modules"] == document(RESIDUAL)["model"]["modules"]
    assert links(model) == {"layer1": (), "layer2": ("layer1",)}


def test_a_definition_that_says_otherwise_gets_another_name() -> None:
    text = copied(document(RESIDUAL), "", ["layer1"])
    other = apply(document(RESIDUAL), [SetArguments(module="Block", arguments={"channels": 32})]).document
    model = applied(other, Paste(text=text))
    assert list(model["modules"]) == ["Block", "Block2"] and "Block2" in model["nodes"]["layer4"]
    renamed = apply(document(RESIDUAL), [NameModule(module="Block", name="Other")]).document
    assert list(applied(renamed, Paste(text=text))["modules"]) == ["Other", "Block"]


def test_places_keep_their_distances() -> None:
    text = copied(document(UNET), "", ["down1", "act1"])
    assert applied(UNET, Paste(text=text))["nodes"]["act3"]["at"] == [24, 124]
    assert applied(UNET, Paste(text=text, at=(50, 60)))["nodes"]["act3"]["at"] == [50, 160]
    plain = copied(document(UNET), "", ["pool"])
    assert applied(UNET, Paste(text=plain, at=(5, 6)))["nodes"]["pool2"]["at"] == [5, 6]


def test_a_piece_of_a_chain_needs_no_names() -> None:
    text = copied(document(CHAIN), "", ["1", "2"])
    model = applied({"model": {"layers": []}}, Paste(text=text, sources=True))
    assert [next(iter(node)) if isinstance(node, dict) else node for node in model["nodes"].values()] == [
        "ReLU", "MaxPool2d"
    ]  # fmt: skip
    assert list(model["nodes"]) == ["relu", "pool"]


def test_a_call_whose_module_stays_behind_makes_its_own() -> None:
    assert files.read(copied(document(SHARED), "", ["again"]))[0]["nodes"]["again"] == {
        "Linear": {"out_features": 8}, "from": "act"
    }  # fmt: skip
    text = copied(document(SHARED), "", ["first", "again"])
    model = applied(SHARED, Paste(text=text))
    assert model["nodes"]["again2"]["use"] == "first2"


@pytest.mark.parametrize("text", ["", "hello", "[1, 2", "nodes: {a: ReLU}", "torchwork-nodes: 1", "torchwork: 1"])
def test_other_texts_are_refused(text: str) -> None:
    assert "expected copied nodes, a text that begins with `torchwork-nodes: 1`" in said(CHAIN, Paste(text=text))


def test_nodes_of_a_later_format_and_of_oneself_are_refused() -> None:
    assert "newer torchwork" in said(CHAIN, Paste(text="torchwork-nodes: 2\nnodes: {}"))
    text = copied(document(RESIDUAL), "", ["layer1"])
    assert "Block would contain itself" in said(RESIDUAL, Paste(text=text, level="Block"))


def test_a_definition_is_the_same_wherever_its_nodes_stand() -> None:
    text = copied(document(RESIDUAL), "", ["layer1"])
    move = Move(level="Block", places={"conv1": (10, 20), "relu1": (10, 90)})
    moved = apply(document(RESIDUAL), [move]).document
    assert list(applied(moved, Paste(text=text))["modules"]) == ["Block"]
    assert "Block would contain itself" in said(moved, Paste(text=text, level="Block"))


def test_a_row_comes_between_two_nodes() -> None:
    row = 'torchwork-nodes: 1\nnodes: {a: {Tanh: {}, name: "", from: "0"}, b: {ReLU: {}, name: "", from: a}}'
    before = links(document(CHAIN)["model"])
    found = apply(document(CHAIN), [Paste(text=row, sources=True, feeds=[("1", 0)])])
    assert found.selected == ["1", "2"]
    layers = found.document["model"]["layers"]
    assert layers[1:4] == ["Tanh", "ReLU", "ReLU"] and len(layers) == len(before) + 2
