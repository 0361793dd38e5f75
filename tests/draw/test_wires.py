"""Links between nodes."""

from __future__ import annotations

import pytest

from torchwork.draw.edit import Connect, Disconnect

from .documents import CHAIN, LSTM, RESIDUAL, TWO_INPUTS, UNET, applied, links, said


def test_an_input_takes_from_another_node_and_one_behind_the_last_is_new() -> None:
    assert links(applied(UNET, Connect(source="down1", node="cat", input=1)))["cat"] == ("up", "down1")
    assert links(applied(UNET, Connect(source="pool", node="cat", input=2)))["cat"] == ("up", "act1", "pool")
    assert links(applied(LSTM, Connect(source="lstm[1][1]", node="last")))["last"] == ("lstm[1][1]",)


def test_a_link_to_the_node_before_is_not_written() -> None:
    model = applied(UNET, Disconnect(node="out"), Connect(source="cat", node="out"))
    assert "from" not in model["nodes"]["out"]


def test_order_follows_links() -> None:
    model = applied(TWO_INPUTS, Disconnect(node="cat", input=1), Connect(source="cat", node="fc"))
    assert list(model["nodes"]) == ["conv", "flatten", "cat", "fc", "head"]
    assert links(model)["head"] == ("cat",)


def test_a_link_across_a_chain_makes_it_a_graph() -> None:
    model = applied(CHAIN, Connect(source="0", node="3"))
    assert model["nodes"]["flatten"] == {"Flatten": {}, "from": "conv"}


def test_a_circle_is_refused_with_its_way() -> None:
    words = said(UNET, Connect(source="act2", node="pool"))
    assert "this link would close a circle: pool -> down2 -> act2 -> pool" in words and "model.nodes.pool" in words
    assert "act1 -> act1" in said(UNET, Connect(source="act1", node="act1"))


def test_what_a_level_returns() -> None:
    assert applied(UNET, Connect(source="act2", node=""))["outputs"] == "act2"
    model = applied(UNET, Connect(source="act2", node="", input=1))
    assert model["outputs"] == ["out", "act2"]
    assert "outputs" not in applied({"model": model}, Disconnect(node="", input=1))
    assert applied(UNET, Disconnect(node=""))["outputs"] == ""
    assert "outputs" not in applied(UNET, Disconnect(node=""), Connect(source="out", node=""))
    assert applied(TWO_INPUTS, Disconnect(node="", input=0))["outputs"] == "fc"


def test_disconnecting() -> None:
    assert applied(CHAIN, Disconnect(node="1"))["nodes"]["relu"] == {"ReLU": {}, "from": []}
    assert links(applied(RESIDUAL, Disconnect(level="Block", node="add", input=1)), "Block")["add"] == ("bn2", "")
    assert links(applied(UNET, Disconnect(node="cat", input=0)))["cat"] == ("act1",)


@pytest.mark.parametrize(
    ("edit", "sentence"),
    [
        (Connect(source="nobody", node="out"), "there is no node or input called nobody"),
        (Connect(source="out", node="nobody"), "there is no node called nobody"),
        (Connect(source="down1", node="out", input=99), "there is no number 100"),
        (Connect(source="down1", node="", input=2), "the level returns 1 value, and there is no number 3"),
        (Disconnect(node="out", input=1), "out has 1 input, and there is no number 2"),
        (Disconnect(node="out", input=-1), "there is no number 0"),
    ],
)
def test_what_cannot_be_connected(edit: Connect, sentence: str) -> None:
    assert sentence in said(UNET, edit)


def test_a_definition_has_the_inputs_that_it_says() -> None:
    assert "layer1 has 1 input, and" in said(RESIDUAL, Connect(source="stem", node="layer1", input=1))
