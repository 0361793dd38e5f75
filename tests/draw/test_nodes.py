"""Nodes are added, removed, changed, renamed, shared, bypassed, moved."""

from __future__ import annotations

import pytest

from torchwork.draw import apply
from torchwork.draw.edit import Add, Bypass, Connect, Move, Remove, Rename, SetNode, Share, Tidy

from .documents import CHAIN, LSTM, RESIDUAL, SHARED, TWO_INPUTS, UNET, applied, document, links, said

EMPTY = "layers: []"


def test_a_network_is_drawn_from_an_empty_sheet_and_stays_a_chain() -> None:
    model = applied(
        EMPTY,
        Add(part={"Conv2d": {"out_channels": 6, "kernel_size": 5}}, sources=["input"]),
        Add(part="ReLU", sources=["0"]),
        Add(part="Flatten", sources=["1"]),
    )
    assert model == {"layers": [{"Conv2d": {"out_channels": 6, "kernel_size": 5}}, "ReLU", "Flatten"]}


def test_a_document_without_a_model_gets_one() -> None:
    assert apply({}, [Add(part="ReLU", sources=["input"])]).document == {"model": {"layers": ["ReLU"]}}


def test_a_node_on_a_wire_of_a_chain_keeps_it_a_chain_and_moves_what_is_named_by_number() -> None:
    start = document(CHAIN)
    start["model"]["tie"] = {"4.weight": "0.weight"}
    start["parameters"] = [{"match": "4.*", "freeze": True}, {"match": "*.bias", "freeze": True}]
    found = apply(start, [Add(part="BatchNorm2d", sources=["0"], feeds=[("1", 0)])])
    assert found.selected == ["1"]
    assert found.document["model"]["layers"][1] == "BatchNorm2d"
    assert found.document["model"]["tie"] == {"5.weight": "0.weight"}
    assert [rule["match"] for rule in found.document["parameters"]] == ["5.*", "*.bias"]


def test_a_branch_makes_a_chain_a_graph_with_names_as_people_write_them() -> None:
    model = applied(CHAIN, Add(part="ReLU", sources=["0"]))
    assert list(model["nodes"]) == ["conv", "relu1", "relu2", "pool", "flatten", "fc"]
    assert model["nodes"]["relu2"] == {"ReLU": {}, "from": "conv"} and "layers" not in model


def test_a_new_node_stands_behind_its_source_and_ends_the_flow() -> None:
    model = applied(UNET, Add(part="Sigmoid", sources=["out"]))
    assert list(model["nodes"])[-1] == "sigmoid" and model["nodes"]["sigmoid"] == "Sigmoid" and "outputs" not in model
    model = applied(UNET, Add(part="Conv2d", sources=["pool"], feeds=[("down2", 0)]))
    assert (
        list(model["nodes"])[3:5] == ["conv", "down2"]
        and model["nodes"]["down2"] == document(UNET)["model"]["nodes"]["down2"]
    )


def test_what_is_not_connected_yet_does_not_become_the_output_until_it_is() -> None:
    model = applied(UNET, Add(part="Sigmoid"))
    assert model["nodes"]["sigmoid"] == {"Sigmoid": {}, "from": []} and list(model["nodes"])[-1] == "out"
    model = applied({"model": model}, Connect(source="out", node="sigmoid"))
    assert list(model["nodes"])[-1] == "sigmoid" and "outputs" not in model
    assert links(model)["out"] == ("cat",)


def test_names_count_up_and_a_given_one_is_taken() -> None:
    model = applied(RESIDUAL, Add(part="Flatten", sources=["fc"]), Add(part="Dropout", name="drop", sources=["stem"]))
    assert {"flatten2", "drop"} <= set(model["nodes"])


def test_a_call_and_a_tensor_can_be_added() -> None:
    model = applied(SHARED, Add(part={"use": "first"}, sources=["last"]), Add(part={"Parameter": {"size": [4]}}))
    assert model["nodes"]["fc"] == {"use": "first"} and model["nodes"]["parameter"] == {"Parameter": {"size": [4]}}


def test_a_place_is_whole_pixels() -> None:
    assert applied(EMPTY, Add(part="ReLU", at=(3.4, 99.6), sources=["input"]))["layers"] == [
        {"ReLU": {}, "at": [3, 100]}
    ]


@pytest.mark.parametrize(
    ("edit", "sentence"),
    [
        (Add(part="ReLU", sources=["sten"]), "there is no node or input called sten (did you mean stem?)"),
        (Add(part=7), "expected a part such as"),
        (Add(part={"ReLU": {}, "Conv2d": {}}), "expected a part such as"),
        (Add(part="ReLU", name="fc"), "the name fc is taken here (call it fc2)"),
        (Add(part="ReLU", name="input"), "the name input is taken here"),
        (Add(part="ReLU", name="a b"), "expected a name of letters, digits, `_` and `-`, got `a b` (call it a_b)"),
        (Add(part="ReLU", name="forward"), "every nn.Module has an attribute `forward` (call it forward_)"),
        (Add(part="ReLU", name="fc.0"), "the name fc.0 is taken here"),
        (Add(part="ReLU", level="Blok"), "there is no definition called Blok (did you mean Block?)"),
        (Add(part="Block", level="Block"), "Block would contain itself: Block -> Block"),
        (Add(part={"use": "nobody"}), "there is no node called nobody"),
        (Add(part={"Parameter": {}}, sources=["stem"]), "takes nothing"),
        (Add(part="add", sources=["fc"], feeds=[("stem", 0)]), "this link would close a circle: stem -> layer1"),
        (Add(part="ReLU", feeds=[("layer1", 1)]), "layer1 has 1 input, and there is no number 2"),
    ],
)
def test_what_cannot_be_added(edit: Add, sentence: str) -> None:
    assert sentence in said(RESIDUAL, edit)


def test_a_definition_inside_a_definition_inside_itself_is_refused_with_the_chain() -> None:
    start = document(RESIDUAL)
    start["model"]["modules"]["Stage"] = {"layers": ["Block", "Block"]}
    assert "Block would contain itself: Block -> Stage -> Block" in said(start, Add(level="Block", part="Stage"))
    assert "contain itself" in said(start, SetNode(level="Block", node="bn1", part="Stage"))


def test_removing_heals() -> None:
    model = applied(UNET, Remove(nodes=["down2", "act2"]))
    assert links(model)["up"] == ("pool",) and "from" not in str(model["nodes"]["up"])
    assert applied(CHAIN, Remove(nodes=["1", "2"]))["layers"] == [
        {"Conv2d": {"out_channels": 6, "kernel_size": 5}}, "Flatten", {"Linear": {"out_features": 10}}
    ]  # fmt: skip


def test_removing_what_has_two_sources_or_without_heal_leaves_ends() -> None:
    assert applied(UNET, Remove(nodes=["cat"]))["nodes"]["out"]["from"] == []
    assert links(applied(UNET, Remove(nodes=["act1"], heal=False)))["cat"] == ("up", "")


def test_removing_the_output() -> None:
    assert "outputs" not in applied(UNET, Remove(nodes=["out"]))
    assert applied(UNET, Remove(nodes=["out"], heal=False))["outputs"] == ""
    assert applied(TWO_INPUTS, Remove(nodes=["head"]))["outputs"] == ["cat", "fc"]
    assert applied(LSTM, Remove(nodes=["lstm"]))["nodes"]["last"] == {"Linear": {"out_features": 4}}


def test_removing_everything_leaves_an_empty_level() -> None:
    assert applied(CHAIN, Remove(nodes=["0", "1", "2", "3", "4"]))["layers"] == []
    assert applied(SHARED, Remove(nodes=["first", "act", "again", "once_more", "last"])) == {
        "example": ["2x8"],
        "nodes": {},
    }


def test_what_is_said_of_a_removed_node_goes_but_not_what_is_said_of_others() -> None:
    start = document(SHARED) | {"parameters": [{"match": "last.weight"}, {"match": "*.bias"}, {"match": "first.*"}]}
    found = apply(start, [Remove(nodes=["last"])]).document
    assert "tie" not in found["model"] and [rule["match"] for rule in found["parameters"]] == ["*.bias", "first.*"]


def test_a_shared_module_stays_with_the_next_that_calls_it() -> None:
    model = applied(SHARED, Remove(nodes=["first"]))
    assert model["nodes"]["again"] == {"Linear": {"out_features": 8}}
    assert model["nodes"]["once_more"] == {"use": "again"} and model["tie"] == {"last.weight": "again.weight"}


def test_arguments_repeat_note_and_part_change() -> None:
    edit = SetNode(node="stem", args={"bias": False, "out_channels": 8}, unset=["padding"], repeat=2, note="first")
    assert applied(RESIDUAL, edit)["nodes"]["stem"] == {
        "Conv2d": {"out_channels": 8, "kernel_size": 3, "bias": False}, "repeat": 2, "note": "first"
    }  # fmt: skip
    model = applied(RESIDUAL, edit, SetNode(node="stem", repeat=1, note="", part="Conv3d"))
    assert model["nodes"]["stem"] == {"Conv3d": {"out_channels": 8, "kernel_size": 3, "bias": False}}
    assert applied(CHAIN, SetNode(node="1", args={"inplace": True}))["layers"][1] == {"ReLU": {"inplace": True}}
    assert applied(CHAIN, SetNode(node="2", unset=["kernel_size"]))["layers"][2] == "MaxPool2d"


def test_a_call_has_no_arguments_of_its_own() -> None:
    assert "again calls the module of first" in said(SHARED, SetNode(node="again", args={"bias": False}))
    assert "`use` makes none" in said(SHARED, SetNode(node="again", repeat=2))
    assert "one repetition or more" in said(SHARED, SetNode(node="first", repeat=0))


def test_all_that_refers_to_a_node_follows_its_name() -> None:
    model = applied(SHARED, Rename(node="first", name="shared"), Rename(node="last", name="end"))
    assert list(model["nodes"]) == ["shared", "act", "again", "once_more", "end"]
    assert model["nodes"]["once_more"] == {"use": "shared"} and model["tie"] == {"end.weight": "shared.weight"}
    model = applied(LSTM, Rename(node="lstm", name="rnn"), Rename(node="last", name="final"))
    assert model["nodes"]["final"]["from"] == "rnn[1][0]" and model["outputs"] == ["all", "final"]
    assert applied(CHAIN, Rename(node="2", name="pool"))["layers"][2] == {
        "MaxPool2d": {"kernel_size": 2}, "name": "pool"
    }  # fmt: skip


def test_names_of_parameters_follow_through_definitions() -> None:
    start = document(RESIDUAL)
    start["model"]["tie"] = {"layer1.conv1.weight": "layer3.2.conv2.weight"}
    start["parameters"] = [{"match": "layer1.conv*"}, {"match": "layer3.*.conv1.weight"}, {"match": "layer*"}]
    found = apply(
        start,
        [
            Rename(node="layer1", name="block"),
            Rename(level="Block", node="conv1", name="first"),
            Rename(level="Block", node="conv2", name="second"),
        ],
    ).document
    assert found["model"]["tie"] == {"block.first.weight": "layer3.2.second.weight"}
    assert [rule["match"] for rule in found["parameters"]] == ["block.conv*", "layer3.*.conv1.weight", "layer*"]


@pytest.mark.parametrize("name", ["", "stem", "input", "x y", "class", "fc.1"])
def test_names_that_cannot_be(name: str) -> None:
    assert "(call it " in said(RESIDUAL, Rename(node="pool", name=name))


def test_sharing() -> None:
    model = applied(SHARED, Share(node="last", of="once_more"))
    assert model["nodes"]["last"] == {"use": "first"} and "tie" not in model
    assert "has its module from first itself" in said(SHARED, Share(node="first", of="again"))
    assert "operation without weights" in said(UNET, Share(node="out", of="cat"))


def test_those_that_called_a_module_call_the_shared_one() -> None:
    model = applied(SHARED, Share(node="first", of="last"))
    assert [model["nodes"][name] for name in ("first", "again", "once_more")] == [{"use": "last"}] * 3


def test_bypass_and_back_leaves_the_document_as_it_was() -> None:
    model = applied(CHAIN, Bypass(nodes=["1", "2"]))
    assert model["layers"][1:3] == [
        {"ReLU": {}, "bypass": True},
        {"MaxPool2d": {"kernel_size": 2}, "bypass": True},
    ]
    assert applied({"model": model}, Bypass(nodes=["1", "2"], on=False)) == document(CHAIN)["model"]


def test_moving_and_tidying() -> None:
    model = applied(UNET, Move(places={"cat": (7, 8), "act1": None}))
    assert model["nodes"]["cat"] == {"cat": {"dim": 1}, "from": ["up", "act1"], "at": [7, 8]}
    assert model["nodes"]["act1"] == {"ReLU": {}, "note": "first scale"}
    assert "at" not in str(applied(UNET, Tidy())["nodes"]["down1"])


@pytest.mark.parametrize(
    "edit",
    [Remove(nodes=["x"]), SetNode(node="x"), Rename(node="x", name="y"), Bypass(nodes=["x"]), Move(places={"x": None}),
     Share(node="x", of="pool"), Share(node="pool", of="x")],
)  # fmt: skip
def test_nodes_that_are_not_there(edit: Remove) -> None:
    assert "there is no node called x" in said(UNET, edit)
