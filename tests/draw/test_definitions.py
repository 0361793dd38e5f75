"""Definitions: copies of one's own, names, inputs, arguments; tied parameters."""

from __future__ import annotations

import pytest

from torchwork.draw import apply
from torchwork.draw.edit import Inputs, NameModule, SetArguments, Tie, Unique

from .documents import RESIDUAL, SHARED, TWO_INPUTS, applied, document, links, said


def test_a_node_gets_a_copy_of_its_definition() -> None:
    model = applied(RESIDUAL, Unique(node="layer2"), Unique(node="layer3"))
    assert list(model["modules"]) == ["Block", "Block3", "Block2"]
    assert model["modules"]["Block2"] == model["modules"]["Block"]
    assert model["nodes"]["layer3"] == {"Block3": {}, "repeat": 3} and "Block" in model["nodes"]["layer1"]
    assert "nothing to copy" in said(RESIDUAL, Unique(node="fc"))


def test_a_call_gets_a_module_of_its_own() -> None:
    model = applied(SHARED, Unique(node="again"))
    assert model["nodes"]["again"] == {"Linear": {"out_features": 8}} and model["nodes"]["once_more"] == {
        "use": "first"
    }


def test_a_definition_gets_another_name_everywhere() -> None:
    start = document(RESIDUAL)
    start["model"]["modules"]["Stage"] = {"layers": ["Block", {"Block": {"channels": 4}}]}
    found = apply(start, [NameModule(module="Block", name="Residual")])
    assert found.level == "Residual" and list(found.document["model"]["modules"]) == ["Residual", "Stage"]
    assert found.document["model"]["modules"]["Stage"] == {"layers": ["Residual", {"Residual": {"channels": 4}}]}
    assert found.document["model"]["nodes"]["layer3"] == {"Residual": {}, "repeat": 3}
    assert "already" in said(start, NameModule(module="Block", name="Stage"))
    assert "no definition called Nothing" in said(start, NameModule(module="Nothing", name="Stage2"))


def test_code_keeps_its_class_under_another_name() -> None:
    start = {"model": {"layers": ["Own"], "modules": {"Own": {"code": "class Own: ..."}}}}
    assert applied(start, NameModule(module="Own", name="Mine"))["modules"] == {
        "Mine": {"code": "class Own: ...", "class": "Own"}
    }


def test_arguments_and_what_uses_gave_for_them() -> None:
    model = applied(RESIDUAL, SetArguments(module="Block", arguments={"width": 8, "groups": None}))
    assert next(iter(model["modules"]["Block"])) == "arguments" and model["nodes"]["layer1"] == "Block"
    assert "arguments" not in applied(RESIDUAL, SetArguments(module="Block", arguments={}))["modules"]["Block"]
    assert "expressions know `max`" in said(RESIDUAL, SetArguments(module="Block", arguments={"max": 1}))
    assert "expected an argument's name" in said(RESIDUAL, SetArguments(module="Block", arguments={"a b": 1}))


def test_inputs_keep_their_links_inside_and_outside() -> None:
    edit = Inputs(level="Block", names=["extra", "x"], renamed={"input": "x"})
    model = applied(RESIDUAL, edit)
    assert model["modules"]["Block"]["inputs"] == ["extra", "x"]
    assert links(model, "Block")["add"] == ("bn2", "x") and links(model, "Block")["conv1"] == ("x",)
    assert links(model)["layer1"] == ("", "stem")
    back = applied({"model": model}, Inputs(level="Block", names=["input"], renamed={"x": "input"}))
    assert back == document(RESIDUAL)["model"]


def test_an_input_that_goes_leaves_ends() -> None:
    model = applied(TWO_INPUTS, Inputs(names=["picture"]))
    assert model["nodes"]["fc"]["from"] == [] and model["inputs"] == ["picture"]


@pytest.mark.parametrize(
    ("edit", "sentence"),
    [
        (Inputs(names=[]), "one input or more"),
        (Inputs(names=["a", "a"]), "the name a is taken here"),
        (Inputs(names=["conv"]), "the name conv is taken here"),
        (Inputs(names=["a b"]), "expected an input's name"),
        (Inputs(names=["a"], renamed={"b": "a"}), "there is no input called b"),
    ],
)
def test_inputs_that_cannot_be(edit: Inputs, sentence: str) -> None:
    assert sentence in said(TWO_INPUTS, edit)


def test_ties() -> None:
    model = applied(SHARED, Tie(parameter="last.bias", to="first.bias"))
    assert model["tie"] == {"last.weight": "first.weight", "last.bias": "first.bias"}
    assert "tie" not in applied(SHARED, Tie(parameter="last.weight", to=None))
    assert "tie" not in applied(SHARED, Tie(parameter="first.weight", to=None))
    assert "tied to itself" in said(SHARED, Tie(parameter="first.weight", to="last.weight"))
    assert "is not tied" in said(SHARED, Tie(parameter="first.bias", to=None))
